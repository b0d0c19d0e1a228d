package storetest

import (
	"time"

	"github.com/signup-go/signup"
)

func statisticsTests() []test {
	return []test{
		{"CountEvents counts from since until before till", eventsCounted},
		{"the trail is filtered by action, actor, user and time", auditFiltered},
	}
}

func (s *suite) addEvents(events ...signup.AuditEvent) {
	s.Helper()
	s.update(func(tx signup.Tx) error {
		for _, e := range events {
			if err := tx.AddAudit(s.ctx(), e); err != nil {
				return err
			}
		}
		return nil
	})
}

func eventsCounted(s *suite) {
	at := func(t time.Time, action string) signup.AuditEvent {
		return signup.AuditEvent{At: t, Actor: signup.ActorCLI, Action: action}
	}
	end := start().Add(time.Hour)
	s.addEvents(at(start(), "a"), at(start(), "b"), at(start().Add(-instant), "a"), at(end.Add(-instant), "a"), at(end, "a"))
	s.same("count", read(s, func(r signup.Reader) (int, error) { return r.CountEvents(s.ctx(), "a", start(), end) }), 2)
	s.same("of none", read(s, func(r signup.Reader) (int, error) { return r.CountEvents(s.ctx(), "c", start(), end) }), 0)
}

func auditFiltered(s *suite) {
	hour := func(n int) time.Time { return start().Add(time.Duration(n) * time.Hour) }
	s.addEvents(
		signup.AuditEvent{At: hour(0), Actor: "user:1", Action: "x", UserID: 7},
		signup.AuditEvent{At: hour(1), Actor: "user:2", Action: "x", UserID: 8},
		signup.AuditEvent{At: hour(2), Actor: "user:1", Action: "y", UserID: 8},
		signup.AuditEvent{At: hour(3), Actor: "user:1", Action: "x", UserID: 8},
	)
	for _, c := range []struct {
		what string
		q    signup.AuditQuery
		want []int
	}{
		{"action", signup.AuditQuery{Action: "x"}, []int{3, 1, 0}},
		{"action, a page", signup.AuditQuery{Action: "x", Limit: 2}, []int{3, 1}},
		{"actor", signup.AuditQuery{Actor: "user:1"}, []int{3, 2, 0}},
		{"both and user", signup.AuditQuery{Actor: "user:1", Action: "x", UserID: 8}, []int{3}},
		{"time", signup.AuditQuery{Since: hour(1), Till: hour(3)}, []int{2, 1}},
		{"since", signup.AuditQuery{Since: hour(2)}, []int{3, 2}},
		{"till", signup.AuditQuery{Till: hour(1)}, []int{0}},
		{"nothing", signup.AuditQuery{Action: "z"}, nil},
	} {
		events := read(s, func(r signup.Reader) ([]signup.AuditEvent, error) { return r.Audit(s.ctx(), c.q) })
		var got []int
		for _, e := range events {
			got = append(got, int(e.At.Sub(start())/time.Hour))
		}
		s.same(c.what, got, c.want)
	}
	first := read(s, func(r signup.Reader) ([]signup.AuditEvent, error) {
		return r.Audit(s.ctx(), signup.AuditQuery{Action: "x", Limit: 1})
	})
	s.same("next page", len(read(s, func(r signup.Reader) ([]signup.AuditEvent, error) {
		return r.Audit(s.ctx(), signup.AuditQuery{Action: "x", Before: first[0].ID})
	})), 2)
}
