package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/identity"
)

func userQueryTests() []test {
	return []test{
		{"filters can be combined", filtersTogether},
		{"Search finds parts of the name, username and address", searchFields},
		{"Search compares by SearchKey", searchFolded},
		{"Search has no wildcards", searchLiterally},
		{"Search follows an update", searchUpdated},
		{"pages come newest first", userPages},
		{"pages come oldest first", userPagesOldest},
		{"EmailKey selects every user with the address", usersWithAddress},
		{"at most 100 without a limit", userDefaultLimit},
	}
}

func (s *suite) find(q signup.UserQuery) []int64 {
	s.Helper()
	ids := userIDs(read(s, func(r signup.Reader) ([]signup.User, error) { return r.Users(s.ctx(), q) }))
	if q.Before == 0 && q.After == 0 && q.Limit == 0 {
		s.same("count", s.count(q), len(ids))
	}
	return ids
}

func (s *suite) count(q signup.UserQuery) int {
	s.Helper()
	return read(s, func(r signup.Reader) (int, error) { return r.CountUsers(s.ctx(), q) })
}

func filtersTogether(s *suite) {
	var all []signup.User
	for i, role := range []signup.Role{signup.RoleMember, signup.RoleAdmin, signup.RoleMember, signup.RoleAdmin} {
		for _, verified := range []time.Time{{}, start()} {
			all = append(all, s.createUser(func(u *signup.User) {
				u.Role, u.VerifiedAt, u.Name = role, verified, fmt.Sprintf("half %d", i/2)
				if i > 0 && verified.IsZero() {
					u.EmailKey = "half@example.org"
				}
			}))
		}
	}
	for _, status := range []signup.Status{"", signup.StatusUnconfirmed, signup.StatusPendingApproval} {
		for _, role := range []signup.Role{"", signup.RoleMember, signup.RoleAdmin} {
			for _, search := range []string{"", "half 0", "half 1", "nobody"} {
				for _, key := range []string{"", all[0].EmailKey, "half@example.org"} {
					for _, after := range []int64{0, all[2].ID} {
						q := signup.UserQuery{Status: status, Role: role, Search: search, EmailKey: key, After: after}
						s.matches(all, q)
						q.Before = all[6].ID
						s.matches(all, q)
						q.OldestFirst = true
						s.matches(all, q)
					}
				}
			}
		}
	}
}

func (s *suite) matches(all []signup.User, q signup.UserQuery) {
	s.Helper()
	want := matching(all, q)
	if q.OldestFirst {
		slices.Reverse(want)
	}
	s.same(fmt.Sprintf("%+v", q), s.find(q), want)
}

// matching implements UserQuery in Go. Search is compared with the name only.
func matching(users []signup.User, q signup.UserQuery) []int64 {
	ids := []int64{}
	for _, u := range slices.Backward(users) {
		if (q.Status == "" || q.Status == u.Status()) && (q.Role == "" || q.Role == u.Role) &&
			(q.Search == "" || q.Search == u.Name) && (q.EmailKey == "" || q.EmailKey == u.EmailKey) &&
			(q.Before == 0 || u.ID < q.Before) && u.ID > q.After {
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

// searchFolded expects Search to ignore what SearchKey ignores: case, for example.
func searchFolded(s *suite) {
	u := s.createUser(named("AlIcE Åström"))
	for _, part := range []string{"AlIcE", identity.SearchKey("AlIcE Å"), "Åström"} {
		s.same(part, s.find(signup.UserQuery{Search: part}), []int64{u.ID})
	}
	s.same("another case", s.find(signup.UserQuery{Search: "aLiCe"}), []int64{u.ID})
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

func userPagesOldest(s *suite) {
	var want []int64
	for range 7 {
		want = append(want, s.createUser().ID)
	}
	s.same("all", s.find(signup.UserQuery{OldestFirst: true}), want)
	s.same("a page", s.find(signup.UserQuery{OldestFirst: true, After: want[1], Limit: 3}), want[2:5])
	s.same("between", s.find(signup.UserQuery{OldestFirst: true, After: want[1], Before: want[4]}), want[2:4])
	s.same("the end", s.find(signup.UserQuery{OldestFirst: true, After: want[6]}), []int64{})
	s.same("newest first after an id", s.find(signup.UserQuery{After: want[4]}), []int64{want[6], want[5]})
	s.same("count", s.count(signup.UserQuery{OldestFirst: true, After: want[3], Before: want[5], Limit: 1}), 7)
}

func usersWithAddress(s *suite) {
	const key = "O'Brien%@example.org"
	want := []int64{}
	for _, change := range []func(*signup.User){verified, rejected, func(*signup.User) {}, admin} {
		want = append(want, s.createUser(address(key), change).ID)
	}
	s.createUser()
	s.same("users", s.find(signup.UserQuery{EmailKey: key, OldestFirst: true}), want)
	s.same("of nobody", s.find(signup.UserQuery{EmailKey: "O'Brien"}), []int64{})
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
