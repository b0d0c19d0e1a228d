package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup"
)

func userQueryTests() []test {
	return []test{
		{"Status selects what User.Status says, for all facts", statusFilter},
		{"filters work together", filtersTogether},
		{"Search finds part of name, username and address", searchFields},
		{"Search ignores case", searchCase},
		{"Search is taken literally", searchLiterally},
		{"Search follows an update", searchUpdated},
		{"pages come newest first", userPages},
		{"who waits comes oldest first", waiting},
		{"no more than 100 without a limit", userDefaultLimit},
	}
}

func (s *suite) find(q signup.UserQuery) []int64 {
	s.Helper()
	ids := userIDs(read(s, func(r signup.Reader) ([]signup.User, error) { return r.Users(s.ctx(), q) }))
	if q.Before == 0 && q.Limit == 0 {
		s.same("count", read(s, func(r signup.Reader) (int, error) { return r.CountUsers(s.ctx(), q) }), len(ids))
	}
	return ids
}

func statusFilter(s *suite) {
	want := map[signup.Status][]int64{}
	for bits := range 1 << 5 {
		u := s.createUser(func(u *signup.User) { setFacts(u, bits) })
		want[u.Status()] = slices.Insert(want[u.Status()], 0, u.ID)
	}
	for _, status := range []signup.Status{
		signup.StatusUnconfirmed, signup.StatusPendingApproval, signup.StatusActive, signup.StatusRejected,
	} {
		s.same(string(status), s.find(signup.UserQuery{Status: status}), want[status])
	}
}

// setFacts sets the facts that make a status, one for each of five bits.
func setFacts(u *signup.User, bits int) {
	has := func(bit int) bool { return bits&(1<<bit) != 0 }
	at := func(bit int) time.Time {
		if has(bit) {
			return start()
		}
		return time.Time{}
	}
	u.VerificationRequired, u.ApprovalRequired = has(0), has(1)
	u.VerifiedAt, u.ApprovedAt, u.RejectedAt = at(2), at(3), at(4)
}

func filtersTogether(s *suite) {
	var all []signup.User
	for i, role := range []signup.Role{signup.RoleMember, signup.RoleAdmin, signup.RoleMember, signup.RoleAdmin} {
		for _, verified := range []time.Time{{}, start()} {
			all = append(all, s.createUser(func(u *signup.User) {
				u.Role, u.VerifiedAt, u.Name = role, verified, fmt.Sprintf("half %d", i/2)
			}))
		}
	}
	for _, status := range []signup.Status{"", signup.StatusUnconfirmed, signup.StatusPendingApproval} {
		for _, role := range []signup.Role{"", signup.RoleMember, signup.RoleAdmin} {
			for _, search := range []string{"", "half 0", "half 1", "nobody"} {
				q := signup.UserQuery{Status: status, Role: role, Search: search}
				s.same(fmt.Sprintf("%+v", q), s.find(q), matching(all, q))
			}
		}
	}
}

func matching(users []signup.User, q signup.UserQuery) []int64 {
	ids := []int64{}
	for _, u := range slices.Backward(users) {
		if (q.Status == "" || q.Status == u.Status()) && (q.Role == "" || q.Role == u.Role) &&
			(q.Search == "" || q.Search == u.Name) {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

func searchFields(s *suite) {
	u := s.createUser(func(u *signup.User) {
		u.Name, u.Username, u.UsernameKey = "Anna Müller", "needle", "needle"
		u.Email, u.EmailKey = "haystack@example.net", "haystack@example.net"
	})
	s.createUser()
	for _, part := range []string{"na Mül", "eedl", "stack@example.n"} {
		s.same(part, s.find(signup.UserQuery{Search: part}), []int64{u.ID})
	}
	s.same("absent", s.find(signup.UserQuery{Search: "absent"}), []int64{})
	s.same("across fields", s.find(signup.UserQuery{Search: "Müllerneedle"}), []int64{})
}

func searchCase(s *suite) {
	u := s.createUser(func(u *signup.User) { u.Name = "AlIcE" })
	for _, part := range []string{"alice", "ALICE", "aLiC"} {
		s.same(part, s.find(signup.UserQuery{Search: part}), []int64{u.ID})
	}
}

func searchLiterally(s *suite) {
	names := []string{"100% sure", "100 sure", "a_b", "aXb", `a\b`, "a'b", `a"b`, "a*b", "a.b", "a[b]"}
	ids := map[string]int64{}
	for _, name := range names {
		ids[name] = s.createUser(func(u *signup.User) { u.Name = name }).ID
	}
	for search, name := range map[string]string{
		"0%": "100% sure", "a_": "a_b", `a\`: `a\b`, "a'": "a'b", `a"`: `a"b`, "a*": "a*b", "a.": "a.b", "[b": "a[b]",
	} {
		s.same(search, s.find(signup.UserQuery{Search: search}), []int64{ids[name]})
	}
}

func searchUpdated(s *suite) {
	u := s.createUser(func(u *signup.User) { u.Name = "before" })
	u.Name = "later"
	s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), u) })
	s.same("old name", s.find(signup.UserQuery{Search: "before"}), []int64{})
	s.same("new name", s.find(signup.UserQuery{Search: "later"}), []int64{u.ID})
}

func userPages(s *suite) {
	var want []int64
	for range 7 {
		want = slices.Insert(want, 0, s.createUser().ID)
	}
	var got []int64
	for before := int64(0); ; before = got[len(got)-1] {
		page := s.find(signup.UserQuery{Before: before, Limit: 3})
		if len(page) == 0 {
			break
		}
		if len(page) > 3 || before > 0 && page[0] >= before {
			s.Fatalf("a page of %d from %d, before %d", len(page), page[0], before)
		}
		got = append(got, page...)
	}
	s.same("pages", got, want)
	s.same("count", read(s, func(r signup.Reader) (int, error) {
		return r.CountUsers(s.ctx(), signup.UserQuery{Before: want[3], Limit: 2})
	}), 7)
}

// waiting comes in the order of the sign-ups, page by page.
func waiting(s *suite) {
	var want []int64
	for range 7 {
		want = append(want, s.createUser().ID)
	}
	status := s.user(want[0]).Status()
	find := func(q signup.WaitingQuery) (ids []int64) {
		q.Status = status
		for _, u := range read(s, func(r signup.Reader) ([]signup.User, error) { return r.Waiting(s.ctx(), q) }) {
			ids = append(ids, u.ID)
		}
		return ids
	}
	s.same("all", find(signup.WaitingQuery{}), want)
	s.same("a page", find(signup.WaitingQuery{After: want[1], Limit: 3}), want[2:5])
	s.same("the end", len(find(signup.WaitingQuery{After: want[6]})), 0)
	name := s.user(want[4]).Username
	s.same("by name", find(signup.WaitingQuery{Search: strings.ToUpper(name)}), []int64{want[4]})
	none := read(s, func(r signup.Reader) ([]signup.User, error) {
		return r.Waiting(s.ctx(), signup.WaitingQuery{Status: signup.StatusRejected})
	})
	s.same("of another status", len(none), 0)
}

func userDefaultLimit(s *suite) {
	s.update(func(tx signup.Tx) error {
		for range 101 {
			if _, err := tx.CreateUser(s.ctx(), s.person()); err != nil {
				return err
			}
		}
		return nil
	})
	users := read(s, func(r signup.Reader) ([]signup.User, error) { return r.Users(s.ctx(), signup.UserQuery{}) })
	s.same("users", len(users), 100)
}
