package smtp_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
)

// A letter without HTML has no empty HTML part, which mail clients would show
// instead.
func TestPlainLetter(t *testing.T) {
	t.Parallel()
	composer, err := smtp.NewComposer(smtp.Letterhead{From: signup.Address{Email: "noreply@example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	composed, err := composer.Compose(signup.Letter{
		MailID: "1", To: signup.Address{Email: "ada@example.org"}, Text: signup.Text{Subject: "Hello", Plain: "Hello, Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(composed.Raw))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(m.Body)
	if err != nil || string(bytes.TrimSpace(body)) != "Hello, Ada" {
		t.Errorf("%q, %v", body, err)
	}
	if kind, _, _ := mime.ParseMediaType(m.Header.Get("Content-Type")); kind != "text/plain" {
		t.Errorf("content type %s", kind)
	}
}

// The image of a letter is next to the HTML that shows it.
func TestInlineImage(t *testing.T) {
	t.Parallel()
	image := bytes.Repeat([]byte{0x89, 'P', 'N', 'G', 0}, 300)
	l := signup.Letter{MailID: "1", To: signup.Address{Email: "ada@example.org"}, Text: signup.Text{
		Subject: "Hello", Plain: "Hello", HTML: `<img src="cid:logo@signup">`,
		Inline: &signup.Image{ID: "logo@signup", Type: "image/png", Data: image},
	}}
	composer, err := smtp.NewComposer(smtp.Letterhead{From: signup.Address{Email: "noreply@example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	composed, err := composer.Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(composed.Raw))
	if err != nil {
		t.Fatal(err)
	}
	mediaType, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/related" {
		t.Fatalf("%s, %v", mediaType, err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	first, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if kind, _, _ := mime.ParseMediaType(first.Header.Get("Content-Type")); kind != "multipart/alternative" {
		t.Errorf("the first part is %s", kind)
	}
	second, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if id := second.Header.Get("Content-Id"); id != "<logo@signup>" {
		t.Errorf("Content-ID %s", id)
	}
	if kind, _, _ := mime.ParseMediaType(second.Header.Get("Content-Type")); kind != "image/png" {
		t.Errorf("type %s", kind)
	}
	if disposition, _, _ := mime.ParseMediaType(second.Header.Get("Content-Disposition")); disposition != "inline" {
		t.Errorf("disposition %s", disposition)
	}
	data, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, second))
	if err != nil || !bytes.Equal(data, image) {
		t.Errorf("%d bytes of %d, %v", len(data), len(image), err)
	}
	l.To.Email = "no address"
	if _, err := composer.Compose(l); err == nil {
		t.Error("a letter to an invalid address was composed")
	}
	if _, err := smtp.NewComposer(smtp.Letterhead{From: signup.Address{Email: "nobody"}}); err == nil {
		t.Error("letters without a sender can be composed")
	}
}
