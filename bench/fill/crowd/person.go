package crowd

import (
	"fmt"
	"strings"
	"time"

	"github.com/signup-go/signup"
)

// A person is a user whose data depends only on the ID.
type person struct {
	id                    int64
	name, username, email string
	status                signup.Status
	created               time.Time
}

const (
	history = 3 * 365 * 24 * time.Hour // since the first sign-up
	fresh   = 12 * time.Hour           // since the oldest sign-up that is still unconfirmed
	kept    = 5 * 24 * time.Hour       // how long an expired token is kept
)

func (c Crowd) person(id int) person {
	first := []string{"Ada", "Chinedu", "Dalia", "Emil", "Jonas", "Inês", "Łukasz", "Mei", "Noor", "Søren", "Yuki"}
	last := []string{"Kazlauskas", "García", "Nguyễn", "Okafor", "Novák", "Silva", "Müller", "Tanaka", "Ivanova"}
	p := person{
		id:       int64(id),
		name:     first[id%len(first)] + " " + last[id%len(last)],
		username: fmt.Sprintf("person%d", id),
		email:    fmt.Sprintf("person%d@example.org", id),
		status:   c.status(id),
	}
	switch open := c.Users - c.Tokens; {
	case id > open:
		p.created = c.Now.Add(-fresh + share(id-open, c.Tokens, fresh))
	case p.status == signup.StatusUnconfirmed: // an older one would have lapsed
		p.created = c.Now.Add(-26*time.Hour - spread(id, kept))
	default:
		p.created = c.Now.Add(-history + share(id-1, open, history))
	}
	p.created = p.created.Truncate(time.Millisecond)
	return p
}

// status returns active for most of those who are not unconfirmed.
func (c Crowd) status(id int) signup.Status {
	switch part := id % 100; {
	case id > c.Users-c.Tokens:
		return signup.StatusUnconfirmed
	case id == 1 || part > 10:
		return signup.StatusActive
	case part == 10:
		return signup.StatusDisabled
	case part >= 7:
		return signup.StatusUnconfirmed
	case part >= 2:
		return signup.StatusPendingApproval
	default:
		return signup.StatusRejected
	}
}

// nobodysHash has the length of a hash, but no password matches it.
const nobodysHash = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func (c Crowd) user(id int) ([]any, error) {
	p := c.person(id)
	role, origin := signup.RoleMember, signup.OriginSignUp
	if id == 1 {
		role, origin = signup.RoleAdmin, signup.OriginOperator
	}
	var verified, approved, rejected, disabled any
	var approvedBy, rejectedBy, reason, disabledBy string
	if p.status != signup.StatusUnconfirmed {
		verified = p.created.Add(time.Hour)
	}
	switch p.status {
	case signup.StatusActive, signup.StatusDisabled:
		approved, approvedBy = p.created.Add(20*time.Hour), "user:1"
	case signup.StatusRejected:
		rejected, rejectedBy, reason = p.created.Add(20*time.Hour), "user:1", "We know nobody of that name."
	}
	if p.status == signup.StatusDisabled {
		disabled, disabledBy = p.created.Add(30*time.Hour), "user:1"
	}
	return []any{
		p.id, p.name, p.username, p.username, p.email, p.email, nobodysHash, "en", `{}`, string(role), string(origin),
		true, true, p.created, verified, approved, approvedBy, rejected, rejectedBy, reason, "", int64(0), int64(1),
		strings.ToLower(p.name + "\n" + p.username + "\n" + p.email),
		nil, nil, verified, false, // noticed when verified
		"", nil,
		p.created, // a link was requested by signing up
		disabled, disabledBy,
		"", "", "", // the address was never changed
	}, nil
}
