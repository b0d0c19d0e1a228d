package web

import (
	"strings"

	"github.com/mtibben/confusables"

	"github.com/signup-go/signup"
)

// A hint says whose name somebody's looks like. It is for an administrator to
// judge; no rule follows from it.
type hint struct {
	Kind string // "reserved", "admin" or "page"
	Name string // the name it looks like
	ID   int64  // of its user; 0 for a reserved word
}

// reservedWords are what people take for the operator.
func reservedWords() []string {
	return []string{
		"abuse", "admin", "administrator", "billing", "help", "hostmaster", "info", "mod", "moderator", "noreply",
		"official", "operator", "postmaster", "root", "security", "service", "staff", "support", "system", "team", "webmaster",
	}
}

const maxCompared = 200 // administrators

// similar compares the people of a page with the administrators, the reserved
// words and each other.
func (v *adminRequest) similar(users []signup.User) (map[int64][]hint, error) {
	admins, err := v.asAdmin().List(v.r.Context(), signup.UserQuery{
		Role: signup.RoleAdmin, Status: signup.StatusActive, Limit: maxCompared,
	})
	if err != nil {
		return nil, err
	}
	looks := map[string][]hint{}
	for _, word := range reservedWords() {
		looks[skeleton(word)] = append(looks[skeleton(word)], hint{"reserved", word, 0})
	}
	addLooks(looks, "admin", admins)
	addLooks(looks, "page", users)
	out := map[int64][]hint{}
	for _, u := range users {
		if !u.Active() || u.Role != signup.RoleAdmin { // nobody doubts those
			out[u.ID] = hintsFor(u, looks)
		}
	}
	return out, nil
}

func addLooks(looks map[string][]hint, kind string, users []signup.User) {
	for _, u := range users {
		for _, s := range skeletons(u) {
			looks[s] = append(looks[s], hint{kind, u.Username, u.ID})
		}
	}
}

// hintsFor names each other user or word once.
func hintsFor(u signup.User, looks map[string][]hint) []hint {
	var out []hint
	seen := map[hint]bool{}
	for _, s := range skeletons(u) {
		for _, h := range looks[s] {
			whose := hint{ID: h.ID, Name: h.Name}
			if h.ID != u.ID && !seen[whose] {
				seen[whose] = true
				out = append(out, h)
			}
		}
	}
	return out
}

// skeletons are what a user's names look like, each once.
func skeletons(u signup.User) []string {
	username, name := skeleton(u.Username), skeleton(u.Name)
	if username == name || name == "" {
		return []string{username}
	}
	return []string{username, name}
}

// skeleton is the same for texts that look alike (UTS 39), written with or
// without capitals, dots, dashes and spaces.
func skeleton(text string) string {
	folded := strings.ToLower(confusables.Skeleton(strings.ToLower(text)))
	return strings.Map(func(r rune) rune {
		switch r {
		case '.', '_', '-', ' ', '\u00a0':
			return -1
		case '1', 'i', '|':
			return 'l'
		case '0':
			return 'o'
		default:
			return r
		}
	}, folded)
}
