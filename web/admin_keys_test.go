package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web/browsertest"
)

const keysPath = "/admin/keys"

// secretOn is the secret that a page shows, or "".
func secretOn(a answer) string {
	return regexp.MustCompile(`signup_[A-Za-z0-9_-]{43}`).FindString(a.body)
}

func keyForm(name, ends string, scopes ...string) url.Values {
	return url.Values{"name": {name}, "ends": {ends}, "scopes": scopes}
}

// revokePath is where the page of keys leads for the first key that can be revoked.
func revokePath(t *testing.T, a answer) string {
	t.Helper()
	found := regexp.MustCompile(`href="(/admin/keys/[^"]+/revoke)"`).FindStringSubmatch(a.body)
	if found == nil {
		t.Fatal("no key can be revoked")
	}
	return found[1]
}

// An administrator makes a key, which works, sees it in the list with its last use
// and no secret, and revokes it.
func TestKeysOnThePage(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	b.open(keysPath).wants(t, 200, "There are no keys.", `aria-current="page">API keys`)
	ends := w.clock.Now().AddDate(0, 0, 3).UTC()
	made := b.send(keysPath, keyForm(" our app ", ends.Format(time.DateOnly), "check-password", "read")).
		wants(t, 201, "“our app” was created", "Read users, mails, events and settings", "Check passwords", "by grace")
	secret := secretOn(made)
	use := func() answer { return w.get("/api/v1/users", "Authorization", "Bearer "+secret) }
	use().wants(t, 200)
	w.do(w.request("PUT", "/api/v1/users/1/approve", "", "Authorization", "Bearer "+secret)).wantsProblem(t, 403, "insufficient_scope")

	list := b.open(keysPath).wants(t, 200, "our app", "by grace", w.clock.Now().UTC().Format(`datetime="2006-01-02T15:00:00Z"`),
		ends.AddDate(0, 0, 1).Format(`datetime="2006-01-02T00:00:00Z"`))
	if secretOn(list) != "" {
		t.Error("the secret is shown again")
	}
	b.open("/admin/audit").wants(t, 200, "API key made")

	ask := revokePath(t, list)
	b.open(ask).wants(t, 200, "Revoke the key “our app”?", "Check passwords")
	use().wants(t, 200)
	if page := b.follow(ask, nil).wants(t, 200, "The key “our app” is revoked.", ">Revoked</span>"); strings.Contains(page.body, "/revoke\"") {
		t.Error("the key can be revoked again")
	}
	use().wantsProblem(t, 401, "unauthorized")
	b.follow(ask, nil).wants(t, 200, "The key “our app” is revoked.") // as when another administrator was faster
	if a := b.open(ask); a.StatusCode != http.StatusSeeOther {
		t.Errorf("status %d", a.StatusCode)
	}
	b.open("/admin/keys/none/revoke").wants(t, 404)
}

// A key works to the end of its day.
func TestKeyOfThePageExpires(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	today := w.clock.Now().UTC().Truncate(24 * time.Hour)
	secret := secretOn(b.send(keysPath, keyForm("app", today.Format(time.DateOnly), "read")).wants(t, 201))
	w.clock.advance(today.Add(24*time.Hour - time.Second).Sub(w.clock.Now()))
	w.get("/api/v1/users", "Authorization", "Bearer "+secret).wants(t, 200)
	w.clock.advance(time.Second)
	w.get("/api/v1/users", "Authorization", "Bearer "+secret).wantsProblem(t, 401, "unauthorized")
	w.signIn("grace").open(keysPath).wants(t, 200, ">expired</span>")
}

// A form that is refused comes back as it was typed, and says what is wrong.
func TestKeyFormThatIsRefused(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	b.send(keysPath, keyForm("taken", "", "admin")).wants(t, 201)
	kept := `name="scopes" value="approve" checked`
	for _, c := range []struct {
		form   url.Values
		status int
		says   string
	}{
		{keyForm("taken", "", "approve"), 409, "Another key has this name."},
		{keyForm(" ", "", "approve"), 422, `id="name-problem"`},
		{keyForm(strings.Repeat("x", 101), "", "approve"), 422, `id="name-problem"`},
		{keyForm("app", "2020-01-01", "approve"), 422, `id="ends-problem"`},
		{keyForm("app", "tomorrow", "approve"), 422, `id="ends-problem"`},
		{keyForm("app", "", "approve", "write"), 422, "Choose at least one."},
		{keyForm(" ", "2020-01-01", "approve", "write"), 422, `id="ends-problem"`},
	} {
		a := b.send(keysPath, c.form).wants(t, c.status, c.says, kept, `value="`+c.form.Get("ends")+`"`)
		if secretOn(a) != "" {
			t.Errorf("%v: a secret is shown", c.form)
		}
	}
	keys, err := w.As(signup.ActorCLI).APIKeys(t.Context())
	w.must(err)
	if len(keys) != 1 {
		t.Errorf("%d keys", len(keys))
	}
}

// Only administrators get at the keys, and only by a form of our own.
func TestKeysAreForAdministrators(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	ask := revokePath(t, b.send(keysPath, keyForm("app", "", "read")).wants(t, 201))
	for _, path := range []string{keysPath, ask} {
		w.get(path, "Accept", "text/html").wants(t, http.StatusSeeOther)
		w.form(path, keyForm("other", "", "admin")).wants(t, 401)
		b.send(path, keyForm("other", "", "admin"), "Sec-Fetch-Site", "cross-site").wants(t, 403)
	}
	keys, err := w.As(signup.ActorCLI).APIKeys(t.Context())
	w.must(err)
	if len(keys) != 1 || !keys[0].RevokedAt.IsZero() {
		t.Errorf("%+v", keys)
	}
}

// However long the names are, the last column, where a key is revoked, needs no
// scrolling on a desktop.
func TestKeysFitADesktop(t *testing.T) {
	t.Parallel()
	for _, lang := range languagesToWalk() {
		b := browsertest.Start(t)
		b.Language(lang)
		w := startForBrowser(t, everything(t))
		b.Cookie(w.url, sessionOf(office(w)))
		w.keysOfAllKinds()
		b.Size(1280, 900)
		b.Open(w.url + keysPath)
		if hidden := browsertest.Eval[float64](b, `(() => { const t = document.querySelector(".table"); return t.scrollWidth - t.clientWidth; })()`); hidden > 0 {
			t.Errorf("%s: %v pixels of the table are out of sight", lang, hidden)
		}
	}
}

// A key is made, copied and revoked by keyboard alone, without script.
func TestKeysByKeyboard(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	w := startForBrowser(t)
	w.administrator("grace")
	b.WithoutScript()
	b.Cookie(w.url, sessionOf(w.signIn("grace")))
	b.Open(w.url + keysPath)
	tabToButton(b, "#name")
	b.Keys("our app" + kb.Tab + " ")
	tabToButton(b, "section form button")
	b.Keys(kb.Enter)
	b.Wait("document.activeElement.id === 'secret'")
	secret := browsertest.Eval[string](b, "document.activeElement.value")
	w.get("/api/v1/users", "Authorization", "Bearer "+secret).wants(t, 200)
	tabToButton(b, `a[href$="/revoke"]`)
	b.Keys(kb.Enter)
	b.Wait("document.querySelector('button.danger')")
	tabToButton(b, "button.danger")
	visibleFocus(b, "revoke")
	b.Keys(kb.Enter)
	b.Wait("document.querySelector('.notice.good') && !document.querySelector('a[href$=\"/revoke\"]')")
	w.get("/api/v1/users", "Authorization", "Bearer "+secret).wantsProblem(t, 401, "unauthorized")
}
