package web_test

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// claim is the form of somebody who says which sign-up is theirs.
func claim(token, username, password string) url.Values {
	return url.Values{"token": {token}, "username": {username}, "password": {password}}
}

// tokens sends all that is owed and returns the tokens of every confirmation to
// an address, the first first.
func (w *world) tokens(address string) (all []string) {
	w.t.Helper()
	w.token(address)
	w.post.mu.Lock()
	defer w.post.mu.Unlock()
	for _, m := range w.post.letters {
		if m.Kind == signup.MailConfirmation && m.Recipient.Email == address {
			all = append(all, m.Link)
		}
	}
	return all
}

// opens reports whether a password is that of a user.
func (w *world) opens(username, typed string) bool {
	w.t.Helper()
	same, _, err := password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 1000).
		Verify(w.t.Context(), w.find(username).PasswordHash, typed)
	w.must(err)
	return same
}

// The page that asks names the sign-up of the link, and changes nothing.
func TestIdentifyPage(t *testing.T) {
	w := start(t)
	const hostile = `Ada "><img src=x onerror=alert(1)>`
	w.json(requestPath, ada("name", hostile)).wants(t, 201)
	token := w.token("ada@example.org")
	for range 3 {
		a := w.form(verifyPath, tokenForm(token)).wants(t, 200, "<h1>Is this you?</h1>", html.EscapeString(hostile)[:10],
			"<bdi>ada</bdi>", `<time datetime="2026-03-01T12:00:00Z">1 March 2026, 12:00 UTC</time>`,
			`name="username" value="ada"`, `autocomplete="username"`, `autocomplete="current-password"`,
			`name="new_password"`, `autocomplete="new-password"`, `minlength="8"`, "At least 8 characters, including", `action="/verify-email/not-me"`, "/static/password.js")
		a.hasNot(t, "<img src", "ada@example.org", "aria-invalid", "autofocus", `role="alert"`, "Error:")
		soundPage(t, a)
	}
	if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
		t.Errorf("status %s", got)
	}
	// Where the link does not work, there is nothing to ask.
	w.form(verifyPath, claim(strings.Repeat("A", 43), "ada", "Analytical-1")).wants(t, 400, "does not work")
	w.clock.advance(25 * time.Hour)
	for _, form := range []url.Values{tokenForm(token), claim(token, "ada", "Analytical-1"), {"token": {token}, "new_password": {"Difference-2"}}} {
		w.form(verifyPath, form).wants(t, 410, "has expired")
	}
}

// The owner of a mailbox opens the link of a stranger, who has corrected the
// address since: the page names nobody and asks for the owner's own sign-up.
func TestIdentifyPageOfALinkWithoutItsSignUp(t *testing.T) {
	w := start(t)
	stranger := w.browser("username", "eve", "name", "Eve")
	link := w.token("ada@example.org")
	w.signUp("ada", "ada@example.org")
	stranger.form(addressPath, url.Values{"email": {"eve@example.net"}}).wants(t, 303)

	a := w.form(verifyPath, tokenForm(link)).wants(t, 200, "<h1>Confirm your email address</h1>", `name="username" value=""`, "Enter the username and the password")
	a.hasNot(t, "<bdi>", "new_password", "not-me", "mine", "aria-invalid", "username-help")
	soundPage(t, a)
	w.form(verifyPath, claim(link, "eve", "Analytical-1")).wants(t, 422, "The username or the password is wrong.")
	w.form(verifyPath, claim(link, "ada", "Analytical-1")).wants(t, 200, "Email address confirmed")
	w.form(verifyPath, tokenForm(link)).wants(t, 200, "Already confirmed")
}

func TestConfirmWithPassword(t *testing.T) {
	w := start(t)
	w.signUp("bob", "bob@example.org")
	token := w.signUp("ada", "ada@example.org")
	for _, wrong := range []url.Values{
		claim(token, "ada", "geheim-Wrong-1"), claim(token, "eve", "Analytical-1"), claim(token, "a b", "Analytical-1"),
		claim(token, "bob", "Analytical-1"), // of another address
		claim(token, "ada", "geheim"+strings.Repeat("x", 5000)),
	} {
		a := w.form(verifyPath, wrong).wants(t, 422, "<title>Error: Is this you?", "The username or the password is wrong.",
			`id="password-problem" role="alert"`, `name="username" value="`+wrong.Get("username")+`"`)
		a.hasNot(t, "geheim")
		soundPage(t, a)
		if tag := tagWith(a.body, `id="password"`); !strings.Contains(tag, `aria-invalid="true" aria-describedby="password-problem" autofocus`) {
			t.Errorf("the field is %s", tag)
		}
	}
	w.form(verifyPath, claim(token, "ada", "")).wants(t, 422, "Password is required.")
	w.form(verifyPath, url.Values{"token": {token}, "password": {"\xff"}}).wants(t, 400)
	if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
		t.Fatalf("status %s", got)
	}
	w.form(verifyPath, claim(token, " ADA ", "Analytical-1")).wants(t, 200, "Email address confirmed")
	if log := w.log.String(); strings.Contains(log, "geheim") || strings.Contains(log, token) {
		t.Error("a secret is in the log")
	}
}

// Whoever reads the mailbox and does not know the password chooses a new one.
func TestConfirmWithNewPassword(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	choose := func(password, lang string) answer {
		return w.form(verifyPath, url.Values{"token": {token}, "new_password": {password}, "username": {"ada"}}, "Accept-Language", lang)
	}
	a := choose("geheim-x", "en").wants(t, 422, "<title>Error: Is this you?", "<details open>", `id="field-new_password-problem" role="alert"`,
		"The password needs an upper-case letter. The password needs a digit.", `aria-describedby="field-new_password-help field-new_password-problem" aria-invalid="true" autofocus`)
	a.hasNot(t, "geheim")
	soundPage(t, a)
	choose("x", "de").wants(t, 422, "Das Passwort braucht mindestens 8 Zeichen.")
	choose("", "en").wants(t, 422, "New password is required.")
	if !w.opens("ada", "Analytical-1") {
		t.Error("a refused password ended the old one")
	}
	choose("Difference-2", "en").wants(t, 200, "Email address confirmed")
	if w.opens("ada", "Analytical-1") || !w.opens("ada", "Difference-2") {
		t.Error("the old password still works, or the new one does not")
	}
	choose("Difference-3", "en").wants(t, 200, "Already confirmed")
	if !w.opens("ada", "Difference-2") {
		t.Error("a spent link chooses passwords")
	}
}

// The browser that signed up confirms its own sign-up, whichever link it opens.
func TestConfirmByTicket(t *testing.T) {
	w := start(t)
	theirs := w.signUp("mallory", "ada@example.org")
	b := w.browser()
	other := w.browser("username", "bob", "email", "bob@example.org")
	b.get(verifyPath+"?token="+theirs).wants(t, 200, "You are signing up as:", "<bdi>ada</bdi>").hasNot(t, "mallory", "not-me")
	// A ticket of another address proves nothing here, and neither does none.
	other.form(verifyPath, tokenForm(theirs)).wants(t, 200, "Is this you?", "mallory")
	b.form(verifyPath, url.Values{"token": {theirs}, "ask": {"1"}}).wants(t, 200, "Is this you?", "mallory", "not-me")
	b.form(verifyPath, tokenForm(theirs)).wants(t, 200, "Email address confirmed")
	if ada, mallory := w.find("ada").Status(), w.find("mallory").Status(); ada != signup.StatusPendingApproval || mallory != signup.StatusUnconfirmed {
		t.Errorf("ada is %s, mallory is %s", ada, mallory)
	}
}

// A sibling host can set a second cookie of the same name, where the prefix does
// not keep it from doing so. Which of the two is ours cannot be told.
func TestTicketTwiceIsNone(t *testing.T) {
	for _, c := range []struct{ scheme, name string }{{"https", "__Host-signup-ticket"}, {"http", "signup-ticket"}} {
		w := start(t, func(s *setup) { s.web.BaseURL = &url.URL{Scheme: c.scheme, Host: "app.example"} })
		planted := w.browser("username", "mallory", "name", "Mallory")
		own := w.browser()
		value := func(b browser) string {
			_, value, _ := strings.Cut(strings.Split(b.cookie, ";")[0], "=")
			return value
		}
		token := w.token("ada@example.org")
		for _, twice := range []string{
			c.name + "=" + value(planted) + "; " + c.name + "=" + value(own), c.name + "=" + value(own) + "; " + c.name + "=x",
		} {
			w.get(verifyPath+"?token="+token, "Cookie", twice).wants(t, 200).hasNot(t, "signing up as")
			w.get(statusPath, "Cookie", twice).wants(t, 200, "recognise this browser")
			w.form(verifyPath, tokenForm(token), "Cookie", twice).wants(t, 200, "Is this you?")
		}
		w.get(statusPath, "Cookie", "__Secure-signup-ticket="+value(own)).wants(t, 200, "recognise this browser")
		w.form(verifyPath, tokenForm(token), "Cookie", c.name+"="+value(own)).wants(t, 200, "Email address confirmed")
	}
}

// Signing up again in the same browser corrects the sign-up that it made.
func TestSignUpAgainInTheSameBrowser(t *testing.T) {
	w := start(t)
	b := w.browser("name", "Adda")
	w.form(signUpPath, adaForm("name", "Stranger", "password", "Stranger-1")).wants(t, 409, "This username is taken")
	b.form(signUpPath, adaForm("name", "Ada", "password", "Difference-2")).wants(t, 303)
	if u := w.find("ada"); u.Name != "Ada" || !w.opens("ada", "Difference-2") || w.userCount() != 1 {
		t.Errorf("%d users, %s", w.userCount(), u.Name)
	}
	// What is sent twice is one; with the ticket of meanwhile it is another.
	b.form(signUpPath, adaForm("name", "Adda")).wants(t, 303)
	if got := w.find("ada").Name; got != "Adda" {
		t.Errorf("name %s", got)
	}
}

// "Not me" removes the sign-up of the link, and none of the others.
func TestNotMeRemovesOnlyItsOwn(t *testing.T) {
	w := start(t)
	theirs := w.signUp("mallory", "ada@example.org")
	b := w.browser()
	b.get(disownPath+"?token="+theirs).wants(t, 200, "Somebody signed up at Ourapp").hasNot(t, "Nobody gets an account", "mallory")
	b.form(disownPath, tokenForm(theirs)).wants(t, 200, "The sign-up is removed", "Nothing of it is kept.").hasNot(t, "free")
	if w.find("ada").Status() != signup.StatusUnconfirmed || w.userCount() != 1 {
		t.Error("another sign-up went too")
	}
	b.form(verifyPath, tokenForm(w.token("ada@example.org"))).wants(t, 200, "Email address confirmed")
}

// Where the operator turned the question off, the page still names the sign-up.
func TestConfirmWithoutPassword(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	mine := url.Values{"token": {token}, "mine": {"1"}}
	w.form(verifyPath, mine).wants(t, 200, "Is this you?", `autocomplete="current-password"`)
	w.set(map[string]string{"confirm_asks_password": "false"})
	a := w.form(verifyPath, tokenForm(token)).wants(t, 200, "Is this you?", "<bdi>ada</bdi>", `name="mine" value="1">Yes, confirm`)
	a.hasNot(t, `type="password"`)
	soundPage(t, a)
	if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
		t.Fatalf("status %s", got)
	}
	w.form(verifyPath, mine).wants(t, 200, "Email address confirmed")
}

// A counter is a limiter that counts, and lets so many of each through.
type counter struct {
	most map[string]int

	mu   sync.Mutex
	seen map[string]int
}

func (c *counter) Allow(_ context.Context, thing, who string) (bool, time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[thing+" "+who]++
	most, limited := c.most[thing]
	return !limited || c.seen[thing+" "+who] <= most, 42 * time.Second, nil
}

// count returns how often it was asked for a thing of somebody, and about how
// many of them.
func (c *counter) count(thing, who string) (n, all int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[thing+" "+who], len(c.seen)
}

// The passwords that are tried with a link are limited; choosing a new one is not.
func TestPasswordsOfALinkAreLimited(t *testing.T) {
	c := &counter{most: map[string]int{"password": 3}, seen: map[string]int{}}
	w := start(t, func(s *setup) { s.web.Limiter = c })
	w.signUp("bob", "bob@example.org")
	token := w.signUp("ada", "ada@example.org")
	for range 3 {
		w.form(verifyPath, claim(token, "ada", "Wrong-wrong-1")).wants(t, 422)
	}
	a := w.form(verifyPath, claim(token, "ada", "Analytical-1"), "Accept", "text/html").
		wants(t, 429, "Too many attempts. Please wait a little (0:42)", "choose a new password", `name="new_password"`, `value="ada"`)
	if got := a.Header.Get("Retry-After"); got != "42" {
		t.Errorf("Retry-After %q", got)
	}
	parsed, _ := signup.ParseToken(token)
	if n, _ := c.count("password", parsed.Hash()); n != 4 {
		t.Errorf("%d counted", n)
	}
	for _, form := range []url.Values{tokenForm(token), claim(token, "ada", ""), {"token": {token}, "new_password": {"short"}}, claim("nonsense", "ada", "x")} {
		w.form(verifyPath, form)
	}
	if n, all := c.count("password", parsed.Hash()); n != 4 || all != 3 { // with confirm and request, of the client
		t.Errorf("%d counted, of %d", n, all)
	}
	w.form(verifyPath, url.Values{"token": {token}, "new_password": {"Difference-2"}}).wants(t, 200, "Email address confirmed")
}

func TestBusyWhileConfirming(t *testing.T) {
	f := &faultyStore{}
	w := start(t, withFaults(f))
	token := w.signUp("ada", "ada@example.org")
	f.failUpdates(fmt.Errorf("update: %w", signup.ErrBusy))
	for _, form := range []url.Values{claim(token, "ada", "Analytical-1"), {"token": {token}, "new_password": {"Difference-2"}}} {
		if a := w.form(verifyPath, form).wants(t, 503, "We are very busy", `name="token" value="`+token+`"`); a.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	f.failUpdates(nil)
	w.form(verifyPath, proof(token)).wants(t, 200, "Email address confirmed")
}

const strangers = 30

// strangersFirst has many people sign up with Ada's address before she does, in
// her browser.
func strangersFirst(w *world) browser {
	w.t.Helper()
	for i := range strangers {
		w.json(requestPath, ada("username", fmt.Sprintf("stranger%d", i), "name", "Ada", "password", strangersPassword(i))).wants(w.t, 201)
	}
	return w.browser()
}

func strangersPassword(i int) string { return fmt.Sprintf("Stranger-%d", i) }

// adaWon fails unless Ada's sign-up is confirmed, with her password, and no
// stranger's is.
func (w *world) adaWon() {
	w.t.Helper()
	if got := w.find("ada").Status(); got != signup.StatusPendingApproval {
		w.t.Errorf("ada is %s", got)
	}
	if !w.opens("ada", "Analytical-1") {
		w.t.Error("her password does not work")
	}
	for i := range strangers {
		if got := w.find(fmt.Sprintf("stranger%d", i)).Status(); got != signup.StatusUnconfirmed {
			w.t.Errorf("stranger%d is %s", i, got)
		}
		if w.opens("ada", strangersPassword(i)) {
			w.t.Errorf("the password of stranger%d works", i)
		}
	}
}

// Whichever of the mails Ada opens, she ends with her own sign-up.
func TestStrangersGainNothing(t *testing.T) {
	t.Parallel()
	mails := func() int {
		w := start(t)
		strangersFirst(w)
		return len(w.tokens("ada@example.org"))
	}()
	if mails == 0 {
		t.Fatal("no mail")
	}
	t.Logf("%d mails", mails)
	for i := range mails {
		t.Run(fmt.Sprintf("mail %d", i), func(t *testing.T) {
			w := start(t)
			b := strangersFirst(w)
			token := w.tokens("ada@example.org")[i]
			b.form(verifyPath, tokenForm(token)).wants(t, 200, "Email address confirmed")
			w.adaWon()
			// In another browser, with username and password.
			w = start(t)
			strangersFirst(w)
			token = w.tokens("ada@example.org")[i]
			w.form(verifyPath, tokenForm(token)).wants(t, 200, "Is this you?")
			w.form(verifyPath, claim(token, "ada", "Analytical-1")).wants(t, 200, "Email address confirmed")
			w.adaWon()
		})
	}
}

// The application refuses somebody whom the link would let in: the page says why,
// and the link works once the reason is gone.
func TestApplicationRefuses(t *testing.T) {
	var refused *refusal.Error
	w := start(t, func(s *setup) {
		s.service.OnActive = func(context.Context, signup.Tx, signup.User) error {
			if refused == nil {
				return nil
			}
			return refused
		}
	})
	w.require(true, false)
	token := w.signUp("ada", "ada@example.org")
	for _, c := range []struct {
		refused refusal.Error
		want    string
	}{
		{refusal.Error{Code: refusal.UsernameTaken, Field: "username", Message: "Username is already in use"}, "<h1>This username is taken. Please choose another.</h1>"},
		{refusal.Error{Code: refusal.EmailTaken, Field: "email", Message: "Email is already in use"}, "<h1>There is already an account for this email address.</h1>"},
		{refusal.Error{Code: refusal.Conflict, Message: "The club <is> full"}, "<h1>The club &lt;is&gt; full</h1>"},
	} {
		refused = &c.refused
		a := w.form(verifyPath, claim(token, "ada", "Analytical-1")).wants(t, 409, c.want, `href="/"`)
		soundPage(t, a)
		location := ""
		if c.refused.Field != "" {
			location = "body." + c.refused.Field
		}
		w.json(confirmPath, fmt.Sprintf(`{"token":%q}`, token)).wantsProblem(t, 409, string(c.refused.Code), location)
	}
	refused = nil
	w.form(verifyPath, claim(token, "ada", "Analytical-1")).wants(t, 200, "Email address confirmed")
}
