// Package colour adjusts the operator's colour just enough to be visible and
// readable on a given background.
package colour

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Minimum contrasts of WCAG 2.2: of text (1.4.3), and of everything else that
// must be visible (1.4.11).
const (
	Text = 4.5
	Seen = 3
)

// A Colour is an sRGB colour: red, green and blue.
type Colour [3]uint8

// The ends of every scale.
var (
	White = Colour{255, 255, 255}
	Black = Colour{}
)

// Parse parses "#rrggbb" or "#rgb".
func Parse(s string) (Colour, error) {
	digits, ok := strings.CutPrefix(s, "#")
	if ok && len(digits) == 3 {
		digits = fmt.Sprintf("%c%[1]c%c%[2]c%c%[3]c", digits[0], digits[1], digits[2])
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || len(digits) != 6 || err != nil {
		return Colour{}, errors.New("a colour must be # and six or three hexadecimal digits, such as #1d4ed8")
	}
	return Colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// String returns "#rrggbb".
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// Mix returns c mixed with the given part, 0 to 1, of the other colour.
func (c Colour) Mix(other Colour, part float64) Colour {
	var out Colour
	for i := range out {
		out[i] = uint8(math.Round(float64(c[i])*(1-part) + float64(other[i])*part))
	}
	return out
}

// Against returns the colour on the way from c to towards that is nearest to c
// and has enough contrast with the ground.
func (c Colour) Against(ground, towards Colour, enough float64) Colour {
	const steps = 50
	for i := range steps {
		if mixed := c.Mix(towards, float64(i)/steps); mixed.Contrast(ground) >= enough {
			return mixed
		}
	}
	return towards
}

// Clearer returns the one of the two colours with more contrast to c; the first
// if both have the same.
func (c Colour) Clearer(first, second Colour) Colour {
	if c.Contrast(second) > c.Contrast(first) {
		return second
	}
	return first
}

// Contrast returns the contrast ratio of WCAG 2.2, from 1 (none) to 21 (black on
// white).
func (c Colour) Contrast(other Colour) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func (c Colour) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}
