package letters

import (
	"errors"
	"fmt"
	"html/template"
	"net/url"

	"github.com/signup-go/signup"
)

// A brand is the application as letters name and paint it.
type brand struct {
	App, Host, URL, Support, SupportURL string

	Light, Dark palette
	Lines       []line // the operator's own, at the foot

	Logo                  template.URL // cid:..., or "" for none
	LogoWidth, LogoHeight int          // CSS pixels
	image                 *signup.Image
}

// A line is one of the operator's, and where it leads: "" for nowhere.
type line struct{ Text, URL string }

// Limits of the operator's own lines.
const (
	maxLines      = 6
	maxLineLength = 300 // characters
)

func newBrand(o Options) (brand, error) {
	app := oneLine(o.AppName)
	u, err := url.Parse(o.BaseURL)
	switch {
	case app == "":
		return brand{}, errors.New("letters need the name of the application")
	case err != nil || !isWeb(o.BaseURL):
		return brand{}, errors.New("letters need the base URL: absolute, http or https")
	}
	b := brand{App: app, Host: u.Host, URL: o.BaseURL, Support: oneLine(o.Support)}
	b.SupportURL = contactURL(b.Support)
	if b.Light, b.Dark, err = palettes(o.Accent); err != nil {
		return brand{}, err
	}
	if b.Lines, err = ownLines(o.Footer); err != nil {
		return brand{}, err
	}
	return b, b.hang(o.Logo)
}

func ownLines(text string) ([]line, error) {
	var out []line
	for _, s := range lines(text) {
		if len([]rune(s)) > maxLineLength {
			return nil, fmt.Errorf("a line of the footer is longer than %d characters", maxLineLength)
		}
		out = append(out, line{s, contactURL(s)})
	}
	if len(out) > maxLines {
		return nil, fmt.Errorf("the footer has %d lines; at most %d fit", len(out), maxLines)
	}
	return out, nil
}

// CheckFooter says what is wrong with the operator's own lines, if anything.
func CheckFooter(text string) error {
	_, err := ownLines(text)
	return err
}

// logoID names the logo in the HTML, behind "cid:".
const logoID = "logo@signup"

// hang puts the logo up, if there is one.
func (b *brand) hang(file []byte) error {
	if len(file) == 0 {
		return nil
	}
	l, err := readLogo(file)
	if err != nil {
		return err
	}
	b.Logo, b.LogoWidth, b.LogoHeight = "cid:"+logoID, l.width, l.height
	b.image = &signup.Image{ID: logoID, Type: l.mediaType, Data: file}
	return nil
}

func isWeb(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
