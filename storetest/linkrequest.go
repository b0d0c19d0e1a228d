package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func linkRequestTests() []test {
	return []test{
		{"every field is read back", linkRequestComesBack},
		{"TakeLinkRequests removes at most limit requests, oldest first", takeInOrder},
		{"the same request is stored once", sameLinkRequest},
		{"a request can be stored again after it was taken", linkRequestAgain},
		{"a taken request is restored if its update fails", takeRolledBack},
		{"concurrent TakeLinkRequests return each request once", takeLinkRequestsRace},
		{"concurrent AddLinkRequest of the same request store it once", addLinkRequestRace},
	}
}

func (s *suite) addLinkRequests(requests ...signup.LinkRequest) {
	s.Helper()
	s.update(func(tx signup.Tx) error {
		for _, r := range requests {
			if err := tx.AddLinkRequest(s.ctx(), r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *suite) takeLinkRequests(limit int) []signup.LinkRequest {
	s.Helper()
	return write(s, func(tx signup.Tx) ([]signup.LinkRequest, error) { return tx.TakeLinkRequests(s.ctx(), limit) })
}

func linkRequestComesBack(s *suite) {
	want := filled[signup.LinkRequest](s)
	s.addLinkRequests(want)
	s.same("requests", s.takeLinkRequests(10), []signup.LinkRequest{want})
	for _, text := range awkward() {
		want := signup.LinkRequest{EmailKey: text, UsernameKey: text, At: start()}
		s.addLinkRequests(want)
		s.same("requests", s.takeLinkRequests(10), []signup.LinkRequest{want})
	}
}

// linkRequests returns n requests of different users, a second apart.
func linkRequests(n int) []signup.LinkRequest {
	requests := []signup.LinkRequest{}
	for i := range n {
		requests = append(requests, signup.LinkRequest{
			Kind: signup.MailConfirmation, EmailKey: newID() + "@example.org", UsernameKey: newID(), At: start().Add(time.Duration(i) * time.Second),
		})
	}
	return requests
}

func takeInOrder(s *suite) {
	want := linkRequests(5)
	for _, i := range []int{3, 0, 4, 2, 1} {
		s.addLinkRequests(want[i])
	}
	s.same("none asked for", len(s.takeLinkRequests(0)), 0)
	s.same("the oldest", s.takeLinkRequests(2), want[:2])
	s.same("the next", s.takeLinkRequests(2), want[2:4])
	s.same("the last", s.takeLinkRequests(2), want[4:])
	s.same("none left", len(s.takeLinkRequests(2)), 0)
}

// sameLinkRequest checks that requests with the same kind, address and username count
// as the same, whatever their times, and that the first one stays.
func sameLinkRequest(s *suite) {
	r := linkRequests(1)[0]
	others := []signup.LinkRequest{r, r, r, r}
	others[0].UsernameKey = ""
	others[1].UsernameKey = "another"
	others[2].EmailKey = "another@example.org"
	others[3].Kind = signup.MailPasswordReset
	for i := range others {
		others[i].At = r.At.Add(time.Duration(i+1) * time.Second)
	}
	later, earlier := r, r
	later.At, earlier.At = r.At.Add(time.Hour), r.At.Add(-time.Hour)
	s.addLinkRequests(r, r, later, earlier)
	s.addLinkRequests(r, later, earlier)
	s.addLinkRequests(others...)
	s.addLinkRequests(others...)
	s.same("requests", s.takeLinkRequests(10), append([]signup.LinkRequest{r}, others...))
}

func linkRequestAgain(s *suite) {
	want := linkRequests(1)
	for range 2 {
		s.addLinkRequests(want...)
		s.same("requests", s.takeLinkRequests(10), want)
	}
}

func takeRolledBack(s *suite) {
	want := linkRequests(2)
	s.addLinkRequests(want...)
	fault := errors.New("fault")
	s.refused(fault, func(tx signup.Tx) error {
		got, err := tx.TakeLinkRequests(s.ctx(), 10)
		if err != nil {
			return err
		}
		s.same("taken", got, want)
		return fault
	})
	s.same("requests", s.takeLinkRequests(10), want)
}

func takeLinkRequestsRace(s *suite) {
	all := linkRequests(40)
	s.addLinkRequests(all...)
	taken := make([][]signup.LinkRequest, 8)
	for _, err := range race(len(taken), func(i int) error {
		for range 3 {
			var got []signup.LinkRequest
			err := s.store.Update(s.ctx(), func(tx signup.Tx) (err error) {
				got, err = tx.TakeLinkRequests(s.ctx(), 3)
				return err
			})
			if err != nil {
				return err
			}
			taken[i] = append(taken[i], got...)
		}
		return nil
	}) {
		if err != nil {
			s.Fatal(err)
		}
	}
	// An update that skips rows locked by another one may get fewer than there
	// are.
	got := append(slices.Concat(taken...), s.takeLinkRequests(100)...)
	slices.SortFunc(got, func(a, b signup.LinkRequest) int { return a.At.Compare(b.At) })
	s.same("taken", got, all)
}

func addLinkRequestRace(s *suite) {
	want := linkRequests(1)
	for _, err := range race(20, func(int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error { return tx.AddLinkRequest(s.ctx(), want[0]) })
	}) {
		if err != nil {
			s.Fatal(err)
		}
	}
	s.same("requests", s.takeLinkRequests(10), want)
}
