package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/signup-go/signup/internal/colour"
	"github.com/signup-go/signup/letters"
)

// A brandConfig is how the operator's letters look, and which of them the operator wrote.
type brandConfig struct {
	accent  string // #rrggbb; "" for the default
	logo    []byte // nil for none
	footer  string
	letters string // folder of the operator's own letters; "" for none
}

func (b *brandConfig) readAccent(s string) error {
	c, err := colour.Parse(s)
	b.accent = c.String()
	return err
}

func (b *brandConfig) readLogo(s string) (err error) {
	if b.logo, err = os.ReadFile(s); err != nil {
		return fmt.Errorf("the image cannot be read: %w", withoutPath(err))
	}
	if len(b.logo) == 0 {
		return errors.New("the image is empty")
	}
	return letters.CheckLogo(b.logo)
}

func (b *brandConfig) readFooter(s string) error {
	b.footer = s
	return letters.CheckFooter(s)
}

func (b *brandConfig) readLetters(s string) error {
	info, err := os.Stat(s)
	switch {
	case err != nil:
		return fmt.Errorf("the folder cannot be read: %w", withoutPath(err))
	case !info.IsDir():
		return errors.New("must be a folder that holds letters")
	}
	b.letters = s
	return nil
}

// withoutPath leaves out the value, which may have been meant for elsewhere.
func withoutPath(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}

// letterOptions are what the writer of letters has to know of a server at base.
func (c *config) letterOptions(base string) letters.Options {
	o := letters.Options{
		AppName: c.appName, BaseURL: base, Support: c.support,
		Accent: c.brand.accent, Logo: c.brand.logo, Footer: c.brand.footer,
	}
	if c.brand.letters != "" {
		o.Own = os.DirFS(c.brand.letters)
	}
	return o
}
