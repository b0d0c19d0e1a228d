package signup_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/sqlite"
	"github.com/signup-go/signup/sqlite/sqlitetest"
)

// addEvents adds n events behind the Service.
func addEvents(t *testing.T, s signup.Store, n int) {
	t.Helper()
	err := s.Update(t.Context(), func(tx signup.Tx) error {
		for i := range n {
			e := signup.AuditEvent{At: time.UnixMilli(int64(i)).UTC(), Actor: signup.ActorCLI, Type: event.SignedUp, UserID: int64(i + 1)}
			if err := tx.AddAudit(t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func newEvents(t *testing.T, s signup.Store) signup.Admin {
	t.Helper()
	svc, err := signup.New(s, signup.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return svc.As(signup.ActorCLI)
}

// The first reader of a trail that is years old gets all of it, page by page.
func TestEventsOfALongTrail(t *testing.T) {
	t.Parallel()
	s := sqlitetest.New(t)
	addEvents(t, s, 2500)
	admin, seen := newEvents(t, s), 0
	for q := (event.Query{Limit: 400}); ; {
		p, err := admin.Events(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Events) == 0 {
			break
		}
		for _, e := range p.Events {
			if seen++; e.UserID != int64(seen) {
				t.Fatalf("event %d is about user %d", seen, e.UserID)
			}
		}
		q.After = p.Next
	}
	if seen != 2500 {
		t.Errorf("%d events", seen)
	}
}

// replicated is a database with a replica that lags behind, to which somebody
// sends the reads.
type replicated struct {
	*sqlite.Store
	replica signup.Store
}

func (r replicated) View(ctx context.Context, fn func(signup.Reader) error) error {
	return r.replica.View(ctx, fn)
}

func (r replicated) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	return r.replica.Peek(ctx, fn)
}

// A cursor that a replica has not come to yet is right all the same; one that
// the database itself does not know is not.
func TestEventsOnAReplica(t *testing.T) {
	t.Parallel()
	s := sqlitetest.New(t)
	addEvents(t, s, 3)
	if _, err := newEvents(t, s).Events(t.Context(), event.Query{}); err != nil { // assigns the positions
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "replica.db")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	replica, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = replica.Close() })
	addEvents(t, s, 5)
	ahead, err := newEvents(t, s).Events(t.Context(), event.Query{})
	if err != nil || len(ahead.Events) != 8 {
		t.Fatalf("%d events, %v", len(ahead.Events), err)
	}
	behind := newEvents(t, replicated{s, replica})
	p, err := behind.Events(t.Context(), event.Query{After: ahead.Next})
	if err != nil || len(p.Events) != 0 || p.Next != ahead.Next {
		t.Errorf("with a cursor from the database: %+v, %v", p, err)
	}
	p, err = behind.Events(t.Context(), event.Query{})
	if err != nil || len(p.Events) != 3 || p.Next.Position != 3 {
		t.Errorf("from the start: %d events up to %d, %v", len(p.Events), p.Next.Position, err)
	}
	unknown := event.Cursor{Position: ahead.Next.Position, At: ahead.Next.At.Add(time.Second)}
	if _, err := behind.Events(t.Context(), event.Query{After: unknown}); !refusal.Is(err, refusal.CursorUnknown) {
		t.Errorf("with a cursor from elsewhere: %v", err)
	}
}
