package web

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/signup-go/signup/internal/colour"
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
	_, terms := c.Service.Asks()
	switch {
	case (c.TermsURL == "") != (terms == ""):
		return errors.New("web: Config.TermsURL and the TermsVersion of the Service belong together")
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
var (
	lightGround = colour.White
	darkGround  = colour.Colour{0x18, 0x1c, 0x25}
)

// accentStyle sets Pico's colours, by the selectors that Pico sets them with:
// any less and its own win. The accent, which matches accentPattern, is bent
// towards black or white as far as text in it needs to be read.
func accentStyle(accent string) string {
	c, _ := colour.Parse(accent)
	return ":root:not([data-theme=dark]){" + accentOn(c, lightGround) + "}\n" +
		"@media (prefers-color-scheme:dark){:root:not([data-theme]){" + accentOn(c, darkGround) + "}}\n"
}

func accentOn(accent, ground colour.Colour) string {
	link, back := readable(accent, ground), accent
	if back.Contrast(ground) < colour.Seen {
		back = link
	}
	on := back.Clearer(colour.White, colour.Black)
	away := colour.White
	if on == colour.White {
		away = colour.Black
	}
	return fmt.Sprintf("--pico-primary:%[1]s;--pico-primary-hover:%[1]s;--pico-primary-underline:%[1]s80;--pico-primary-hover-underline:%[1]s;"+
		"--pico-primary-focus:%[1]s60;--pico-primary-background:%[2]s;--pico-primary-border:%[2]s;"+
		"--pico-primary-hover-background:%[3]s;--pico-primary-hover-border:%[3]s;--pico-primary-inverse:%[4]s",
		link, back, blend(back, away, 0.15), on)
}

// readable is a colour bent until text in it can be read on a ground.
func readable(c, ground colour.Colour) colour.Colour {
	towards := ground.Clearer(colour.Black, colour.White)
	for share := 0.0; share < 1; share += 0.02 {
		if bent := blend(c, towards, share); bent.Contrast(ground) >= colour.Text {
			return bent
		}
	}
	return towards
}

// blend rounds as these pages always did: another way of rounding would turn
// the text on some buttons from white to black.
func blend(a, b colour.Colour, share float64) (out colour.Colour) {
	for i := range out {
		from, to := float64(a[i])/255, float64(b[i])/255
		out[i] = uint8(math.Round(255 * (from + (to-from)*share)))
	}
	return out
}
