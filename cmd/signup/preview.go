package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/web"
)

type mailPreviewCmd struct {
	Kind string `arg:"" enum:"${kinds}" help:"${kinds_list}."`
	Lang string `default:"en" placeholder:"TAG" help:"Language (${default})."`
	HTML bool   `name:"html" xor:"part" help:"Print the HTML instead of the plain text."`
	EML  bool   `name:"eml" xor:"part" help:"Print the whole mail as it goes over the wire instead."`
	Out  string `short:"o" type:"path" xor:"part" placeholder:"DIR" help:"Write subject, text, HTML and the whole mail to files there instead."`
}

func (mailPreviewCmd) Help() string {
	return `Names, addresses and links in it are made up. Your own letters (--letters), logo and colours are in it.

Examples:

    signup mail preview confirmation
    signup mail preview rejected --lang de -o /tmp/mails
    signup mail preview confirmation --eml > confirmation.eml`
}

// What stands in where nothing is set.
const (
	previewBase = "https://app.example.org"
	previewFrom = "noreply@app.example.org"
)

// sample is a made-up message whose link begins as those of this server do.
func sample(kind signup.MailKind, language, base string) signup.Message {
	m := letters.Sample(kind, language)
	m.Link = strings.Replace(m.Link, previewBase, strings.TrimSuffix(base, "/"), 1)
	return m
}

// Run writes the letter.
func (c mailPreviewCmd) Run(s *session) error {
	if err := s.config.err(); err != nil {
		return err
	}
	base := s.config.baseURL
	if base == "" {
		base = previewBase
	}
	writer, err := s.letters(base)
	if err != nil {
		return usageError{err}
	}
	m := sample(signup.MailKind(c.Kind), c.Lang, base)
	text, err := writer.Write(m)
	if err != nil {
		return err
	}
	if err := c.checkLang(writer, m, text); err != nil {
		return err
	}
	raw, err := s.rawPreview(c.Kind, m.Recipient, text)
	if err != nil {
		return err
	}
	if c.Out != "" {
		return c.save(s, text, raw)
	}
	return s.answer(map[string]string{"subject": text.Subject, "text": text.Plain, "html": text.HTML, "eml": string(raw)}, func(w io.Writer) {
		switch {
		case c.HTML:
			_, _ = io.WriteString(w, text.HTML)
		case c.EML:
			_, _ = w.Write(raw)
		default:
			_, _ = fmt.Fprintf(w, "Subject: %s\n\n%s", text.Subject, text.Plain)
		}
	})
}

// checkLang refuses a language that there are no letters in: then the letter
// came in English.
func (c mailPreviewCmd) checkLang(writer *letters.Letters, m signup.Message, text signup.Text) error {
	if asked, err := language.Parse(c.Lang); err == nil {
		if base, _ := asked.Base(); base.String() == "en" {
			return nil
		}
	}
	m.Language = "en"
	english, err := writer.Write(m)
	if err != nil || english.Subject != text.Subject || english.Plain != text.Plain {
		return err
	}
	return usagef("--lang: there are no letters in %s; there are %s", printable(c.Lang), strings.Join(writer.Languages(), ", "))
}

// previewTime dates what is only looked at.
var previewTime = time.Date(2030, time.January, 1, 15, 4, 0, 0, time.UTC)

// rawPreview is the letter as it would go over the wire.
func (s *session) rawPreview(kind string, to signup.Address, text signup.Text) ([]byte, error) {
	from := s.config.mailFrom
	if from.Email == "" {
		from = signup.Address{Name: s.config.appName, Email: previewFrom}
	}
	composer, err := smtp.NewComposer(smtp.Letterhead{From: from, Now: func() time.Time { return previewTime }})
	if err != nil {
		return nil, err
	}
	m, err := composer.Compose(signup.Letter{MailID: "preview-" + strings.ReplaceAll(kind, "_", "-"), To: to, Text: text})
	return m.Raw, err
}

// save writes KIND.LANG.subject, .txt, .html and .eml. The logo in the HTML is
// part of the file, so that a browser shows it.
func (c mailPreviewCmd) save(s *session, text signup.Text, raw []byte) error {
	if err := os.MkdirAll(c.Out, 0o755); err != nil { //nolint:gosec // to be looked at by anybody
		return err
	}
	parts := map[string]string{
		"subject": text.Subject + "\n", "txt": text.Plain, "html": web.WithImage(text), "eml": string(raw),
	}
	var paths []string
	for ending, content := range parts {
		path := filepath.Join(c.Out, c.Kind+"."+filepath.Base(c.Lang)+"."+ending)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil { //nolint:gosec // the same
			return err
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return s.answer(map[string]any{"files": paths}, func(w io.Writer) {
		_, _ = io.WriteString(w, strings.Join(paths, "\n")+"\n")
	})
}
