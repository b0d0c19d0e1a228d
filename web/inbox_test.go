package web_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

func letter(to, link string) signup.Letter {
	return signup.Letter{
		MailID: "mail-1", To: signup.Address{Name: "Ada", Email: to},
		Text: signup.Text{Subject: "Confirm <you>", Plain: "Hello\n" + link + "\nBye", HTML: "<html><head><title>x</title></head><body><script>alert(1)</script></body></html>"},
	}
}

func TestInbox(t *testing.T) {
	w := start(t)
	const link = "https://app.example/verify-email?token=abc"
	w.must(w.inbox.Send(t.Context(), letter("ada@example.org", link)))
	w.must(w.inbox.Send(t.Context(), letter("bob@example.org", "")))
	var list []struct {
		ID, To, Subject, Text, HTML, Link string
		SentAt                            string `json:"sent_at"`
	}
	body := w.get("/dev/inbox.json?to=ADA@example.org").wants(t, 200, `"link":"`+link+`"`).body
	answer{body: strings.ReplaceAll(body, `"id":1`, `"id":"1"`)}.decode(t, &list)
	if len(list) != 1 || list[0].ID != "1" || list[0].Link != link || list[0].SentAt == "" || list[0].HTML == "" {
		t.Errorf("list %+v", list)
	}
	all := w.get("/dev/inbox.json").body
	if strings.Index(all, "bob@") > strings.Index(all, "ada@") {
		t.Error("the oldest comes first")
	}
	page := w.get("/dev/inbox").wants(t, 200, `href="`+link+`"`, "Confirm &lt;you&gt;", `/dev/inbox/1/html`, `sandbox=`)
	if !strings.Contains(page.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Error("the page cannot show the letter")
	}
	html := w.get("/dev/inbox/1/html").wants(t, 200, `<head><base target="_top">`)
	if csp := html.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox ") || strings.Contains(csp, "allow-scripts") {
		t.Errorf("policy %s", csp)
	}
	w.get("/dev/inbox/3/html").wantsProblem(t, 404, "not_found")
	w.get("/dev/inbox/x/html").wantsProblem(t, 404, "not_found")
	if countLines(w.log, "mail caught", "ada@example.org", "Confirm") != 1 || strings.Contains(w.log.String(), "abc") {
		t.Errorf("log %s", w.log)
	}
}

func TestInboxKeepsTheLast500(t *testing.T) {
	w := start(t)
	for i := range 501 {
		w.must(w.inbox.Send(t.Context(), letter(fmt.Sprintf("u%d@example.org", i), "")))
	}
	var list []map[string]any
	w.get("/dev/inbox.json").decode(t, &list)
	if len(list) != 500 || list[0]["to"] != "u500@example.org" || list[499]["to"] != "u1@example.org" {
		t.Errorf("%d letters, %v first", len(list), list[0]["to"])
	}
}

func TestInboxIsForThisMachineOnly(t *testing.T) {
	w := start(t)
	h, err := web.New(web.Config{Service: w.Service, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Inbox: w.inbox})
	w.must(err)
	for _, c := range []struct {
		peer, host, header string
		status             int
	}{
		{"127.0.0.1:5000", "localhost:8080", "", 200},
		{"127.0.0.1:5000", "127.0.0.1", "", 200},
		{"[::1]:5000", "[::1]:8080", "", 200},
		{"[::ffff:127.0.0.1]:5000", "LOCALHOST", "", 200},
		{"192.0.2.1:5000", "localhost", "", 404},
		{"[2001:db8::1]:5000", "localhost", "", 404},
		{"127.0.0.1:5000", "rebound.example:8080", "", 404},
		{"127.0.0.1:5000", "localhost.evil.example", "", 404},
		{"127.0.0.1:5000", "", "", 404},
		{"127.0.0.1:5000", "localhost", "X-Forwarded-For", 404},
		{"127.0.0.1:5000", "localhost", "Forwarded", 404},
		{"nonsense", "localhost", "", 404},
	} {
		for _, path := range []string{"/dev/inbox", "/dev/inbox.json"} {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			r.RemoteAddr, r.Host = c.peer, c.host
			if c.header != "" {
				r.Header.Set(c.header, "192.0.2.1")
			}
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			if answer.Code != c.status {
				t.Errorf("%+v, %s: %d", c, path, answer.Code)
			}
		}
	}
}
