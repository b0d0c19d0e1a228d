package identity_test

import (
	"strings"
	"testing"

	"github.com/signup-go/signup/identity"
)

// A person is the input of SearchText.
type person struct {
	name, username string
	email          identity.Email
}

func (p person) text() string { return identity.SearchText(p.name, p.username, p.email) }

func userNamed(t *testing.T, name, username, address string) person {
	t.Helper()
	email, err := identity.ParseEmail(address)
	if err != nil {
		t.Fatal(err)
	}
	return person{name, username, email}
}

func TestSearch(t *testing.T) {
	for _, c := range []struct {
		user    person
		finds   []string
		misses  []string
		because string
	}{
		{
			userNamed(t, "José Müller", "Jo.Se", "Jose@Example.org"),
			[]string{"", " ", "jos\u00e9", "JOSE\u0301", "mu\u0308ll", "MÜLLER", "jo.se", "JOSE@example.ORG", "  José \r\n", "José  Müller", "José\u00a0Mü", "Jo\u200bsé", "mü\xffll", "\x00é"},
			[]string{"jose muller", "müllerjo", "müller jo", "jo.se jose", "José\nMüller\nJo", "%", "xn--"},
			"form and case do not matter, and no match spans two fields",
		},
		{
			userNamed(t, "Ada", "ada", "Ada@bücher.example"),
			[]string{"bücher.example", "BU\u0308CHER", "xn--bcher-kva.example", "XN--BCHER", "ada@xn--bcher-kva.example", "Ada@Bücher.example"},
			[]string{"bucher"},
			"typed as U-labels",
		},
		{
			userNamed(t, "Ada", "ada", "Ada@XN--bcher-kva.example"),
			[]string{"bücher.example", "bu\u0308cher", "xn--bcher-kva.example", "ada@bücher.example"},
			nil,
			"typed as A-labels",
		},
		{
			userNamed(t, "Ada", "ada", "Ada@bücher.xn--bcher-kva.example"),
			[]string{"bücher.bücher.example", "xn--bcher-kva.xn--bcher-kva.example", "@bücher.xn--bcher-kva.example"},
			nil,
			"typed in both",
		},
		{person{name: "Gone"}, []string{"gone"}, []string{"@"}, "without an address"},
		{person{name: "Gone", email: identity.Email{Typed: "x", Key: "xn--"}}, []string{"gone"}, []string{"@"}, "with an address that cannot be parsed"},
	} {
		row := c.user.text()
		for _, typed := range c.finds {
			if !strings.Contains(row, identity.SearchKey(typed)) {
				t.Errorf("%s: %q does not find %q", c.because, typed, row)
			}
		}
		for _, typed := range c.misses {
			if strings.Contains(row, identity.SearchKey(typed)) {
				t.Errorf("%s: %q finds %q", c.because, typed, row)
			}
		}
	}
}

func TestSearchText(t *testing.T) {
	for want, u := range map[string]person{
		"ada l.\nada_l\nada@example.org":                          userNamed(t, "Ada  L.", "Ada_L", "Ada@Example.org"),
		"ada\nada\nada@bücher.example\nada@xn--bcher-kva.example": userNamed(t, "Ada", "ada", "ada@bücher.example"),
		"ada\nada\nada@xn--bcher-kva.example\nada@bücher.example": userNamed(t, "Ada", "ada", "ada@xn--bcher-kva.example"),
	} {
		if got := u.text(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzSearchKey(f *testing.F) {
	for _, s := range []string{"José", "jose\u0301", "\xc3\xff\xa9", " a\r\nb", "I\u0307İ", "\u200b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := identity.SearchKey(s)
		if again := identity.SearchKey(key); again != key || strings.ContainsAny(key, "\n\x00") || strings.ToValidUTF8(key, "") != key {
			t.Errorf("%q gives %q, which gives %q", s, key, again)
		}
		if u := (person{name: s}); !strings.Contains(u.text(), key) {
			t.Errorf("%q does not find itself", s)
		}
	})
}
