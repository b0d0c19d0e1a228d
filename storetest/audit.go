package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/signup-go/signup"
)

func auditTests() []test {
	return []test{
		{"every field comes back", eventComesBack},
		{"Audit comes newest first, in pages, also of one user", auditPages},
	}
}

func (s *suite) events(q signup.AuditQuery) []signup.AuditEvent {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.AuditEvent, error) { return r.Audit(s.ctx(), q) })
}

func (s *suite) addAudit(e signup.AuditEvent) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.AddAudit(s.ctx(), e) })
}

func eventComesBack(s *suite) {
	for _, detail := range []map[string]string{nil, {}, {"setting": "🧵", "": "'"}} {
		want := signup.AuditEvent{At: start(), Actor: "key:ci 🧵", Action: "setting.changed", UserID: nobody, Detail: detail}
		s.addAudit(want)
		got := s.events(signup.AuditQuery{Limit: 1})[0]
		want.ID = got.ID
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || got.ID <= 0 {
			s.Errorf("id %d (-want +got):\n%s", got.ID, diff)
		}
	}
}

func auditPages(s *suite) {
	s.update(func(tx signup.Tx) error {
		for i := range 103 {
			e := signup.AuditEvent{At: start().Add(-time.Duration(i) * time.Hour), Actor: "cli", Action: fmt.Sprint(i), UserID: int64(1 + i%2)}
			if err := tx.AddAudit(s.ctx(), e); err != nil {
				return err
			}
		}
		return nil
	})
	first := s.events(signup.AuditQuery{})
	s.same("without a limit", len(first), 100)
	s.same("newest", first[0].Action, "102")
	descending := slices.IsSortedFunc(first, func(a, b signup.AuditEvent) int { return int(b.ID - a.ID) })
	s.same("newest first", descending, true)
	s.same("next page", len(s.events(signup.AuditQuery{Before: first[99].ID})), 3)
	s.same("of one user", len(s.events(signup.AuditQuery{UserID: 1})), 52)
	s.same("a page of one user", actions(s.events(signup.AuditQuery{UserID: 1, Before: first[0].ID, Limit: 2})), []string{"100", "98"})
}

func actions(events []signup.AuditEvent) []string {
	out := []string{}
	for _, e := range events {
		out = append(out, e.Action)
	}
	return out
}
