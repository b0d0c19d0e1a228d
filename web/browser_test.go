package web_test

import (
	"errors"
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
	"github.com/signup-go/signup/field"
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
		withFields(append(endurain(t), field.Field{Name: "news", Type: field.Boolean, Help: map[string]string{"en": "Once a month"}}))(s)
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
				b.Wait("document.getElementById('status').dataset.state.startsWith('pending_approval')")
			})
		}
	}
}

// Whichever of the mails that strangers caused Ada opens, she ends with her own
// sign-up: with one press where she signed up, and elsewhere with her username
// and password, by keyboard, with and without script.
func TestStrangersGainNothingInABrowser(t *testing.T) {
	t.Parallel()
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script=%t", script), func(t *testing.T) {
			t.Parallel()
			w := startForBrowser(t)
			for i := range strangers {
				w.json(requestPath, ada("username", fmt.Sprintf("stranger%d", i), "password", strangersPassword(i))).wants(t, 201)
			}
			hers := browsertest.Start(t)
			if !script {
				hers.WithoutScript()
			}
			signUpInBrowser(hers, w, "ada")
			link := w.url + verifyPath + "?token=" + w.tokens("ada@example.org")[0]
			hers.Open(link)
			hers.WaitText("You are signing up as:")
			tabToButton(hers, "form[method=post] button")
			hers.Keys(kb.Enter)
			hers.WaitText("Email address confirmed")
			w.adaWon()
		})
		t.Run(fmt.Sprintf("elsewhere script=%t", script), func(t *testing.T) {
			t.Parallel()
			w := startForBrowser(t)
			strangersFirst(w)
			b := browsertest.Start(t)
			if !script {
				b.WithoutScript()
			}
			b.Open(w.url + verifyPath + "?token=" + w.tokens("ada@example.org")[0])
			tabToButton(b, "form[method=post] button")
			b.Keys(kb.Enter)
			b.WaitText("Is this you?")
			b.TabTo("username")
			visibleFocus(b, "username")
			b.Keys("ada") // in place of the stranger's, which Tab selects
			b.TabTo("password")
			b.Keys("Not-My-Password-1" + kb.Enter)
			b.Wait("document.activeElement.getAttribute('aria-describedby') === 'password-problem'")
			if got := browsertest.Eval[string](b, "document.getElementById('username').value + document.getElementById('password').value"); got != "ada" {
				t.Errorf("kept: %q", got)
			}
			b.Keys("Analytical-1" + kb.Enter)
			b.WaitText("Email address confirmed")
			w.adaWon()
		})
	}
}

// Who does not know the password chooses a new one, by keyboard, with and
// without script.
func TestNewPasswordInABrowser(t *testing.T) {
	t.Parallel()
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script=%t", script), func(t *testing.T) {
			t.Parallel()
			b := browsertest.Start(t)
			w := startForBrowser(t)
			if !script {
				b.WithoutScript()
			}
			b.Open(w.url + verifyPath + "?token=" + w.signUp("ada", "ada@example.org"))
			b.Click("form[method=post] button")
			b.WaitText("Is this you?")
			tabToButton(b, "summary")
			b.Keys(kb.Enter)
			b.TabTo("field-new_password")
			visibleFocus(b, "field-new_password")
			b.Keys("nothing-special" + kb.Enter)
			b.Wait("document.activeElement.id === 'field-new_password' && document.getElementById('field-new_password-problem')")
			b.Keys("Difference-2")
			if script {
				b.WaitText("Strength: ")
			}
			b.Keys(kb.Enter)
			b.WaitText("Email address confirmed")
			if !w.opens("ada", "Difference-2") || w.opens("ada", "Analytical-1") {
				t.Error("the new password does not work, or the old one does")
			}
		})
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
	b.WaitText("Is this you?")
	if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
		t.Errorf("%s", got)
	}
	b.Type("#password", "Analytical-1")
	b.Click("form[method=post] button[type=submit]")
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
			w.form(verifyPath, proof(token)).wants(t, 200)
			b.WaitText("Your email address is confirmed")
			_, err := w.As(signup.ActorCLI).Approve(t.Context(), w.find("ada").ID)
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
	w := startForBrowser(t)
	signUpInBrowser(b, w, "ada")
	w.clock.advance(time.Minute - 2*time.Second)
	b.Open(w.url + statusPath)
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
	for _, path := range []string{signUpPath, "/", statusPath, "/resend", verifyPath + "?token=" + someToken} {
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
	// A browser that opens a link and presses the button, and what it meets then.
	pressed := func(token func(*world) string, meets string) func(*browsertest.Browser, *world) {
		return func(b *browsertest.Browser, w *world) {
			b.Open(w.url + verifyPath + "?token=" + token(w))
			b.Click("form[method=post] button")
			b.Wait("document.readyState === 'complete' && document.querySelector('" + meets + "')")
		}
	}
	// A browser that is asked whose sign-up the link confirms.
	asked := func(then func(*browsertest.Browser, *world)) func(*browsertest.Browser, *world) {
		return func(b *browsertest.Browser, w *world) {
			token := w.signUpWithEverything()
			pressed(func(*world) string { return token }, ".person time")(b, w)
			then(b, w)
		}
	}
	decide := func(w *world, decide func(id int64) error) {
		w.form(verifyPath, proof(w.token("ada@example.org"))).wants(w.t, 200, "mark good")
		w.must(decide(w.find("ada").ID))
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
			ids, err := w.Post().OwedMails(w.t.Context(), 0)
			w.must(err)
			_, err = w.Post().MailFailed(w.t.Context(), ids[0], signup.Failure{Answer: "no such mailbox", Permanent: true})
			w.must(err)
			w.clock.advance(time.Minute)
		})},
		{"correct", func(b *browsertest.Browser, w *world) {
			after(func(*world) {})(b, w)
			b.Open(w.url + addressPath)
		}},
		{"waiting", after(func(w *world) { decide(w, func(int64) error { return nil }) })},
		{"active", after(func(w *world) {
			decide(w, func(id int64) error { _, err := w.As(signup.ActorCLI).Approve(w.t.Context(), id); return err })
		})},
		{"rejected", after(func(w *world) {
			decide(w, func(id int64) error {
				_, err := w.As(signup.ActorCLI).Reject(w.t.Context(), id, "We know nobody of this name. Please ask at the desk.", "")
				return err
			})
		})},
		{"shut-out", after(func(w *world) {
			decide(w, func(id int64) error {
				_, err1 := w.As(signup.ActorCLI).Approve(w.t.Context(), id)
				_, err2 := w.As(signup.ActorCLI).SetDisabled(w.t.Context(), id, true)
				return errors.Join(err1, err2)
			})
		})},
		{"lapsed", func(b *browsertest.Browser, w *world) {
			after(func(w *world) {
				w.must(w.store.Update(w.t.Context(), func(tx signup.Tx) error { return tx.DeleteUser(w.t.Context(), w.find("ada").ID) }))
			})(b, w)
		}},
		{"none", open(statusPath)},
		{"verify", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + verifyPath + "?token=" + w.signUpWithEverything())
		}},
		{"verify-as", func(b *browsertest.Browser, w *world) {
			after(func(*world) {})(b, w)
			b.Open(w.url + verifyPath + "?token=" + w.token("ada@example.org"))
		}},
		{"identify", asked(func(*browsertest.Browser, *world) {})},
		{"identify-wrong", asked(func(b *browsertest.Browser, _ *world) {
			b.Type("#password", "Wrong-wrong-1")
			b.Click("form[method=post] button[type=submit]")
			b.Wait("document.getElementById('password-problem')")
		})},
		{"identify-new", asked(func(b *browsertest.Browser, _ *world) {
			b.Click("summary")
			browsertest.Eval[bool](b, "document.getElementById('field-new_password').form.noValidate = true")
			b.Type("#field-new_password", "short")
			b.Click("details button[type=submit]")
			b.Wait("document.getElementById('field-new_password-problem')")
		})},
		{"identify-without-password", func(b *browsertest.Browser, w *world) {
			w.set(map[string]string{"confirm_asks_password": "false"})
			pressed(func(w *world) string { return w.signUpWithEverything() }, ".person time")(b, w)
		}},
		{"identify-any", pressed(func(w *world) string {
			token := w.signUpWithEverything("username", "eve")
			_, err := w.As(signup.ActorCLI).CorrectEmail(w.t.Context(), w.find("eve").ID, "eve@example.net")
			w.must(err)
			w.signUpWithEverything()
			return token
		}, "#password")},
		{"confirmed", asked(func(b *browsertest.Browser, _ *world) {
			b.Type("#password", "Analytical-1")
			b.Click("form[method=post] button[type=submit]")
			b.Wait("document.querySelector('.mark.good')")
		})},
		{"already", pressed(func(w *world) string {
			token := w.signUpWithEverything()
			w.form(verifyPath, proof(token)).wants(w.t, 200, "mark good")
			return token
		}, ".mark.good")},
		{"expired", pressed(func(w *world) string {
			token := w.signUpWithEverything()
			w.clock.advance(25 * time.Hour)
			return token
		}, "form[action$=resend]")},
		{"unknown", pressed(func(*world) string { return someToken }, "#email")},
		{"incomplete", open(verifyPath + "?token=nonsense")},
		{"not-me", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + disownPath + "?token=" + w.signUpWithEverything())
		}},
		{"removed", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + disownPath + "?token=" + w.signUpWithEverything())
			b.Click("button.grave")
			b.Wait("document.querySelector('.mark.good')")
		}},
		{"resend", open("/resend")},
		{"reset", open(resetPath)},
		{"reset-incomplete", open(resetPath + "?token=nonsense")},
		{"reset-sent", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + resetPath)
			b.Type("#email", "ada@example.org")
			b.Click("form[method=post] button[type=submit]")
			b.Wait("document.querySelector('.mark.mail')")
		}},
		{"confirm-email", open(confirmEmailPath + "?token=" + someToken)},
		{"confirm-email-incomplete", open(confirmEmailPath + "?token=nonsense")},
		{"email-link-used", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + confirmEmailPath + "?token=" + someToken)
			b.Click("form[method=post] button[type=submit]")
			b.Wait("!document.querySelector('main button')")
		}},
		{"email-changed", func(b *browsertest.Browser, w *world) {
			w.resetLinkOfAda()
			_, err := w.As(signup.ActorCLI).ChangeEmail(w.t.Context(), w.find("ada").ID, "ada@new.example.org")
			w.must(err)
			b.Open(w.url + confirmEmailPath + "?token=" + w.letterTo("ada@new.example.org", signup.MailNewEmail))
			b.Click("form[method=post] button[type=submit]")
			b.Wait("document.querySelector('.mark.good')")
		}},
		{"new-password", open(resetPath + "?token=" + someToken)},
		{"new-password-wrong", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + w.resetLinkOfAda())
			browsertest.Eval[bool](b, "document.getElementById('field-new_password').form.noValidate = true")
			b.Type("#field-new_password", "short")
			b.Click("form[method=post] button[type=submit]")
			b.Wait("document.getElementById('field-new_password-problem')")
		}},
		{"reset-done", func(b *browsertest.Browser, w *world) {
			b.Open(w.url + w.resetLinkOfAda())
			b.Type("#field-new_password", "Difference-Engine-2")
			b.Click("form[method=post] button[type=submit]")
			b.Wait("document.querySelector('.mark.good')")
		}},
		{"nothing-here", open("/nothing")},
	}
}

// signUpWithEverything registers somebody where there are questions and terms, and
// returns the token of the confirmation.
func (w *world) signUpWithEverything(changes ...any) string {
	w.t.Helper()
	answers := []any{"name", "Ada Lovelace", "terms_version", "2026-01", "height", 170, "birthdate", "1990-12-31", "units", "metric", "currency", "euro"}
	w.json(requestPath, ada(append(answers, changes...)...)).wants(w.t, 201)
	return w.token("ada@example.org")
}

// resetLinkOfAda returns the link to reset the password of somebody active.
func (w *world) resetLinkOfAda() string {
	w.t.Helper()
	w.require(true, false)
	w.json(confirmPath, tokenBody(w.signUpWithEverything())).wants(w.t, 200)
	w.clock.advance(2 * time.Minute)
	w.must(w.RequestPasswordReset(w.t.Context(), "ada@example.org"))
	return resetPath + "?token=" + w.resetToken("ada@example.org")
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
