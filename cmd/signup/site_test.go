package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/smtp/smtptest"
	"github.com/signup-go/signup/web"
)

// A site is a server in production: it sends through a mail server, and the
// tests can look into its database.
type site struct {
	*server
	make testDatabase
	mail *smtptest.Server
	db   *sql.DB
	args []string // of serve

	cleanings string // how many clean-ups there had been at the start
}

// openSite runs `signup serve` on a database of its own. Further arguments
// replace the usual ones. Links begin with https://signup.test.
func openSite(t testing.TB, d testDatabase, args ...string) *site {
	t.Helper()
	s := &site{server: newServer(t), make: d, mail: smtptest.New(t)}
	s.Database = d.where(t)
	s.Key = strings.TrimSpace(s.Run("key", "create", "--name", "test"))
	s.db = d.connect(t, s.Database)
	s.Run("settings", "set", noDigests)
	s.args = append([]string{
		"--base-url", "https://signup.test", "--mail-from", "Test <noreply@signup.test>", "--smtp", s.mail.URL(), "--log-format", "json",
	}, args...)
	s.start(s.args...)
	return s
}

// noDigests has administrators told of everybody one by one, as the tests count.
const noDigests = "admin_notice_digest_after=10000"

// in is the site in a subtest, which alone fails.
func (s *site) in(t testing.TB) *site {
	inner, running := *s, *s.server
	inner.server, running.t = &running, t
	return &inner
}

// forTest is the site in a subtest, with the settings, the mail server and the
// arguments put back afterwards.
func (s *site) forTest(t *testing.T) *site {
	inner := s.in(t)
	t.Cleanup(func() {
		s.mail.SetBehaviour(smtptest.Accept()...)
		s.mail.Open(t)
		if inner.exited != s.exited {
			inner.Stop()
			s.start(s.args...)
			s.exec(s.make.hurry) // what came to be owed while there was no mail waits for long
		}
		s.set(defaults())
	})
	return inner
}

// restart stops the server and starts it with its arguments.
func (s *site) restart() {
	s.t.Helper()
	if code := s.Stop(); code != exitOK {
		s.t.Fatalf("exit code %d:\n%s", code, s.Stderr)
	}
	s.start(s.args...)
}

func (s *site) startWith(args ...string) {
	s.t.Helper()
	s.args = append(slices.Clone(s.args), args...)
	s.restart()
}

func (s *site) startWithoutMail() {
	s.t.Helper()
	s.args = []string{"--smtp", "none", "--base-url", "https://signup.test", "--log-format", "json"}
	s.restart()
}

// defaults are all settings as they are in a new database, but for noDigests.
func defaults() map[string]any {
	b, err := json.Marshal(signup.DefaultSettings())
	if err != nil {
		panic(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(b, &out); err != nil {
		panic(err)
	}
	out["admin_notice_digest_after"] = 10_000
	return out
}

func required(verification, approval bool) map[string]any {
	return map[string]any{"signup_require_email_verification": verification, "signup_require_admin_approval": approval}
}

func (s *site) set(values map[string]any) {
	s.t.Helper()
	s.wantStatus(s.admin("PUT", "/api/v1/server_settings", values), 200)
}

// person is the body of a sign-up.
func person(name string) map[string]any {
	return map[string]any{
		"name": "Person " + name, "username": name, "email": name + "@example.org", "password": "Passw0rd!" + name,
	}
}

func token(plain string) map[string]string { return map[string]string{"token": plain} }

// A reply is what the server answered.
type reply struct {
	status int
	header http.Header
	body   string
}

// A problem is an RFC 9457 document.
type problem struct {
	Title  string
	Status int
	Detail string
	Code   string
	Errors []struct{ Location, Message, Code string }
}

func (r reply) problem(t testing.TB) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || p.Status != r.status || r.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("no problem document: %d %s %q, %v", r.status, r.header.Get("Content-Type"), r.body, err)
	}
	return p
}

func (r reply) keys(t testing.TB) []string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(r.body), &object); err != nil {
		t.Fatalf("%q: %v", r.body, err)
	}
	var keys []string
	for name := range object {
		keys = append(keys, name)
	}
	slices.Sort(keys)
	return keys
}

// flag reads a member that must be there and be true or null.
func (r reply) flag(t testing.TB, name string) bool {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(r.body), &object); err != nil {
		t.Fatalf("%q: %v", r.body, err)
	}
	value, there := object[name]
	if !there || value != nil && value != true {
		t.Errorf("%s must be true or null: %s", name, r.body)
	}
	return value == true
}

// client keeps a connection for each of the many requests at a time.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: time.Minute}

// send makes a request as it is; headers are pairs of name and value.
func (s *site) send(method, path, contentType string, body io.Reader, headers ...string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, body)
	s.ok(err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Errorf("%s %s: %v", method, path, err)
		return reply{}
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Errorf("%s %s: %v", method, path, err)
	}
	return reply{resp.StatusCode, resp.Header, string(b)}
}

// post sends JSON without an API key. A string is sent as it is.
func (s *site) post(path string, body any) reply {
	s.t.Helper()
	return s.send("POST", path, "application/json", s.json(body))
}

// admin sends JSON with the API key.
func (s *site) admin(method, path string, body any) reply {
	s.t.Helper()
	return s.send(method, path, "application/json", s.json(body), "Authorization", "Bearer "+s.Key)
}

func (s *site) json(body any) io.Reader {
	s.t.Helper()
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(body)
	default:
		b, err := json.Marshal(body)
		s.ok(err)
		return bytes.NewReader(b)
	}
}

func (s *site) wantStatus(r reply, status int) {
	s.t.Helper()
	if r.status != status {
		s.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
}

func (s *site) wantProblem(r reply, status int, detail string) {
	s.t.Helper()
	s.wantStatus(r, status)
	if got := r.problem(s.t).Detail; got != detail {
		s.t.Errorf("detail %q, want %q", got, detail)
	}
}

// wantFault is a request that a fault of the database must stop: the answer
// says nothing of it, and the log says it once, with the request's id.
func (s *site) wantFault(method, path string, body any) {
	s.t.Helper()
	r := s.admin(method, path, body)
	s.wantProblem(r, 500, "Internal Server Error")
	if r.body != `{"title":"Internal Server Error","status":500,"detail":"Internal Server Error","code":"internal"}`+"\n" {
		s.t.Errorf("the body says more: %s", r.body)
	}
	id := r.header.Get("X-Request-Id")
	s.Eventually("the fault in the log", func() bool { return len(s.logged("ERROR", id)) > 0 })
	if lines := s.logged("ERROR", id); len(lines) != 1 || !strings.Contains(lines[0], "no such table") && !strings.Contains(lines[0], "does not exist") {
		s.t.Errorf("logged for %q:\n%s", id, strings.Join(lines, "\n"))
	}
}

// logged are the lines of the log at a level that belong to a request.
func (s *site) logged(level, requestID string) []string {
	var out []string
	for line := range strings.Lines(s.Stderr.String()) {
		var l struct {
			Level     string
			RequestID string `json:"request_id"`
		}
		if json.Unmarshal([]byte(line), &l) == nil && l.Level == level && l.RequestID == requestID {
			out = append(out, line)
		}
	}
	return out
}

// broken does something while a table is missing.
func (s *site) broken(table string, f func()) {
	s.t.Helper()
	s.exec(`ALTER TABLE ` + table + ` RENAME TO gone`)
	defer s.exec(`ALTER TABLE gone RENAME TO ` + table)
	f()
}

func (s *site) exec(statement string, args ...any) {
	s.t.Helper()
	if _, err := s.db.ExecContext(context.WithoutCancel(s.t.Context()), statement, args...); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
}

// execOnOne runs statements one after the other on one connection.
func (s *site) execOnOne(statements ...string) {
	s.t.Helper()
	conn, err := s.db.Conn(s.t.Context())
	s.ok(err)
	defer func() { _ = conn.Close() }()
	for _, statement := range statements {
		_, err := conn.ExecContext(s.t.Context(), statement)
		s.ok(err)
	}
}

// query returns the one value a query has, as text.
func (s *site) query(statement string, args ...any) string {
	s.t.Helper()
	var value sql.NullString
	if err := s.db.QueryRowContext(s.t.Context(), statement, args...).Scan(&value); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
	return value.String
}

func (s *site) columns(table string) []string {
	s.t.Helper()
	rows, err := s.db.QueryContext(s.t.Context(), `SELECT * FROM `+table+` LIMIT 0`)
	s.ok(err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	s.ok(err)
	s.ok(rows.Err())
	return columns
}

// library is the service of the library on the server's database.
func (s *site) library() *signup.Service {
	s.t.Helper()
	db, err := openDatabase(s.t.Context(), s.Database, outbox.Options{})
	s.ok(err)
	s.t.Cleanup(func() { _ = db.close() })
	svc, err := signup.New(db.store, signup.Options{})
	s.ok(err)
	return svc
}

// isFault does something while the table of tokens is missing: the error must
// not be one that may be shown.
func (s *site) isFault(f func(*signup.Service) error) {
	s.t.Helper()
	svc := s.library()
	s.broken("sign_up_tokens", func() {
		if err := f(svc); err == nil || refusal.Of(err) != nil {
			s.t.Errorf("no fault: %v", err)
		}
	})
}

func (s *site) isNone(_ signup.SignUpToken, err error) {
	s.t.Helper()
	if !errors.Is(err, signup.ErrNotFound) {
		s.t.Errorf("not none: %v", err)
	}
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) decode(text string, into any) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
}

func (s *site) signUp(name string) {
	s.t.Helper()
	s.wantStatus(s.post("/api/v1/sign-up/request", person(name)), 201)
}

// newToken signs somebody up and returns the token that was mailed.
func (s *site) newToken(name string) string {
	s.t.Helper()
	s.signUp(name)
	return s.tokenTo(name)
}

// tokenTo is the token of the first mail to somebody.
func (s *site) tokenTo(name string) string {
	s.t.Helper()
	m := s.mail.WaitForTo(s.t, name+"@example.org")
	return tokenOf(s.t, m.Links()[0])
}

// confirmed signs somebody up and opens the link.
func (s *site) confirmed(name string) {
	s.t.Helper()
	s.wantStatus(s.post("/api/v1/sign-up/confirm", token(s.newToken(name))), 200)
}

func (s *site) user(name string) web.User {
	s.t.Helper()
	var u web.User
	s.decode(s.Run("user", "show", name, "--json"), &u)
	return u
}

// absent sees to it that nobody has the username.
func (s *site) absent(name string) {
	s.t.Helper()
	if code, out, _ := s.CLI("user", "show", name); code != exitNotFound {
		s.t.Errorf("%s is there:\n%s", name, out)
	}
}

func (s *site) pathOf(name string) string {
	s.t.Helper()
	return "/api/v1/users/" + strconv.FormatInt(s.user(name).ID, 10)
}

// mailTo waits for the mail to somebody that holds some words.
func (s *site) mailTo(name, words string) smtptest.Message {
	s.t.Helper()
	return s.mail.WaitForMatch(s.t, func(m smtptest.Message) bool {
		return m.To[0] == name+"@example.org" && strings.Contains(oneSpaced(m.Subject()+m.Plain()), words)
	})
}

func (s *site) countMails(name, words string) int {
	n := 0
	for _, m := range s.mail.Messages() {
		if m.To[0] == name+"@example.org" && strings.Contains(oneSpaced(m.Subject()+m.Plain()), words) {
			n++
		}
	}
	return n
}

// wantLetter checks what every letter must have, and words in both parts.
func (s *site) wantLetter(m smtptest.Message, subject string, words ...string) {
	s.t.Helper()
	if !strings.Contains(m.Subject(), subject) {
		s.t.Errorf("subject %q has no %q", m.Subject(), subject)
	}
	for _, w := range words {
		escaped := strings.ReplaceAll(w, "&", "&amp;")
		if !strings.Contains(oneSpaced(m.Plain()), w) || !strings.Contains(oneSpaced(m.HTML()), escaped) {
			s.t.Errorf("%q is missing in\n%s\n%s", w, m.Plain(), m.HTML())
		}
	}
	if !strings.Contains(m.HTML(), `<html lang="en"`) {
		s.t.Errorf("no language in\n%s", m.HTML())
	}
}

// oneSpaced undoes the wrapping of lines.
func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }

// unsettled counts what is still to be sent: mails owed, but for digests that
// gather, and users of whom administrators are to be told.
const unsettled = `SELECT (SELECT count(*) FROM mails WHERE state = 'owed' AND NOT (attempts = 0 AND next_attempt_at IS NOT NULL))
	+ (SELECT count(*) FROM link_requests)
	+ (SELECT count(*) FROM users u WHERE u.status = 'pending_approval' AND u.noticed_at IS NULL
		AND EXISTS (SELECT 1 FROM users a WHERE a.role = 'admin'))`

// settled waits until no mail is owed but digests that gather and what waits for
// the limits of its address.
func (s *site) settled() {
	s.t.Helper()
	defer func() {
		if s.t.Failed() {
			s.t.Logf("owed: %s\njobs: %s",
				s.query(`SELECT string_agg(id || ' ' || kind || ' to ' || recipient_id || ' about ' || user_id || ' ' || attempts || ' ' || last_answer, '; ') FROM mails WHERE state = 'owed'`),
				s.query(`SELECT string_agg((args ->> 'mail_id') || ' ' || state || ' ' || attempt || ' ' || scheduled_at, '; ') FROM river_job WHERE kind = 'signup_mail' AND state != 'completed'`))
		}
	}()
	s.Eventually("all mails to be sent", func() bool { return s.query(unsettled) == "0" })
}

// hurryUntil waits, and spares mails the pause before the next try.
func (s *site) hurryUntil(what string, so func() bool) {
	s.t.Helper()
	s.Eventually(what, func() bool {
		s.exec(s.make.hurry)
		return so()
	})
}

func (s *site) start(args ...string) {
	s.t.Helper()
	s.cleanings = s.countCleanings()
	s.server.start(args...)
}

// cleaned reports whether the clean-up of this start has run.
func (s *site) cleaned() bool {
	return s.query(`SELECT count(*) FROM river_job WHERE kind = 'signup_clean' AND state != 'completed'`) == "0" &&
		s.countCleanings() != s.cleanings
}

func (s *site) countCleanings() string {
	return s.query(`SELECT count(*) FROM river_job WHERE kind = 'signup_clean' AND state = 'completed'`)
}

// together runs f n times, all at the same moment.
func together[T any](n int, f func(int) T) []T {
	out := make([]T, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			out[i] = f(i)
		})
	}
	close(start)
	all.Wait()
	return out
}

func tally[T comparable](list []T) map[T]int {
	out := map[T]int{}
	for _, v := range list {
		out[v]++
	}
	return out
}

func hashOf(t testing.TB, plain string) string {
	t.Helper()
	parsed, ok := signup.ParseToken(plain)
	if !ok {
		t.Fatalf("no token: %q", plain)
	}
	return parsed.Hash()
}

func sha256Hex(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
