package letters_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
)

func files(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return out
}

func withOwn(own fstest.MapFS) (*letters.Letters, error) {
	return letters.New(letters.Options{AppName: "App", BaseURL: "https://app.example", Own: own})
}

func mustOwn(t *testing.T, pairs ...string) *letters.Letters {
	t.Helper()
	l, err := withOwn(files(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func of(t *testing.T, l *letters.Letters, m signup.Message) signup.Text {
	t.Helper()
	text, err := l.Write(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestOwnLetter(t *testing.T) {
	t.Parallel()
	l := mustOwn(t,
		"confirmation.de.subject.txt", "Los geht’s, {{.Name}}!\n",
		"confirmation.de.txt", "\ufeffHallo {{.Name}},\r\n\r\n{{.Link}}\r\n\r\nGilt {{.Lifetime}}, bis {{.Until}}.\r\n",
		"confirmation.de.html", `<html><body><p title="{{.Name}}">{{.Name}}</p><a href="{{.Link}}" style="color: {{.Accent}}">Los</a></body></html>`,
		".hidden", "x", "confirmation.de.txt~", "{{",
	)
	m := letters.Sample(signup.MailConfirmation, "de-AT")
	m.User.Name = `<b>"Ada"</b>`
	text := of(t, l, m)
	if text.Subject != `Los geht’s, <b>"Ada"</b>!` {
		t.Errorf("subject %s", text.Subject)
	}
	if want := "Hallo <b>\"Ada\"</b>,\n\n" + m.Link + "\n\nGilt 24 Stunden, bis 2.\u00a0Januar 2030, 15:04 Uhr (UTC).\n"; text.Plain != want {
		t.Errorf("text %q", text.Plain)
	}
	if p := parse(t, text.HTML); p.count["b"] > 0 || p.hrefs[m.Link] != 1 || p.attributes["p title"] != m.User.Name {
		t.Errorf("HTML %s", text.HTML)
	}
	m.Language = "en"
	if got := of(t, l, m); !strings.Contains(got.Subject, "Confirm your account") {
		t.Errorf("the English letter changed: %s", got.Subject)
	}
}

// A text alone is laid out as ours are, with the button where the link stands.
func TestOwnText(t *testing.T) {
	t.Parallel()
	l := mustOwn(t, "confirmation.en.txt", "Dear {{.Name}},\nwelcome <here>.\n\n{{.Link}}\n\nBye.\n\n-- \nthe club")
	m := letters.Sample(signup.MailConfirmation, "en")
	text := of(t, l, m)
	page := parse(t, text.HTML)
	if page.hrefs[m.Link] != 2 || !strings.Contains(text.HTML, "Dear Ada Lovelace,<br>welcome &lt;here&gt;.") {
		t.Errorf("links %v\n%s", page.hrefs, text.HTML)
	}
	if button, bye := strings.Index(text.HTML, "Confirm my account"), strings.Index(text.HTML, "Bye."); button < 0 || bye < button {
		t.Errorf("the button is at %d, the end at %d", button, bye)
	}
	if strings.Contains(text.HTML, "the club") || !strings.HasSuffix(text.Plain, "-- \nthe club\n") {
		t.Errorf("the foot:\n%s\n%s", text.Plain, text.HTML)
	}
}

func TestOwnSubject(t *testing.T) {
	t.Parallel()
	l := mustOwn(t, "admin_notice.en.subject.txt", "{{.Username}}\nis new")
	m := letters.Sample(signup.MailAdminNotice, "en")
	m.User.Username = "win.evil.example"
	text := of(t, l, m)
	if text.Subject != "win[.]evil[.]example is new" || !strings.Contains(text.Plain, "Review the sign-up") {
		t.Errorf("%s\n%s", text.Subject, text.Plain)
	}
}

func TestOwnFallback(t *testing.T) {
	t.Parallel()
	l := mustOwn(t,
		"approved.en.subject.txt", "en", "approved.en-GB.subject.txt", "en-GB", "approved.pt.subject.txt", "pt",
		"approved.zh-Hant.subject.txt", "zh-Hant", "approved.fr.subject.txt", "fr", "approved.fr-CA.subject.txt", "fr-CA",
	)
	for language, want := range map[string]string{
		"en": "en", "en-GB": "en-GB", "en-US": "en", "us": "en", "xx": "en", "": "en", "pt": "pt", "pt-PT": "pt", "pt-AO": "pt",
		"zh-TW": "zh-Hant", "tw": "zh-Hant", "fr": "fr", "fr-BE": "fr", "fr-CA": "fr-CA",
		"pt-BR": "Sua conta em", "zh-Hans": "您的", "de": "Ihr Konto",
	} {
		if got := of(t, l, letters.Sample(signup.MailApproved, language)).Subject; got != want && (len(want) < 6 || !strings.HasPrefix(got, want)) {
			t.Errorf("%q: %s, want %s", language, got, want)
		}
	}
}

func TestOwnRefused(t *testing.T) {
	t.Parallel()
	const text = "confirmation.en.txt"
	for want, own := range map[string]fstest.MapFS{
		`README.md is not named KIND.LANGUAGE`:                            files("README.md", ""),
		`there is no letter "poem"; there are confirmation`:               files("poem.en.txt", ""),
		`"xx" is not a language that signup speaks`:                       files("approved.xx.txt", ""),
		`"gsw-" is not a language`:                                        files("approved.gsw-.txt", ""),
		`confirmation.en.txt:2:2: there is no field .Nome; there are App`: files(text, "x\n{{.Nome}}"),
		`there is no field .Foo`:                                          files("rejected.en.txt", "x{{if not .Reason}}{{.Foo}}{{end}}"),
		`confirmation.en.txt:1: unclosed action`:                          files(text, "{{.Link"),
		`function "env" not defined`:                                      files(text, `{{env "HOME"}}`),
		`confirmation.en.html has no confirmation.en.txt beside it`:       files("confirmation.en.html", `<a href="{{.Link}}">x</a>`),
		`confirmation.en.txt: without {{.Link}}`:                          files(text, "Hello"),
		`confirmation.en.html: without <a href="{{.Link}}">`:              files(text, "{{.Link}}", "confirmation.en.html", "{{.Link}}"),
		`approved.en.txt: the text is empty`:                              files("approved.en.txt", " \n"),
		`approved.en.subject.txt: the subject is empty`:                   files("approved.en.subject.txt", " \n"),
		`src="https://evil.example/x.png" of <img> loads something`:       files("approved.en.txt", "x", "approved.en.html", `<img src="https://evil.example/x.png">`),
		`no letter may hold <script>`:                                     files("approved.en.txt", "x", "approved.en.html", `<script>1</script>`),
		`style="background: url(//evil)" of <p>`:                          files("approved.en.txt", "x", "approved.en.html", `<p style="background: url(//evil)">`),
		`is longer than 100 kB`:                                           files("approved.en.txt", strings.Repeat("x", 110<<10)),
	} {
		if _, err := withOwn(own); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	_, err := withOwn(files("poem.en.txt", "", "approved.xx.txt", ""))
	if err == nil || !strings.Contains(err.Error(), "poem") || !strings.Contains(err.Error(), "xx") {
		t.Errorf("not all is said: %v", err)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	own := files("approved.en.subject.txt", "one")
	l, err := withOwn(own)
	if err != nil {
		t.Fatal(err)
	}
	subject := func() string { return of(t, l, letters.Sample(signup.MailApproved, "en")).Subject }
	own["approved.en.subject.txt"] = &fstest.MapFile{Data: []byte("{{.Nothing}}")}
	if err := l.Reload(); err == nil || subject() != "one" {
		t.Errorf("a bad letter: %v, %s", err, subject())
	}
	own["approved.en.subject.txt"] = &fstest.MapFile{Data: []byte("two")}
	if err := l.Reload(); err != nil || subject() != "two" {
		t.Errorf("%v, %s", err, subject())
	}
	delete(own, "approved.en.subject.txt")
	if err := l.Reload(); err != nil || subject() != "Your account at App is active" {
		t.Errorf("%v, %s", err, subject())
	}
}

// Hostile names stay data in letters of the operator's.
func TestHostileNamesInOwnLetters(t *testing.T) {
	t.Parallel()
	l := mustOwn(t, "confirmation.en.subject.txt", "For {{.Name}}", "confirmation.en.txt", "{{.Name}} {{.Username}}\n\n{{.Link}}\n",
		"confirmation.en.html", `<p>{{.Name}} {{.Username}}</p><a href="{{.Link}}">x</a>`)
	for _, hostile := range hostileNames() {
		m := letters.Sample(signup.MailConfirmation, "en")
		m.User.Name, m.User.Username = hostile, hostile
		text := of(t, l, m)
		if page := parse(t, text.HTML); page.count["p"] != 1 || page.count["b"]+page.count["img"]+page.count["script"] > 0 || len(page.hrefs) != 1 {
			t.Errorf("%q: %s", hostile, text.HTML)
		}
		if strings.Count(text.Plain, "\n") != 3 && strings.TrimSpace(text.Plain) != m.Link || strings.Contains(text.Plain, "evil.example") {
			t.Errorf("%q: %q", hostile, text.Plain)
		}
	}
}

// The document names every kind of letter there is.
func TestDocumentNamesEveryKind(t *testing.T) {
	document, err := os.ReadFile("../docs/letters-own.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, kind := range letters.Kinds() {
		names = append(names, "`"+string(kind)+"`")
	}
	if want := "* Kinds: " + strings.Join(names, ", ") + ".\n"; !strings.Contains(string(document), want) {
		t.Errorf("docs/letters-own.md does not have the line %q", want)
	}
}
