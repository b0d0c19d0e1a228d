package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup/web"
)

// allowLocal lets web hooks be sent to the tests' receivers.
const allowLocal = "SIGNUP_WEB_HOOK_ALLOW=127.0.0.1"

// A receiver is a program that web hooks are sent to. It takes what it gets.
type receiver struct {
	*httptest.Server
	t      testing.TB
	secret string // "" takes any signature
	slow   bool   // takes up to 20 ms for an answer

	mu  sync.Mutex
	got []hookMessage // in the order they came
}

type hookMessage struct {
	ID        string
	Type      string
	Timestamp time.Time
	Data      web.Event
	at        time.Time
	signature string
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t}
	r.Server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // killed
	}
	if r.slow {
		<-time.After(rand.N(20 * time.Millisecond))
	}
	m := hookMessage{ID: req.Header.Get("webhook-id"), at: time.Now(), signature: req.Header.Get("webhook-signature")}
	if err := json.Unmarshal(body, &m); err != nil {
		r.t.Errorf("not JSON: %s", body)
	}
	r.mu.Lock()
	if r.secret != "" && !slices.Contains(strings.Fields(m.signature), signatureOf(r.t, r.secret, req.Header, body)) {
		r.t.Errorf("%s is signed with %s, and not with the secret of the test", body, m.signature)
	}
	r.got = append(r.got, m)
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// signatureOf signs a request as https://www.standardwebhooks.com says.
func signatureOf(t testing.TB, secret string, h http.Header, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(secret), "whsec_"))
	if err != nil {
		t.Error(err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", h.Get("webhook-id"), h.Get("webhook-timestamp"), body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (r *receiver) messages() []hookMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *receiver) count() int { return len(r.messages()) }

// startHooks runs a server whose hooks may go to this machine, with sign-ups that
// are active once an administrator approves.
func startHooks(t testing.TB, d testDatabase, args ...string) *server {
	t.Helper()
	s := newServer(t)
	s.Database = d.where(t)
	s.environ = append(s.environ, allowLocal)
	s.start(append([]string{"--dev"}, args...)...)
	s.Key = strings.TrimSpace(s.Run("key", "create", "--name", "test"))
	s.Run("settings", "set", "signup_require_email_verification=false")
	return s
}

// addHook adds a hook and waits until the server sends to it.
func (s *server) addHook(name string, r *receiver, args ...string) {
	s.t.Helper()
	r.secret = strings.TrimSpace(s.Run(append([]string{"hook", "add", name, r.URL}, args...)...))
}

func (s *server) approve(name string) {
	s.t.Helper()
	s.Run("user", "approve", name)
}

func typesOfMessages(messages []hookMessage) (types []string) {
	for _, m := range messages {
		types = append(types, m.Type)
	}
	return types
}

// An application hears within a second that somebody was let in, sees the user as
// the list of events shows them, and is not told what it did not ask for.
func TestWebHook(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := startHooks(t, d)
		all, active := newReceiver(t), newReceiver(t)
		s.addHook("all", all)
		s.addHook("active", active, "--types", "user.active")
		s.SignUp("ada")
		s.Eventually("the sign-up", func() bool { return len(all.messages()) == 1 })
		s.approve("ada")
		s.Eventually("the approval", func() bool { return len(active.messages()) == 1 && len(all.messages()) == 3 })
		m := active.messages()[0]
		if took := m.at.Sub(m.Timestamp); took > time.Second {
			t.Errorf("the application heard of it after %v", took)
		}
		if got, want := fmt.Sprint(typesOfMessages(all.messages())), "[user.signed_up user.approved user.active]"; got != want {
			t.Errorf("told of %s, want %s", got, want)
		}
		if m.Type != "user.active" || !strings.HasPrefix(m.ID, "evt_") || m.Data.User == nil || m.Data.User.Username != "ada" || m.Data.User.Status != "active" {
			t.Errorf("got %+v", m)
		}
		var events web.Events
		s.Expect(http.StatusOK, "GET", "/api/v1/events?types=user.active", nil, &events)
		want := events.Events[len(events.Events)-1]
		got, err := json.Marshal(m.Data)
		if wanted, _ := json.Marshal(want); err != nil || string(got) != string(wanted) || !m.Timestamp.Equal(want.Time) {
			t.Errorf("data is %s at %s\nwant    %s", got, m.Timestamp, wanted)
		}
		var log web.HookDeliveries
		s.Expect(http.StatusOK, "GET", "/api/v1/web-hooks/active/deliveries", nil, &log)
		if len(log.Deliveries) != 1 || log.Deliveries[0].State != "delivered" || log.Deliveries[0].LastAnswer != "204 No Content" {
			t.Errorf("the log has %+v", log.Deliveries)
		}
	})
}
