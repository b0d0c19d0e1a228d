package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// atOnce is how many requests a race has.
const atOnce = 50

// Of any number of confirms of one token at the same moment exactly one
// succeeds, the others are told that it is done already, and each
// administrator gets one mail.
func TestRaceConfirm(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
		const people = 100
		for i := range people {
			s.signUp(fmt.Sprintf("racer-%d", i))
		}
		for i := range people {
			s.race(fmt.Sprintf("racer-%d", i))
		}
		s.settled()
		notices := map[string]int{}
		for _, m := range s.mail.Messages() {
			if m.To[0] == "boss@example.org" {
				notices[strings.Fields(m.Subject())[0]]++
			}
		}
		if len(notices) != people {
			t.Errorf("the administrator was told of %d people, want %d", len(notices), people)
		}
		for name, n := range notices {
			if n != 1 {
				t.Errorf("%d mails about %s", n, name)
			}
		}
		if verified := s.query(`SELECT count(*) FROM audit_events WHERE action = 'user.verified'`); verified != fmt.Sprint(people) {
			t.Errorf("%s verifications in the audit trail, want %d", verified, people)
		}
	})
}

// race confirms one person's token many times at the same moment.
func (s *site) race(name string) {
	s.t.Helper()
	plain := s.tokenTo(name)
	answers := tally(together(atOnce, func(int) string {
		r := s.post("/api/v1/sign-up/confirm", token(plain))
		return fmt.Sprint(r.status, " ", codeIn(r))
	}))
	if answers["200 "] != 1 || answers["400 already_confirmed"] != atOnce-1 {
		s.t.Errorf("%s: %v", name, answers)
	}
}

// codeIn is the code of a problem document, or "".
func codeIn(r reply) string {
	var p problem
	_ = json.Unmarshal([]byte(r.body), &p) // an answer without one has none
	return p.Code
}

// Of sign-ups with one username at the same moment one is taken. With one address
// all are, until the links are opened: one of them holds the address then.
func TestRaceSignUp(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		spelling := []string{"John.Doe@Example.ORG", "john.doe@example.org"}
		sameAddress := func(prefix string) func(int) string {
			return func(i int) string {
				body := person(fmt.Sprintf("%s-%d", prefix, i))
				body["email"] = prefix + spelling[i%2]
				r := s.post("/api/v1/sign-up/request", body)
				return fmt.Sprint(r.status, " ", codeIn(r))
			}
		}
		sameUsername := func(i int) string {
			body := person([]string{"Jane", "jane", "JANE"}[i%3])
			body["email"] = fmt.Sprintf("jane-%d@example.org", i)
			r := s.post("/api/v1/sign-up/request", body)
			return fmt.Sprint(r.status, " ", codeIn(r))
		}

		t.Run("address, concealed", func(t *testing.T) {
			s := s.in(t)
			if got := tally(together(atOnce, sameAddress("hidden"))); got["201 "] != atOnce {
				t.Errorf("answers %v", got)
			}
			var links []string
			s.Eventually("a link for each", func() bool {
				links = s.tokensTo("hidden" + spelling[1])
				return len(links) == atOnce
			})
			got := tally(together(atOnce, func(i int) string {
				r := s.post("/api/v1/sign-up/confirm", token(links[i]))
				return fmt.Sprint(r.status, " ", codeIn(r))
			}))
			if got["200 "] != 1 || got["400 already_confirmed"] != atOnce-1 {
				t.Errorf("answers to the links %v", got)
			}
			s.oneRow("hiddenjohn.doe@example.org&status=pending_approval")
		})
		t.Run("address, told", func(t *testing.T) {
			s := s.in(t)
			s.set(map[string]any{"conceal_emails": false})
			if got := tally(together(atOnce, sameAddress("hidden"))); got["409 email_taken"] != atOnce {
				t.Errorf("answers %v", got)
			}
		})
		t.Run("address, at once", func(t *testing.T) {
			s := s.in(t)
			s.set(required(false, false))
			if got := tally(together(atOnce, sameAddress("told"))); got["201 "] != 1 || got["409 email_taken"] != atOnce-1 {
				t.Errorf("answers %v", got)
			}
			s.oneRow("toldjohn.doe@example.org")
		})
		t.Run("username", func(t *testing.T) {
			s := s.in(t)
			if got := tally(together(atOnce, sameUsername)); got["201 "] != 1 || got["409 username_taken"] != atOnce-1 {
				t.Errorf("answers %v", got)
			}
			s.oneRow("jane-")
		})
		s.wantStatus(s.send("GET", "/healthz", "", nil), 200)
	})
}

// tokensTo are those of all mails to an address, whatever its case.
func (s *site) tokensTo(address string) []string {
	s.t.Helper()
	var tokens []string
	for _, m := range s.mail.Messages() {
		if strings.EqualFold(m.To[0], address) && strings.Contains(m.Plain(), "token=") {
			tokens = append(tokens, tokenOf(s.t, m.Links()[0]))
		}
	}
	return tokens
}

// oneRow sees to it that exactly one user is found by part of an address.
func (s *site) oneRow(search string) {
	s.t.Helper()
	r := s.admin("GET", "/api/v1/users?search="+search, nil)
	s.wantStatus(r, 200)
	var list struct{ Total int }
	s.decode(r.body, &list)
	if list.Total != 1 {
		s.t.Errorf("%d users found by %s: %s", list.Total, search, r.body)
	}
}
