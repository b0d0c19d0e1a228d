package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/scope"
	"github.com/signup-go/signup/web/browsertest"
)

// office is a world with an administrator who is signed in, and people in
// every state.
func office(w *world) console {
	w.t.Helper()
	w.administrator("grace")
	for _, name := range []string{"edsger", "barbara"} {
		id := w.pending(name, answers()...).ID
		w.must(w.onlyErr(w.As(signup.ActorCLI).Approve(w.t.Context(), id)))
	}
	w.clock.advance(26 * time.Hour)
	id := w.pending("mallory", answers("name", "Mallory")...).ID
	w.must(w.onlyErr(w.As(signup.ActorCLI).Reject(w.t.Context(), id, "We know nobody of this name.", "looks made up")))
	w.clock.advance(3 * time.Hour)
	for name, full := range map[string]string{"donald": "Donald Knuth", "frances": "Frances Allen", "barbаra": "Barbara Liskov"} {
		w.pending(strings.ReplaceAll(name, "а", "a")+"2", answers("name", full)...)
	}
	w.json(requestPath, ada(answers("username", "tony", "email", "tony@example.org")...)).wants(w.t, 201)
	w.clock.advance(7 * time.Minute)
	return w.signIn("grace")
}

// answers are what the office's sign-up form asks for, and more.
func answers(more ...any) []any {
	return append([]any{"terms_version", "2026-01", "height", 170, "birthdate", "1990-12-31", "units", "metric", "currency", "euro"}, more...)
}

func (w *world) onlyErr(_ signup.User, err error) error { return err }

func adminScenes() []scene {
	at := func(path string) func(*browsertest.Browser, *world) {
		return func(b *browsertest.Browser, w *world) {
			b.Cookie(w.url, sessionOf(office(w)))
			b.Open(w.url + path)
		}
	}
	then := func(path string, do func(*browsertest.Browser)) func(*browsertest.Browser, *world) {
		return func(b *browsertest.Browser, w *world) {
			at(path)(b, w)
			do(b)
		}
	}
	withKeys := func(do func(*browsertest.Browser)) func(*browsertest.Browser, *world) {
		return func(b *browsertest.Browser, w *world) {
			c := office(w)
			w.keysOfAllKinds()
			b.Cookie(w.url, sessionOf(c))
			b.Open(w.url + keysPath)
			do(b)
		}
	}
	return []scene{
		{"login", func(b *browsertest.Browser, w *world) { b.Open(w.url + "/login") }},
		{"login-refused", func(b *browsertest.Browser, w *world) {
			w.administrator("grace")
			b.Open(w.url + "/login")
			b.Type("#login", "grace")
			b.Type("#password", "wrong")
			b.Click("form[method=post] button")
			b.Wait("document.querySelector('.notice.bad')")
		}},
		{"admin-waiting", at("/admin/waiting")},
		{"admin-nobody", func(b *browsertest.Browser, w *world) {
			w.administrator("grace")
			b.Cookie(w.url, sessionOf(w.signIn("grace")))
			b.Open(w.url + "/admin/waiting")
		}},
		{"admin-approved", then("/admin/waiting", func(b *browsertest.Browser) {
			b.Click("[data-act=a]")
			b.Wait("document.querySelector('.notice.good')")
		})},
		{"admin-reject", then("/admin/waiting", func(b *browsertest.Browser) {
			b.Click("[data-act=r]")
			b.Wait("document.getElementById('reason')")
		})},
		{"admin-unconfirmed", at("/admin/waiting?status=unconfirmed")},
		{"admin-rejected", at("/admin/waiting?status=rejected")},
		{"admin-users", at("/admin/users")},
		{"admin-user", then("/admin/users?search=mallory", func(b *browsertest.Browser) {
			b.Click("main a[href*='/admin/users/']")
			b.Wait("location.pathname.match(/[0-9]$/) && document.readyState === 'complete'")
		})},
		{"admin-change", then("/admin/users?search=edsger", func(b *browsertest.Browser) {
			b.Click("main a[href*='/admin/users/']")
			b.Wait("location.pathname.match(/[0-9]$/) && document.readyState === 'complete'")
			b.Click("summary")
			browsertest.Eval[string](b, "document.getElementById('username').value = 'a b'")
			b.Click("details button")
			b.Wait("document.getElementById('username-problem')")
		})},
		{"admin-disable", then("/admin/users?search=edsger", func(b *browsertest.Browser) {
			b.Click("main a[href*='/admin/users/']")
			b.Wait("location.pathname.match(/[0-9]$/) && document.readyState === 'complete'")
			b.Click("[value=ask-disable]")
			b.Wait("document.querySelector('[value=disable]')")
		})},
		{"admin-settings", at("/admin/settings")},
		{"admin-audit", at("/admin/audit")},
		{"admin-statistics", at("/admin/statistics")},
		{"admin-mail", at("/admin/mail")},
		{"admin-account", at("/admin/account")},
		{"admin-no-keys", at(keysPath)},
		{"admin-keys", withKeys(func(*browsertest.Browser) {})},
		{"admin-key-revoke", withKeys(func(b *browsertest.Browser) {
			b.Click("a[href$='/revoke']")
			b.Wait("document.querySelector('button.danger')")
		})},
		{"admin-key-created", withKeys(func(b *browsertest.Browser) {
			b.Type("#name", "Wiki")
			b.Click("[value=read]")
			b.Click("section form button")
			b.Wait("document.getElementById('secret')")
		})},
		{"admin-key-refused", withKeys(func(b *browsertest.Browser) {
			b.Type("#name", "Backoffice")
			b.Click("section form button")
			b.Wait("document.querySelector('.problem')")
		})},
	}
}

// keysOfAllKinds makes keys that are new, used, expired and revoked.
func (w *world) keysOfAllKinds() {
	w.t.Helper()
	by := w.As(signup.ActorUser(w.find("grace").ID))
	for _, k := range []signup.APIKey{
		{Name: "Backoffice", Scopes: "admin"},
		{Name: "a-name-without-any-blank-that-is-as-long-as-a-name-can-be-" + strings.Repeat("x", 42), Scopes: "read approve check-password"},
		{Name: "Shop", Scopes: "read check-password", EndsAt: w.clock.Now().Add(24 * time.Hour)},
		{Name: "Trial", Scopes: "read", EndsAt: w.clock.Now().Add(time.Minute)},
		{Name: "Old wiki", Scopes: "read"},
	} {
		secret, _, err := by.CreateAPIKey(w.t.Context(), k)
		w.must(err)
		_, err = w.Authenticate(w.t.Context(), secret.Reveal(), scope.Read)
		w.must(err)
	}
	w.must(w.As(signup.ActorCLI).RevokeAPIKey(w.t.Context(), "Old wiki"))
	w.clock.advance(2 * time.Minute)
}

// sessionOf is the cookie of a console.
func sessionOf(c console) *http.Cookie {
	name, value, _ := strings.Cut(c.cookie, "=")
	return &http.Cookie{Name: name, Value: value}
}

// An administrator signs in, approves one, rejects one with a reason and signs
// out, by keyboard alone, with and without script.
func TestAdministratorsStoryByKeyboard(t *testing.T) {
	t.Parallel()
	for _, lang := range languagesToWalk() {
		for _, script := range []string{"script", "no script"} {
			t.Run(lang+" "+script, func(t *testing.T) {
				b := browsertest.Start(t)
				w := startForBrowser(t)
				w.administrator("grace")
				w.pending("donald")
				w.clock.advance(time.Minute)
				w.pending("mallory")
				b.Language(lang)
				if script == "no script" {
					b.WithoutScript()
				}
				b.Open(w.url + "/login?lang=" + lang)
				b.Wait("document.activeElement.id === 'login'")
				b.Keys("grace" + kb.Tab + adminPassword + kb.Enter)
				b.Wait("location.pathname === '/admin/waiting' && document.readyState === 'complete'")
				if got := browsertest.Eval[string](b, "document.documentElement.lang"); got != lang {
					t.Errorf("the page is in %s", got)
				}
				tabToButton(b, `[value^="approve "]`)
				visibleFocus(b, "approve")
				b.Keys(kb.Enter)
				b.Wait("document.querySelector('.notice.good') && document.readyState === 'complete'")
				tabToButton(b, `[value^="ask-reject "]`)
				b.Keys(kb.Enter)
				b.Wait("document.activeElement.id === 'reason'")
				b.Keys("We know nobody of this name." + kb.Tab)
				tabToButton(b, "main form[method=post] button")
				b.Keys(kb.Enter)
				b.Wait("document.querySelector('.notice.good') && document.querySelectorAll('[data-row]').length === 0")
				states := []signup.Status{w.status("donald@example.org"), w.status("mallory@example.org")}
				slices.Sort(states)
				if !slices.Equal(states, []signup.Status{signup.StatusActive, signup.StatusRejected}) {
					t.Errorf("%v", states)
				}
				tabToButton(b, `form[action="/logout"] button`)
				b.Keys(kb.Enter)
				b.Wait("location.pathname === '/login'")
			})
		}
	}
}

// The language that an administrator chose at the foot of a page stays.
func TestAdministratorsChooseTheirLanguage(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	w.get("/login?lang=de").wants(t, 200, `lang="de"`, "Passwort")
	b := w.signIn("grace")
	b.open("/admin/waiting").wants(t, 200, `<html lang="en"`, `<option value="de" lang="de">`)
	b.get("/admin/waiting", "Cookie", b.cookie, "Accept-Language", "fr").wants(t, 200, `<html lang="fr"`)
	chosen := b.open("/admin/waiting?lang=ar").wants(t, 200, `<html lang="ar" dir="rtl"`)
	b.cookie += "; " + cookieOf(t, chosen).String()
	b.open("/admin/users").wants(t, 200, `<html lang="ar" dir="rtl"`)
}

func TestEnglishForAdministrators(t *testing.T) {
	w := start(t, everything(t))
	b := office(w)
	b.open("/admin/waiting").wants(t, 200, "3 people are waiting for approval.", "Select all", "Selected:", `aria-label="Select donald2"`)
	for _, name := range []string{"donald2", "frances2"} {
		w.must(w.onlyErr(w.As(signup.ActorCLI).Approve(t.Context(), w.find(name).ID)))
	}
	b.open("/admin/waiting").wants(t, 200, "1 person is waiting for approval.")
	b.open("/admin/account").wants(t, 200, "Stop these mails", "End any you do not recognise.")
	b.open("/admin/mail").wants(t, 200, "Queued since")
}

// The name of the application stands as far above the card as on other pages.
func TestSignInStandsLikeOtherPages(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t)
	for _, size := range [][2]int64{{390, 844}, {1280, 800}} {
		b.Size(size[0], size[1])
		var places []string
		for _, path := range []string{signUpPath, "/login"} {
			b.Open(w.url + path)
			places = append(places, browsertest.Eval[string](b, `(() => {
				const name = document.querySelector(".app").getBoundingClientRect();
				return [name.top, document.querySelector("article").getBoundingClientRect().top - name.bottom].map(Math.round).join(" and ");
			})()`))
		}
		if places[0] != places[1] {
			t.Errorf("%d: sign-up %s, sign-in %s", size[0], places[0], places[1])
		}
	}
}

// What narrows a list down is one row of boxes of one kind, clear of the table.
func TestFiltersAreOfOneKind(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t, everything(t))
	b.Cookie(w.url, sessionOf(office(w)))
	b.Size(1280, 800)
	for path, form := range map[string]string{"/admin/users": ".filters", "/admin/audit": ".filters", "/admin/waiting": ".search"} {
		b.Open(w.url + path)
		looks := browsertest.Eval[[]string](b, `[...new Set([...document.querySelectorAll("main `+form+` :is(input:not([type=hidden]), select, button)")].map(e => {
			const box = e.getBoundingClientRect();
			return [Math.round(box.top), Math.round(box.height), getComputedStyle(e).borderTopLeftRadius].join(" ");
		}))]`)
		if len(looks) != 1 {
			t.Errorf("%s: top, height and radius %q", path, looks)
		}
		gap := browsertest.Eval[float64](b, `document.querySelector("main :is(.table, .people)").getBoundingClientRect().top -
			document.querySelector("main `+form+`").getBoundingClientRect().bottom`)
		if gap < 12 {
			t.Errorf("%s: the list is %v pixels below the form", path, gap)
		}
	}
}

// On a phone everything in a list is to be seen without looking for it.
func TestListsFitAPhone(t *testing.T) {
	t.Parallel()
	for _, lang := range languagesToWalk() {
		b := browsertest.Start(t)
		b.Language(lang)
		w := startForBrowser(t, everything(t))
		b.Cookie(w.url, sessionOf(office(w)))
		w.keysOfAllKinds()
		b.Size(390, 844)
		for _, path := range []string{"/admin/users", "/admin/audit", "/admin/mail", keysPath} {
			b.Open(w.url + path)
			hidden := browsertest.Eval[[]string](b, `[...document.querySelectorAll("tbody :is(th, td)")].filter(e => {
				const box = e.getBoundingClientRect();
				return e.innerText && (box.left < 0 || box.right > innerWidth || box.width === 0);
			}).map(e => e.innerText)`)
			if len(hidden) > 0 {
				t.Errorf("%s %s: out of sight: %q", lang, path, hidden)
			}
			bare := browsertest.Eval[int](b, `[...document.querySelectorAll("tbody td")].filter(e => e.innerText && !e.querySelector("form") && getComputedStyle(e, "::before").content === "none").length`)
			if bare > 0 {
				t.Errorf("%s %s: %d cells do not say what they are", lang, path, bare)
			}
			b.Overflow(path)
		}
	}
}

// TestAdministratorsHTMLIsValid has html-validate look at every page.
func TestAdministratorsHTMLIsValid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := start(t, everything(t))
	b := office(w)
	w.keysOfAllKinds()
	user, member := w.find("mallory"), w.find("edsger")
	pages := map[string]answer{
		"login":   w.get("/login", "Accept", "text/html"),
		"refused": w.tryToSignIn("grace", "wrong"),
		"reject":  b.send("/admin/waiting", url.Values{"action": {"ask-reject"}, "ids": {id(w.find("donald2"))}}),
		"revoke":  b.open(revokePath(t, b.open(keysPath))),
		"created": b.send(keysPath, keyForm("<b>wiki", "", "read")),
		"wrong":   b.send(keysPath, keyForm("", "2020-01-01")),
		"disable": b.send(userPage(member), url.Values{"action": {"ask-disable"}}),
		"change":  b.send(userPage(member), url.Values{"action": {"change"}, "name": {""}, "username": {"a b"}}),
		"taken":   b.follow("/admin/waiting", url.Values{"action": {"approve"}, "ids": {id(user)}}),
	}
	for _, path := range []string{
		"waiting", "waiting?status=rejected", "waiting?status=unconfirmed", "waiting?search=nobody", "users", "users?search=a", "users/" + id(user), "users/" + id(member),
		"settings", "audit", "statistics", "mail", "account", "keys",
	} {
		for _, lang := range []string{"en", "ar"} {
			pages[strings.NewReplacer("?", "-", "/", "-", "=", "-").Replace(path)+"-"+lang] = b.get("/admin/"+path, "Cookie", b.cookie+"; __Host-signup-lang="+lang)
		}
	}
	for name, page := range pages {
		if page.StatusCode >= 500 {
			t.Errorf("%s: %d", name, page.StatusCode)
		}
		w.must(os.WriteFile(filepath.Join(dir, name+".html"), []byte(page.body), 0o600))
	}
	browsertest.ValidateHTML(t, dir)
}
