package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/signup-go/signup/web"
)

// A hook stands for a chat: it keeps what it is told.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	told   []string
	status int // to answer with
	hang   chan struct{}
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{status: http.StatusOK}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	status, hang := h.status, h.hang
	if status == http.StatusOK && hang == nil {
		h.told = append(h.told, r.URL.Path+"\n"+string(body))
	}
	h.mu.Unlock()
	if hang != nil {
		<-hang
	}
	w.WriteHeader(status)
}

func (h *hook) answer(status int, hang chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status, h.hang = status, hang
}

// about are the messages with some words.
func (h *hook) about(words string) (found []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.told {
		if strings.Contains(m, words) {
			found = append(found, m)
		}
	}
	return found
}

const hookSecret = "T0ken-0f-the-ch4t"

func (h *hook) url() string { return "generic+" + h.URL + "/" + hookSecret }

// Chats are told of who waits, through the queue, and what became of that is
// in the delivery log without the chat's secrets.
func TestNoticesToChats(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		good, bad := newHook(t), newHook(t)
		bad.answer(http.StatusForbidden, nil)
		s := openSite(t, d, "--notify", good.url(), "--notify", bad.url(), "--log-level", "debug")
		s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
		s.confirmed("ada")
		s.mailTo("boss", "ada")
		s.Eventually("the notice in the chat", func() bool { return len(good.about("ada waits")) == 1 })
		want := "/" + hookSecret + "\nada waits for approval at signup\nName: Person ada\nUsername: ada\nEmail: ada@example.org\n" +
			"https://signup.test/settings?tab=users&username=ada"
		if got := good.about("ada")[0]; got != want {
			t.Errorf("the chat was told %q, want %q", got, want)
		}
		channel := func(name string) (m web.Mail) {
			for _, m := range s.mailList("--kind", "admin_notice") {
				if said(m.Channel) == name {
					return m
				}
			}
			return web.Mail{}
		}
		s.Eventually("the failure", func() bool { return channel("generic-2").State == "trying" && channel("generic-1").State == "sent" })
		if m := channel("generic-2"); m.RecipientID != nil || !strings.Contains(said(m.LastAnswer), "generic failed: ") || !strings.Contains(said(m.LastAnswer), "403") {
			t.Errorf("%+v", m)
		}
		shown := s.Run("mail", "show", channel("generic-2").ID) + s.Run("user", "show", "ada") + s.admin("GET", "/api/v1/mails", nil).body
		for where, text := range map[string]string{"the log": s.Stderr.String(), "what administrators are shown": shown} {
			if strings.Contains(text, hookSecret) {
				t.Errorf("the chat's secret is in %s:\n%s", where, text)
			}
		}

		bad.answer(http.StatusOK, nil)
		s.hurryUntil("the second try", func() bool { return channel("generic-2").State == "sent" })
		if n := len(bad.about("ada waits")); n != 1 {
			t.Errorf("%d messages, want 1", n)
		}
	})
}

// A chat that hangs keeps neither people nor the other chat waiting.
func TestHangingChatDelaysNobody(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		good, bad := newHook(t), newHook(t)
		hang := make(chan struct{})
		bad.answer(http.StatusOK, hang)
		var once sync.Once
		free := func() { once.Do(func() { close(hang) }) }
		t.Cleanup(free)
		s := openSite(t, d, "--notify", bad.url()+"\n"+good.url())
		for _, name := range []string{"ada", "bob", "cid"} {
			s.confirmed(name)
			s.Eventually("the good chat", func() bool { return len(good.about(name+" waits")) == 1 })
		}
		s.wantStatus(s.admin("PUT", s.pathOf("cid")+"/approve", nil), 200)
		s.mailTo("cid", "is active")
		bad.answer(http.StatusOK, nil)
		free()
		s.hurryUntil("the other chat", func() bool { return len(bad.about("bob waits")) == 1 })
		s.settled()
	})
}

// What is owed to a chat that was taken away does not go to anybody by mail.
func TestChatThatIsGone(t *testing.T) {
	bad := newHook(t)
	bad.answer(http.StatusForbidden, nil)
	s := openSite(t, sqliteMake, "--notify", bad.url())
	s.confirmed("ada")
	s.Eventually("an attempt", func() bool { return len(s.mailList("--state", "trying")) == 1 })
	s.args = s.args[:len(s.args)-2]
	s.restart()
	s.hurryUntil("another", func() bool { return s.mailList("--kind", "admin_notice")[0].Attempts > 1 })
	if m := s.mailList("--kind", "admin_notice")[0]; m.State != "trying" || !strings.Contains(said(m.LastAnswer), "no such chat") {
		t.Errorf("%+v", m)
	}
	if n := len(s.mail.Messages()); n != 1 {
		t.Errorf("%d mails, want the confirmation alone", n)
	}
}

func TestMailTestChats(t *testing.T) {
	good, bad := newHook(t), newHook(t)
	environ := []string{"SIGNUP_NOTIFY=" + good.url() + " " + good.url()}
	code, stdout, stderr := runProgram(t, environ, "mail", "test-chats", "--app-name", "Orrery")
	if code != exitOK || stdout != "generic-1 took the message.\ngeneric-2 took the message.\n" || len(good.about("Test message of Orrery")) != 2 {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	bad.answer(http.StatusUnauthorized, nil)
	code, stdout, stderr = runProgram(t, nil, "mail", "test-chats", "--notify", bad.url(), "--notify", good.url())
	if code != exitFault || stdout != "generic-2 took the message.\n" || !strings.Contains(stderr, "generic-1: generic failed: ") || strings.Contains(stderr, hookSecret) {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}
