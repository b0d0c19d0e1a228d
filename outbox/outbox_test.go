package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/sqlite"
)

// A bench is a Service and an outbox with one database.
type bench struct {
	*signup.Service
	t     *testing.T
	ctx   context.Context
	store *sqlite.Store
	box   *outbox.Outbox[*sql.Tx]
}

func newBench(t *testing.T, path string, o outbox.Options, change ...func(*signup.Options)) *bench {
	t.Helper()
	ctx := t.Context()
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	must(t, store.Migrate(ctx))
	box, err := outbox.New(riversqlite.New(store.Writer()), o)
	must(t, err)
	must(t, box.Migrate(ctx))
	store.SetEnqueue(box.Enqueue)
	options := serviceOptions()
	for _, f := range change {
		f(&options)
	}
	svc, err := signup.New(store, options)
	must(t, err)
	return &bench{svc, t, ctx, store, box}
}

func (b *bench) start(sender outbox.Sender) {
	b.t.Helper()
	must(b.t, b.box.Start(b.ctx, b.Service, sender))
	b.t.Cleanup(func() { _ = b.stop() })
}

func (b *bench) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return b.box.Stop(ctx)
}

func (b *bench) signUp(name string) {
	b.t.Helper()
	_, err := b.SignUp(b.ctx, signup.Registration{
		Name: name, Username: name, Email: name + "@example.org", Password: "Passw0rd!",
	})
	must(b.t, err)
}

// mail waits until the only mail about the user is in the state.
func (b *bench) mail(name string, state delivery.State) signup.Mail {
	b.t.Helper()
	u, err := b.FindUser(b.ctx, name)
	must(b.t, err)
	var mails []signup.Mail
	eventually(b.t, func() bool {
		mails, err = b.As("test").Mails(b.ctx, signup.MailQuery{UserID: u.ID})
		must(b.t, err)
		return len(mails) == 1 && mails[0].State == state
	})
	return mails[0]
}

type writer struct{}

func (writer) Write(m signup.Message) (signup.Text, error) {
	return signup.Text{Subject: string(m.Kind), Plain: m.Link}, nil
}

// A sender does with each letter what the test says, and records it.
type sender struct {
	mu   sync.Mutex
	do   func(context.Context, signup.Letter) error
	sent []signup.Letter
}

func (s *sender) Send(ctx context.Context, l signup.Letter) error {
	s.mu.Lock()
	s.sent = append(s.sent, l)
	do := s.do
	s.mu.Unlock()
	if do == nil {
		return nil
	}
	return do(ctx, l)
}

func (s *sender) letters() []signup.Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]signup.Letter(nil), s.sent...)
}

type refused struct{ permanent bool }

func (r refused) Error() string   { return "550 no such user" }
func (r refused) Permanent() bool { return r.permanent }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for tick := time.NewTicker(5 * time.Millisecond); ; <-tick.C {
		if ok() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("did not happen in time")
		}
	}
}

func soon(int) time.Duration { return time.Millisecond }

func TestMailIsSentAfterTheCommit(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{})
	s := &sender{}
	b.start(s)
	errRolledBack := errors.New("rolled back")
	err := b.store.Update(b.ctx, func(tx signup.Tx) error {
		u, err := tx.CreateUser(b.ctx, signup.User{Name: "x", Username: "x", UsernameKey: "x", Email: "x@y.zz", EmailKey: "x@y.zz", Role: signup.RoleMember, Origin: signup.OriginSignUp, CreatedAt: time.Now()})
		if err != nil {
			return err
		}
		if err := tx.AddMail(b.ctx, signup.Mail{ID: "lost", Kind: signup.MailAccountExists, UserID: u.ID, RecipientID: u.ID, State: delivery.Owed, CreatedAt: time.Now()}); err != nil {
			return err
		}
		return errRolledBack
	})
	if !errors.Is(err, errRolledBack) {
		t.Fatal(err)
	}
	b.signUp("ada")
	m := b.mail("ada", delivery.Sent)
	letters := s.letters()
	if len(letters) != 1 || letters[0].To.Email != "ada@example.org" || letters[0].MailID != m.ID || m.Attempts != 1 {
		t.Fatalf("sent %d letters; %+v", len(letters), m)
	}
	if _, err := b.Confirm(b.ctx, letters[0].Plain); err != nil {
		t.Fatalf("the mailed token does not work: %v", err)
	}
}

func TestTemporaryFailureIsRetriedWithANewToken(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{Backoff: soon})
	s := &sender{}
	failures := 3
	s.do = func(context.Context, signup.Letter) error {
		failures--
		if failures >= 0 {
			return refused{permanent: false}
		}
		return nil
	}
	b.start(s)
	b.signUp("ada")
	m := b.mail("ada", delivery.Sent)
	if m.Attempts != 4 {
		t.Fatalf("%d attempts, want 4", m.Attempts)
	}
	tokens := map[string]bool{}
	for _, l := range s.letters() {
		tokens[l.Plain] = true
		if l.MailID != m.ID {
			t.Fatal("an attempt went out under another id")
		}
	}
	if len(tokens) != 4 {
		t.Fatalf("%d tokens in 4 attempts", len(tokens))
	}
	// A letter whose attempt failed may still have arrived.
	if _, err := b.Confirm(b.ctx, s.letters()[0].Plain); err != nil {
		t.Fatal(err)
	}
}

func TestPermanentFailureEndsTheMail(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{Backoff: soon})
	b.start(&sender{do: func(context.Context, signup.Letter) error { return refused{permanent: true} }})
	b.signUp("ada")
	if m := b.mail("ada", delivery.Failed); m.Attempts != 1 || m.LastAnswer != "550 no such user" || m.EndedAt.IsZero() {
		t.Fatalf("%+v", m)
	}
}

func TestOneBadRecipientDelaysNoOtherMail(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{Concurrency: 4})
	release := make(chan struct{})
	s := &sender{do: func(ctx context.Context, l signup.Letter) error {
		if l.To.Email == "bad@example.org" {
			<-release
		}
		return nil
	}}
	b.start(s)
	b.signUp("bad")
	for _, name := range []string{"ann", "bea", "cid", "dan", "eve"} {
		b.signUp(name)
		b.mail(name, delivery.Sent)
	}
	b.mail("bad", delivery.Owed)
	close(release)
	b.mail("bad", delivery.Sent)
}

func TestStopWaitsForRunningJobs(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{})
	entered, release := make(chan struct{}), make(chan struct{})
	b.start(&sender{do: func(context.Context, signup.Letter) error {
		close(entered)
		<-release
		return nil
	}})
	b.signUp("ada")
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- b.stop() }()
	close(release)
	must(t, <-stopped)
	b.mail("ada", delivery.Sent)
}

// A send that ignores its deadline is abandoned at Stop, and its mail stays owed.
func TestStopAbandonsASlowSend(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{})
	entered := make(chan struct{})
	b.start(&sender{do: func(ctx context.Context, _ signup.Letter) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	}})
	b.signUp("ada")
	<-entered
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	must(t, b.box.Stop(ctx))
	if m := b.mail("ada", delivery.Owed); m.State != delivery.Owed {
		t.Fatalf("%+v", m)
	}
}

// A job that was running when its process died is restarted by the next process.
func TestJobOfADeadProcessIsRescued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	first := newBench(t, path, outbox.Options{})
	first.signUp("ada")
	// The state that a killed process leaves: the job was started long ago and is
	// still marked running.
	_, err := first.store.Writer().ExecContext(first.ctx,
		`UPDATE river_job SET state = 'running', attempt = 1, attempted_at = datetime('now', '-1 hour') WHERE kind = 'signup_mail'`)
	must(t, err)
	must(t, first.store.Close())

	second := newBench(t, path, outbox.Options{SendTimeout: time.Second, RescueAfter: 2 * time.Second})
	s := &sender{}
	second.start(s)
	second.mail("ada", delivery.Sent)
	if n := len(s.letters()); n != 1 {
		t.Fatalf("sent %d letters, want 1", n)
	}
}

// A mail that lost its job, for example in a partial restore, gets a new one.
func TestMailWithoutAJobIsSwept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	b := newBench(t, path, outbox.Options{})
	b.signUp("ada")
	b.signUp("bob")
	_, err := b.store.Writer().ExecContext(b.ctx, `DELETE FROM river_job WHERE json_extract(args, '$.mail_id') IN (SELECT id FROM mails WHERE user_id = 1)`)
	must(t, err)
	_, err = b.store.Writer().ExecContext(b.ctx, `UPDATE mails SET created_at = created_at - 3600000`)
	must(t, err)
	s := &sender{}
	b.start(s)
	b.mail("ada", delivery.Sent)
	b.mail("bob", delivery.Sent)
	if n := len(s.letters()); n != 2 {
		t.Fatalf("sent %d letters, want 2", n)
	}
}

func TestExpiredTokensAreDeletedAtStart(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{})
	b.signUp("ada")
	past := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	must(t, b.store.Update(b.ctx, func(tx signup.Tx) error {
		_, err := tx.CreateToken(b.ctx, signup.SignUpToken{ID: "old", UserID: 1, TokenHash: "old", Address: "x", CreatedAt: past, ExpiresAt: past})
		return err
	}))
	b.start(&sender{})
	eventually(t, func() bool {
		err := b.store.View(b.ctx, func(r signup.Reader) error { _, err := r.Token(b.ctx, "old"); return err })
		return errors.Is(err, signup.ErrNotFound)
	})
}

func TestBackoffGrows(t *testing.T) {
	last := time.Duration(0)
	for attempts := 1; attempts < 8; attempts++ {
		wait := outbox.Backoff(attempts)
		if wait <= last {
			t.Fatalf("wait %d is %v after %v", attempts, wait, last)
		}
		last = wait
	}
	for _, attempts := range []int{0, -1, 10, 64, 1000} {
		if wait := outbox.Backoff(attempts); wait < 9*time.Second || wait > 66*time.Minute {
			t.Errorf("wait %d is %v", attempts, wait)
		}
	}
}

// A brokenWriter fails to write any letter.
type brokenWriter struct{}

func (brokenWriter) Write(signup.Message) (signup.Text, error) {
	return signup.Text{}, errors.New("no such template")
}

// A letter that cannot be written is a failed attempt. It is retried like any
// other, and fails permanently in the end.
func TestLettersThatCannotBeWrittenEnd(t *testing.T) {
	var ahead atomic.Int64 // how far the clock is ahead
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{Backoff: func(int) time.Duration { return time.Millisecond }},
		func(o *signup.Options) {
			o.Letters = brokenWriter{}
			o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		})
	b.signUp("ada")
	s := &sender{}
	b.start(s)
	u, err := b.FindUser(b.ctx, "ada")
	must(t, err)
	var m signup.Mail
	eventually(t, func() bool {
		mails, err := b.As("test").Mails(b.ctx, signup.MailQuery{UserID: u.ID})
		must(t, err)
		m = mails[0]
		return m.Attempts >= 2
	})
	if m.State != delivery.Owed || m.LastAnswer == "" {
		t.Errorf("after two attempts: %+v", m)
	}
	ahead.Store(int64(25 * time.Hour)) // a mail fails permanently after 24 h
	b.mail("ada", delivery.Failed)
	record, err := b.As("test").Mail(b.ctx, m.ID)
	must(t, err)
	if last := record.Log[len(record.Log)-1]; last.Phase != "write" || last.Outcome != delivery.NeverAgain || len(s.letters()) != 0 {
		t.Errorf("%+v; %d letters were sent", last, len(s.letters()))
	}
}

// Requested links are owed within moments, without a job of their own.
func TestRequestedLinksAreSent(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "db"), outbox.Options{NoticeEvery: 10 * time.Millisecond})
	b.signUp("ada")
	s := &sender{}
	b.start(s)
	eventually(t, func() bool { return len(s.letters()) == 1 })
	b.mail("ada", delivery.Sent)
	must(t, b.Resend(b.ctx, "ada@example.org"))
	eventually(t, func() bool { return len(s.letters()) == 2 })
}
