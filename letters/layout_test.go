package letters_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/signup-go/signup/letters"
)

// TestLayoutIsInStep needs no npm: the compiled layout names the source that it
// was made from.
func TestLayoutIsInStep(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("mjml/layout.mjml")
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := os.ReadFile("layout.html")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(source)
	if !strings.Contains(string(compiled), "sha256:"+hex.EncodeToString(sum[:])) {
		t.Error("layout.html was made from another mjml/layout.mjml: run make generate")
	}
}

// TestLettersAreSmall: Gmail cuts off at 102 kB, and the logo is beside the HTML.
func TestLettersAreSmall(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	for _, language := range l.Languages() {
		for _, kind := range letters.Kinds() {
			if n := len(write(t, letters.Sample(kind, language)).HTML); n > 20<<10 {
				t.Errorf("%s %s: %d bytes", language, kind, n)
			}
		}
	}
}

// TestLayoutForOutlook: html/template drops comments, and with them the tables
// that keep Outlook's lines short.
func TestLayoutForOutlook(t *testing.T) {
	t.Parallel()
	html := write(t, letters.Sample("confirmation", "en")).HTML
	if begins, ends := strings.Count(html, "<!--[if mso | IE]>"), strings.Count(html, "<![endif]-->"); begins < 4 || ends < begins {
		t.Errorf("%d conditional comments, %d ends", begins, ends)
	}
	for _, want := range []string{"prefers-color-scheme: dark", "[data-ogsc]", "[data-ogsb]", `name="color-scheme"`, "max-width: 480px"} {
		if !strings.Contains(html, want) {
			t.Errorf("lacks %s", want)
		}
	}
}
