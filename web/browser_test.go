package web_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web/browsertest"
)

// startForBrowser is start for a browser: the server is where its base URL says.
func startForBrowser(t testing.TB, change ...func(*setup)) *world {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: "http", Host: server.Listener.Addr().String()}
	w := start(t, append(change, func(s *setup) { s.web.BaseURL, s.web.LoginURL = base, "/login" })...)
	server.Config.Handler = w.handler
	server.Start()
	t.Cleanup(server.Close)
	w.url = base.String()
	return w
}

func everything(t testing.TB) func(*setup) {
	return func(s *setup) {
		withFields(append(endurain(t), signup.Field{Name: "news", Type: signup.FieldBoolean, Help: map[string]string{"en": "Once a month"}}))(s)
		withTerms(s)
		s.web.TermsURL, s.web.ImprintURL, s.web.PrivacyURL = "/terms", "/imprint", "/privacy"
		s.web.Languages = []string{"ar", "de", "en", "ja"}
	}
}

// languagesToWalk are one from left to right and, once it is there, one from
// right to left.
func languagesToWalk() []string {
	if _, err := os.Stat("lang/ar.yaml"); err != nil {
		return []string{"en"}
	}
	return []string{"en", "ar"}
}

// TestStoryByKeyboard signs up, opens the link, confirms and looks where the
// sign-up stands, all by keyboard, with and without script.
func TestStoryByKeyboard(t *testing.T) {
	t.Parallel()
	for _, lang := range languagesToWalk() {
		for _, script := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s script=%t", lang, script), func(t *testing.T) {
				b := browsertest.Start(t)
				w := startForBrowser(t)
				b.Language(lang)
				if !script {
					b.WithoutScript()
				}
				b.Open(w.url + signUpPath)
				if got := browsertest.Eval[string](b, "document.documentElement.lang"); got != lang {
					t.Fatalf("the page is in %s", got)
				}
				fill := func(id, text string) {
					b.TabTo(id)
					visibleFocus(b, id)
					b.Keys(text)
				}
				fill("field-name", "Ada Lovelace")
				fill("field-username", "ada")
				fill("field-email", "ada@localhost") // refused by us, not by the browser
				fill("field-password", "Analytical-1")
				b.Keys(kb.Enter)
				b.Wait("document.getElementById('field-email-problem')")
				b.Wait("document.activeElement.id === 'field-email'") // which the browser does once the page is drawn
				if got := browsertest.Eval[string](b, "document.getElementById('field-name').value + document.getElementById('field-password').value"); got != "Ada Lovelace" {
					t.Errorf("kept: %q", got)
				}
				b.Keys(kb.End + strings.Repeat(kb.Backspace, len("localhost")) + "example.org")
				fill("field-password", "Analytical-1")
				b.Keys(kb.Enter)
				b.WaitText("ada@example.org")
				if got := b.Where(); got != w.url+nextPath {
					t.Errorf("at %s", got)
				}
				token := w.token("ada@example.org")
				b.Open(w.url + verifyPath + "?token=" + token)
				if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
					t.Fatalf("looking at the link: %s", got)
				}
				tabToButton(b, `form[method=post] button`)
				b.Keys(kb.Enter)
				b.Wait("document.querySelector('.mark.good')")
				if got := w.status("ada@example.org"); got != signup.StatusPendingApproval {
					t.Fatalf("after the button: %s", got)
				}
				b.Open(w.url + statusPath)
				b.Wait("document.getElementById('standing').dataset.state.startsWith('pending_approval')")
			})
		}
	}
}

func tabToButton(b *browsertest.Browser, selector string) {
	b.Helper()
	for range 80 {
		b.Keys(kb.Tab)
		if browsertest.Eval[bool](b, "document.activeElement.matches('"+selector+"')") {
			return
		}
	}
	b.Fatalf("the keyboard does not reach %s", selector)
}

// visibleFocus fails when nothing shows where the focus is.
func visibleFocus(b *browsertest.Browser, id string) {
	b.Helper()
	seen := browsertest.Eval[bool](b, `(() => { const s = getComputedStyle(document.activeElement);
		return s.outlineStyle !== "none" && s.outlineWidth !== "0px" || s.boxShadow !== "none"; })()`)
	if !seen {
		b.Errorf("the focus on %s is not to be seen", id)
	}
}

// Case B02: a browser that runs scripts and presses nothing changes nothing.
func TestOpeningTheLinkChangesNothing(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t)
	token := w.signUp("ada", "ada@example.org")
	for _, path := range []string{verifyPath, disownPath} {
		b.Open(w.url + path + "?token=" + token)
		b.Wait("document.readyState === 'complete'")
	}
	if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
		t.Errorf("%s", got)
	}
	b.Open(w.url + verifyPath + "?token=" + token)
	b.Click("form[method=post] button")
	b.WaitText("Email address confirmed")
	b.Open(w.url + verifyPath + "?token=" + token)
	b.Click("form[method=post] button")
	b.WaitText("Already confirmed")
}

func TestThisWasNotMeInABrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t)
	b.Open(w.url + verifyPath + "?token=" + w.signUp("ada", "ada@example.org"))
	b.Click("button.link")
	b.WaitText("Somebody signed up")
	b.Click("button.grave")
	b.WaitText("The sign-up is removed")
	if n := w.userCount(); n != 0 {
		t.Errorf("%d users", n)
	}
}

// The page that says where a sign-up stands follows what happens.
func TestStatusPageFollowsInABrowser(t *testing.T) {
	t.Parallel()
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script=%t", script), func(t *testing.T) {
			t.Parallel()
			b := browsertest.Start(t)
			w := startForBrowser(t)
			if !script {
				b.WithoutScript()
			}
			signUpInBrowser(b, w, "ada")
			b.WaitText("on its way to")
			token := w.token("ada@example.org")
			w.clock.advance(15 * time.Second)
			b.WaitText("We have sent an email to")
			w.form(verifyPath, tokenForm(token)).wants(t, 200)
			b.WaitText("Your email address is confirmed")
			_, err := w.Approve(t.Context(), w.find("ada").ID, signup.ActorCLI)
			w.must(err)
			b.WaitText("Your account is ready")
		})
	}
}

func signUpInBrowser(b *browsertest.Browser, w *world, name string) {
	b.Helper()
	b.Open(w.url + signUpPath)
	for id, text := range map[string]string{"name": name, "username": name, "email": name + "@example.org", "password": "Analytical-1"} {
		b.Type("#field-"+id, text)
	}
	b.Click("form[method=post] button[type=submit]")
	b.WaitText(name + "@example.org")
}

func TestCountdown(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t, func(s *setup) { s.service.MailLimits = []signup.Limit{{N: 1, Per: 2 * time.Second}} })
	signUpInBrowser(b, w, "ada")
	b.Wait("document.querySelector('[data-wait]').disabled && document.querySelector('[data-countdown]').innerText.includes('0:0')")
	b.Wait("!document.querySelector('[data-wait]').disabled && !document.querySelector('[data-countdown]')")
	w.token("ada@example.org")
	w.clock.advance(2 * time.Second)
	b.Click("[data-wait]")
	b.WaitText("a new link is on its way")
	if n := w.confirmationsOwed("ada"); n != 1 {
		t.Errorf("%d owed", n)
	}
}

func TestPasswordHelp(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t)
	b.Open(w.url + signUpPath)
	if browsertest.Eval[bool](b, "Boolean(window.zxcvbn)") {
		t.Error("the large script is there before it is needed")
	}
	b.Type("#field-password", "password1")
	b.WaitText("Strength: very weak")
	b.Type("#field-password", "-Xylophone-Quark-Ferret")
	b.WaitText("Strength: strong")
	b.Click(".toggle")
	b.Wait("document.getElementById('field-password').type === 'text'")
	b.Click(".toggle")
	b.Wait("document.getElementById('field-password').type === 'password'")
	b.Axe("password help")
}

// maxWeight is what the sign-up page and all it loads may weigh, in bytes as
// they come over the wire.
const maxWeight = 60_000

func TestWeightAndRequests(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t, everything(t))
	for _, path := range []string{signUpPath, "/", statusPath, "/resend", verifyPath + "?token=x"} {
		b.Open("about:blank")
		b.Forget()
		b.Open(w.url + path)
		b.Wait("document.readyState === 'complete'")
		urls, weight := b.Traffic()
		for _, u := range urls {
			if !strings.HasPrefix(u, w.url+"/") && !strings.HasPrefix(u, "data:") {
				t.Errorf("%s asks for %s", path, u)
			}
		}
		t.Logf("%s: %d bytes, %d requests", path, weight, len(urls))
		if path == signUpPath && (weight == 0 || weight > maxWeight) {
			t.Errorf("%s weighs %d bytes", path, weight)
		}
	}
}

// A scene is a page in a state, ready to be looked at.
type scene struct {
	name string
	open func(*browsertest.Browser, *world)
}

func scenes() []scene {
	open := func(path string) func(*browsertest.Browser, *world) {
		return func(b *browsertest.Browser, w *world) { b.Open(w.url + path) }
	}
	// A browser that signed up, and what became of it.
	after := func(change func(*world)) func(*browsertest.Browser, *world) {
		return func(b *browsertest.Browser, w *world) {
			a := w.form(signUpPath, adaForm("name", "Ada", "terms", "2026-01", "height", "170", "birthdate", "1990-12-31", "units", "metric", "currency", "euro"))
			b.Cookie(w.url, cookieOf(b, a))
			change(w)
			b.Open(w.url + statusPath)
		}
	}
	pressed := func(token func(*world) string) func(*browsertest.Browser, *world) {
		return func(b *browsertest.Browser, w *world) {
			b.Open(w.url + verifyPath + "?token=" + token(w))
			b.Click("form[method=post] button")
			b.Wait("document.readyState === 'complete' && !document.querySelector('form[action$=not-me]')")
		}
	}
	decide := func(w *world, decide func(id int64) error) {
		w.form(verifyPath, tokenForm(w.token("ada@example.org"))).wants(w.t, 200)
		w.must(decide(w.find("ada").ID))
	}
	signedUp := func(w *world) string {
		w.json(requestPath, ada("terms_version", "2026-01", "height", 170, "birthdate", "1990-12-31", "units", "metric", "currency", "euro")).wants(w.t, 201)
		return w.token("ada@example.org")
	}
	return []scene{
		{"home", open("/")},
		{"sign-up", open(signUpPath)},
		{"sign-up-wrong", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + signUpPath)
			browsertest.Eval[bool](b, "document.querySelector('form[method=post]').noValidate = true")
			b.Type("#field-username", "a b")
			b.Type("#field-password", "geheim")
			b.Click("form[method=post] button[type=submit]")
			b.Wait("document.getElementById('summary')")
		}},
		{"closed", func(b *browsertest.Browser, w *world) {
			w.set(map[string]string{"signup_enabled": "false"})
			b.Open(w.url + signUpPath)
		}},
		{"next", after(func(*world) {})},
		{"sent", after(func(w *world) { w.token("ada@example.org"); w.clock.advance(time.Minute) })},
		{"failed", after(func(w *world) {
			ids, err := w.OwedMails(w.t.Context(), 0)
			w.must(err)
			_, err = w.MailFailed(w.t.Context(), ids[0], signup.Failure{Answer: "no such mailbox", Permanent: true})
			w.must(err)
			w.clock.advance(time.Minute)
		})},
		{"correct", func(b *browsertest.Browser, w *world) {
			after(func(*world) {})(b, w)
			b.Open(w.url + addressPath)
		}},
		{"waiting", after(func(w *world) { decide(w, func(int64) error { return nil }) })},
		{"active", after(func(w *world) {
			decide(w, func(id int64) error { _, err := w.Approve(w.t.Context(), id, signup.ActorCLI); return err })
		})},
		{"rejected", after(func(w *world) {
			decide(w, func(id int64) error {
				_, err := w.Reject(w.t.Context(), id, "We know nobody of this name. Please ask at the desk.", "", signup.ActorCLI)
				return err
			})
		})},
		{"lapsed", func(b *browsertest.Browser, w *world) {
			after(func(w *world) {
				w.must(w.store.Update(w.t.Context(), func(tx signup.Tx) error { return tx.DeleteUser(w.t.Context(), w.find("ada").ID) }))
			})(b, w)
		}},
		{"none", open(statusPath)},
		{"verify", func(b *browsertest.Browser, w *world) { b.Open(w.url + verifyPath + "?token=" + signedUp(w)) }},
		{"confirmed", pressed(signedUp)},
		{"already", pressed(func(w *world) string {
			token := signedUp(w)
			w.form(verifyPath, tokenForm(token)).wants(w.t, 200)
			return token
		})},
		{"expired", pressed(func(w *world) string {
			token := signedUp(w)
			w.clock.advance(25 * time.Hour)
			return token
		})},
		{"unknown", pressed(func(*world) string { return "nonsense" })},
		{"not-me", func(b *browsertest.Browser, w *world) { b.Open(w.url + disownPath + "?token=" + signedUp(w)) }},
		{"removed", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + disownPath + "?token=" + signedUp(w))
			b.Click("button.grave")
			b.Wait("document.querySelector('.mark.good')")
		}},
		{"resend", open("/resend")},
		{"nothing-here", open("/nothing")},
	}
}

// TestAxe has axe look at every page, light and dark, and at its width on a
// small phone.
func TestAxe(t *testing.T) {
	t.Parallel()
	for _, lang := range languagesToWalk() {
		t.Run(lang, func(t *testing.T) {
			b := browsertest.Start(t)
			b.Language(lang)
			for _, sc := range append(scenes(), adminScenes()...) {
				w := startForBrowser(t, everything(t))
				b.Size(1280, 900)
				sc.open(b, w)
				for _, scheme := range []string{"light", "dark"} {
					b.Scheme(scheme)
					b.Axe(sc.name + " " + scheme)
				}
				b.Size(320, 640)
				b.Axe(sc.name + " phone")
				b.Overflow(sc.name)
			}
		})
	}
}

// TestScreenshots takes a picture of every page into the folder that
// SCREENSHOTS names: see make screenshots.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b := browsertest.Start(t)
	for _, lang := range []string{"en", "de", "ar", "ja"} {
		if _, err := os.Stat("lang/" + lang + ".yaml"); err != nil {
			t.Logf("no words in %s", lang)
			continue
		}
		b.Language(lang)
		for _, sc := range append(scenes(), adminScenes()...) {
			w := startForBrowser(t, everything(t))
			b.Size(1280, 900)
			sc.open(b, w)
			for _, scheme := range []string{"light", "dark"} {
				b.Scheme(scheme)
				for device, size := range map[string][2]int64{"phone": {390, 844}, "desktop": {1280, 900}} {
					b.Size(size[0], size[1])
					b.Screenshot(filepath.Join(dir, fmt.Sprintf("%s-%s-%s-%s.png", sc.name, lang, device, scheme)))
				}
			}
		}
	}
}

// The operator's colour is on the buttons, by day and by night.
func TestAccentShows(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t, func(s *setup) { s.web.Accent = "#0a7d4f" })
	for _, scheme := range []string{"light", "dark"} {
		b.Scheme(scheme)
		b.Open(w.url + signUpPath)
		got := browsertest.Eval[string](b, "getComputedStyle(document.querySelector('main button[type=submit]')).backgroundColor")
		if got != "rgb(10, 125, 79)" {
			t.Errorf("%s: the button is %s", scheme, got)
		}
	}
}
