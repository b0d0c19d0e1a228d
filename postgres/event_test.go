package postgres_test

import (
	"slices"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/postgres"
)

// IDs are assigned before the commit: of two transactions the one with the lower
// ID can commit last. A reader who follows the list must still get both events.
func TestAnEventThatCommitsLateIsNotMissed(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	add := func(tx signup.Tx, what event.Type) error {
		return tx.AddAudit(t.Context(), signup.AuditEvent{At: now(), Actor: signup.ActorCLI, Type: what})
	}
	added, commit, committed := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		committed <- s.Update(t.Context(), func(tx signup.Tx) error {
			err := add(tx, "slow")
			if _, ask := tx.Settings(t.Context()); err == nil { // sends the event, which is delayed
				err = ask
			}
			close(added)
			<-commit
			return err
		})
	}()
	<-added
	if err := s.Update(t.Context(), func(tx signup.Tx) error { return add(tx, "fast") }); err != nil {
		t.Fatal(err)
	}
	after := int64(0)
	read := func() (types []event.Type) {
		t.Helper()
		for _, e := range eventsAfter(t, s, after) {
			types, after = append(types, e.Type), e.Position
		}
		return types
	}
	if got := read(); !slices.Equal(got, []event.Type{"fast"}) {
		t.Errorf("before the commit: %v", got)
	}
	close(commit)
	if err := <-committed; err != nil {
		t.Fatal(err)
	}
	if got := read(); !slices.Equal(got, []event.Type{"slow"}) {
		t.Errorf("after the commit: %v", got)
	}
	if n := count(t, s, "SELECT count(*) FROM audit_events AS slow, audit_events AS fast WHERE slow.id < fast.id AND slow.action = 'slow' AND fast.action = 'fast'"); n != 1 {
		t.Error("the late event does not have the lower id, so the test proves nothing")
	}
}

// eventsAfter numbers what there is and reads on.
func eventsAfter(t *testing.T, s *postgres.Store, after int64) (found []signup.AuditEvent) {
	t.Helper()
	err := s.Update(t.Context(), func(tx signup.Tx) error {
		_, err := tx.NumberEvents(t.Context(), 10)
		return err
	})
	if err == nil {
		err = s.View(t.Context(), func(r signup.Reader) (err error) {
			found, err = r.EventsAfter(t.Context(), after, nil, 10)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}
