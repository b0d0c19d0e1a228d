package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup/event"
)

const streamPage = 200 // events that are read at once

type streamInput struct {
	After       string               `query:"after" maxLength:"40" doc:"where to begin: next of a page, or cursor of an event. Without it, with the first event; latest stands for the place after the last one"`
	Types       []eventTypeParameter `query:"types" doc:"only these types, separated by commas, or given several times; all unless given"`
	LastEventID string               `header:"Last-Event-ID" maxLength:"40" doc:"the cursor of the last event that arrived; clients send it when they connect again, and it wins over after"`
}

// streamEvents answers with events for as long as the client listens (server-sent
// events, HTML Living Standard, section 9.2). The id of each is its cursor. An id
// without data now and then keeps the connection open and moves the cursor on.
func (s *server) streamEvents(ctx context.Context, in *streamInput) (*huma.StreamResponse, error) {
	q, problem := eventQuery(cmp.Or(in.LastEventID, in.After), in.Types, streamPage)
	if problem != nil {
		return nil, problem
	}
	first := s.readEvents(ctx, q)
	if first.err != nil {
		return nil, s.problemOf(ctx, first.err)
	}
	return &huma.StreamResponse{Body: func(h huma.Context) { s.stream(h, q, first) }}, nil
}

func (s *server) stream(h huma.Context, q event.Query, page eventPage) {
	h.SetHeader("Content-Type", "text/event-stream")
	h.SetHeader("X-Accel-Buffering", "no") // nginx would keep it back
	ctx, control := h.Context(), callerOf(h.Context()).control
	end := time.Now().Add(liveFor)
	for page.err == nil {
		_ = control.SetWriteDeadline(time.Now().Add(answerGrace))
		if _, err := h.BodyWriter().Write(sentEvents(page)); err != nil || control.Flush() != nil {
			return
		}
		if s.stopping() || ctx.Err() != nil || !time.Now().Before(end) {
			return // the client connects again
		}
		if q.After = page.at; len(page.events) == streamPage { // more are there already
			page = s.readEvents(ctx, q).unlessRevoked(ctx, s)
		} else {
			page = s.awaitEvents(ctx, q, page.at, liveSure)
		}
	}
}

// stopping reports whether answers that go on and on must end.
func (s *server) stopping() bool {
	select {
	case <-s.Done:
		return true
	default:
		return false
	}
}

// sentEvents writes a page as server-sent events. JSON has no line ends.
func sentEvents(page eventPage) []byte {
	var b strings.Builder
	for _, e := range page.events {
		data, err := json.Marshal(e)
		if err != nil {
			panic(err) // the types of this package always marshal
		}
		_, _ = fmt.Fprintf(&b, "id: %s\ndata: %s\n\n", e.Cursor, data)
	}
	if n := len(page.events); n == 0 || page.events[n-1].at != page.at {
		_, _ = fmt.Fprintf(&b, "id: %s\n\n", page.at)
	}
	return []byte(b.String())
}

// describeStream says in the API's document what a stream is made of.
func describeStream(api huma.API) {
	op := api.OpenAPI().Paths[apiPath+"/events/stream"].Get
	op.Responses["200"] = &huma.Response{
		Description: "Server-sent events. `data` of each is an Event in JSON, and `id` its cursor. An `id` without `data` means that nothing happened up to there.",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
}
