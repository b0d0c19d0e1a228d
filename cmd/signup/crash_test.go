package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

// TestCrash kills the real program at random moments of a storm of sign-ups and
// confirmations, and looks after each kill for what is lost, stuck or double.
// SIGNUP_TEST_KILLS says how often (25), on each make of database.
func TestCrash(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		kills := howOften(t)
		s := newStorm(t, d)
		for kill := range kills {
			s.serveUntilKilled()
			s.check(fmt.Sprintf("after kill %d", kill+1))
		}
		s.drain()
		s.check("at the end")
		s.checkMails()
		t.Logf("%d kills: %d sign-ups and %d confirmations answered, %d mails received",
			kills, len(s.signedUp), len(s.confirmed), len(s.mail.Messages()))
		if len(s.signedUp) < kills || kills >= 10 && len(s.confirmed) == 0 {
			t.Fatal("too little happened to prove anything")
		}
	})
}

func howOften(t *testing.T) int {
	kills := 25
	if s := os.Getenv("SIGNUP_TEST_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("SIGNUP_TEST_KILLS: %v", err)
		}
		kills = n
	}
	if testing.Short() {
		kills = 3
	}
	return kills
}

// A storm is a server that is killed and what its clients were told.
type storm struct {
	t       *testing.T
	where   string // the database
	db      *sql.DB
	environ []string
	mail    *smtptest.Server

	mu        sync.Mutex
	n         int
	signedUp  []string        // addresses whose sign-up was answered 201
	confirmed map[string]bool // addresses whose confirmation was answered 200
	read      int             // mails looked into
	arrived   [][2]string     // tokens in them that no client has tried, and whose they are
	spent     map[string]bool // tokens that are no client's to try
}

func newStorm(t *testing.T, d testDatabase) *storm {
	s := makeStorm(t, d)
	s.makeBoss(noDigests, "admin_notice_interval=1m") // a long storm brings more than 10,000 in an hour
	return s
}

// makeBoss makes an administrator and changes settings.
func (s *storm) makeBoss(settings ...string) {
	s.t.Helper()
	s.command("user", "create-admin", "--name", "Boss", "--username", "boss", "--email", "boss@example.org")
	s.command(append([]string{"settings", "set"}, settings...)...)
}

// makeStorm leaves the database empty.
func makeStorm(t *testing.T, d testDatabase) *storm {
	s := &storm{
		t: t, where: d.where(t), mail: smtptest.New(t),
		confirmed: map[string]bool{}, spent: map[string]bool{},
	}
	s.environ = append(os.Environ(), cheapPasswords, noLimits,
		"SIGNUP_DATABASE="+s.where, "SIGNUP_LISTEN=127.0.0.1:0", "SIGNUP_BASE_URL=https://signup.test",
		"SIGNUP_MAIL_FROM=noreply@signup.test", "SIGNUP_SMTP="+s.mail.URL(), "SIGNUP_LOG_FORMAT=json", "SIGNUP_ADMIN_PASSWORD=Passw0rd!boss")
	s.db = d.connect(t, s.where)
	return s
}

func (s *storm) command(args ...string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "signup", args...)
	cmd.Env = s.environ
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("signup %v: %v\n%s", args, err, out)
	}
}

// serveUntilKilled starts the program, lets clients loose on it, and kills it
// within a second. So that enough happens on a machine however slow, some lives
// begin to count only when somebody has signed up, or has confirmed.
func (s *storm) serveUntilKilled() {
	s.t.Helper()
	p := startProcess(s.t, s.environ)
	url := p.url()
	signedUp, confirmed := s.answers()
	stop := s.clients(func() string { return url })
	switch rand.IntN(4) {
	case 0:
		s.eventually("a sign-up", 2*time.Minute, func() bool { n, _ := s.answers(); return n > signedUp })
	case 1:
		s.eventually("a confirmation", 2*time.Minute, func() bool { _, n := s.answers(); return n > confirmed })
	}
	<-time.After(time.Duration(100+rand.IntN(700)) * time.Millisecond) // the moment of the kill, not a wait
	p.kill()
	stop()
}

func (s *storm) answers() (signedUp, confirmed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.signedUp), len(s.confirmed)
}

// clients lets clients loose, each of whose requests asks where to go. The
// function it returns stops them.
func (s *storm) clients(url func() string) (stop func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { s.client(ctx, url) })
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// client signs people up and opens the links that arrive, until ctx ends.
func (s *storm) client(ctx context.Context, url func() string) {
	for ctx.Err() == nil {
		if token, address := s.nextToken(); token != "" {
			if post(ctx, url()+"/api/v1/sign-up/confirm", map[string]string{"token": token}) == http.StatusOK {
				s.note(func() { s.confirmed[address] = true })
			}
			continue
		}
		name := s.nextName()
		address := name + "@example.org"
		body := map[string]string{"name": "Person " + name, "username": name, "email": address, "password": "Passw0rd!" + name}
		if post(ctx, url()+"/api/v1/sign-up/request", body) == http.StatusCreated {
			s.note(func() { s.signedUp = append(s.signedUp, address) })
		}
	}
}

func (s *storm) note(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *storm) nextName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return fmt.Sprintf("p%d", s.n)
}

// nextToken is a token that arrived by mail and that nobody has tried.
func (s *storm) nextToken() (token, address string) {
	messages := s.mail.Messages()
	s.mu.Lock()
	defer s.mu.Unlock()
	for ; s.read < len(messages); s.read++ {
		links := strings.Join(messages[s.read].Links(), " ")
		if m := tokenPattern.FindStringSubmatch(links); m != nil { // it is there twice, as a button and as text
			s.arrived = append(s.arrived, [2]string{m[1], messages[s.read].To[0]})
		}
	}
	for len(s.arrived) > 0 {
		last := s.arrived[len(s.arrived)-1]
		s.arrived = s.arrived[:len(s.arrived)-1]
		if !s.spent[last[0]] {
			return last[0], last[1]
		}
	}
	return "", ""
}

// post returns the status, or 0 when there was no answer.
func post(ctx context.Context, url string, body any) int {
	b, err := json.Marshal(body)
	if err != nil {
		return 0
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(b))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

var tokenPattern = regexp.MustCompile(`[?&]token=([A-Za-z0-9_-]{43})`)

// check reads the database of the dead server: every fact has what it owes,
// and every answer that a client got is true.
func (s *storm) check(when string) {
	s.t.Helper()
	wantConsistent(s.t, s.db, when)
	s.checkAnswers(when)
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// halves are queries that count what must never be seen.
var halves = map[string]string{
	"tokens used whose user is not verified": `
		SELECT count(*) FROM sign_up_tokens t JOIN users u ON u.id = t.user_id WHERE t.used AND u.verified_at IS NULL`,
	"unconfirmed users without exactly one confirmation sent or owed": `
		SELECT count(*) FROM users u WHERE u.status = 'unconfirmed' AND 1 != (
			SELECT count(*) FROM mails m WHERE m.user_id = u.id AND m.kind = 'confirmation' AND m.state IN ('sent', 'owed'))`,
	"noticed users without exactly one notice sent or owed": `
		SELECT count(*) FROM users u WHERE u.status = 'pending_approval' AND u.noticed_at IS NOT NULL AND 1 != (
			SELECT count(*) FROM mails m WHERE m.user_id = u.id AND m.kind = 'admin_notice' AND m.state IN ('sent', 'owed'))`,
	"notices about users who are not noted as noticed": `
		SELECT count(*) FROM mails m JOIN users u ON u.id = m.user_id WHERE m.kind = 'admin_notice' AND u.noticed_at IS NULL`,
	"notices about users who are not pending": `
		SELECT count(*) FROM mails m JOIN users u ON u.id = m.user_id WHERE m.kind = 'admin_notice' AND u.status != 'pending_approval'`,
	"mails owed that no job will send": `
		SELECT count(*) FROM mails m WHERE m.state = 'owed' AND m.id NOT IN (
			SELECT coalesce(j.args ->> 'mail_id', '') FROM river_job j
			WHERE j.state IN ('available', 'pending', 'retryable', 'running', 'scheduled'))`,
}

func wantConsistent(t testing.TB, db *sql.DB, when string) {
	t.Helper()
	for what, query := range halves {
		var n int
		if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d %s, %v", when, n, what, err)
		}
	}
}

func (s *storm) checkAnswers(when string) {
	verified := map[string]bool{}
	rows, err := s.db.QueryContext(s.t.Context(), `SELECT email, verified_at IS NOT NULL FROM users`)
	s.ok(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var email string
		var v bool
		s.ok(rows.Scan(&email, &v))
		verified[email] = v
	}
	s.ok(rows.Err())
	for _, address := range s.signedUp {
		if _, there := verified[address]; !there {
			s.t.Errorf("%s: the sign-up of %s was answered and is lost", when, address)
		}
	}
	for address := range s.confirmed {
		if !verified[address] {
			s.t.Errorf("%s: the confirmation of %s was answered and is lost", when, address)
		}
	}
}

// drain lets one more outbox, which brings dead jobs back sooner, send all that
// is owed.
func (s *storm) drain() {
	ctx := s.t.Context()
	db, err := openDatabase(ctx, s.where, outbox.Options{SendTimeout: 5 * time.Second, RescueAfter: 6 * time.Second})
	s.ok(err)
	defer func() { _ = db.close() }()
	writer, err := letters.New(letters.Options{AppName: "Test", BaseURL: "https://signup.test"})
	s.ok(err)
	svc, err := signup.New(db.store, signup.Options{Letters: writer, Links: signup.Links{
		Confirm: func(token signup.Token) string { return "https://signup.test/verify-email?token=" + token.Reveal() },
		Login:   func() string { return "https://signup.test/login" },
		Review:  func(signup.User) string { return "https://signup.test/users" },
	}})
	s.ok(err)
	c, err := smtp.ParseURL(s.mail.URL())
	s.ok(err)
	c.From = signup.Address{Email: "noreply@signup.test"}
	sender, err := smtp.New(c)
	s.ok(err)
	s.ok(db.queue.Start(ctx, svc, sender))
	defer func() { _ = db.queue.Stop(context.WithoutCancel(ctx)) }()
	for left, deadline := 0, time.Now(); ; {
		var owed, unnoticed int
		s.ok(s.db.QueryRowContext(ctx, `SELECT count(*) FROM mails WHERE state = 'owed'`).Scan(&owed))
		s.ok(s.db.QueryRowContext(ctx, `SELECT count(*) FROM users WHERE status = 'pending_approval' AND noticed_at IS NULL`).Scan(&unnoticed))
		if owed+unnoticed == 0 {
			return
		}
		if n := owed + unnoticed; n < left || left == 0 { // it goes on, however long it takes
			left, deadline = n, time.Now().Add(2*time.Minute)
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%d mails are still owed, %d waiting people unnoticed", owed, unnoticed)
		}
		time.Sleep(50 * time.Millisecond) // between two looks
	}
}

// checkMails proves that every sign-up got its mail, and that whatever came
// twice came under one Message-ID.
func (s *storm) checkMails() {
	ids := map[string]map[string]bool{}
	notices := map[string]map[string]bool{}
	for _, m := range s.mail.Messages() {
		to, id := m.To[0], m.Header("Message-Id")
		if to == "boss@example.org" {
			add(notices, m.Subject(), id)
			continue
		}
		add(ids, to, id)
	}
	for _, address := range s.signedUp {
		if len(ids[address]) == 0 {
			s.t.Errorf("%s signed up and got no mail", address)
		}
	}
	for _, by := range []map[string]map[string]bool{ids, notices} {
		for about, set := range by {
			if len(set) > 1 {
				s.t.Errorf("%s: %d mails that are not repeats", about, len(set))
			}
		}
	}
}

func add(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][value] = true
}

func (s *storm) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
