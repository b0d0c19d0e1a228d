package letters_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
)

func TestDigest(t *testing.T) {
	t.Parallel()
	m := letters.Sample(signup.MailAdminDigest, "en")
	m.People, m.Waiting = nil, 23
	for i := range 12 {
		m.People = append(m.People, signup.Person{Name: fmt.Sprintf("Person %d", i), Username: fmt.Sprintf("p%d", i), Email: fmt.Sprintf("p%d@example.org", i)})
	}
	text := write(t, m)
	page := parse(t, text.HTML)
	for what, s := range map[string]string{"subject": text.Subject, "text": text.Plain, "HTML": page.text} {
		if what != "text" && !strings.Contains(s, "23 sign-ups wait for approval") {
			t.Errorf("%s: %s", what, s)
		}
		if what != "subject" && (!strings.Contains(s, "p9@example.org") || strings.Contains(s, "p10@") || !strings.Contains(s, "13 more")) {
			t.Errorf("%s does not list ten:\n%s", what, s)
		}
	}
	if !strings.Contains(text.Plain, "\n    Person 3 · p3 · p3@example.org\n") || page.hrefs[m.Link] != 2 {
		t.Errorf("links %v\n%s", page.hrefs, text.Plain)
	}
	m.People, m.Waiting = m.People[:1], 1
	if text = write(t, m); !strings.HasPrefix(text.Subject, "1 sign-up waits for approval") || strings.Contains(text.Plain, "more") {
		t.Errorf("%s\n%s", text.Subject, text.Plain)
	}
}

// What people typed is as inert in a digest as in a notice.
func TestHostileNamesInDigests(t *testing.T) {
	t.Parallel()
	m := letters.Sample(signup.MailAdminDigest, "en")
	harmless := write(t, m)
	for _, hostile := range hostileNames() {
		m.People[0].Name, m.People[0].Username = hostile, hostile
		got := write(t, m)
		checkSameShape(t, "digest "+hostile, harmless, got)
		if strings.Contains(got.Plain+parse(t, got.HTML).text, "evil.example") || strings.Contains(got.Plain, "evil.com") {
			t.Errorf("%q leads somewhere:\n%s", hostile, got.Plain)
		}
	}
}

func TestPluralsOfDigests(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]map[int]string{
		"ru": {1: "1 регистрация ожидает", 3: "3 регистрации ожидают", 5: "5 регистраций ожидают", 21: "21 регистрация ожидает"},
		"pl": {1: "1 rejestracja czeka", 2: "2 rejestracje czekają", 12: "12 rejestracji czeka"},
		"ar": {1: "تسجيل واحد", 2: "تسجيلان", 5: "5 تسجيلات", 11: "11 تسجيلًا"},
		"sl": {2: "2 registraciji čakata"}, "lv": {21: "21 reģistrācija", 11: "11 reģistrāciju"}, "ro": {20: "20 de înregistrări"}, "ja": {1: "1件の登録"},
	} {
		for n, words := range want {
			m := letters.Sample(signup.MailAdminDigest, language)
			m.Waiting = n
			if got := write(t, m).Subject; !strings.Contains(got, words) {
				t.Errorf("%s, %d: %s", language, n, got)
			}
		}
	}
}

func TestReminder(t *testing.T) {
	t.Parallel()
	m := letters.Sample(signup.MailReminder, "en")
	flat := strings.Join(strings.Fields(write(t, m).Plain), " ")
	for _, want := range []string{
		"is not confirmed yet", m.Link, "for 24 hours, until 2 January 2030, 15:04 UTC", "by 6 January 2030, 09:30 UTC", "If it was not you",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("lacks %q:\n%s", want, flat)
		}
	}
	m.LapsesAt = time.Time{}
	if text := write(t, m); strings.Contains(text.Plain, "deleted") || strings.Contains(text.HTML, "deleted") {
		t.Errorf("it says when it lapses, which nobody knows:\n%s", text.Plain)
	}
}

func TestWelcome(t *testing.T) {
	t.Parallel()
	m := letters.Sample(signup.MailWelcome, "en")
	text := write(t, m)
	flat := strings.Join(strings.Fields(text.Plain), " ")
	for _, want := range []string{"Hello Ada Lovelace", "is active", "nothing to confirm", "Username: ada", m.Link, "If it was not you"} {
		if !strings.Contains(flat, want) {
			t.Errorf("lacks %q:\n%s", want, flat)
		}
	}
}
