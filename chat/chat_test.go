package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

// A request is a request that a chat's server received.
type request struct {
	path, title, auth string
	body              string
}

// A server stands in for a chat's server. It records requests and answers as
// told.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	got    []request
	answer func(http.ResponseWriter, *http.Request)
}

func newServer(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *server {
	t.Helper()
	s := &server{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.got = append(s.got, request{r.URL.RequestURI(), r.Header.Get("Title"), r.Header.Get("Authorization"), string(body)})
		s.mu.Unlock()
		s.mu.Lock()
		answer := s.answer
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.got...)
}

func (s *server) host() string { return strings.TrimPrefix(s.URL, "http://") }

func says(status int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func newSender(t *testing.T, url string) *Sender {
	t.Helper()
	s, err := New(Config{URL: url, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func notice() signup.Letter {
	return signup.Letter{Channel: "x", Text: signup.Text{
		Subject: "ada waits for approval at Orrery",
		Plain:   "Name: Ada\nEmail: ada@example.org\nhttps://orrery.example.org/review\n",
	}}
}

const wholeNotice = "ada waits for approval at Orrery\nName: Ada\nEmail: ada@example.org\nhttps://orrery.example.org/review"

func TestServices(t *testing.T) {
	srv := newServer(t, nil)
	host := srv.host()
	for name, tt := range map[string]struct {
		url    string
		answer string
		check  func(request) bool
	}{
		"generic": {"generic+http://" + host + "/hook?key=s3cretkey", "", func(r request) bool {
			return r.path == "/hook?key=s3cretkey" && r.body == wholeNotice
		}},
		"generic JSON": {"generic://" + host + "/hook?disabletls=yes&template=json", "", func(r request) bool {
			var got map[string]string
			return json.Unmarshal([]byte(r.body), &got) == nil && got["message"] == wholeNotice
		}},
		"ntfy": {"ntfy://user:s3cretpw@" + host + "/topic?scheme=http", `{"id":"x"}`, func(r request) bool {
			return r.path == "/topic" && r.body == wholeNotice && strings.HasPrefix(r.auth, "Basic ")
		}},
		"gotify": {"gotify://" + host + "/AbcdefGhijkl.Mn?disabletls=yes", `{"id":1}`, func(r request) bool {
			var got struct{ Title, Message string }
			err := json.Unmarshal([]byte(r.body), &got)
			return err == nil && got.Title == "ada waits for approval at Orrery" && got.Title+"\n"+got.Message == wholeNotice
		}},
		"matrix": {"matrix://:s3crettoken@" + host + "/?rooms=!room:example.org&disabletls=yes", `{"room_id":"!room:example.org","event_id":"$1"}`, func(r request) bool {
			var got struct{ Body string }
			return strings.Contains(r.path, "/send/m.room.message") && json.Unmarshal([]byte(r.body), &got) == nil && got.Body == wholeNotice
		}},
		"telegram": {"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0@telegram?chats=@orrery,42&notification=no", `{"ok":true}`, func(r request) bool {
			var got struct {
				ID     string `json:"chat_id"`
				Text   string
				Silent bool `json:"disable_notification"`
			}
			err := json.Unmarshal([]byte(r.body), &got)
			return err == nil && got.ID == "42" && got.Text == wholeNotice && got.Silent &&
				r.path == "/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0/sendMessage"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSender(t, tt.url)
			s.api = srv.URL
			for status, ok := range map[int]bool{http.StatusOK: true, http.StatusForbidden: false} {
				srv.answer = says(status, tt.answer)
				if !ok {
					srv.answer = says(status, `{"ok":false}`)
				}
				before := len(srv.requests())
				err := s.Send(t.Context(), notice())
				if (err == nil) != ok {
					t.Errorf("status %d: %v", status, err)
				}
				got := srv.requests()
				if len(got) == before || ok && !tt.check(got[len(got)-1]) {
					t.Errorf("got %+q", got[before:])
				}
			}
		})
	}
}

// User input mentions nobody.
func TestUserInputMentionsNobody(t *testing.T) {
	srv := newServer(t, says(200, ""))
	s := newSender(t, "generic+http://"+srv.host())
	l := notice()
	l.Plain = "@everyone <!channel> x@here <@U123> ada@example.org @ada"
	if err := s.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	want := "@\u200beveryone ‹!channel› x@\u200bhere ‹@\u200bU123› ada@example.org @\u200bada"
	if got := srv.requests()[0].body; !strings.HasSuffix(got, "\n"+want) {
		t.Errorf("%+q, want %+q", got, want)
	}
}

// Errors contain nothing of the URL, whether the library quotes it or the server
// repeats it.
func TestErrorsContainNoSecret(t *testing.T) {
	secrets := []string{"s3cretuser", "s3cretpw", "s3cret topic", "s3cret%20topic", "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"}
	gone := newServer(t, nil)
	gone.Close()
	loud := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"ok":false,"error":"no s3cretuser","code":1,"http":403,"description":"no %s"}`, r.URL.Path)
	})
	for _, srv := range []*server{gone, loud} {
		for _, url := range []string{
			"generic+http://" + srv.host() + "/s3cret%20topic?token=s3cretpw",
			"ntfy://s3cretuser:s3cretpw@" + srv.host() + "/s3cret%20topic?scheme=http",
			"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0@telegram?chats=1",
			"matrix://s3cretuser:s3cretpw@" + srv.host() + "/?disabletls=yes",
		} {
			s := newSender(t, url)
			s.api = srv.URL
			err := s.Send(t.Context(), notice())
			var fault *Error
			if !errors.As(err, &fault) || fault.Service != s.Service() || fault.Reason == "" {
				t.Fatalf("%s: %v", s.Service(), err)
			}
			for _, secret := range secrets {
				if said := fmt.Sprintf("%v %+v %#v", err, err, fault.LogValue()); strings.Contains(said, secret) {
					t.Errorf("%s: %q is in %q", s.Service(), secret, said)
				}
			}
		}
	}
	for _, url := range []string{"nonsense", "s3cretpw://x", "ntfy://s3cretuser:s3cretpw@", "logger://", "smtp://s3cretuser:s3cretpw@host/", "matrix://", "ntfy://%zz"} {
		if _, err := New(Config{URL: url}); err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "%zz") {
			t.Errorf("%s: %v", url, err)
		}
		if said := fmt.Sprintf("%v %+v %#v", Config{URL: url}, Config{URL: url}, Config{URL: url}); strings.Contains(said, "s3cretuser") {
			t.Errorf("printed as %s", said)
		}
	}
}

// A chat that hangs times out, and the next message gets through.
func TestHangingChat(t *testing.T) {
	release := make(chan struct{})
	srv := newServer(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // before the server closes
	s, err := New(Config{URL: "generic+http://" + srv.host(), Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), notice()); !errors.Is(err, context.DeadlineExceeded) || err.Error() != "generic failed: no answer in time" {
		t.Fatal(err)
	}
	srv.mu.Lock()
	srv.answer = says(200, "")
	srv.mu.Unlock()
	s.timeout = 5 * time.Second
	if err := s.Send(t.Context(), notice()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(ctx, notice()); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestConcurrentMessages(t *testing.T) {
	srv := newServer(t, says(200, `{"id":"x"}`))
	s := newSender(t, "ntfy://"+srv.host()+"/topic?scheme=http")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.Send(t.Context(), notice()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(srv.requests()); n != 20 {
		t.Errorf("%d messages, want 20", n)
	}
}
