package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// A pageConfig is what the pages have of the operator's.
type pageConfig struct {
	imprint, privacy, terms string // with {base}; "" for none
	termsVersion            string
	dir                     string // with the operator's templates and style sheets; "" for none
}

func (p *pageConfig) readImprint(s string) error { p.imprint = s; return checkTemplate(s) }
func (p *pageConfig) readPrivacy(s string) error { p.privacy = s; return checkTemplate(s) }
func (p *pageConfig) readTerms(s string) error   { p.terms = s; return checkTemplate(s) }

func (p *pageConfig) readDir(s string) error {
	info, err := os.Stat(s)
	if err != nil || !info.IsDir() {
		return errors.New("must be a folder that can be read")
	}
	p.dir = s
	return nil
}

// check refuses terms without a version, and a version without terms.
func (p *pageConfig) check() error {
	if (p.terms == "") != (p.termsVersion == "") {
		return errors.New("--terms-url and --terms-version belong together")
	}
	return nil
}

// files are the operator's own, nil for none.
func (p *pageConfig) files() fs.FS {
	if p.dir == "" {
		return nil
	}
	return os.DirFS(p.dir)
}

// under is a link of a server at base.
func (p *pageConfig) under(base, link string) string { return strings.ReplaceAll(link, "{base}", base) }
