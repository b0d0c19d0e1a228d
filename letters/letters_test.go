package letters_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
)

var update = flag.Bool("update", false, "write the golden files in testdata")

var theLetters = sync.OnceValues(func() (*letters.Letters, error) {
	return letters.New(letters.Options{
		AppName: "Fäden & Söhne 🧵", BaseURL: "https://app.example.org", Support: "help@example.org",
	})
})

func newLetters(t testing.TB) *letters.Letters {
	t.Helper()
	l, err := theLetters()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func write(t testing.TB, m signup.Message) signup.Text {
	t.Helper()
	text, err := newLetters(t).Write(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// variants are the messages that between them say every sentence there is.
func variants(language string) map[string]signup.Message {
	out := map[string]signup.Message{}
	for _, kind := range letters.Kinds() {
		out[string(kind)] = letters.Sample(kind, language)
	}
	for _, status := range []signup.Status{signup.StatusPendingApproval, signup.StatusRejected} {
		m := letters.Sample(signup.MailAccountExists, language)
		m.Status = status
		out["account_exists_"+string(status)] = m
	}
	m := letters.Sample(signup.MailRejected, language)
	m.Reason, m.User.Name = "", ""
	out["rejected_without_reason"] = m
	return out
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, m := range variants("en") {
		text := write(t, m)
		golden(t, name+".txt", "Subject: "+text.Subject+"\n\n"+text.Plain)
		golden(t, name+".html", text.HTML)
	}
	for language, kind := range map[string]signup.MailKind{
		"de": signup.MailAccountExists, "ar": signup.MailConfirmation, "ja": signup.MailAdminNotice,
	} {
		text := write(t, letters.Sample(kind, language))
		golden(t, language+"_"+string(kind)+".txt", "Subject: "+text.Subject+"\n\n"+text.Plain)
		golden(t, language+"_"+string(kind)+".html", text.HTML)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (run with -update if it is meant):\n%s", name, diff)
	}
}

func TestEveryLetter(t *testing.T) {
	t.Parallel()
	for name, m := range variants("en") {
		text := write(t, m)
		checkSound(t, name, text)
		for _, part := range []string{text.Plain, text.HTML} {
			if !strings.Contains(part, "app.example.org") {
				t.Errorf("%s: does not say who writes", name)
			}
		}
		page := parse(t, text.HTML)
		if page.attributes["html lang"] != "en" || page.attributes["html dir"] != "ltr" {
			t.Errorf("%s: html attributes %v", name, page.attributes)
		}
		for _, remote := range []string{"img", "link", "script", "iframe", "object", "form"} {
			if page.count[remote] > 0 {
				t.Errorf("%s: has <%s>", name, remote)
			}
		}
		if strings.Contains(text.HTML, "url(") || strings.Contains(text.HTML, "@import") {
			t.Errorf("%s: loads something", name)
		}
	}
}

func TestEveryLetterInEveryLanguage(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("lang/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		language := strings.TrimSuffix(filepath.Base(file), ".yaml")
		for name, m := range variants(language) {
			text := write(t, m)
			checkSound(t, language+" "+name, text)
			if page := parse(t, text.HTML); page.attributes["html lang"] != language {
				t.Errorf("%s %s: html attributes %v", language, name, page.attributes)
			}
		}
	}
}

// TestNamesAreIsolated looks at a letter that is read from right to left.
func TestNamesAreIsolated(t *testing.T) {
	t.Parallel()
	m := letters.Sample(signup.MailConfirmation, "ar")
	text := write(t, m)
	m.User.Name = "\u2069Ada\u2068 Lovelace"
	if got := write(t, m); got != text {
		t.Errorf("typed marks change the letter:\n%s", cmp.Diff(text, got))
	}
	for _, name := range []string{"Fäden &amp; Söhne 🧵", "app.example.org", "ada@example.org", "Ada Lovelace", "ada", "help@example.org"} {
		if !strings.Contains(text.HTML, "<bdi>"+name+"</bdi>") {
			t.Errorf("%q is not isolated:\n%s", name, text.HTML)
		}
	}
	if marks := "\u2066\u2067\u2068\u2069"; strings.ContainsAny(text.Subject+text.Plain+text.HTML, marks) {
		t.Error("a mark is left")
	}
}

// TestLinesOfWideScripts: two columns a character, and no line begins with a
// full stop or a small vowel.
func TestLinesOfWideScripts(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"ja", "zh-Hans", "zh-Hant"} {
		for name, m := range variants(language) {
			for line := range strings.Lines(write(t, m).Plain) {
				line = strings.TrimSuffix(line, "\n")
				if n := len([]rune(line)); n > 60 && !strings.Contains(line, "://") {
					t.Errorf("%s %s: %d characters: %s", language, name, n, line)
				}
				if first := []rune(line + " ")[0]; strings.ContainsRune("、。，．：）」】っゃゅょー", first) {
					t.Errorf("%s %s: begins with %c: %s", language, name, first, line)
				}
			}
		}
	}
}

func checkSound(t *testing.T, name string, text signup.Text) {
	t.Helper()
	if text.Subject == "" || strings.ContainsAny(text.Subject, "\r\n") {
		t.Errorf("%s: subject %q", name, text.Subject)
	}
	for _, bad := range []string{"<no value>", "ZgotmplZ", "{{", "\r"} {
		if strings.Contains(text.Subject+text.Plain+text.HTML, bad) {
			t.Errorf("%s: holds %q", name, bad)
		}
	}
}

func TestConfirmationSays(t *testing.T) {
	t.Parallel()
	m := letters.Sample(signup.MailConfirmation, "en")
	text := write(t, m)
	flat := strings.Join(strings.Fields(text.Plain), " ")
	for _, want := range []string{
		"Hello Ada Lovelace,", "Username: ada", "Email: ada@example.org", m.Link, "for 24 hours, until 2 January 2030, 15:04 UTC",
		"If it was not you", "Fäden & Söhne 🧵 (app.example.org)", "help@example.org",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("plain text lacks %q:\n%s", want, text.Plain)
		}
	}
	page := parse(t, text.HTML)
	if page.hrefs[m.Link] != 2 || !strings.Contains(page.text, m.Link) {
		t.Errorf("HTML links: %v", page.hrefs)
	}
}

func TestLinkIsEscaped(t *testing.T) {
	t.Parallel()
	m := letters.Sample(signup.MailAdminNotice, "en")
	m.Link = `https://app.example.org/admin/users?q="><b>&x=1`
	page := parse(t, write(t, m).HTML)
	if page.count["b"] > 0 {
		t.Error("the link broke out of its attribute")
	}
	for _, link := range []string{"javascript:alert(1)", "//evil.example", "/login", "data:text/html,x", "https://"} {
		m.Link = link
		if _, err := newLetters(t).Write(m); err == nil {
			t.Errorf("%s: accepted", link)
		}
	}
}

func TestLifetimes(t *testing.T) {
	t.Parallel()
	for lifetime, want := range map[time.Duration]string{
		5 * time.Minute: "5 minutes", time.Minute: "1 minute", 90 * time.Minute: "90 minutes",
		time.Hour: "1 hour", 24 * time.Hour: "24 hours", 48 * time.Hour: "2 days", 720 * time.Hour: "30 days",
		25*time.Hour + 30*time.Minute: "25 hours",
	} {
		m := letters.Sample(signup.MailConfirmation, "en")
		m.Lifetime = lifetime
		if plain := write(t, m).Plain; !strings.Contains(plain, "for "+want+",") {
			t.Errorf("%v: want %q in\n%s", lifetime, want, plain)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, o := range []letters.Options{
		{BaseURL: "https://app.example.org"},
		{AppName: "\r\n", BaseURL: "https://app.example.org"},
		{AppName: "App"},
		{AppName: "App", BaseURL: "app.example.org"},
		{AppName: "App", BaseURL: "ftp://app.example.org"},
	} {
		if _, err := letters.New(o); err == nil {
			t.Errorf("%+v: accepted", o)
		}
	}
	if _, err := newLetters(t).Write(signup.Message{Kind: "poem"}); err == nil {
		t.Error("wrote a poem")
	}
}

// A page is what a reader and a mail client see of HTML.
type page struct {
	text       string
	count      map[string]int
	hrefs      map[string]int
	attributes map[string]string
}

func parse(t testing.TB, source string) page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	p := page{count: map[string]int{}, hrefs: map[string]int{}, attributes: map[string]string{}}
	for n := range root.Descendants() {
		switch n.Type {
		case html.TextNode:
			p.text += n.Data + " "
		case html.ElementNode:
			p.count[n.Data]++
			for _, a := range n.Attr {
				p.attributes[n.Data+" "+a.Key] = a.Val
				if a.Key == "href" {
					p.hrefs[a.Val]++
				}
			}
		}
	}
	return p
}
