package web

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/signup-go/signup"
)

// inboxSize is how many letters an Inbox keeps.
const inboxSize = 500

// An Inbox stands in for a mail server while developing: it keeps the last 500
// letters in memory and shows them at /dev/inbox, to this machine only. It is
// safe for concurrent use.
type Inbox struct {
	log *slog.Logger

	mu      sync.Mutex
	lastID  int64
	letters []caught // oldest first
}

// A caught letter is one that Send took.
type caught struct {
	ID      int64     `json:"id"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Link    string    `json:"link"`
	SentAt  time.Time `json:"sent_at"`
}

// NewInbox makes an empty inbox. Log may be nil.
func NewInbox(log *slog.Logger) *Inbox {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Inbox{log: log}
}

// firstURL finds the link of a letter in its plain text.
var firstURL = regexp.MustCompile(`https?://[^\s<>"]+`)

// Send keeps a letter. It never fails.
func (in *Inbox) Send(ctx context.Context, l signup.Letter) error {
	in.keep(caught{
		To: l.To.Email, Subject: l.Subject, Text: l.Plain, HTML: WithImage(l.Text),
		Link: firstURL.FindString(l.Plain), SentAt: time.Now().UTC(),
	})
	in.log.InfoContext(ctx, "mail caught", "to", l.To.Email, "subject", l.Subject, "mail", l.MailID)
	return nil
}

func (in *Inbox) keep(c caught) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.lastID++
	c.ID = in.lastID
	if len(in.letters) == inboxSize {
		in.letters = slices.Delete(in.letters, 0, 1)
	}
	in.letters = append(in.letters, c)
}

// list returns the letters to an address, or all for "", newest first.
func (in *Inbox) list(to string) []caught {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := []caught{}
	for _, c := range slices.Backward(in.letters) {
		if to == "" || strings.EqualFold(c.To, to) {
			out = append(out, c)
		}
	}
	return out
}

func (in *Inbox) find(id string) (caught, bool) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return caught{}, false
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	i := slices.IndexFunc(in.letters, func(c caught) bool { return c.ID == n })
	if i < 0 {
		return caught{}, false
	}
	return in.letters[i], true
}

func (s *server) routeInbox(mux *http.ServeMux) {
	mux.HandleFunc("GET /dev/inbox", s.local(s.inboxPage))
	mux.HandleFunc("GET /dev/inbox.json", s.local(s.inboxJSON))
	mux.HandleFunc("GET /dev/inbox/{id}/html", s.local(s.inboxHTML))
}

// local hides a handler from everybody but this machine.
func (s *server) local(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !isLocal(r) {
			s.notFound(w, r)
			return
		}
		h(w, r)
	}
}

// isLocal reports whether a request was made on this machine, to this machine
// by name (against DNS rebinding), and came through no proxy that says so.
func isLocal(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && isLoopbackName(r.Host)
}

func isLoopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}

func (s *server) inboxPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	s.show(w, http.StatusOK, "inbox", view{Title: "Inbox", Letters: s.Inbox.list(""), HasGallery: s.Gallery != nil})
}

func (s *server) inboxJSON(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, "application/json", s.Inbox.list(r.URL.Query().Get("to")))
}

// letterPolicy lets a letter look as it does in a mail program, and no more.
const letterPolicy = "sandbox allow-top-navigation-by-user-activation; default-src 'none'; " +
	"style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"

func (s *server) inboxHTML(w http.ResponseWriter, r *http.Request) {
	c, ok := s.Inbox.find(r.PathValue("id"))
	if !ok {
		s.notFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", letterPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(outOfFrame([]byte(c.HTML)))
}

// outOfFrame makes the links of a letter open in the window that holds its frame.
func outOfFrame(html []byte) []byte {
	const base = `<base target="_top">`
	if head := []byte("<head>"); bytes.Contains(html, head) {
		return bytes.Replace(html, head, append(head, base...), 1)
	}
	return append([]byte(base), html...)
}
