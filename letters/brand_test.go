package letters

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/colour"
)

// TestPalettes: whatever the operator's colour, it is read and seen on both
// grounds.
func TestPalettes(t *testing.T) {
	t.Parallel()
	of := func(s string) colour.Colour {
		c, err := colour.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, accent := range []string{"", "#000", "#ffffff", "#ffe600", "#1d4ed8", "#c2410c", "#7f7f7f", "#14171a", "#00ff00", "#FF0000", "#1f2429"} {
		light, dark, err := palettes(accent)
		if err != nil {
			t.Fatal(err)
		}
		for ground, p := range map[colour.Colour]palette{colour.White: light, darkCard: dark} {
			if c := of(p.Button).Contrast(ground); c < 3 {
				t.Errorf("%s: the button %s on %v has a contrast of %.2f", accent, p.Button, ground, c)
			}
			if c := of(p.Button).Contrast(of(p.OnButton)); c < 4 {
				t.Errorf("%s: %s on %s has a contrast of %.2f", accent, p.OnButton, p.Button, c)
			}
			if c := of(p.Link).Contrast(ground); c < 4.5 {
				t.Errorf("%s: the link %s on %v has a contrast of %.2f", accent, p.Link, ground, c)
			}
		}
	}
	if light, _, _ := palettes("#C2410C"); light.Button != "#c2410c" || light.OnButton != "#ffffff" {
		t.Errorf("a good accent was changed: %+v", light)
	}
	for _, bad := range []string{"red", "1d4ed8", "#12345", "#1234567", "#gggggg", "#-12345", "#é", "rgb(0,0,0)"} {
		if _, _, err := palettes(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func pictureOf(t *testing.T, encode func(*bytes.Buffer, image.Image) error, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(b *bytes.Buffer, i image.Image) error  { return png.Encode(b, i) }
func asJPEG(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) }

func TestLogo(t *testing.T) {
	t.Parallel()
	for want, file := range map[string][]byte{
		"image/png 240x30":     pictureOf(t, asPNG, 800, 100),
		"image/png 24x48":      pictureOf(t, asPNG, 100, 200),
		"image/jpeg 32x20":     pictureOf(t, asJPEG, 32, 20),
		"image/svg+xml 48x48":  []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect fill="url(#a)"/></svg>`),
		"image/svg+xml 60x30":  []byte(`<svg width="60px" height="30"></svg>`),
		"image/svg+xml 240x24": []byte("<!-- x --><svg viewBox='0,0,1000,100'/>"),
	} {
		l, err := readLogo(file)
		if got := fmt.Sprintf("%s %dx%d", l.mediaType, l.width, l.height); err != nil || got != want {
			t.Errorf("%s: got %s, %v", want, got, err)
		}
	}
	for name, file := range map[string]string{
		"text": "a logo", "gif": "GIF89a\x01\x00\x01\x00", "html": "<html></html>", "no size": "<svg></svg>", "broken": "<svg viewBox='0 0 1 1'><g></svg>",
		"script": "<svg viewBox='0 0 1 1'><script>x</script></svg>", "handler": "<svg viewBox='0 0 1 1' onload='x'/>",
		"remote": "<svg viewBox='0 0 1 1'><image href='https://evil.example/x.png'/></svg>",
		"style":  "<svg viewBox='0 0 1 1'><style>@import 'https://evil.example'</style></svg>",
		"url":    "<svg viewBox='0 0 1 1'><rect fill='url(https://evil.example)'/></svg>",
		"entity": "<!DOCTYPE svg [<!ENTITY x 'y'>]><svg viewBox='0 0 1 1'/>", "half": string(pictureOf(t, asPNG, 9, 9)[:20]),
		"long": strings.Repeat("x", maxLogo+1), "unset": "<",
	} {
		if err := CheckLogo([]byte(file)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestOwnLooks(t *testing.T) {
	t.Parallel()
	l, err := New(Options{
		AppName: "App", BaseURL: "https://app.example", Accent: "#c2410c", Logo: pictureOf(t, asPNG, 100, 50),
		Footer: "App & Co, <b>Street</b>\r\n\nhttps://app.example/imprint\nhelp@app.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := l.Write(Sample(signup.MailApproved, "en"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`src="cid:` + text.Inline.ID + `"`, `alt="App"`, `width="96" height="48"`, "#c2410c", "App &amp; Co, &lt;b&gt;Street&lt;/b&gt;",
		`href="https://app.example/imprint"`, `href="mailto:help@app.example"`,
	} {
		if !strings.Contains(text.HTML, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if !strings.HasSuffix(text.Plain, "App & Co, <b>Street</b>\nhttps://app.example/imprint\nhelp@app.example\n") {
		t.Errorf("text:\n%s", text.Plain)
	}
	if text.Inline.Type != "image/png" || len(text.Inline.Data) == 0 {
		t.Errorf("image %+v", text.Inline)
	}
	for _, o := range []Options{{Accent: "red"}, {Logo: []byte("x")}, {Footer: strings.Repeat("line\n", 7)}, {Footer: strings.Repeat("x", 301)}} {
		o.AppName, o.BaseURL = "App", "https://app.example"
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
