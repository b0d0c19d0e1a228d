package identity_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// refusedFor fails unless err is a refusal with refusal.Invalid for the field, in
// one short sentence that does not contain the value.
func refusedFor(t interface {
	Helper()
	Errorf(string, ...any)
}, err error, field, value string,
) {
	t.Helper()
	var e *refusal.Error
	switch {
	case err == nil:
		t.Errorf("%q was accepted", value)
	case !errors.As(err, &e):
		t.Errorf("%q: %v", value, err)
	case e.Code != refusal.Invalid || e.Field != field || e.Message == "" || len(e.Message) > 120:
		t.Errorf("%q: refused as %q %q %q", value, e.Code, e.Field, e.Message)
	case len(value) > 8 && strings.Contains(e.Message, value):
		t.Errorf("the refusal %q contains the value", e.Message)
	}
}

func TestParseEmailKeys(t *testing.T) {
	local64 := strings.Repeat("l", 64)
	domain185 := strings.Repeat("d", 63) + "." + strings.Repeat("e", 63) + "." + strings.Repeat("f", 53) + ".org"
	for typed, key := range map[string]string{
		"a@b.co":                          "a@b.co",
		"a+b@x.org":                       "a+b@x.org",
		"o'hara@x.org":                    "o'hara@x.org",
		"{a/b=c}!#$%&*?^_`|~-@x.org":      "{a/b=c}!#$%&*?^_`|~-@x.org",
		"John.Doe@Example.ORG":            "john.doe@example.org",
		local64 + "@x.org":                local64 + "@x.org",
		local64 + "@" + domain185:         local64 + "@" + domain185, // 250 characters
		"a@1.2.example":                   "a@1.2.example",
		"a@bücher.example":                "a@xn--bcher-kva.example",
		"a@BÜCHER.Example":                "a@xn--bcher-kva.example",
		"a@bu\u0308cher.example":          "a@xn--bcher-kva.example",
		"a@xn--bcher-kva.example":         "a@xn--bcher-kva.example",
		"a@XN--BCHER-KVA.example":         "a@xn--bcher-kva.example",
		"a@straße.example":                "a@xn--strae-oqa.example", // not strasse
		"a@例え.テスト":                        "a@xn--r8jz45g.xn--zckzah",
		"a@דוגמה.example":                 "a@xn--6dbbec0c.example",
		"JOSÉ@x.org":                      "josé@x.org",
		"jose\u0301@x.org":                "josé@x.org",
		"ΝΊΚΟΣ@x.org":                     "νίκοσ@x.org",
		"Дмитрий@x.org":                   "дмитрий@x.org",
		"用户@x.org":                        "用户@x.org",
		"हिन्दी@x.org":                    "हिन्दी@x.org",
		"straße@x.org":                    "straße@x.org",
		strings.Repeat("é", 32) + "@x.is": strings.Repeat("é", 32) + "@x.is",
	} {
		email, err := identity.ParseEmail("\u00a0 " + typed + " \n")
		if err != nil {
			t.Errorf("%q: %v", typed, err)
			continue
		}
		if email.Typed != norm.NFC.String(typed) || email.Key != key {
			t.Errorf("%q: typed %q, key %q, want %q", typed, email.Typed, email.Key, key)
		}
	}
}

func TestParseEmailRefuses(t *testing.T) {
	domain := func(n int) string { return strings.Repeat("d.", (n-2)/2) + "org"[:2+n%2] }
	for _, s := range []string{
		"", " ", "a", "@", "a@", "@x.org", "a@@x.org", "a@b@x.org", "a@x", "a@localhost", "a@x.", "a@.x", "a@x..org", "a@x.org.",
		"a..b@x.org", ".a@x.org", "a.@x.org", `"a b"@x.org`, `"a"@x.org`, "a@[192.0.2.1]", "a@[IPv6:::1]", "a@192.0.2.1", "a@x.123",
		"A <a@x.org>", "<a@x.org>", "a@x.org,b@y.org", "a@x,b@y", "a@x.org;b@y.org", "a b@x.org", "a@x .org", "a,b@x.org",
		"a@x.org\x00", "a\x00@x.org", "a@x\x00.org", "a@x.org\r\nBcc: b@y.org", "a\r\n@x.org", "a@x.org\nb@y.org", "a\t@x.org", "a\x7f@x.org",
		`a\b@x.org`, "a(c)@x.org", "a:b@x.org", "mailto:a@x.org", "a@x.org?cc=b@y.org", "a%00@x_y.org", "a@x_y.org", "a@-x.org", "a@x-.org",
		"a@ex/ample.org", "a@x.org/", "a@x.org#", "a\xff@x.org", "a@\xc3.org", "a@x.\xed\xa0\x80org",
		strings.Repeat("l", 65) + "@x.org", strings.Repeat("é", 33) + "@x.org", "a@" + strings.Repeat("d", 64) + ".org",
		"a@" + domain(249), "a@" + strings.Repeat("ü", 62) + ".org", strings.Repeat("a@", 5_000_000), strings.Repeat("\u0301", 100_000),
		"a@xn--.org", "a@xn--a.org", "a@xn--github-.example", "a@xn--zzzzzzzzzz999.org", "a@xn--i-7iq.ws", "a@i❤.ws",
		// Bidi controls, zero width and other invisible characters.
		"a\u202eb@x.org", "a\u2066b@x.org", "a\u200bb@x.org", "a\u200db@x.org", "a\u200c@x.org", "a\u00adb@x.org", "a\ufeff@x.org", "a\u034f@x.org",
		"a\ufe0f@x.org", "a\u3164@x.org", "a\u115f@x.org", "a\U000e0061@x.org", "a\u2028b@x.org", "a\u0085b@x.org", "a\ue000@x.org", "a\u0378@x.org",
		"a@x\u202e.org", "a@x\u200b.org", "a@x\u200d.org", "a@x\u00ad.org", "a@x\ufe0f.org", "a@x\u034f.org", "a@x\u3164.org", "a\u00a0b@x.org",
		"\u0301a@x.org", "a.\u0301b@x.org", "a@\u0301x.org", "a@😀.org", "😀@x.org", "a＠x.org", "a@x．org", "a@y。x.org", "a@y｡x.org", "a@y․x.org",
		// Other cases or forms of ASCII letters (B19).
		"mıke@github.example", "mİke@github.example", "MİKE@github.example", "mi\u212ae@github.example", "ſam@x.org", "ｍike@github.example",
		"𝐦ike@github.example", "ªnna@x.org", "ⅿike@x.org", "ﬁ@x.org", "ⓜike@x.org", "℡@x.org", "x²@x.org", "\u1feftick@x.org",
		"mike@gİthub.example", "mike@ｇithub.example", "mike@githu\u212a.example", "mike@\u212aithub.example", "mike@githuſ.example",
		"mike@𝐠ithub.example", "mike@ⓖithub.example", "mike@github.exampłe\u212a", "mike@ﬁ.example", "mike@x².example", "mike@STRAẞE.example\u212a",
	} {
		_, err := identity.ParseEmail(s)
		refusedFor(t, err, "email", s)
	}
}

// TestNoCharacterBecomesASCII tries all of Unicode: no address that contains a
// non-ASCII character has the key of one that does not.
func TestNoCharacterBecomesASCII(t *testing.T) {
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Han, r) {
			continue
		}
		if e, err := identity.ParseEmail("m" + string(r) + "ke@x.example"); err == nil && isASCII(e.Key) {
			t.Errorf("%U in the local part gives %q", r, e.Key)
		}
		e, err := identity.ParseEmail("mike@g" + string(r) + "t.example")
		if err != nil {
			continue
		}
		if _, domain, _ := strings.Cut(e.Key, "@"); !strings.HasPrefix(domain, "xn--") || strings.Count(domain, ".") != 1 {
			t.Errorf("%U in the domain gives %q", r, e.Key)
		}
	}
}

func isASCII(s string) bool { return len(s) == utf8.RuneCountInString(s) }

// TestEmailIsStable checks that an accepted address is accepted in every later
// form, and that the mail library converts the domain in the same way.
func TestEmailIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chars := rapid.SampledFrom([]rune("aAkKzßẞσςΣéÉµıİſKÅ\u0301\u0308\u0345\u0327٣७дЖ例ำǅﬁ.-+_'09"))
		local := rapid.StringOfN(chars, 1, 12, -1).Draw(t, "local")
		domain := rapid.StringOfN(chars, 1, 12, -1).Draw(t, "domain")
		checkEmail(t, local+"@"+domain+".example")
	})
}

func checkEmail(t interface {
	Helper()
	Errorf(string, ...any)
}, s string,
) {
	t.Helper()
	email, err := identity.ParseEmail(s)
	if err != nil {
		refusedFor(t, err, "email", s)
		return
	}
	if again, err := identity.ParseEmail(email.Typed); err != nil || again != email {
		t.Errorf("%q gives %q, which gives %q, %v", s, email, again, err)
	}
	if again, err := identity.ParseEmail(email.Key); err != nil || again.Key != email.Key {
		t.Errorf("%q has the key %q, whose key is %q, %v", s, email.Key, again.Key, err)
	}
	_, typed, _ := strings.Cut(email.Typed, "@")
	_, key, _ := strings.Cut(email.Key, "@")
	if ascii, err := idna.Lookup.ToASCII(typed); err != nil || ascii != key {
		t.Errorf("%q: the mail library writes to %q, %v, the key is %q", s, ascii, err, key)
	}
	if strings.ContainsAny(email.Typed, " \t\r\n,;:<>\"()[]\\\x00") || strings.Count(email.Typed, "@") != 1 {
		t.Errorf("%q was accepted as %q", s, email.Typed)
	}
}

func TestParseUsername(t *testing.T) {
	const space = " \t\r\n"
	for typed, key := range map[string]string{
		"a": "a", "Ada.Lovelace_-9": "ada.lovelace_-9", space + "Ada" + space: "ada", "_a": "_a", "..9": "..9", strings.Repeat("A", 250): strings.Repeat("a", 250),
	} {
		u, err := identity.ParseUsername(typed)
		if err != nil || u.Key != key || u.Typed != strings.TrimSpace(typed) {
			t.Errorf("%q: %+v, %v", typed, u, err)
		}
	}
	for _, s := range []string{
		"", "  ", "a b", "a\x00", "a\nb", "a@b", "ä", "а", "ADMİN", "admın", "\u212aim", "ａ", "a\u200b", "a\xff", "<b>", "a/b", "a%20b", `a"`,
		strings.Repeat("a", 251), strings.Repeat("a", 5_000_000), ".", "..", "...", "-", "--", "_", "._-", " . ", strings.Repeat(".", 250),
	} {
		_, err := identity.ParseUsername(s)
		refusedFor(t, err, "username", s)
	}
}

// TestUsernameNeedsLetterOrDigit: the refusal names the rule, so that programs
// can tell it apart.
func TestUsernameNeedsLetterOrDigit(t *testing.T) {
	for _, s := range []string{".", "..", "-", "_", "a b"} {
		_, err := identity.ParseUsername(s)
		refusals := refusal.Of(err)
		if len(refusals) != 1 || !slices.Equal(refusals[0].Rules, []refusal.Rule{{Name: refusal.RuleCharacters}}) ||
			!strings.HasSuffix(refusals[0].Message, "at least one of them a letter or digit") {
			t.Errorf("%q: %+v", s, refusals)
		}
	}
}

func TestParseDisplayName(t *testing.T) {
	for typed, want := range map[string]string{
		" Ada Lovelace\u00a0\n": "Ada Lovelace", "J. R. Smith": "", "J.R.R. Tolkien": "", "St. John": "", "Dr. Smith": "", "Sammy Davis Jr.": "",
		"Ph.D. Jones": "", "O'Hara-Smith, III": "", "<b>x</b>": "", `<a href=" ">`: "", "{{.Token}}": "", "${7*7}": "", "%0d%0a": "", "R&D @ Home": "",
		"Jose\u0301": "José", "Nguyễn Thị Ánh": "", "محمد بن سلمان": "", "د.محمد": "", "דָּוִד בֶּן־גּוּרִיּוֹן": "", "प्रज्ञा": "", "สมชาย ใจดี": "", "བཀྲ་ཤིས": "", "김정은": "",
		"モーニング娘。": "", "علی\u200cرضا": "", "ශ්\u200dරී": "", "😀": "", "👨\u200d👩\u200d👧\u200d👦": "", "🇩🇪": "", "❤\ufe0f": "", "👍🏽": "", "1\ufe0f\u20e3": "",
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f": "", "葛\U000e0100城": "", "X Æ A-12": "", "1. FC": "", "...": "", "Ms.": "",
		strings.Repeat("é", 250): "", strings.Repeat("😀", 250): "", strings.Repeat("e\u0301", 250): strings.Repeat("é", 250), "x\u0301\u0302\u0303\u0304": "",
	} {
		if want == "" {
			want = typed
		}
		got, err := identity.ParseDisplayName(typed)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
}

func TestParseDisplayNameNormalises(t *testing.T) {
	const chillu = "അവന\u0d4d\u200d" // Malayalam: the joiner after the virama makes a different letter
	for typed, want := range map[string]string{
		"Ada  Lovelace": "Ada Lovelace", "Ada \u00a0\u3000 Lovelace": "Ada Lovelace", "Ada\u00a0Lovelace": "Ada Lovelace", "山田\u3000太郎": "山田 太郎",
		"\u200bAda\u200b": "Ada", "\u2060Ada\ufeff": "Ada", "\ufeff Ada \u200b ": "Ada", "\u200dAda\u200c": "Ada", "\u200eAda\u200f": "Ada", "\u00adAda\u034f": "Ada",
		"\ufe0fAda": "Ada", "\u3164 Ada\u115f": "Ada", "Ada\u200d\u200b\n": "Ada", "علی\u200cرضا\u200c": "علی\u200cرضا",
		"❤\ufe0f\u200d": "❤\ufe0f", "❤\ufe0f\u200b": "❤\ufe0f", "\u200d👨\u200d👩\u200d👧": "👨\u200d👩\u200d👧", "❤\ufe0f\u200d🔥\u200d": "❤\ufe0f\u200d🔥",
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f\u200b": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
		"葛\U000e0100\u2060": "葛\U000e0100", chillu: chillu, chillu + " \u200b": chillu, chillu + "\u200d": chillu,
		strings.Repeat("a ", 100) + strings.Repeat(" ", 1000) + "a": strings.Repeat("a ", 100) + "a", strings.Repeat("\u200b", 250) + "a": "a",
	} {
		got, err := identity.ParseDisplayName(typed)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", typed, got, err, want)
		}
		if again, err := identity.ParseDisplayName(got); err != nil || again != got {
			t.Errorf("%q gives %q, %v", got, again, err)
		}
	}
}

func TestParseDisplayNameRefuses(t *testing.T) {
	for _, s := range []string{
		"", " \t\r\n", "\u00a0\u3000", "\u200d", "\ufe0f\u200d", "\u3164", "\u115f\u1160", "\u2800", "\U000e0061", "\u034f",
		"Bob\r\nBcc: x@evil", "Bob\nx", "Bob\rx", "Bob\x00", "Bob\x1b[2J", "Bob\x7fx", "Bob\u0085x", "Bob\u2028x", "Bob\u2029x", "a\tb",
		"\u202ebob", "bob\u202ax", "bob\u202bx", "bob\u202cx", "bob\u202dx", "bob\u2066x", "bob\u2067x", "bob\u2068x", "bob\u2069x", "bob\u200fx",
		"bob\u200bx", "bob\ufeffx", "bo\u00adb", "bob\u2060x", "bob\ue000", "bob\U0010fffd", "bob\uffff", "bob\u0378", "bob\xff", "\xed\xa0\x80",
		"bob\U000e0062\U000e0061\U000e0064", "bob\u3164x",
		"z" + strings.Repeat("\u0301", 64), "z" + strings.Repeat("\u0335\u0336\u0337", 3), "z" + strings.Repeat("\u20dd", 9),
		strings.Repeat("a", 251), strings.Repeat("a\U000e0100", 201), strings.Repeat("a", 5_000_000), strings.Repeat("\u0301", 5_000_000),
		"http://evil", "HTTPS://evil.example", "Win at x://y", "www.evil", "Click WWW.evil.example", "(www.evil)", "evil.example", "evil.example/win",
		"Win-prizes.example click", "t.co", "x.com", "X.Com/win", "a1.io", "bob@evil.example", "evil.xn--p1ai", "evil.рф", "зло.рф", "e.рф",
		"evil．example", "evil。example", "evil｡example", "evil․example", "evil.\u200dexample", "evil.e\u200dxample", "evil.e\ufe0fxample", "ｗｗｗ.evil", "http:／／evil",
		"Dr.Smith", "evil.example.", "evil.example,",
	} {
		_, err := identity.ParseDisplayName(s)
		refusedFor(t, err, "name", s)
	}
}

func TestParseLanguage(t *testing.T) {
	for typed, want := range map[string]string{
		"": "en", " ": "en", "en": "en", "EN": "en", "us": "us", "US": "us", "cn": "cn", "pt": "pt", "pt-br": "pt-BR", "pt_BR": "pt-BR", "en-gb": "en-GB",
		"zh-hant-tw": "zh-Hant-TW", "sr-Latn": "sr-Latn", "de-1996": "de-1996",
	} {
		if got, err := identity.ParseLanguage(typed); err != nil || got != want {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
	for _, s := range []string{
		"a", "-", "en-", "-en", "en--gb", "en gb", "en\x00", "en\r\nX: y", "ën", "\xff", "<b>", "../../etc", "en/us", "abcdefghi", "1", "12",
		"en-x", "en-a", "{{.}}", strings.Repeat("en-", 12) + "gb", strings.Repeat("a-", 500_000),
	} {
		_, err := identity.ParseLanguage(s)
		refusedFor(t, err, "preferred_language", s)
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"a@b.co", "a@bücher.example", "miKe@x.org", "a@xn--bcher-kva.example", "ΝΊΚΟΣ@x.org", "a@x\u0301.org", "a@דוגמה.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkEmail(t, s) })
}

func FuzzUsername(f *testing.F) {
	f.Add("Ada.L")
	f.Add(" a\u212a")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := identity.ParseUsername(s)
		if err != nil {
			refusedFor(t, err, "username", s)
			return
		}
		again, err := identity.ParseUsername(u.Typed)
		byKey, errKey := identity.ParseUsername(u.Key)
		if err != nil || errKey != nil || again != u || byKey.Key != u.Key || !isASCII(u.Typed) || len(u.Typed) > 250 {
			t.Errorf("%q gives %q, then %q, %q", s, u, again, byKey)
		}
	})
}

func FuzzDisplayName(f *testing.F) {
	for _, s := range []string{"Ada Lovelace", "J.R.R. Tolkien", "evil.example", "👨\u200d👩", "z\u0301\u0302", "\u1100\u1161", "\u200b a\u3000 b\u094d\u200d\u200d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := identity.ParseDisplayName(s)
		if err != nil {
			refusedFor(t, err, "name", s)
			return
		}
		again, err := identity.ParseDisplayName(name)
		if err != nil || again != name || utf8.RuneCountInString(name) > 250 || len(name) > 1000 {
			t.Errorf("%q gives %q, which gives %q, %v", s, name, again, err)
		}
		if strings.ContainsFunc(name, unicode.IsControl) || strings.Contains(name, "://") || strings.Join(strings.Fields(name), " ") != name {
			t.Errorf("%q was accepted", name)
		}
	})
}

func FuzzLanguage(f *testing.F) {
	for _, s := range []string{"en", "pt_BR", "us", "zh-Hant-TW", "en-u-co-phonebk", "x-a", "i-klingon", "iw"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tag, err := identity.ParseLanguage(s)
		if err != nil {
			refusedFor(t, err, "preferred_language", s)
			return
		}
		if again, err := identity.ParseLanguage(tag); err != nil || again != tag || len(tag) > 35 {
			t.Errorf("%q gives %q, which gives %q, %v", s, tag, again, err)
		}
	})
}
