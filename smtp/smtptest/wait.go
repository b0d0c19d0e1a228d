package smtptest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// waitTimeout is how long a wait lasts before it fails the test.
const waitTimeout = 20 * time.Second

// WaitFor waits until at least n letters have been accepted and returns all of
// them.
func (s *Server) WaitFor(t testing.TB, n int) []Message {
	t.Helper()
	var got []Message
	s.wait(t, func(all []Message) bool {
		got = all
		return len(all) >= n
	})
	return got
}

// WaitForMatch waits for the first accepted letter that fits.
func (s *Server) WaitForMatch(t testing.TB, fits func(Message) bool) Message {
	t.Helper()
	var got Message
	s.wait(t, func(all []Message) bool {
		i := slices.IndexFunc(all, fits)
		if i >= 0 {
			got = all[i]
		}
		return i >= 0
	})
	return got
}

// WaitForTo waits for the first accepted letter to this address.
func (s *Server) WaitForTo(t testing.TB, address string) Message {
	t.Helper()
	return s.WaitForMatch(t, func(m Message) bool { return slices.Contains(m.To, address) })
}

func (s *Server) wait(t testing.TB, enough func([]Message) bool) {
	t.Helper()
	timeout := time.After(waitTimeout)
	for {
		all, changed := s.look()
		if enough(all) {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("smtptest: none of %d letters fits after %v; commands:\n%s",
				len(all), waitTimeout, strings.Join(s.Transcript(), "\n"))
		}
	}
}

func (s *Server) look() ([]Message, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted), s.changed
}
