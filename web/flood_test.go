package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup/password"
)

// A form whose connection is closed gives up its place in the queue of hashes.
func TestAClosedConnectionWaitsNoLonger(t *testing.T) {
	const queue = 4
	hasher := password.NewHasher(password.Params{Memory: 16 * 1024, Time: 1, Threads: 1}, 1, queue)
	release := make(chan struct{})
	hasher.After = func() { <-release } // nobody else hashes meanwhile
	w := start(t, func(s *setup) { s.service.Hasher = hasher })
	var n int
	var wg sync.WaitGroup
	post := func(ctx context.Context) <-chan int {
		n++
		name := "person" + strconv.Itoa(n)
		form := url.Values{"name": {"Ada"}, "username": {name}, "email": {name + "@example.org"}, "password": {"Analytical-1"}}
		status := make(chan int, 1)
		wg.Go(func() {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+signUpPath, strings.NewReader(form.Encode()))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if resp, err := http.DefaultTransport.RoundTrip(r); err == nil {
				status <- resp.StatusCode
				_ = resp.Body.Close()
			}
		})
		return status
	}
	waits := func(status <-chan int) bool {
		select {
		case is := <-status:
			if is != http.StatusServiceUnavailable {
				t.Fatalf("answered %d", is)
			}
			return false
		case <-time.After(100 * time.Millisecond): // a refusal comes at once
			return true
		}
	}
	leaving, leave := context.WithCancel(t.Context())
	for waits(post(leaving)) {
		if n > 1+queue {
			t.Fatalf("%d wait", n)
		}
	}
	leave()
	wg.Wait()
	deadline := time.Now().Add(10 * time.Second)
	last := post(t.Context())
	for !waits(last) {
		if time.Now().After(deadline) {
			t.Fatal("no place became free")
		}
		last = post(t.Context())
	}
	close(release)
	if is := <-last; is != http.StatusSeeOther {
		t.Errorf("the last answered %d", is)
	}
	wg.Wait()
}
