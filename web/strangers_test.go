package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/sqlite/sqlitetest"
	"github.com/signup-go/signup/web"
)

// The address that strangers must learn nothing about, and the one of which its
// owner's username tells nothing.
const (
	secretAddress = "victim@example.org"
	otherAddress  = "elsewhere@example.org"
	ownerPassword = "Passw0rd!owner"
)

// The worlds in which the address is free.
const (
	free       = "free"
	freeForNow = "free, while the owner is unconfirmed elsewhere"
)

// secrets are the worlds that a stranger must not be able to tell apart: what
// the address is used for. In each, somebody has the username owner.
var secrets = map[string]func(t *town){
	free:                    func(t *town) { t.owner(otherAddress, "active") },
	freeForNow:              func(t *town) { t.owner(otherAddress, "unconfirmed") },
	"unconfirmed by others": func(t *town) { t.owner(secretAddress, "unconfirmed") },
	"pending":               func(t *town) { t.owner(secretAddress, "pending") },
	"active":                func(t *town) { t.owner(secretAddress, "active") },
	"disabled":              func(t *town) { t.owner(secretAddress, "active"); t.disable("owner") },
	"rejected":              func(t *town) { t.owner(otherAddress, "active"); t.rejected() },
	"administrator":         func(t *town) { t.admin() },
	"the application's":     func(t *town) { t.owner(otherAddress, "active"); t.elsewhere = true },
}

// TestStrangersCannotTell runs the same random requests of a stranger in two
// worlds that differ only in what an address is used for, and wants the same
// answers, byte for byte.
func TestStrangersCannotTell(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			left, right := newTown(t, open(t)), newTown(t, open(t))
			for range rounds[name] {
				rapid.Check(t, func(rt *rapid.T) { tellApart(rt, left, right) })
			}
		})
	}
}

func tellApart(rt *rapid.T, left, right *town) {
	worlds := slices.Sorted(maps.Keys(secrets))
	worlds = slices.DeleteFunc(worlds, func(w string) bool { return w == free || w == freeForNow })
	secret := rapid.SampledFrom(worlds).Draw(rt, "world")
	if secret == "unconfirmed by others" {
		left.become(freeForNow) // there, too, the owner's username lapses
	} else {
		left.become(free)
	}
	right.become(secret)
	settings := rapid.SampledFrom([]map[string]string{nil, nil, {"confirm_asks_password": "false"}, {"token_lifetime": `"5m"`}}).Draw(rt, "settings")
	if secret == "unconfirmed by others" {
		// Without concealment, it is told who holds an address, and no more.
		settings = rapid.SampledFrom([]map[string]string{settings, {"conceal_emails": "false"}}).Draw(rt, "settings without concealment")
	}
	left.set(settings)
	right.set(settings)
	for i := range rapid.IntRange(2, 14).Draw(rt, "steps") {
		step := rapid.SampledFrom(steps).Draw(rt, fmt.Sprintf("step %d", i))
		do := step.draw(rt)
		if diff := cmp.Diff(do(left), do(right)); diff != "" {
			rt.Fatalf("%s tells a free address from one that is %s (-free +%s):\n%s", step.name, secret, secret, diff)
		}
	}
}

// rounds are how many times -rapid.checks sequences, 100 by default, are tried on
// a database.
var rounds = map[string]int{"sqlite": 10, "postgres": 1}

// A step is something a stranger does. It is drawn once and done in both worlds.
type step struct {
	name string
	draw func(*rapid.T) func(*town) string
}

var (
	names     = rapid.SampledFrom([]string{"eve", "mallory", "owner", "trudy", "EVE"})
	addresses = rapid.SampledFrom([]string{secretAddress, secretAddress, "Victim@example.org", "eve@evil.example", "mallory@evil.example"})
	passwords = rapid.SampledFrom([]string{"Passw0rd!one", "Passw0rd!two"})
	browsers  = rapid.IntRange(0, 2)
)

var steps = []step{
	{"signing up", drawSignUp},
	{"signing up by the form", drawForm},
	{"signing up again", drawForm},
	{"asking for a link", func(rt *rapid.T) func(*town) string {
		address := addresses.Draw(rt, "address")
		return func(t *town) string { return t.form(0, "/resend", url.Values{"email": {address}}) }
	}},
	{"asking the API for a link", func(rt *rapid.T) func(*town) string {
		address := addresses.Draw(rt, "address")
		return func(t *town) string { return t.json("/api/v1/sign-up/resend", fmt.Sprintf(`{"email":%q}`, address)) }
	}},
	{"asking for a new password", func(rt *rapid.T) func(*town) string {
		address := addresses.Draw(rt, "address")
		return func(t *town) string { return t.form(0, "/reset-password", url.Values{"email": {address}}) }
	}},
	{"asking the API for a new password", func(rt *rapid.T) func(*town) string {
		address := addresses.Draw(rt, "address")
		return func(t *town) string { return t.json("/api/v1/password-reset", fmt.Sprintf(`{"email":%q}`, address)) }
	}},
	{"opening a link to reset a password", func(rt *rapid.T) func(*town) string {
		b, n := browsers.Draw(rt, "browser"), rapid.IntRange(0, 5).Draw(rt, "link")
		return func(t *town) string { return t.get(b, "/reset-password?token="+t.link(n)) }
	}},
	{"resetting a password", func(rt *rapid.T) func(*town) string {
		n, password := rapid.IntRange(0, 5).Draw(rt, "link"), passwords.Draw(rt, "password")
		return func(t *town) string {
			return t.form(0, "/reset-password/new", url.Values{"token": {t.link(n)}, "new_password": {password}})
		}
	}},
	{"the status page", func(rt *rapid.T) func(*town) string {
		b := browsers.Draw(rt, "browser")
		return func(t *town) string { return t.get(b, "/status") }
	}},
	{"asking for a link from the status page", func(rt *rapid.T) func(*town) string {
		b := browsers.Draw(rt, "browser")
		return func(t *town) string { return t.form(b, "/status/resend", nil) + t.get(b, "/status") }
	}},
	{"correcting the address", func(rt *rapid.T) func(*town) string {
		b, address := browsers.Draw(rt, "browser"), addresses.Draw(rt, "address")
		return func(t *town) string {
			return t.form(b, "/status/address", url.Values{"email": {address}}) + t.get(b, "/status")
		}
	}},
	{"opening a link", func(rt *rapid.T) func(*town) string {
		b, n := browsers.Draw(rt, "browser"), rapid.IntRange(0, 5).Draw(rt, "link")
		return func(t *town) string { return t.get(b, "/verify-email?token="+t.link(n)) }
	}},
	{"confirming", func(rt *rapid.T) func(*town) string {
		b, n := browsers.Draw(rt, "browser"), rapid.IntRange(0, 5).Draw(rt, "link")
		return func(t *town) string { return t.form(b, "/verify-email", url.Values{"token": {t.link(n)}}) }
	}},
	{"confirming by password", func(rt *rapid.T) func(*town) string {
		b, n := browsers.Draw(rt, "browser"), rapid.IntRange(0, 5).Draw(rt, "link")
		name, password := names.Draw(rt, "username"), passwords.Draw(rt, "password")
		return func(t *town) string {
			return t.form(b, "/verify-email", url.Values{"token": {t.link(n)}, "username": {name}, "password": {password}})
		}
	}},
	{"confirming by the API", func(rt *rapid.T) func(*town) string {
		n := rapid.IntRange(0, 5).Draw(rt, "link")
		return func(t *town) string { return t.json("/api/v1/sign-up/confirm", fmt.Sprintf(`{"token":%q}`, t.link(n))) }
	}},
	{"asking the API for the status", func(*rapid.T) func(*town) string {
		return func(t *town) string {
			r := httptest.NewRequest(http.MethodGet, "https://app.example/api/v1/sign-up/status", nil)
			r.Header.Set("Authorization", "Bearer "+t.ticket)
			return t.do(0, r)
		}
	}},
	{"saying not me", func(rt *rapid.T) func(*town) string {
		n := rapid.IntRange(0, 5).Draw(rt, "link")
		return func(t *town) string { return t.form(0, "/verify-email/not-me", url.Values{"token": {t.link(n)}}) }
	}},
	{"confirming with a new password", func(rt *rapid.T) func(*town) string {
		b, n := browsers.Draw(rt, "browser"), rapid.IntRange(0, 5).Draw(rt, "link")
		return func(t *town) string {
			return t.form(b, "/verify-email", url.Values{"token": {t.link(n)}, "new_password": {"Passw0rd!three"}}) + t.get(b, "/status")
		}
	}},
	{"confirming the own by a word", func(rt *rapid.T) func(*town) string {
		b, n := browsers.Draw(rt, "browser"), rapid.IntRange(0, 5).Draw(rt, "link")
		return func(t *town) string {
			return t.form(b, "/verify-email", url.Values{"token": {t.link(n)}, "mine": {"1"}})
		}
	}},
	{"confirming by the API with a proof", func(rt *rapid.T) func(*town) string {
		n, b, password := rapid.IntRange(0, 5).Draw(rt, "link"), browsers.Draw(rt, "browser"), passwords.Draw(rt, "password")
		proof := rapid.SampledFrom([]string{"password", "ticket"}).Draw(rt, "proof")
		return func(t *town) string {
			if value := t.cookies[b]["__Host-signup-ticket"]; proof == "ticket" && value != "" {
				password = value
			}
			return t.json("/api/v1/sign-up/confirm", fmt.Sprintf(`{"token":%q,%q:%q}`, t.link(n), proof, password))
		}
	}},
	{"asking for a link with an old one", func(rt *rapid.T) func(*town) string {
		n := rapid.IntRange(0, 5).Draw(rt, "link")
		return func(t *town) string { return t.form(0, "/verify-email/resend", url.Values{"token": {t.link(n)}}) }
	}},
	{"the owner, meanwhile", func(rt *rapid.T) func(*town) string {
		decision := rapid.SampledFrom([]string{"unconfirmed", "pending", "active", "rejected"}).Draw(rt, "decision")
		return func(t *town) string { t.latecomer(decision); return "" }
	}},
	{"waiting", func(rt *rapid.T) func(*town) string {
		d := rapid.SampledFrom([]time.Duration{11 * time.Second, time.Minute, time.Hour, 25 * time.Hour, 5 * 24 * time.Hour, 8 * 24 * time.Hour}).Draw(rt, "time")
		return func(t *town) string { t.wait(d); return "" }
	}},
	{"a look at the mail", func(*rapid.T) func(*town) string {
		return func(t *town) string { t.deliver(); return fmt.Sprint(len(t.links)) + strings.Join(t.mailbox, " ") }
	}},
}

func drawSignUp(rt *rapid.T) func(*town) string {
	name, address, password := names.Draw(rt, "username"), addresses.Draw(rt, "address"), passwords.Draw(rt, "password")
	return func(t *town) string {
		answer := t.json("/api/v1/sign-up/request?ticket=true", ada("username", name, "email", address, "password", password))
		if ticket := ticketIn.FindStringSubmatch(answer); ticket != nil {
			t.ticket = ticket[1]
			answer = strings.ReplaceAll(answer, t.ticket, "[ticket]")
		}
		return answer
	}
}

var ticketIn = regexp.MustCompile(`"ticket":"([^"]+)"`)

func drawForm(rt *rapid.T) func(*town) string {
	b, name, address, password := browsers.Draw(rt, "browser"), names.Draw(rt, "username"), addresses.Draw(rt, "address"), passwords.Draw(rt, "password")
	return func(t *town) string {
		return t.form(b, "/sign-up", url.Values{"name": {"Eve"}, "username": {name}, "email": {address}, "password": {password}}) + t.get(b, "/status")
	}
}

// A town is a server in one of the worlds, with the browsers and the mailbox of
// a stranger.
type town struct {
	t       *testing.T
	store   signup.Store
	svc     *signup.Service
	handler http.Handler
	clock   *clock
	post    *post
	cookies [3]map[string]string
	ticket  string   // that the API gave the stranger last
	links   []string // that the stranger got, at evil.example
	mailbox []string // what mails the stranger got

	secret bool // whether the secret address is in use
	late   int  // how many signed up meanwhile

	elsewhere bool // whether the application has the secret address
}

func newTown(t *testing.T, store signup.Store) *town {
	town := &town{t: t, store: store, clock: &clock{}, post: &post{}}
	log := slog.New(slog.DiscardHandler)
	var err error
	town.svc, err = signup.New(store, signup.Options{
		Letters: town.post, Links: links, Now: town.clock.Now, Log: log, Taken: town.taken,
		Hasher: password.NewHasher(password.Params{Memory: 8, Time: 1, Threads: 1}, 0, 1000),
	})
	town.must(err)
	town.handler, err = web.New(web.Config{
		Service: town.svc, BaseURL: &url.URL{Scheme: "https", Host: "app.example"}, AppName: "Ourapp",
		LoginURL: "https://app.example/login", Log: log, Now: town.clock.Now,
	})
	town.must(err)
	return town
}

func (t *town) must(err error) {
	t.t.Helper()
	if err != nil {
		t.t.Fatal(err)
	}
}

// become empties the store and makes it the world.
func (t *town) become(world string) {
	t.t.Helper()
	t.wipe()
	t.secret, t.late, t.mailbox, t.elsewhere = world != free && world != freeForNow, 0, nil, false
	t.clock.set(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	t.links, t.ticket = nil, ""
	t.post.reset()
	for i := range t.cookies {
		t.cookies[i] = map[string]string{}
	}
	t.set(map[string]string{"confirm_asks_password": "true", "token_lifetime": `"24h"`, "conceal_emails": "true"})
	secrets[world](t)
	t.deliver()
	t.clock.advance(48 * time.Hour) // the limits have forgotten it
	t.clean()
}

// taken is what the application has.
func (t *town) taken(_ context.Context, email, _ string) (string, error) {
	if t.elsewhere && strings.EqualFold(email, secretAddress) {
		return "email", nil
	}
	return "", nil
}

func (t *town) set(settings map[string]string) {
	t.t.Helper()
	_, err := t.svc.As("test").ChangeSettings(t.t.Context(), settings)
	t.must(err)
}

// latecomer signs somebody up with the secret address, if it is one here, and
// has them confirm that with whichever link reached it.
func (t *town) latecomer(decision string) {
	t.t.Helper()
	t.late++
	name := fmt.Sprintf("late%d", t.late)
	address := name + "@elsewhere.example"
	if t.secret {
		address = secretAddress
	}
	ctx := t.t.Context()
	settings, err := t.svc.Settings(ctx)
	t.must(err)
	if !settings.ConcealEmails {
		decision = "unconfirmed" // or it would be told that somebody holds the address
	}
	receipt, err := t.svc.SignUp(ctx, signup.Registration{Name: "Owner", Username: name, Email: address, Password: ownerPassword, WantsTicket: true})
	t.must(err)
	t.deliver()
	token := t.post.tokenTo(address)
	if token == "" || decision == "unconfirmed" {
		return
	}
	if _, err = t.svc.ConfirmAs(ctx, token, signup.Claimant{Ticket: receipt.Ticket.Reveal()}); err != nil {
		return // somebody has the address already
	}
	u, err := t.svc.FindUser(ctx, name)
	t.must(err)
	switch decision {
	case "active":
		t.must(t.approve(u.ID))
	case "rejected":
		t.must(t.reject(u.ID))
	}
}

// owner signs the owner up with an address.
func (t *town) owner(address, status string) { t.person("owner", address, status) }

func (t *town) person(name, address, status string) {
	t.t.Helper()
	_, err := t.svc.SignUp(t.t.Context(), signup.Registration{Name: "Owner", Username: name, Email: address, Password: ownerPassword})
	t.must(err)
	t.deliver()
	if status == "unconfirmed" {
		return
	}
	token := t.post.tokenTo(address)
	_, err = t.svc.Confirm(t.t.Context(), token)
	t.must(err)
	u, err := t.svc.FindUser(t.t.Context(), name)
	t.must(err)
	if status == "active" {
		t.must(t.approve(u.ID))
	}
}

// rejected makes a rejected sign-up of the address, which frees its username.
func (t *town) rejected() {
	t.t.Helper()
	t.person("refused", secretAddress, "pending")
	u, err := t.svc.FindUser(t.t.Context(), "refused")
	t.must(err)
	t.must(t.reject(u.ID))
}

// disable shuts somebody out.
func (t *town) disable(name string) {
	t.t.Helper()
	u, err := t.svc.FindUser(t.t.Context(), name)
	t.must(err)
	_, err = t.svc.As("test").SetDisabled(t.t.Context(), u.ID, true)
	t.must(err)
}

func (t *town) admin() {
	t.t.Helper()
	t.must(t.createAdmin(signup.Registration{Name: "Owner", Username: "owner", Email: secretAddress, Password: ownerPassword}))
}

// link is the nth link that the stranger got, counted from the last.
func (t *town) link(n int) string {
	if n >= len(t.links) {
		return signup.Token{}.Reveal() + strings.Repeat("A", 43)
	}
	return t.links[len(t.links)-1-n]
}

func (t *town) wait(d time.Duration) {
	t.deliver()
	t.clock.advance(d)
	t.deliver()
	t.clean()
}

func (t *town) get(browser int, path string) string {
	return t.do(browser, httptest.NewRequest(http.MethodGet, "https://app.example"+path, nil))
}

func (t *town) form(browser int, path string, values url.Values) string {
	r := httptest.NewRequest(http.MethodPost, "https://app.example"+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return t.do(browser, r)
}

func (t *town) json(path, body string) string {
	r := httptest.NewRequest(http.MethodPost, "https://app.example"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return t.do(0, r)
}

// do returns the whole answer, with every secret of the stranger's own by its
// number in place of itself.
func (t *town) do(browser int, r *http.Request) string {
	t.t.Helper()
	for name, value := range t.cookies[browser] {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	t.handler.ServeHTTP(rec, r)
	answer := rec.Result()
	body, err := io.ReadAll(answer.Body)
	t.must(err)
	text := fmt.Sprintf("%s %s: %s\n%s", r.Method, r.URL.Path, answer.Status, body)
	for _, c := range answer.Cookies() {
		t.cookies[browser][c.Name] = c.Value
		c.Value = ""
		text += "\n" + c.String()
	}
	for _, name := range slices.Sorted(maps.Keys(answer.Header)) {
		if name != "X-Request-Id" && name != "Set-Cookie" {
			text += fmt.Sprintf("\n%s: %q", name, answer.Header[name])
		}
	}
	for i, link := range t.links {
		text = strings.ReplaceAll(text, link, fmt.Sprintf("[link %d]", i))
	}
	return text
}

// databases are the stores that this runs on.
var databases = map[string]func(t testing.TB) signup.Store{
	"sqlite": func(t testing.TB) signup.Store { return sqlitetest.New(t) },
	"postgres": func(t testing.TB) signup.Store {
		store, err := postgres.Open(t.Context(), pgtest.New(t), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	},
}

// deliver sends all that is owed, and hands the stranger their mail.
func (t *town) deliver() {
	t.t.Helper()
	ctx, post := t.t.Context(), t.svc.Post()
	_, err := post.OweRequestedLinks(ctx)
	t.must(err)
	_, err = post.OweNotices(ctx)
	t.must(err)
	ids, err := post.OwedMails(ctx, 0)
	t.must(err)
	for _, id := range slices.Backward(ids) {
		before := len(t.post.letters)
		if _, err := post.Compose(ctx, id); err != nil {
			continue // not due, or not owed any more
		}
		t.must(post.MailSent(ctx, id, "accepted"))
		t.receive(t.post.letters[before:])
	}
}

func (t *town) receive(letters []signup.Message) {
	for _, m := range letters {
		if strings.HasSuffix(m.Recipient.Email, "@evil.example") {
			t.mailbox = append(t.mailbox, fmt.Sprintf("%s %s %s %s", m.Kind, m.Recipient, m.Status, m.Lifetime))
		}
		if (m.Kind == signup.MailConfirmation || m.Kind == signup.MailPasswordReset) && strings.HasSuffix(m.Recipient.Email, "@evil.example") {
			t.links = append(t.links, m.Link)
		}
	}
}

func (t *town) clean() {
	t.t.Helper()
	post := t.svc.Post()
	for _, clean := range []func(context.Context) (int, error){post.OweReminders, post.DeleteExpired, post.DeleteLapsed, post.DeleteEndedMails} {
		_, err := clean(t.t.Context())
		t.must(err)
	}
}

func (t *town) approve(id int64) error {
	_, err := t.svc.As("test").Approve(t.t.Context(), id)
	return err
}

func (t *town) reject(id int64) error {
	_, err := t.svc.As("test").Reject(t.t.Context(), id, "", "")
	return err
}

func (t *town) createAdmin(r signup.Registration) error {
	_, err := t.svc.As("test").CreateAdmin(t.t.Context(), r)
	return err
}

// wipe empties the store; that is cheaper than to make another.
func (t *town) wipe() {
	t.t.Helper()
	ctx := t.t.Context()
	t.must(t.store.Update(ctx, func(tx signup.Tx) error {
		users, err := tx.Users(ctx, signup.UserQuery{Limit: 1_000_000})
		for _, u := range users {
			if err == nil {
				err = tx.DeleteUser(ctx, u.ID)
			}
		}
		if err == nil {
			_, err = tx.TakeLinkRequests(ctx, 1000)
		}
		if err == nil {
			_, err = tx.DeleteOld(ctx, signup.OldAddressMails, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), 1_000_000)
		}
		return err
	}))
}
