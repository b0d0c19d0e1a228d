package outbox_test

import (
	"path/filepath"
	"testing"

	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/outbox"
)

// A mail that is retried in the moment between the record of its last attempt and
// the end of that job is sent nevertheless.
func TestRetryWhileTheLastJobEnds(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{})
	b.signUp("ada")
	id := b.mail("ada", delivery.Owed).ID
	exec := func(statement string) {
		t.Helper()
		_, err := b.store.Writer().ExecContext(b.ctx, statement)
		must(t, err)
	}
	exec(`UPDATE river_job SET state = 'running', attempt = 1, attempted_at = datetime('now') WHERE kind = 'signup_mail'`)
	_, err := b.As("test").CancelMail(b.ctx, id)
	must(t, err)
	_, err = b.As("test").RetryMail(b.ctx, id)
	must(t, err)
	exec(`UPDATE river_job SET state = 'completed', finalized_at = datetime('now') WHERE kind = 'signup_mail'`)
	exec(`UPDATE river_job SET state = 'available', scheduled_at = datetime('now', '-1 seconds') WHERE kind = 'signup_again'`)
	s := &sender{}
	b.start(s)
	b.mail("ada", delivery.Sent)
	if n := len(s.letters()); n != 1 {
		t.Errorf("sent %d letters, want 1", n)
	}
}
