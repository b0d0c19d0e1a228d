package signup_test

import (
	"strings"
	"testing"

	"github.com/signup-go/signup"
)

// sampleToken starts with "3D", as one token in 4096 does.
const sampleToken = "3D-_EFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopA"

func TestParseToken(t *testing.T) {
	const tok = sampleToken
	for _, s := range []string{
		tok, " " + tok + "\r\n", "\u00a0" + tok + "\u3000", "\u200b" + tok + "\ufeff", "\u2060" + tok + "\u00ad", tok[:20] + "\u200b" + tok[20:],
		tok + ".", tok + ">", tok + ").", tok + ",", tok + ";", tok + ":", tok + "!", tok + "?!", tok + "]", "<" + tok + ">", "(" + tok + ")", "[" + tok + "]",
		`"` + tok + `"`, "'" + tok + "',", "`" + tok + "`", "“" + tok + ".”", "‘" + tok + "’", "«\u00a0" + tok + "\u00a0»", "„" + tok + "“", "‹" + tok + "›", "‚" + tok,
		"3D" + tok, "=3D" + tok, "<3D" + tok + ">.", tok[:10] + "=\r\n" + tok[10:], tok[:10] + "=\n" + tok[10:] + "=\r\n", "3D=\r\n" + tok,
		tok[:1] + "=\r\n" + tok[1:], tok[:30] + "=" + tok[30:], // browsers remove line ends
	} {
		if got, ok := signup.ParseToken(s); !ok || got.Reveal() != tok {
			t.Errorf("%q gives %q, %v", s, got.Reveal(), ok)
		}
	}
	for range 1000 {
		token := signup.NewToken()
		if got, ok := signup.ParseToken("<3D" + token.Reveal() + ">"); !ok || got != token {
			t.Errorf("%q is parsed as %q", token.Reveal(), got.Reveal())
		}
	}
}

func TestParseTokenRefuses(t *testing.T) {
	const tok = sampleToken
	for _, s := range []string{
		"", " ", "<>", "3D", "=", "...", tok[1:], tok[:42], tok + "A", "A" + tok, "3D3D" + tok, "3d" + tok, tok + "3D", "-" + tok, tok + "x.", "x " + tok,
		tok + " " + tok, tok[:20] + " " + tok[20:], tok[:20] + "\r\n" + tok[20:], tok[:20] + "." + tok[20:], tok[:42] + "B", tok[:42] + "-", tok[:42] + "_",
		strings.ReplaceAll(tok, "-", "+"), strings.ReplaceAll(tok, "_", "/"), tok[:42] + "\x00", tok[:42] + "é", tok + "\xff", "\xff" + tok, "token=" + tok,
		tok[:20] + "\n" + tok[20:41] + "A", tok[:20] + "\r\n" + tok[20:41], // encoding/base64 skips line ends
		strings.Repeat("<", 1_000_000), strings.Repeat(tok, 100_000),
	} {
		if got, ok := signup.ParseToken(s); ok || got != (signup.Token{}) {
			t.Errorf("%.200q is accepted as %q", s, got.Reveal())
		}
	}
}

// FuzzToken checks that an accepted string contains the token, apart from line
// breaks and invisible characters, and that the token itself is accepted.
func FuzzToken(f *testing.F) {
	for _, s := range []string{sampleToken, "<3D" + sampleToken[:9] + "=\r\n" + sampleToken[9:] + ">.", "\u200b" + sampleToken + "”", sampleToken + "\xff", sampleToken[:20] + "\n" + sampleToken[20:41] + "A", "3D"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		token, ok := signup.ParseToken(s)
		if !ok {
			return
		}
		characters := strings.Map(func(r rune) rune {
			if r < 0x80 && strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", r) {
				return r
			}
			return -1
		}, s)
		if characters != token.Reveal() && characters != "3D"+token.Reveal() {
			t.Errorf("%q is accepted as %q", s, token.Reveal())
		}
		if again, ok := signup.ParseToken(token.Reveal()); !ok || again != token || len(token.Reveal()) != 43 {
			t.Errorf("%q gives %q, which gives %q", s, token.Reveal(), again.Reveal())
		}
	})
}
