package smtptest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"
)

// A Message is a letter as received.
type Message struct {
	From string   // of the envelope
	To   []string // of the envelope
	Raw  []byte   // header and body, dots unstuffed, line ends as received
}

// Messages returns all letters accepted so far.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted)
}

// Unanswered returns the letters that were received completely, but were then
// refused or not answered.
func (s *Server) Unanswered() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unanswered)
}

// Clear forgets all letters and the transcript.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted, s.unanswered, s.transcript = nil, nil, nil
}

func (s *Server) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted = append(s.accepted, m)
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) keepUnanswered(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unanswered = append(s.unanswered, m)
}

// Header returns a header field, decoded (RFC 2047), or "".
func (m Message) Header(name string) string {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	value := parsed.Header.Get(name)
	if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		return decoded
	}
	return value
}

// Subject returns the decoded subject.
func (m Message) Subject() string { return m.Header("Subject") }

// Plain returns the decoded text/plain part with LF line ends, or "".
func (m Message) Plain() string { return m.part("text/plain") }

// HTML returns the decoded text/html part with LF line ends, or "".
func (m Message) HTML() string { return m.part("text/html") }

// Links returns the URLs in the plain text, in order.
func (m Message) Links() []string { return webURL.FindAllString(m.Plain(), -1) }

var webURL = regexp.MustCompile(`https?://[^\s<>"]+`)

func (m Message) part(mediaType string) string {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	top, parameters, _ := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if top == mediaType {
		return decode(parsed.Body, parsed.Header.Get("Content-Transfer-Encoding"))
	}
	parts := multipart.NewReader(parsed.Body, parameters["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err != nil {
			return ""
		}
		if kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind == mediaType {
			return decode(p, p.Header.Get("Content-Transfer-Encoding"))
		}
	}
}

func decode(r io.Reader, encoding string) string {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}
