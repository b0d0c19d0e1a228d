package letters

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // logos
	_ "image/png"  // logos
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// maxLogo is the most that a logo adds to every mail, in bytes.
const maxLogo = 128 << 10

// The room for a logo, in CSS pixels.
const (
	maxLogoWidth  = 240
	maxLogoHeight = 48
)

type logo struct {
	mediaType     string
	width, height int // as it is shown
}

// CheckLogo says what is wrong with a logo, if anything.
func CheckLogo(file []byte) error {
	_, err := readLogo(file)
	return err
}

// readLogo finds out what a file is, and how large to show it.
func readLogo(file []byte) (logo, error) {
	if len(file) > maxLogo {
		return logo{}, fmt.Errorf("the logo has %d kB; at most %d kB may travel in every mail", len(file)>>10, maxLogo>>10)
	}
	if isXML := bytes.HasPrefix(bytes.TrimLeft(file, "\ufeff \t\r\n"), []byte("<")); isXML {
		return readSVG(file)
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return logo{}, errors.New("the logo must be a PNG, JPEG or SVG image")
	}
	return newLogo("image/"+format, float64(c.Width), float64(c.Height)), nil
}

// newLogo fits an image into its room. What is small stays so.
func newLogo(mediaType string, width, height float64) logo {
	scale := min(1, maxLogoWidth/width, maxLogoHeight/height)
	return logo{mediaType, max(1, int(math.Round(width*scale))), max(1, int(math.Round(height*scale)))}
}

// readSVG takes an image that does nothing but be one.
func readSVG(file []byte) (logo, error) {
	var size logo
	d := xml.NewDecoder(bytes.NewReader(file))
	for first := true; ; {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && !first:
			return size, nil
		case err != nil:
			return logo{}, errors.New("the logo is neither an image nor well-formed SVG")
		}
		switch t := token.(type) {
		case xml.Directive:
			if bytes.Contains(t, []byte("ENTITY")) {
				return logo{}, errors.New("the logo declares entities, which an image needs none of")
			}
		case xml.CharData:
			if err := inertStyle(string(t)); err != nil {
				return logo{}, err
			}
		case xml.StartElement:
			if first {
				first = false
				if size, err = sizeOfSVG(t); err != nil {
					return logo{}, err
				}
			}
			if err := inertElement(t); err != nil {
				return logo{}, err
			}
		}
	}
}

// sizeOfSVG looks at the root: viewBox, or width and height.
func sizeOfSVG(root xml.StartElement) (logo, error) {
	if root.Name.Local != "svg" {
		return logo{}, errors.New("the logo must be a PNG, JPEG or SVG image")
	}
	var width, height float64
	var box []string
	for _, a := range root.Attr {
		switch a.Name.Local {
		case "width":
			width, _ = strconv.ParseFloat(strings.TrimSuffix(a.Value, "px"), 64)
		case "height":
			height, _ = strconv.ParseFloat(strings.TrimSuffix(a.Value, "px"), 64)
		case "viewBox":
			box = strings.FieldsFunc(a.Value, func(r rune) bool { return r == ' ' || r == ',' })
		}
	}
	if !(width > 0 && height > 0) && len(box) == 4 {
		width, _ = strconv.ParseFloat(box[2], 64)
		height, _ = strconv.ParseFloat(box[3], 64)
		width, height = width*maxLogoWidth, height*maxLogoWidth // it fills what room there is
	}
	if !(width > 0 && height > 0) || width > 1e9 || height > 1e9 {
		return logo{}, errors.New("the logo does not say how large it is: it needs width and height, or a viewBox")
	}
	return newLogo("image/svg+xml", width, height), nil
}

func inertElement(e xml.StartElement) error {
	switch strings.ToLower(e.Name.Local) {
	case "script", "foreignobject", "iframe", "a":
		return fmt.Errorf("the logo holds <%s>, which is more than an image", e.Name.Local)
	}
	for _, a := range e.Attr {
		name := strings.ToLower(a.Name.Local)
		inside := strings.HasPrefix(a.Value, "#") || strings.HasPrefix(a.Value, "data:image/")
		if strings.HasPrefix(name, "on") || (name == "href" || name == "src") && !inside {
			return fmt.Errorf("the logo has %s=..., which reaches beyond the image", a.Name.Local)
		}
		if err := inertStyle(a.Value); err != nil {
			return err
		}
	}
	return nil
}

var remoteStyle = regexp.MustCompile(`(?i)@import|url\(\s*["']?\s*[^#\s"')]`)

func inertStyle(s string) error {
	if remoteStyle.MatchString(s) {
		return errors.New("the style of the logo loads something, which no mail may do")
	}
	return nil
}
