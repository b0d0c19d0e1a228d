package letters_test

import (
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
)

var (
	pictures = flag.String("pictures", "", "take pictures of every letter into this folder, with Chromium")
	only     = flag.String("only", "", "with -pictures: these languages, with commas")
)

// TestPictures is for looking: go test ./letters -run TestPictures -args -pictures DIR.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("no -pictures")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("pictures are taken with Chromium (Debian: apt-get install chromium): ", err)
	}
	if err := os.MkdirAll(*pictures, 0o755); err != nil {
		t.Fatal(err)
	}
	languages := newLetters(t).Languages()
	if *only != "" {
		languages = strings.Split(*only, ",")
	}
	for _, language := range languages {
		takePicture(t, chromium, language, language, newLetters(t), true)
	}
	takePicture(t, chromium, "en", "own", branded(t), true)
	takePicture(t, chromium, "en", "images-off", branded(t), false)
}

// branded are letters with everything that an operator can set.
func branded(t testing.TB) *letters.Letters {
	t.Helper()
	logo, err := os.ReadFile("testdata/logo.png")
	if err != nil {
		t.Fatal(err)
	}
	l, err := letters.New(letters.Options{
		AppName: "Engine Club", BaseURL: "https://club.example.org", Support: "help@example.org",
		Accent: "#c2410c", Logo: logo, Footer: "Engine Club, 1 Analytical Road, London\nhttps://club.example.org/imprint",
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const sheetStyle = `<!doctype html><meta charset="utf-8"><style>
body { margin: 10px; columns: 2; column-gap: 20px; font: 14px sans-serif; }
article { break-inside: avoid; margin-bottom: 16px; } section { display: flex; gap: 6px; align-items: stretch; }
iframe { border: 0; flex: none; } .desktop { width: 680px; } .phone { width: 375px; }
</style>`

// takePicture shows every letter of a language side by side: desktop and phone,
// light and dark.
func takePicture(t *testing.T, chromium, language, name string, l *letters.Letters, images bool) {
	t.Helper()
	var b strings.Builder
	b.WriteString(sheetStyle)
	for _, kind := range letters.Kinds() {
		text, err := l.Write(letters.Sample(kind, language))
		if err != nil {
			t.Fatal(err)
		}
		page := text.HTML
		if text.Inline != nil && images {
			page = strings.ReplaceAll(page, "cid:"+text.Inline.ID, dataURL(*text.Inline))
		}
		_, _ = fmt.Fprintf(&b, "<article><p>%s</p><section>", html.EscapeString(string(kind)+": "+text.Subject))
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []string{"desktop", "phone"} {
				_, _ = fmt.Fprintf(&b, `<iframe class="%s" style="color-scheme: %s" srcdoc="%s" onload="this.style.height = this.contentDocument.documentElement.scrollHeight + 'px'"></iframe>`,
					width, scheme, html.EscapeString(page))
			}
		}
		b.WriteString("</section></article>")
	}
	source := filepath.Join(t.TempDir(), "sheet.html")
	if err := os.WriteFile(source, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	shoot(t, chromium, source, filepath.Join(*pictures, name+".png"))
}

func dataURL(i signup.Image) string {
	return "data:" + i.Type + ";base64," + base64.StdEncoding.EncodeToString(i.Data)
}

func shoot(t *testing.T, chromium, source, target string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
		"--user-data-dir="+t.TempDir(), "--window-size=4310,3600", "--screenshot="+target, "file://"+source)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, out)
	}
}
