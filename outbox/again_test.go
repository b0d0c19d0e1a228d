package outbox_test

import (
	"path/filepath"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
)

// A mail that is tried again in the moment between its last job's record and
// that job's end is sent all the same.
func TestRetryWhileTheLastJobEnds(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{})
	b.signUp("ada")
	id := b.mail("ada", signup.MailOwed).ID
	exec := func(statement string) {
		t.Helper()
		_, err := b.store.Writer().ExecContext(b.ctx, statement)
		must(t, err)
	}
	exec(`UPDATE river_job SET state = 'running', attempt = 1, attempted_at = datetime('now') WHERE kind = 'mail'`)
	_, err := b.CancelMail(b.ctx, id, "test")
	must(t, err)
	_, err = b.RetryMail(b.ctx, id, "test")
	must(t, err)
	exec(`UPDATE river_job SET state = 'completed', finalized_at = datetime('now') WHERE kind = 'mail'`)
	exec(`UPDATE river_job SET state = 'available', scheduled_at = datetime('now', '-1 seconds') WHERE kind = 'again'`)
	s := &sender{}
	b.start(s)
	b.mail("ada", signup.MailSent)
	if n := len(s.letters()); n != 1 {
		t.Errorf("sent %d letters, want 1", n)
	}
}
