package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/web"
)

const (
	signUpPath   = "/sign-up"
	nextPath     = "/sign-up/next"
	ticketCookie = "__Host-signup-ticket"
)

// adaForm is a form that passes; changes replace or add fields.
func adaForm(changes ...string) url.Values {
	form := url.Values{
		"name": {"Ada"}, "username": {"ada"}, "email": {"ada@example.org"},
		"password": {"Analytical-1"}, "preferred_language": {"en"},
	}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

// signUpByForm sends a form, which must be taken, and returns the page after it.
func (w *world) signUpByForm(form url.Values) answer {
	w.t.Helper()
	a := w.form(signUpPath, form).wants(w.t, 303)
	return w.get(a.Header.Get("Location"), "Cookie", cookieOf(w.t, a).String())
}

func cookieOf(t testing.TB, a answer) *http.Cookie {
	t.Helper()
	if len(a.Cookies()) != 1 {
		t.Fatalf("%d cookies", len(a.Cookies()))
	}
	return a.Cookies()[0]
}

func (w *world) find(who string) signup.User {
	w.t.Helper()
	u, err := w.FindUser(w.t.Context(), who)
	w.must(err)
	return u
}

func (w *world) userCount() int {
	w.t.Helper()
	_, total, err := w.As(signup.ActorCLI).Users(w.t.Context(), signup.UserQuery{})
	w.must(err)
	return total
}

// hasNot fails when the page holds one of these.
func (a answer) hasNot(t testing.TB, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(a.body, part) {
			t.Errorf("%q is in %s", part, a.body)
		}
	}
}

// Each row is what is required, and what the page after the form says.
func TestSignUpPageToTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		verification, approval bool
		status                 signup.Status
		has, hasNot            []string
	}{
		"both": {
			true, true, signup.StatusUnconfirmed,
			[]string{"<h1>Check your inbox</h1>", "ada@example.org", "24 hours", "administrator", `action="/status/resend"`, `href="/status/address"`},
			[]string{"That’s all"},
		},
		"verification": {true, false, signup.StatusUnconfirmed, []string{"Check your inbox", "ada@example.org", "That’s all"}, []string{"administrator"}},
		"approval":     {false, true, signup.StatusPendingApproval, []string{"Sign-up received", "administrator", "ada@example.org"}, []string{"inbox", "/resend", "/status/address"}},
		"nothing":      {false, false, signup.StatusActive, []string{"Your account is ready", `href="https://app.example/login"`}, []string{"inbox", "administrator"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.require(c.verification, c.approval)
			w.signUpByForm(adaForm()).wants(t, 200, c.has...).hasNot(t, c.hasNot...)
			if got := w.status("ada@example.org"); got != c.status {
				t.Errorf("status %s", got)
			}
		})
	}
}

func TestSignUpFormSaysTheRulesBefore(t *testing.T) {
	w := start(t)
	w.get(signUpPath).wants(t, 200, "At least 8 characters, including a special character such as ! or -, an upper-case letter, a lower-case letter and a digit.", `minlength="8"`,
		`autocomplete="name"`, `autocomplete="username"`, `autocomplete="email"`, `autocomplete="new-password"`,
		"(required)", "a link to confirm it", `href="https://app.example/login"`).
		hasNot(t, "aria-invalid", "autofocus", `role="alert"`, "novalidate", "Please type it again")
	w.set(map[string]string{"password_type": `"length_only"`, "password_length_regular_users": "14", "signup_require_email_verification": "false"})
	w.get(signUpPath).wants(t, 200, "At least 14 characters.").hasNot(t, "upper-case", "a link to confirm it")
	if a := w.do(w.request("HEAD", signUpPath, "")); a.StatusCode != http.StatusOK || len(a.Cookies()) != 0 {
		t.Errorf("HEAD: %d, cookies %v", a.StatusCode, a.Cookies())
	}
}

func TestSignUpFormShowsWhatIsWrong(t *testing.T) {
	w := start(t)
	a := w.form(signUpPath, adaForm("name", "", "username", "a b", "email", "ada@localhost", "password", "geheim-x")).
		wants(t, 422, "<title>Error: Sign up", `role="alert"`, "4 things need your attention",
			`<a href="#field-name">Name is required.</a>`,
			`<a href="#field-username">The username can have only letters from a to z, digits, dots, underscores and hyphens, and no spaces.</a>`,
			`<a href="#field-email">Please enter an email address such as name@example.org.</a>`,
			`<a href="#field-password">The password needs an upper-case letter. The password needs a digit.</a>`,
			`aria-describedby="field-username-help field-username-problem" aria-invalid="true"`,
			`value="a b"`, `value="ada@localhost"`, "Please type it again")
	a.hasNot(t, "geheim")
	w.form(signUpPath, adaForm("password", "GEHEIM-1")).wants(t, 422, `<a href="#field-password">The password needs a lower-case letter.</a>`)
	if n := strings.Count(a.body, "autofocus"); n != 1 || !strings.Contains(tagWith(a.body, `id="field-name"`), "autofocus") {
		t.Errorf("%d times autofocus", n)
	}
	one := w.form(signUpPath, adaForm("email", "nonsense")).wants(t, 422, "Something needs your attention", `value="Ada"`)
	if !strings.Contains(tagWith(one.body, `id="field-email"`), "autofocus") {
		t.Error("the cursor is not in the field that is wrong")
	}
	w.form(signUpPath, url.Values{}).wants(t, 422, "Name is required", "Username is required", "Email address is required", "Password is required")
	if n := w.userCount(); n != 0 {
		t.Errorf("%d users", n)
	}
}

// tagWith is the first tag that holds a part.
func tagWith(body, part string) string {
	before, after, ok := strings.Cut(body, part)
	if !ok {
		return ""
	}
	end := strings.IndexByte(after, '>')
	return before[strings.LastIndexByte(before, '<'):] + part + after[:end+1]
}

func TestSignUpFormTaken(t *testing.T) {
	w := start(t)
	w.require(false, false)
	w.form(signUpPath, adaForm()).wants(t, 303)
	w.form(signUpPath, adaForm("username", "other")).
		wants(t, 409, `<a href="#field-email">There is already an account for this email address.</a>`, `value="other"`).hasNot(t, "Analytical")
	w.form(signUpPath, adaForm("email", "other@example.org")).
		wants(t, 409, `<a href="#field-username">This username is taken.`, `value="other@example.org"`).hasNot(t, "Analytical")
}

func TestSignUpFormConcealsTakenAddress(t *testing.T) {
	w := start(t)
	fresh := w.form(signUpPath, adaForm()).wants(t, 303)
	w.form(verifyPath, tokenForm(w.token("ada@example.org"))).wants(t, 200)
	taken := w.form(signUpPath, adaForm("username", "ada2")).wants(t, 303)
	if fresh.body != taken.body || len(cookieOf(t, fresh).Value) != len(cookieOf(t, taken).Value) {
		t.Error("a taken address gets another answer")
	}
}

func TestSignUpPageWhenItCannotBe(t *testing.T) {
	t.Run("closed", func(t *testing.T) {
		w := start(t)
		w.set(map[string]string{"signup_enabled": "false"})
		w.get(signUpPath).wants(t, 403, "<h1>Sign-up is closed</h1>").hasNot(t, `<form method="post"`)
		w.form(signUpPath, adaForm()).wants(t, 403, "<h1>Sign-up is closed</h1>").hasNot(t, `<form method="post"`)
	})
	t.Run("no mail", func(t *testing.T) {
		w := start(t, noMail)
		w.form(signUpPath, adaForm()).wants(t, 503, "Sign-up is not possible", "email is not set up")
	})
	t.Run("busy", func(t *testing.T) {
		f := &faultyStore{}
		w := start(t, withFaults(f))
		f.failUpdates(fmt.Errorf("update: %w", signup.ErrBusy))
		a := w.form(signUpPath, adaForm()).wants(t, 503, "We are very busy", `value="ada@example.org"`, `<form method="post"`)
		if a.hasNot(t, "Analytical"); a.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		f.failUpdates(nil)
		w.form(signUpPath, adaForm()).wants(t, 303)
	})
	t.Run("fault", func(t *testing.T) {
		f := &faultyStore{}
		w := start(t, withFaults(f))
		f.fail(errors.New("disk on fire"))
		w.get(signUpPath).wants(t, 500, "Something went wrong").hasNot(t, "fire")
		w.get(nextPath).wants(t, 500)
		w.form(signUpPath, adaForm()).wants(t, 500).hasNot(t, "fire")
	})
	t.Run("rate limit", func(t *testing.T) {
		w := start(t, func(s *setup) { s.web.Limiter = never{} })
		w.form(signUpPath, adaForm(), "Accept", "text/html").wants(t, 429, "Too many attempts", "1:00")
		w.get(signUpPath).wants(t, 200)
	})
}

// Whatever is typed comes back as text, and the password never.
func TestSignUpFormEscapes(t *testing.T) {
	w := start(t, withFields(endurain(t)), func(s *setup) { s.web.Languages = []string{"en", "de"} })
	for _, hostile := range []string{
		`"><script>alert(1)</script>`, `' onfocus=alert(1) x='`, `</textarea><img src=x onerror=alert(1)>`, "{{.Title}}", "\x00\u202e\ufeff", "javascript:alert(1)", "<!--", "`${7*7}`",
	} {
		form := adaForm("city", hostile, "unknown_"+hostile, hostile, hostile, "x")
		for name := range form {
			form.Set(name, hostile)
		}
		for _, f := range endurain(t) {
			form.Set(f.Name, hostile)
		}
		secret := "geheimX" + hostile
		form.Set("password", secret)
		a := w.form(signUpPath, form).wants(t, 422)
		a.hasNot(t, "<script>", "<img", "geheimX")
		for _, n := range parse(t, a.body).all() {
			for _, attribute := range n.Attr {
				if strings.HasPrefix(attribute.Key, "on") || n.Data == "script" && !strings.HasPrefix(n.attr("src"), "/static/password.js?v=") || n.Data == "img" {
					t.Errorf("%s has %s", n.Data, attribute.Key)
				}
			}
		}
	}
	if log := w.log.String(); strings.Contains(log, "alert") || strings.Contains(log, "geheimX") {
		t.Error("a value is in the log")
	}
}

func TestSignUpFormLogsNoValue(t *testing.T) {
	f := &faultyStore{}
	w := start(t, withFaults(f))
	form := adaForm("name", "Namewert", "username", "userwert", "email", "mailwert@example.org", "password", "Geheimwert-1")
	cookie := cookieOf(t, w.form(signUpPath, form).wants(t, 303))
	w.get(nextPath, "Cookie", cookie.String()).wants(t, 200)
	w.form(signUpPath, adaForm("email", "mailwert"))
	w.form(signUpPath+"?email=mailwert", form, "Sec-Fetch-Site", "cross-site").wants(t, 403)
	f.failUpdates(errors.New("no luck"))
	w.form(signUpPath, adaForm("email", "mailwert@example.org")).wants(t, 500)
	if log := w.log.String(); strings.Contains(log, "wert") || strings.Contains(log, cookie.Value) {
		t.Errorf("a value is in the log: %s", log)
	}
}

func TestSignUpFormsOfOtherSitesTypesAndSizes(t *testing.T) {
	w := start(t)
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		w.form(signUpPath, adaForm(), headers...).wants(t, 403)
	}
	w.json(signUpPath, ada()).wantsProblem(t, 415, "unsupported_media_type")
	w.form(signUpPath, adaForm("name", strings.Repeat("a", 64<<10))).wantsProblem(t, 413, "body_too_large")
	for _, body := range []string{adaForm().Encode() + "&name=Bob", "name=%ff&" + adaForm().Encode(), "x%ff=1&" + adaForm().Encode(), "name=%zz"} {
		w.do(w.request("POST", signUpPath, body, "Content-Type", "application/x-www-form-urlencoded")).wantsProblem(t, 400, "malformed_body")
	}
	w.form(signUpPath+"?"+adaForm().Encode(), url.Values{}).wants(t, 422) // the address is no form
	if n := w.userCount(); n != 0 {
		t.Errorf("%d users", n)
	}
	w.form(signUpPath, adaForm()).wants(t, 303) // as curl sends it
	w.form(signUpPath, adaForm("username", "bob", "email", "bob@example.org"), "Origin", "https://app.example", "Sec-Fetch-Site", "same-origin").wants(t, 303)
}

func TestSignUpPagesBelowABasePath(t *testing.T) {
	for _, base := range []string{"/auth", "/sign-up", "/a/b/"} {
		w := start(t, func(s *setup) { s.web.BaseURL = s.web.BaseURL.JoinPath(base) })
		prefix := strings.TrimRight(base, "/")
		for i, path := range []string{"", prefix} { // a proxy that strips, and one that does not
			w.get(path+signUpPath).wants(t, 200, `action="`+prefix+`/sign-up"`)
			a := w.form(path+signUpPath, adaForm("username", fmt.Sprintf("ada%d", i), "email", fmt.Sprintf("ada%d@example.org", i))).wants(t, 303)
			if got := a.Header.Get("Location"); got != prefix+nextPath {
				t.Errorf("%s: to %s", base, got)
			}
			c := cookieOf(t, a)
			if c.Name != ticketCookie || c.Path != "/" || !c.Secure {
				t.Errorf("cookie %s", c)
			}
			w.get(path+nextPath, "Cookie", c.String()).wants(t, 200, fmt.Sprintf("ada%d@example.org", i), `action="`+prefix+`/status/resend"`)
			w.get(path+"/").wants(t, 200, `href="`+prefix+`/sign-up"`)
		}
	}
}

func TestNextPageTellsHowLongALinkLives(t *testing.T) {
	w := start(t)
	for lifetime, words := range map[time.Duration]string{
		5 * time.Minute: "5 minutes", time.Hour: "1 hour.", 90 * time.Minute: "90 minutes", 2 * time.Hour: "2 hours",
		24 * time.Hour: "24 hours", 48 * time.Hour: "2 days", 49 * time.Hour: "2 days", 720 * time.Hour: "30 days",
	} {
		w.set(map[string]string{"token_lifetime": `"` + lifetime.String() + `"`})
		w.get(nextPath).wants(t, 200, "for "+words)
	}
}

func TestSignUpLanguage(t *testing.T) {
	t.Run("of the browser", func(t *testing.T) {
		w := start(t)
		for header, want := range map[string]string{
			"": "en", "de-AT,de;q=0.9,en;q=0.8": "de-AT", "*": "en", "zh-hant-tw": "zh-Hant-TW", "de-u-co-phonebk": "de", "x-foo": "en",
			`"><b>`: "en", "en;q=0.1, fr": "fr", strings.Repeat("de,", 1000): "en",
		} {
			w.get(signUpPath, "Accept-Language", header).wants(t, 200, `type="hidden" name="preferred_language" value="`+want+`"`)
		}
		w.form(signUpPath, adaForm("preferred_language", "pt_br")).wants(t, 303)
		if got := w.find("ada").Language; got != "pt-BR" {
			t.Errorf("language %s", got)
		}
		form := adaForm("username", "bob", "email", "bob@example.org")
		form.Del("preferred_language")
		w.form(signUpPath, form, "Accept-Language", "fr-CA").wants(t, 303)
		if got := w.find("bob").Language; got != "fr-CA" {
			t.Errorf("language %s", got)
		}
		// What nobody can see, nobody can mend: the next form has one that passes.
		w.form(signUpPath, adaForm("preferred_language", "no language"), "Accept-Language", "nb").
			wants(t, 422, `role="alert"`, `name="preferred_language" value="nb"`).hasNot(t, "aria-invalid")
	})
	t.Run("of the operator's list", func(t *testing.T) {
		w := start(t, func(s *setup) { s.web.Languages = []string{"de", "en", "pt-BR"} })
		for header, want := range map[string]string{"": "en", "de-CH": "de", "pt-PT": "pt-BR", "ja": "en"} {
			w.get(signUpPath, "Accept-Language", header).wants(t, 200, `<option value="`+want+`" lang="`+want+`" selected>`, ">Deutsch<", ">português<").
				hasNot(t, `type="hidden"`)
		}
		w.form(signUpPath, adaForm("preferred_language", "de", "name", "")).wants(t, 422, `<option value="de" lang="de" selected>`)
		w.form(signUpPath, adaForm("preferred_language", "-")).wants(t, 422, `<a href="#field-preferred_language">Please choose a language`)
	})
	if _, err := web.New(web.Config{Service: start(t).Service, BaseURL: &url.URL{Scheme: "https", Host: "a.example"}, Languages: []string{"pt_br"}}); err == nil {
		t.Error("an unusual tag is taken")
	}
}

// endurain is the example that comes with the program.
func endurain(t testing.TB) field.List {
	t.Helper()
	text, err := os.ReadFile("../examples/endurain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Fields field.List `yaml:"fields"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Fields
}

func TestSignUpFormHasTheOperatorsFields(t *testing.T) {
	w := start(t, withFields(endurain(t)))
	a := w.get(signUpPath).wants(t, 200, `<input type="text" value="" dir="auto" id="field-city"`, `<input type="date" value="" id="field-birthdate"`,
		"For example 1990-12-31", `<fieldset role="radiogroup" aria-labelledby="field-gender-label"`, `<select id="field-first_day_of_week"`,
		`<input type="number" value="" inputmode="numeric" min="1" max="300" step="1" id="field-height"`)
	if n := strings.Count(a.body, "(required)"); n != 4 {
		t.Errorf("%d fields are required", n)
	}
	w.form(signUpPath, adaForm("city", "Paris", "birthdate", "1990-12-31", "gender", "female", "units", "", "height", " 170 ", "max_heart_rate", "",
		"first_day_of_week", "monday", "currency", "euro")).wants(t, 303)
	want := map[string]any{"city": "Paris", "birthdate": "1990-12-31", "gender": "female", "units": "metric", "height": 170.0, "first_day_of_week": "monday", "currency": "euro"}
	if got := w.find("ada").Profile; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("profile %v", got)
	}
	w.form(signUpPath, adaForm("username", "bob", "email", "bob@example.org", "city", strings.Repeat("x", 251), "birthdate", "31.12.1990", "gender", "x",
		"height", "1e3", "max_heart_rate", "0x1F", "currency", "pound")).
		wants(t, 422, "<bdi>City</bdi>: please enter at most 250 characters.", "<bdi>Date of birth</bdi>: please enter a date", "<bdi>Gender</bdi>: please choose one",
			"<bdi>Height</bdi>: please enter 300 or less", "<bdi>Maximum heart rate</bdi>: please enter a whole number", `value="pound" checked`)
}

func TestSignUpFormReadsStrictly(t *testing.T) {
	low, high := -1.5, 99.5
	fields := field.List{
		{Name: "whole", Type: field.Integer, Min: &low, Max: &high},
		{Name: "ratio", Type: field.Number, Min: &low},
		{Name: "terms", Type: field.Boolean, Required: true},
		{Name: "news", Type: field.Boolean},
		{Name: "about", Type: field.String, MinLength: 3, MaxLength: 2000},
		{Name: "nick_name", Type: field.String, Required: true},
	}
	w := start(t, withFields(fields))
	w.get(signUpPath).wants(t, 200, `min="-1" max="99" step="1"`, `min="-1.5" step="any"`, `<textarea rows="4" dir="auto" id="field-about" name="about" minlength="3" maxlength="4000"`,
		"nick name", `type="checkbox" value="true" id="field-terms" name="terms">`)
	n := 0
	send := func(changes ...string) answer {
		n++
		return w.form(signUpPath, adaForm(append([]string{
			"username", fmt.Sprintf("u%d", n), "email", fmt.Sprintf("u%d@example.org", n), "nick_name", "x",
		}, changes...)...))
	}
	for value, want := range map[string]any{"5": 5.0, "-1": -1.0, "007": 7.0, ".5e1": 5.0, "5.0": 5.0, "": nil} {
		if send("whole", value).wants(t, 303); w.find(fmt.Sprintf("u%d", n)).Profile["whole"] != want {
			t.Errorf("whole %q: %v", value, w.find(fmt.Sprintf("u%d", n)).Profile)
		}
	}
	for _, value := range []string{"5,5", "+5", "5.", "0x5", "1_0", "NaN", "Inf", "five", "5.5", "1e999", "٥"} {
		send("whole", value).wants(t, 422, `<a href="#field-whole">`)
	}
	send("ratio", "1e999").wants(t, 422, `<a href="#field-ratio">`)
	send("terms", "on").wants(t, 422, `<a href="#field-terms"><bdi>terms</bdi>: please tick the box or leave it empty.</a>`)
	send("nick_name", "  ").wants(t, 422, "<bdi>nick name</bdi> is required.")
	send("role", "admin").wants(t, 422, "<li><bdi>role</bdi>: this form has no such field.</li>").hasNot(t, `value="admin"`)
	// An empty box says no; a ticked one is ticked still when the form comes back.
	send("news", "true").wants(t, 303)
	if p := w.find(fmt.Sprintf("u%d", n)).Profile; p["news"] != true || p["terms"] != false {
		t.Errorf("profile %v", p)
	}
	send("news", "true", "name", "").wants(t, 422, `type="checkbox" value="true" checked id="field-news"`)
}

// Labels come in the language that is wanted, which the pages may not have.
func TestSignUpFormSpeaksTheLanguageOfTheLabels(t *testing.T) {
	w := start(t, withFields(field.List{
		{Name: "height", Type: field.Integer, Label: map[string]string{"en": "Height", "eo": "Alteco"}, Help: map[string]string{"en": "In cm", "eo": "En centimetroj"}},
		{Name: "urbo", Type: field.String, Label: map[string]string{"eo": "Urbo"}},
	}))
	w.get(signUpPath, "Accept-Language", "eo, en").wants(t, 200, `<html lang="en"`, `<bdi lang="eo">Alteco</bdi>`, `lang="eo" dir="auto">En centimetroj</p>`)
	w.get(signUpPath, "Accept-Language", "tlh").wants(t, 200, `<bdi>Height</bdi>`, `id="field-height-help" dir="auto">In cm</p>`, `<bdi lang="eo">Urbo</bdi>`)
	w.form(signUpPath, adaForm("height", "x"), "Accept-Language", "eo").wants(t, 422, `<bdi lang="eo">Alteco</bdi>: please enter a whole number`)
	if _, err := os.Stat("lang/ar.yaml"); err == nil {
		w.get(signUpPath, "Accept-Language", "ar").wants(t, 200, `<html lang="ar"`, `<bdi lang="en">Height</bdi>`)
	}
}

func TestSignUpPagesAreSound(t *testing.T) {
	w := start(t, withFields(append(endurain(t), field.Field{Name: "news", Type: field.Boolean, Help: map[string]string{"en": "Once a month"}})),
		func(s *setup) { s.web.Languages = []string{"en", "de"} })
	for name, a := range map[string]answer{
		"empty": w.get(signUpPath), "wrong": w.form(signUpPath, adaForm("name", "", "gender", "x", "news", "x", "height", "x", "currency", "x")),
		"next": w.signUpByForm(adaForm()), "neutral": w.get(nextPath), "home": w.get("/"),
	} {
		t.Run(name, func(t *testing.T) {
			soundPage(t, a)
			if got := a.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; ") || strings.Contains(got, "unsafe") {
				t.Errorf("policy %s", got)
			}
			a.hasNot(t, "<script>", "style=", "<style", `src="http`, `href="//`)
		})
	}
}

func soundPage(t *testing.T, a answer) {
	t.Helper()
	p := parse(t, a.body)
	if n := len(p.named("h1")); n != 1 {
		t.Errorf("%d h1", n)
	}
	if lang := p.named("html")[0].attr("lang"); lang != "en" {
		t.Errorf("lang %q", lang)
	}
	ids := map[string]bool{}
	for _, n := range p.all() {
		if id := n.attr("id"); id != "" && ids[id] {
			t.Errorf("id %s twice", id)
		} else {
			ids[id] = true
		}
	}
	for _, n := range p.all() {
		refs := strings.Fields(n.attr("aria-describedby") + " " + n.attr("aria-labelledby") + " " + n.attr("for"))
		if to, ok := strings.CutPrefix(n.attr("href"), "#"); ok {
			refs = append(refs, to)
		}
		for _, ref := range refs {
			if !ids[ref] {
				t.Errorf("%s points at %s, which is not there", n.Data, ref)
			}
		}
	}
	for _, n := range slices.Concat(p.named("input"), p.named("select"), p.named("textarea")) {
		if n.attr("type") != "hidden" && n.attr("aria-hidden") != "true" && !p.labelled(n) {
			t.Errorf("%s %s has no label", n.Data, n.attr("name"))
		}
	}
}

// A default is chosen when the form opens, and there is no "no answer" beside it.
func TestSignUpFormOffersDefaults(t *testing.T) {
	fields := field.List{
		{Name: "units", Type: field.Choice, Choices: []string{"metric", "imperial"}, Default: "metric"},
		{Name: "day", Type: field.Choice, Choices: []string{"mo", "tu", "we", "th", "fr"}, Default: "we"},
		{Name: "age", Type: field.Integer, Default: 18},
		{Name: "news", Type: field.Boolean, Default: true},
	}
	w := start(t, withFields(fields))
	form := w.get(signUpPath).wants(t, 200, `value="metric" id="field-units" checked`, `<option value="we" selected>`, `value="18"`, `name="news"`, `value="true" checked`)
	if strings.Contains(form.body, "No answer") {
		t.Error("a field with a default can be left without an answer")
	}
	w.form(signUpPath, adaForm("units", "imperial", "day", "we", "age", "")).wants(t, 303)
	want := map[string]any{"units": "imperial", "day": "we", "age": 18.0, "news": false}
	if got := w.find("ada").Profile; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("profile %v", got)
	}
	wrong := w.form(signUpPath, adaForm("username", "?", "units", "imperial", "day", "fr", "age", "20")).wants(t, 422, `<option value="fr" selected>`, `value="20"`)
	if strings.Contains(wrong.body, `value="true" checked`) {
		t.Error("a box that was left empty is ticked again")
	}
}
