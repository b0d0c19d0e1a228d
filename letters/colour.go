package letters

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A palette is what the accent comes to on a light or a dark ground.
type palette struct {
	Button   string // the accent, unless it cannot be seen on the ground
	OnButton string // what is written on it
	Link     string // the accent, unless it cannot be read on the ground
}

// DefaultAccent is the colour of buttons and links where none is set.
const DefaultAccent = "#1d4ed8"

// Contrasts that WCAG 2.2 asks for: of text (1.4.3), and of what has to be
// seen (1.4.11).
const (
	readable = 4.5
	visible3 = 3
)

var (
	white    = colour{255, 255, 255}
	ink      = colour{0x11, 0x18, 0x20}
	darkCard = colour{0x1f, 0x24, 0x29} // as the layout has it
)

// palettes makes the colours of letters from the operator's accent.
func palettes(accent string) (light, dark palette, err error) {
	if accent == "" {
		accent = DefaultAccent
	}
	c, err := parseColour(accent)
	if err != nil {
		return light, dark, err
	}
	return c.on(white, ink), c.on(darkCard, white), nil
}

// CheckAccent says what is wrong with a colour, if anything.
func CheckAccent(accent string) error {
	_, err := parseColour(accent)
	return err
}

// on moves the accent towards the colour of the text as far as the ground asks.
func (c colour) on(ground, text colour) palette {
	button := c.against(ground, text, visible3)
	onButton := white
	if button.contrast(ink) > button.contrast(white) {
		onButton = ink
	}
	return palette{Button: button.String(), OnButton: onButton.String(), Link: c.against(ground, text, readable).String()}
}

// against is the colour nearest to c, on the way to text, that stands out
// enough on the ground.
func (c colour) against(ground, text colour, enough float64) colour {
	const steps = 50
	for i := range steps {
		if mixed := c.mix(text, float64(i)/steps); mixed.contrast(ground) >= enough {
			return mixed
		}
	}
	return text
}

// A colour is red, green and blue in sRGB.
type colour [3]uint8

func parseColour(s string) (colour, error) {
	digits, ok := strings.CutPrefix(s, "#")
	if ok && len(digits) == 3 {
		digits = fmt.Sprintf("%c%[1]c%c%[2]c%c%[3]c", digits[0], digits[1], digits[2])
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || len(digits) != 6 || err != nil {
		return colour{}, errors.New("a colour must be # and six or three hexadecimal digits, such as " + DefaultAccent)
	}
	return colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

func (c colour) mix(other colour, part float64) colour {
	var out colour
	for i := range out {
		out[i] = uint8(math.Round(float64(c[i])*(1-part) + float64(other[i])*part))
	}
	return out
}

// contrast is that of WCAG 2.2: 1 for none, 21 for black on white.
func (c colour) contrast(other colour) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func (c colour) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}
