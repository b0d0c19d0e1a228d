package web

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Names of assets that the configuration makes.
const (
	accentAsset = "accent.css"
	logoAsset   = "logo"
	ownAsset    = "own.css" // of Config.Pages
)

const maxLogo = 1 << 20 // bytes

var accentPattern = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// checkBrand refuses what cannot be shown.
func (c Config) checkBrand() error {
	for name, address := range map[string]string{"ImprintURL": c.ImprintURL, "PrivacyURL": c.PrivacyURL, "TermsURL": c.TermsURL} {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "" && !isWeb(u) {
			return fmt.Errorf("web: Config.%s must be an http or https URL or a path", name)
		}
	}
	switch {
	case (c.TermsURL == "") != (c.TermsVersion == ""):
		return errors.New("web: Config.TermsURL and Config.TermsVersion belong together")
	case c.Accent != "" && !accentPattern.MatchString(c.Accent):
		return errors.New("web: Config.Accent must be a colour such as #0a7d4f")
	case len(c.Logo) > maxLogo || len(c.Logo) > 0 && logoType(c.Logo) == "":
		return errors.New("web: Config.Logo must be a PNG, JPEG, WebP or SVG image of at most 1 MiB")
	}
	return nil
}

// logoType is the media type of an image, "" for none.
func logoType(logo []byte) string {
	mediaType := http.DetectContentType(logo)
	switch {
	case mediaType == "image/png" || mediaType == "image/jpeg" || mediaType == "image/webp":
		return mediaType
	case strings.Contains(string(logo[:min(len(logo), 1000)]), "<svg"):
		return mediaTypeOf(".svg")
	default:
		return ""
	}
}

// brand adds what the configuration makes of the assets.
func (s *server) brand() {
	if s.Accent != "" {
		s.assets[accentAsset] = newAsset(mediaTypeOf(".css"), []byte(accentStyle(s.Accent)), false)
	}
	if len(s.Logo) > 0 {
		s.assets[logoAsset] = newAsset(logoType(s.Logo), s.Logo, false)
	}
}

// styles are the addresses of the style sheets after ours.
func (s *server) styles() []string {
	var out []string
	for _, name := range []string{accentAsset, ownAsset} {
		if u, err := s.assets.url(name); err == nil {
			out = append(out, s.base+u)
		}
	}
	return out
}

func (s *server) logo() string {
	u, err := s.assets.url(logoAsset)
	if err != nil {
		return ""
	}
	return s.base + u
}

// Grounds of the pages, which links must stand out from.
const (
	lightGround = "#ffffff"
	darkGround  = "#181c25"
	textRatio   = 4.5 // WCAG 2.2, 1.4.3
)

// accentStyle sets Pico's colours. The accent is bent towards black or white
// as far as text in it needs to be read.
func accentStyle(accent string) string {
	rule := func(ground string) string {
		link := readable(accent, ground)
		back := accent
		if contrast(back, ground) < 3 { // WCAG 2.2, 1.4.11
			back = link
		}
		on := "#ffffff"
		if contrast(back, on) < contrast(back, "#000000") {
			on = "#000000"
		}
		hover := blend(back, map[bool]string{true: "#000000", false: "#ffffff"}[on == "#ffffff"], 0.15)
		return fmt.Sprintf("--pico-primary:%[1]s;--pico-primary-hover:%[1]s;--pico-primary-underline:%[1]s80;--pico-primary-hover-underline:%[1]s;"+
			"--pico-primary-focus:%[1]s60;--pico-primary-background:%[2]s;--pico-primary-border:%[2]s;"+
			"--pico-primary-hover-background:%[3]s;--pico-primary-hover-border:%[3]s;--pico-primary-inverse:%[4]s",
			link, back, hover, on)
	}
	return ":root{" + rule(lightGround) + "}\n@media (prefers-color-scheme:dark){:root{" + rule(darkGround) + "}}\n"
}

// readable is a colour bent until text in it can be read on a ground.
func readable(colour, ground string) string {
	towards := "#000000"
	if contrast(ground, towards) < contrast(ground, "#ffffff") {
		towards = "#ffffff"
	}
	for share := 0.0; share < 1; share += 0.02 {
		if bent := blend(colour, towards, share); contrast(bent, ground) >= textRatio {
			return bent
		}
	}
	return towards
}

func blend(a, b string, share float64) string {
	x, y := channels(a), channels(b)
	return fmt.Sprintf("#%02x%02x%02x", mix(x[0], y[0], share), mix(x[1], y[1], share), mix(x[2], y[2], share))
}

func mix(a, b, share float64) int { return int(math.Round(255 * (a + (b-a)*share))) }

// channels are red, green and blue of "#rrggbb", 0 to 1.
func channels(colour string) (out [3]float64) {
	for i := range out {
		n, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8) // matches accentPattern
		out[i] = float64(n) / 255
	}
	return out
}

// contrast is the ratio of two colours (WCAG 2.2, "contrast ratio").
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	c := channels(colour)
	for i, v := range c {
		if v <= 0.04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}
