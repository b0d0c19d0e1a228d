package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/signup-go/signup"
)

const (
	liveEvery = time.Second      // how often the database is asked whether anything happened
	liveSure  = 15 * time.Second // how often the count is made, and the session checked, all the same
	liveFor   = 10 * time.Minute // after that the browser connects again
)

// events tells the browser how many wait, now and whenever that may have
// changed (server-sent events, HTML Living Standard, section 9.2). Everything
// that happens leaves an audit event, whichever instance did it, so the id of
// the last one is the version of all there is.
func (v *adminRequest) events() {
	control := http.NewResponseController(v.w)
	header := v.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // nginx would keep it back
	ticks := time.NewTicker(liveEvery)
	defer ticks.Stop()
	end := time.After(liveFor)
	var last live
	for n := 0; ; n++ {
		sure := n%int(liveSure/liveEvery) == 0
		next, err := v.liveNow(last, sure)
		if err != nil {
			return // the browser connects again, or is signed out
		}
		if sure || next.waiting != last.waiting {
			_ = control.SetWriteDeadline(time.Now().Add(2 * liveSure)) // a server without deadlines needs none
			if _, err := fmt.Fprintf(v.w, "data: %d\n\n", next.waiting); err != nil || control.Flush() != nil {
				return
			}
		}
		last = next
		select {
		case <-ticks.C:
		case <-end:
			return
		case <-v.Done:
			return
		case <-v.r.Context().Done():
			return
		}
	}
}

// A live is what the browser was told last.
type live struct {
	version int64
	waiting int
}

func (v *adminRequest) liveNow(last live, sure bool) (live, error) {
	ctx := v.r.Context()
	if sure {
		if err := v.stillIn(); err != nil {
			return live{}, err
		}
	}
	events, err := v.asAdmin().Audit(ctx, signup.AuditQuery{Limit: 1})
	if err != nil {
		return live{}, err
	}
	next := live{waiting: last.waiting}
	if len(events) > 0 {
		next.version = events[0].ID
	}
	if sure || next.version != last.version {
		next.waiting, err = v.asAdmin().Count(ctx, signup.UserQuery{Status: signup.StatusPendingApproval})
	}
	return next, err
}
