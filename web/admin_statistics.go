package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/signup-go/signup/event"
)

// charted are the events that the statistics count.
func charted() []event.Type {
	return []event.Type{event.SignedUp, event.Verified, event.Approved}
}

// A statisticsView is the chart and its table.
type statisticsView struct {
	Days   int
	Spans  []int
	Counts []event.DayCount // newest first
	Totals []int
	Chart  chart
}

// A chart is an SVG of one line for each event.
type chart struct {
	Lines []chartLine
	Grid  []gridLine
	First time.Time
	Last  time.Time
}

type chartLine struct {
	Event  event.Type
	Points string // of an SVG polyline
}

type gridLine struct {
	Y     float64
	Value int
}

// The size of the chart, in units of the SVG.
const (
	chartLeft, chartRight = 44.0, 714.0
	chartTop, chartBottom = 10.0, 210.0
	gridLines             = 4
	defaultDays, mostDays = 30, 365
	shortSpan, mediumSpan = 7, 90
)

// statistics shows what happened day by day.
func (v *adminRequest) statistics() {
	view := statisticsView{Days: numberIn(v.r.URL.Query().Get("days")), Spans: []int{shortSpan, defaultDays, mediumSpan}}
	if view.Days < 2 || view.Days > mostDays {
		view.Days = defaultDays
	}
	since := v.Now().Add(-time.Duration(view.Days-1) * 24 * time.Hour)
	days, err := v.asAdmin().CountByDay(v.r.Context(), since, charted()...)
	if err != nil {
		v.failed(err)
		return
	}
	view.Chart = chartOf(days)
	view.Totals = make([]int, len(charted()))
	for _, day := range days {
		view.Counts = append([]event.DayCount{day}, view.Counts...)
		for i, n := range day.Counts {
			view.Totals[i] += n
		}
	}
	v.show(http.StatusOK, "statistics", "statistics", v.Say("statistics.title"), view)
}

// Events are what the columns count.
func (statisticsView) Events() []event.Type { return charted() }

func chartOf(days []event.DayCount) chart {
	step := gridStep(days)
	top := step * gridLines
	y := func(n int) float64 { return chartBottom - (chartBottom-chartTop)*float64(n)/float64(top) }
	c := chart{First: days[0].Day, Last: days[len(days)-1].Day}
	for n := 0; n <= top; n += step {
		c.Grid = append(c.Grid, gridLine{y(n), n})
	}
	width := (chartRight - chartLeft) / float64(max(len(days)-1, 1))
	for i, event := range charted() {
		var points []string
		for d, day := range days {
			points = append(points, fmt.Sprintf("%.1f,%.1f", chartLeft+width*float64(d), y(day.Counts[i])))
		}
		c.Lines = append(c.Lines, chartLine{event, strings.Join(points, " ")})
	}
	return c
}

// gridStep is 1, 2 or 5 times a power of ten, so that the greatest count is on
// the grid.
func gridStep(days []event.DayCount) int {
	most := 1
	for _, day := range days {
		for _, n := range day.Counts {
			most = max(most, n)
		}
	}
	for power := 1; ; power *= 10 {
		for _, step := range []int{power, 2 * power, 5 * power} {
			if step*gridLines >= most {
				return step
			}
		}
	}
}
