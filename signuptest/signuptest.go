// Package signuptest helps to test an application that embeds package signup: a
// real Service on a SQLite file of the test's own, with a clock that the test
// moves and a mailbox that it reads.
//
//	func TestMember(t *testing.T) {
//		s := signuptest.New(t, func(o *signup.Options) { o.OnActive = addMember })
//		s.LetIn("ada") // signed up, confirmed, approved
//		if !isMember(t, "ada") {
//			t.Error("ada is not a member")
//		}
//	}
//
// It is a file because SQLite has no snapshots in memory: while one transaction
// writes, others could not read, as they can in production.
package signuptest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup/sqlite/sqlitetest"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/sqlite"
)

// A Service is a signup.Service for a test. Mails are not sent: Deliver collects
// them. Hashing a password costs next to nothing.
type Service struct {
	*signup.Service
	Store *sqlite.Store // for the application's own tables in the same file, see sqlite.SQL; nil if On got another store
	Clock *Clock

	t       testing.TB
	letters *letters
}

// New returns a Service with default settings, which require a confirmed email
// address and an administrator's approval. Each change can set Options, such as
// OnActive. The Service ends with the test.
func New(t testing.TB, changes ...func(*signup.Options)) *Service {
	t.Helper()
	return On(t, sqlitetest.New(t), changes...)
}

// On is New on a store of the application's own, such as one on PostgreSQL, which is
// migrated already.
func On(t testing.TB, store signup.Store, changes ...func(*signup.Options)) *Service {
	t.Helper()
	s := &Service{Clock: &Clock{now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}, t: t, letters: &letters{}}
	s.Store, _ = store.(*sqlite.Store)
	o := signup.Options{
		Letters: s.letters,
		Links: signup.Links{
			Confirm:       func(token signup.Token) string { return token.Reveal() },
			ResetPassword: func(token signup.Token) string { return token.Reveal() },
			ConfirmEmail:  func(token signup.Token) string { return token.Reveal() },
			Login:         func() string { return "/login" },
			Review:        func(u signup.User) string { return "/review/" + u.Username },
		},
		Hasher: password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 0),
		Now:    s.Clock.Now,
	}
	for _, change := range changes {
		change(&o)
	}
	var err error
	s.Service, err = signup.New(store, o)
	check(t, err)
	return s
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Set changes settings, given as signup.Admin.ChangeSettings takes them.
func (s *Service) Set(settings map[string]string) {
	s.t.Helper()
	_, err := s.As(signup.ActorCLI).ChangeSettings(s.t.Context(), settings)
	check(s.t, err)
}

// Password is the password of everybody whom SignUp signs up.
const Password = "Passw0rd-for-tests"

// SignUp signs a person up, with the address USERNAME@example.org.
func (s *Service) SignUp(username string) signup.User {
	s.t.Helper()
	_, err := s.Service.SignUp(s.t.Context(), signup.Registration{
		Name: username, Username: username, Email: username + "@example.org", Password: Password,
	})
	check(s.t, err)
	return s.find(username)
}

// LetIn signs a person up, confirms the address and approves the sign-up, as far
// as the settings require.
func (s *Service) LetIn(username string) signup.User {
	s.t.Helper()
	u := s.SignUp(username)
	if u.Status() == signup.StatusUnconfirmed {
		_, err := s.Confirm(s.t.Context(), s.Token(u.Email))
		check(s.t, err)
	}
	if s.find(username).Status() == signup.StatusPendingApproval {
		_, err := s.As(signup.ActorCLI).Approve(s.t.Context(), u.ID)
		check(s.t, err)
	}
	return s.find(username)
}

func (s *Service) find(username string) signup.User {
	s.t.Helper()
	u, err := s.FindUser(s.t.Context(), username)
	check(s.t, err)
	return u
}

// Token delivers all mails and returns the token of the last link to the address.
// It fails the test if there was none.
func (s *Service) Token(email string) string {
	s.t.Helper()
	token := ""
	for _, m := range s.Deliver() {
		if m.Recipient.Email == email && m.Lifetime > 0 {
			token = m.Link
		}
	}
	if token == "" {
		s.t.Fatalf("no link was mailed to %s", email)
	}
	return token
}

// Deliver sends all mails that are owed and due, and returns them, oldest first.
// The link of a confirmation is its token.
func (s *Service) Deliver() []signup.Message {
	s.t.Helper()
	ctx, post := s.t.Context(), s.Post()
	_, err := post.OweRequestedLinks(ctx)
	check(s.t, err)
	_, err = post.OweNotices(ctx)
	check(s.t, err)
	owed, err := post.OwedMails(ctx, 0)
	check(s.t, err)
	for i := len(owed) - 1; i >= 0; i-- {
		var early *signup.NotDueError
		_, err := post.Compose(ctx, owed[i])
		if errors.Is(err, signup.ErrNotOwed) || errors.As(err, &early) {
			continue
		}
		check(s.t, err)
		check(s.t, post.MailSent(ctx, owed[i], "delivered"))
	}
	return s.Letters()
}

// Letters returns the letters that were written since the last call of Letters or
// Deliver, for a test that delivers mails itself.
func (s *Service) Letters() []signup.Message { return s.letters.take() }

// letters collects what would be mailed.
type letters struct {
	mu       sync.Mutex
	messages []signup.Message
}

func (l *letters) Write(m signup.Message) (signup.Text, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages = append(l.messages, m)
	return signup.Text{Subject: string(m.Kind), Plain: m.Link}, nil
}

func (l *letters) take() []signup.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.messages
	l.messages = nil
	return taken
}

// A Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
