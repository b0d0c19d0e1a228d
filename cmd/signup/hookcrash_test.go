package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup/web"
	"github.com/signup-go/signup/webhook"
)

// TestWebHookCrash kills the real program at random moments while people sign up
// and are approved. In the end the receiver has had every event, those of one user
// in order. SIGNUP_TEST_KILLS says how often (5), on each make of database.
func TestWebHookCrash(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("SIGNUP_TEST_KILLS"))
	if err != nil {
		kills = 5
	}
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := newServer(t)
		s.Database = d.where(t)
		s.Key = strings.TrimSpace(s.Run("key", "create", "--name", "test"))
		s.Run("settings", "set", "signup_require_email_verification=false")
		r := newReceiver(t)
		r.slow = true
		environ := append(os.Environ(), cheapPasswords, noLimits, allowLocal, "SIGNUP_DATABASE="+s.Database,
			"SIGNUP_LISTEN=127.0.0.1:0", "SIGNUP_BASE_URL=https://signup.test", "SIGNUP_SMTP=none", "SIGNUP_LOG_FORMAT=json")
		s.environ = append(s.environ, allowLocal)
		s.addHook("app", r)
		for kill := range kills {
			p := startProcess(t, environ)
			stop := s.letIn(p.url(), kill)
			seen := r.count()
			s.within(timeout, "a web hook", func() bool { return r.count() > seen })
			<-time.After(rand.N(500 * time.Millisecond)) // the moment of the kill, not a wait
			p.kill()
			stop()
		}
		p := startProcess(t, environ)
		p.url()
		all := s.allEvents()
		s.within(2*webhook.Lease+timeout, "every event", func() bool { return untold(all, r.messages()) == 0 })
		wantOrder(t, r.messages())
		t.Logf("%d kills: %d events, %d requests", kills, len(all), r.count())
		if len(all) < 3*kills {
			t.Error("too little happened to prove anything")
		}
	})
}

// letIn signs people up and approves them until the function it returns is called,
// or the server is gone.
func (s *server) letIn(url string, round int) (stop func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var clients sync.WaitGroup
	for client := range 4 {
		clients.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				name := fmt.Sprintf("p%d-%d-%d", round, client, i)
				post(ctx, url+"/api/v1/sign-up/request", map[string]string{
					"name": name, "username": name, "email": name + "@example.org", "password": "Passw0rd!" + name,
				})
				s.approveLast(ctx, url)
			}
		})
	}
	return func() {
		cancel()
		clients.Wait()
	}
}

// approveLast approves the last user who waits, as far as the server lives.
func (s *server) approveLast(ctx context.Context, url string) {
	var page web.Users
	if !s.ask(ctx, http.MethodGet, url+"/api/v1/users?status=pending_approval&limit=1", &page) || len(page.Users) == 0 {
		return
	}
	s.ask(ctx, http.MethodPut, fmt.Sprintf("%s/api/v1/users/%d/approve", url, page.Users[0].ID), nil)
}

func (s *server) ask(ctx context.Context, method, url string, into any) bool {
	req, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+s.Key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return false
	}
	return into == nil || json.Unmarshal(b.Bytes(), into) == nil
}

// allEvents returns the list of events as it is in the database.
func (s *server) allEvents() []web.Event {
	s.t.Helper()
	var page web.Events
	if err := json.Unmarshal([]byte(s.Run("events", "--limit", "1000000", "--json")), &page); err != nil {
		s.t.Fatal(err)
	}
	return page.Events
}

// untold counts the events that no message tells of.
func untold(events []web.Event, messages []hookMessage) (n int) {
	told := map[int64]bool{}
	for _, m := range messages {
		told[m.Data.ID] = true
	}
	for _, e := range events {
		if !told[e.ID] {
			n++
		}
	}
	return n
}
