package letters_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
)

func hostileNames() []string {
	return []string{
		"<b>x</b>", `<a href="https://evil.example">x</a>`, `"><img src=x>`, `'><script>alert(1)</script>`,
		"{{.Token}}", "{{.App}}", "{{template \"x\"}}", "${7*7}", "evil.example/win", "https://evil.example",
		"Win-prizes.example click", "www.evil", "\u202eelpmaxe.live", "Bob\r\nUsername: root", "Bob\u2028Username: root",
		"Bob\u0085Username: root", "evil\u3002com", "evil．com", "evil.\u200bcom", "evil.\u00adcom", "call 10.0.0.1",
		"x@evil.example", "</td></table></body>", strings.Repeat("long ", 40), "\xff\x00\x1b[2J", "<!--", "&lt;b&gt;",
	}
}

// TestHostileNames changes nothing but names: the letters must keep their
// lines, their elements and their links.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	for _, kind := range letters.Kinds() {
		for _, hostile := range hostileNames() {
			m := letters.Sample(kind, "en")
			harmless := write(t, m)
			m.User.Name, m.User.Username = hostile, hostile
			got := write(t, m)
			checkSameShape(t, string(kind)+" "+hostile, harmless, got)
			if strings.ContainsAny(got.Subject, "\r\n\u2028\u2029\u0085\u202e") {
				t.Errorf("%s: subject %q", kind, got.Subject)
			}
			if kind != signup.MailAdminNotice && got.Subject != harmless.Subject {
				t.Errorf("%s: the subject changed to %q", kind, got.Subject)
			}
		}
	}
}

func checkSameShape(t *testing.T, what string, harmless, got signup.Text) {
	t.Helper()
	want, have := parse(t, harmless.HTML), parse(t, got.HTML)
	maps.DeleteFunc(want.count, func(tag string, _ int) bool { return slices.Contains(factTags(), tag) })
	maps.DeleteFunc(have.count, func(tag string, _ int) bool { return slices.Contains(factTags(), tag) })
	if diff := cmp.Diff(want.count, have.count); diff != "" {
		t.Errorf("%s: elements changed\n%s", what, diff)
	}
	if diff := cmp.Diff(want.hrefs, have.hrefs); diff != "" {
		t.Errorf("%s: links changed\n%s", what, diff)
	}
	if lost := strings.Count(harmless.Plain, "\n") - strings.Count(got.Plain, "\n"); lost < 0 || lost > 1 {
		t.Errorf("%s: lines changed\n%s", what, got.Plain)
	}
	for _, bad := range []string{"\nUsername: root", "\u202e", "\u2028", "\u0085", "\x1b", "\x00", "49"} {
		if strings.Contains(strings.ReplaceAll(got.Plain, harmless.Plain, ""), bad) {
			t.Errorf("%s: %q in\n%s", what, bad, got.Plain)
		}
	}
}

// factTags are in the row of a username, which is left out when it is suspicious.
func factTags() []string { return []string{"tr", "th", "td", "bdi"} }

func TestNoLinksByNames(t *testing.T) {
	t.Parallel()
	for _, kind := range letters.Kinds() {
		for _, hostile := range []string{
			"evil.example/win", "https://evil.example", "www.evil", "Win-prizes.example click", "evil\u3002com",
			"evil．com", "evil.\u200bcom", "evil.\u00adcom", "EVIL.COM", "x@evil.example", "10.0.0.1/x", "evil.com", "evil.com.x", "xn--p1ai.xn--p1ai", "кто.рф",
		} {
			m := letters.Sample(kind, "en")
			m.User.Name, m.User.Username = hostile, hostile
			got := write(t, m)
			for _, live := range []string{"evil.example", "evil.com", "evil。com", "evil．com", "www.evil", "://evil", "10.0.0.1", "prizes.example", ".xn--", "кто.рф"} {
				if strings.Contains(strings.ToLower(got.Subject+got.Plain+parse(t, got.HTML).text), live) {
					t.Errorf("%s: %q shows %q", kind, hostile, live)
				}
			}
		}
	}
}

func TestHonestNamesStay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Ada Lovelace", "J. R. R. Tolkien", "José-María O’Neill", "李小龍", "محمد", "D'Arcy 3rd", "Dr. No"} {
		m := letters.Sample(signup.MailConfirmation, "en")
		m.User.Name = name
		if got := write(t, m); !strings.Contains(got.Plain, "Hello "+name+",") {
			t.Errorf("%s is left out:\n%s", name, got.Plain)
		}
	}
	for _, username := range []string{"ada", "ada.lovelace", "a_b-c", "j.r.r.tolkien", "josé.maría"} {
		m := letters.Sample(signup.MailConfirmation, "en")
		m.User.Username = username
		if got := write(t, m); !strings.Contains(got.Plain, "Username: "+username+"\n") {
			t.Errorf("%s is left out:\n%s", username, got.Plain)
		}
	}
}

func TestHostileReason(t *testing.T) {
	t.Parallel()
	m := letters.Sample(signup.MailRejected, "en")
	m.Reason = "no\r\n\r\nHello,\n-- \nYour account is active\u2028Email: x\u0085y\n<b>bold</b> {{.App}} **md**" + strings.Repeat(" word", 60)
	got := write(t, m)
	inQuote := false
	for line := range strings.Lines(got.Plain) {
		quoted := strings.HasPrefix(line, "> ")
		inQuote = inQuote || quoted
		for _, typed := range []string{"Your account is active", "Email: x", "<b>", "{{.App}}", "word"} {
			if !quoted && strings.Contains(line, typed) {
				t.Errorf("not quoted: %q", line)
			}
		}
	}
	if page := parse(t, got.HTML); !inQuote || page.count["b"] > 0 || !strings.Contains(page.text, "<b>bold</b> {{.App}}") {
		t.Errorf("reason is not shown as typed:\n%s", got.HTML)
	}
}

// An administrator reads usernames with a dot as they are, unless a mail client
// could make a link of one.
func TestDottedUsernamesInNotices(t *testing.T) {
	t.Parallel()
	for username, shown := range map[string]string{
		"ada.lovelace": "ada.lovelace", "mail.notice_1": "mail.notice_1", "evil.com": "evil[.]com", "win.evil.example": "win[.]evil[.]example",
	} {
		m := letters.Sample(signup.MailAdminNotice, "en")
		m.User.Username = username
		got := write(t, m)
		for what, text := range map[string]string{"subject": got.Subject, "text": got.Plain, "HTML": got.HTML} {
			if !strings.Contains(text, shown) {
				t.Errorf("%s of a notice about %s does not say %s", what, username, shown)
			}
		}
	}
}
