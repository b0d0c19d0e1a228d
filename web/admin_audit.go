package web

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

const (
	auditPage   = 100
	exportBatch = 500
	exportGrace = 30 * time.Second // for the client to take one batch
)

// An auditView is a page of the trail.
type auditView struct {
	Filter  auditFilter
	Problem string // what is wrong with the filter, or ""
	Events  []signup.AuditEvent
	Next    int64
	Known   []event.Type // to choose from
}

// An auditFilter is what the form selects, as it was typed.
type auditFilter struct {
	Action, Actor, User, Since, Till string
	before                           int64
}

func filterOf(values url.Values) auditFilter {
	text := func(name string) string { return cut(strings.TrimSpace(values.Get(name)), identity.MaxUsername) }
	f := auditFilter{text("action"), text("actor"), text("user"), text("since"), text("till"), 0}
	f.before, _ = strconv.ParseInt(values.Get("before"), 10, 64)
	f.before = max(f.before, 0)
	return f
}

func (f auditFilter) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"action": f.Action, "actor": f.Actor, "user": f.User, "since": f.Since, "till": f.Till,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// As is the address of the same events in another form.
func (f auditFilter) As(ending string) string { return ending + "?" + f.query().Encode() }

// Older is the address of the next page.
func (f auditFilter) Older(next int64) string {
	query := f.query()
	query.Set("before", strconv.FormatInt(next, 10))
	return "audit?" + query.Encode()
}

// selects is what the filter selects. A user may be named by id or name; a day
// goes to its end, UTC.
func (v *adminRequest) selects(f auditFilter) (signup.AuditQuery, error) {
	q := signup.AuditQuery{Type: event.Type(f.Action), Before: f.before}
	var err error
	if q.UserID, err = v.userNamed(f.User); err != nil {
		return q, err
	}
	q.Actor = signup.Actor(f.Actor)
	if f.Actor != "" && !strings.Contains(f.Actor, ":") && !v.Knows("actor."+f.Actor) {
		id, err := v.userNamed(f.Actor)
		if err != nil {
			return q, err
		}
		q.Actor = signup.ActorUser(id)
	}
	const day = "2006-01-02"
	if t, err := time.Parse(day, f.Since); err == nil {
		q.Since = t
	}
	if t, err := time.Parse(day, f.Till); err == nil {
		q.Till = t.Add(24 * time.Hour)
	}
	return q, nil
}

// nobody is an id that no user has.
const nobody = -1

func (v *adminRequest) userNamed(name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	if id, err := strconv.ParseInt(name, 10, 64); err == nil && id > 0 {
		return id, nil
	}
	u, err := v.Service.FindUser(v.r.Context(), name)
	if refusal.Is(err, refusal.UserNotFound) {
		return nobody, nil
	}
	return u.ID, err
}

// auditPage shows who did what, newest first.
func (v *adminRequest) auditPage() {
	f := filterOf(v.r.URL.Query())
	q, err := v.selects(f)
	switch {
	case refusal.Is(err, refusal.Conflict): // which user?
		view := auditView{Filter: f, Problem: v.Say("address.ambiguous"), Known: knownEvents()}
		v.show(http.StatusConflict, "audit", "audit", v.Say("audit.title"), view)
		return
	case err != nil:
		v.failed(err)
		return
	}
	q.Limit = auditPage + 1
	events, err := v.asAdmin().Audit(v.r.Context(), q)
	if err != nil {
		v.failed(err)
		return
	}
	view := auditView{Filter: f, Events: events, Known: knownEvents()}
	if len(events) > auditPage {
		view.Events = events[:auditPage]
		view.Next = view.Events[auditPage-1].ID
	}
	v.show(http.StatusOK, "audit", "audit", v.Say("audit.title"), view)
}

// knownEvents are the types of events that the trail can hold, those of former
// versions too.
func knownEvents() []event.Type {
	return append(each(event.All(), func(e event.Info) event.Type { return e.Type }), formerEvents()...)
}

// formerEvents are types of events that are no longer recorded.
func formerEvents() []event.Type {
	return []event.Type{"user.signed_up_again", "user.confirmation_resent"}
}

// export hands over the whole selection, in batches, newest first. It begins no
// answer when the first batch cannot be read.
func (v *adminRequest) export(name, mediaType string, begin func(), each func(signup.AuditEvent) error) bool {
	q, err := v.selects(filterOf(v.r.URL.Query()))
	if err != nil {
		v.failed(err)
		return false
	}
	q.Limit = exportBatch
	control := http.NewResponseController(v.w)
	for n := 0; ; n++ {
		events, err := v.asAdmin().Audit(v.r.Context(), q)
		if err != nil && n == 0 {
			v.failed(err)
			return false
		}
		if err != nil {
			panic(http.ErrAbortHandler) // a cut answer must not look like a whole one
		}
		if n == 0 {
			v.w.Header().Set("Content-Type", mediaType)
			v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
			begin()
		}
		_ = control.SetWriteDeadline(time.Now().Add(exportGrace)) // a server without deadlines needs none
		for _, e := range events {
			if each(e) != nil {
				panic(http.ErrAbortHandler)
			}
		}
		if len(events) < exportBatch {
			return true
		}
		q.Before = events[len(events)-1].ID
	}
}

func (v *adminRequest) auditCSV() {
	out := csv.NewWriter(v.w)
	ok := v.export("audit.csv", "text/csv; charset=utf-8", func() {
		_ = out.Write([]string{"id", "at", "actor", "action", "user_id", "detail"})
	}, func(e signup.AuditEvent) error {
		detail, err := json.Marshal(e.Detail)
		if err != nil {
			return err
		}
		return out.Write([]string{
			strconv.FormatInt(e.ID, 10), e.At.UTC().Format(time.RFC3339Nano), inertCell(string(e.Actor)), inertCell(string(e.Type)),
			strconv.FormatInt(e.UserID, 10), inertCell(string(detail)),
		})
	})
	if ok {
		out.Flush()
	}
}

// inertCell keeps spreadsheets from taking a text for a formula
// (https://owasp.org/www-community/attacks/CSV_Injection).
func inertCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func (v *adminRequest) auditJSON() {
	separator := "[\n"
	ok := v.export("audit.json", "application/json", func() {}, func(e signup.AuditEvent) error {
		line, err := json.Marshal(AuditJSON(e))
		if err != nil {
			return err
		}
		_, err = v.w.Write(append([]byte(separator), line...))
		separator = ",\n"
		return err
	})
	if !ok {
		return
	}
	if separator == "[\n" {
		_, _ = v.w.Write([]byte("["))
	}
	_, _ = v.w.Write([]byte("\n]\n"))
}
