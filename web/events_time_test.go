package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/signuptest"
	"github.com/signup-go/signup/web"
)

// A timedWriter records when something was sent to a client.
type timedWriter struct {
	http.ResponseWriter

	sent  []string
	times []time.Time
}

func (w *timedWriter) Write(b []byte) (int, error) {
	w.sent, w.times = append(w.sent, string(b)), append(w.times, time.Now())
	return len(b), nil
}

func (w *timedWriter) Flush() {}

// A stream on which nothing happens sends a sign of life every 15 seconds, so that no
// proxy takes the connection for dead, and ends after ten minutes.
func TestEventStreamBeatsAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := signuptest.New(t)
		key, _, err := s.As(signup.ActorCLI).CreateAPIKey(t.Context(), signup.APIKey{Name: "app", Scopes: "read"})
		if err != nil {
			t.Fatal(err)
		}
		pages, err := web.New(web.Config{Service: s.Service, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, AppName: "App"})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/api/v1/events/stream?after=latest", nil)
		r.Header.Set("Authorization", "Bearer "+key.Reveal())
		began, w := time.Now(), &timedWriter{ResponseWriter: httptest.NewRecorder()}
		pages.ServeHTTP(w, r)
		if took := time.Since(began); took != 10*time.Minute {
			t.Errorf("the stream ended after %s", took)
		}
		if len(w.times) != 41 {
			t.Errorf("%d signs of life", len(w.times))
		}
		for i, at := range w.times {
			if want := began.Add(time.Duration(i) * 15 * time.Second); !at.Equal(want) {
				t.Fatalf("sign of life %d came after %s, want %s", i, at.Sub(began), want.Sub(began))
			}
			if !strings.HasPrefix(w.sent[i], "id: ") || strings.Contains(w.sent[i], "data:") {
				t.Errorf("sent %q", w.sent[i])
			}
		}
	})
}
