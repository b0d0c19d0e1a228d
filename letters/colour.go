package letters

import "github.com/signup-go/signup/internal/colour"

// A palette is what the accent comes to on a light or a dark ground.
type palette struct {
	Button   string // the accent, unless it cannot be seen on the ground
	OnButton string // what is written on it
	Link     string // the accent, unless it cannot be read on the ground
}

// DefaultAccent is the colour of buttons and links where none is set.
const DefaultAccent = "#1d4ed8"

var (
	ink      = colour.Colour{0x11, 0x18, 0x20}
	darkCard = colour.Colour{0x1f, 0x24, 0x29} // as the layout has it
)

// palettes makes the colours of letters from the operator's accent.
func palettes(accent string) (light, dark palette, err error) {
	if accent == "" {
		accent = DefaultAccent
	}
	c, err := colour.Parse(accent)
	if err != nil {
		return light, dark, err
	}
	return paletteOn(c, colour.White, ink), paletteOn(c, darkCard, colour.White), nil
}

// paletteOn moves the accent towards the colour of the text as far as the
// ground asks.
func paletteOn(accent, ground, text colour.Colour) palette {
	button := accent.Against(ground, text, colour.Seen)
	return palette{
		Button: button.String(), OnButton: button.Clearer(colour.White, ink).String(),
		Link: accent.Against(ground, text, colour.Text).String(),
	}
}
