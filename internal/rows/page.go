package rows

import (
	"cmp"
	"math"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/identity"
)

const pageLimit = 100 // for a query without a limit

// endOfTime is later than every stored time.
func endOfTime() Time { return Time(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)) }

// Convert calls one for each of the rows and returns the results.
func Convert[Row, Out any](rows []Row, one func(Row) Out) []Out {
	out := make([]Out, len(rows))
	for i, row := range rows {
		out[i] = one(row)
	}
	return out
}

// AtMost replaces a negative limit with 0: a negative LIMIT is an error in
// PostgreSQL and means no limit in SQLite.
func AtMost(limit int) int64 { return int64(max(limit, 0)) }

func pageSize(limit int) int64 { return AtMost(cmp.Or(limit, pageLimit)) }

func below(id int64) int64 { return cmp.Or(id, math.MaxInt64) }

// A UserFilter is the arguments shared by all queries that count users. Empty
// fields match everything.
type UserFilter struct{ Status, Role, EmailKey, Search string }

// OfUserFilter returns the filter for a query.
func OfUserFilter(q signup.UserQuery) UserFilter {
	return UserFilter{string(q.Status), string(q.Role), q.EmailKey, Storable(identity.SearchKey(q.Search))}
}

// A UserPage is the arguments shared by all queries that list users.
type UserPage struct {
	Status, Role, EmailKey, Search string

	After, Before, Lim int64
}

// OfUserPage returns the page for a query.
func OfUserPage(q signup.UserQuery) UserPage {
	f := OfUserFilter(q)
	return UserPage{f.Status, f.Role, f.EmailKey, f.Search, q.After, below(q.Before), pageSize(q.Limit)}
}

// A UserIndex is the index that a query of users should use.
type UserIndex int

// The indexes. They are selective: few users share an address, few are
// administrators, and few of the others are in one of the statuses that people
// ask for.
const (
	AllUsers UserIndex = iota
	UsersByStatus
	Admins
	UsersByAddress
)

// LeadingIndex returns the most selective index for the query.
func LeadingIndex(q signup.UserQuery) UserIndex {
	switch {
	case q.EmailKey != "":
		return UsersByAddress
	case q.Role == signup.RoleAdmin:
		return Admins
	case q.Status != "":
		return UsersByStatus
	default:
		return AllUsers
	}
}

// A MailPage is the arguments shared by all queries that list mails.
type MailPage struct {
	UserID    int64
	State     string
	Kind      string
	Till      Time  // only mails created at this time or earlier
	BeforeSeq int64 // of the mails created at Till, only those with a lower number
	Least     int   // minimum number of attempts
	Most      int   // maximum number of attempts
	Lim       int64
}

// OfMailPage returns the page for a query. It calls before to read the mail at
// which the page starts.
func OfMailPage(q signup.MailQuery, before func(id string) (Mail, error)) (MailPage, error) {
	p := MailPage{
		UserID: q.UserID, State: string(q.State), Kind: string(q.Kind),
		Till: endOfTime(), BeforeSeq: math.MaxInt64, Most: math.MaxInt32, Lim: pageSize(q.Limit),
	}
	if q.Tried != nil && *q.Tried {
		p.Least = 1
	} else if q.Tried != nil {
		p.Most = 0
	}
	if !q.CreatedTill.IsZero() {
		p.Till = Time(q.CreatedTill)
	}
	if q.Before == "" {
		return p, nil
	}
	m, err := before(Storable(q.Before))
	if err == nil && !time.Time(m.CreatedAt).After(time.Time(p.Till)) {
		p.Till, p.BeforeSeq = m.CreatedAt, m.Seq
	}
	return p, err
}

// An AuditPage is the arguments shared by all queries that list events.
type AuditPage struct {
	UserID int64
	Action string
	Actor  string
	Timed  bool // whether Since and Till apply
	Since  Time
	Till   Time
	Before int64
	Lim    int64
}

// OfAuditPage returns the page for a query.
func OfAuditPage(q signup.AuditQuery) AuditPage {
	p := AuditPage{
		UserID: q.UserID, Action: Storable(string(q.Type)), Actor: Storable(string(q.Actor)),
		Timed: !q.Since.IsZero() || !q.Till.IsZero(), Since: Time(q.Since), Till: Time(q.Till), Before: below(q.Before), Lim: pageSize(q.Limit),
	}
	if q.Till.IsZero() {
		p.Till = endOfTime()
	}
	return p
}

// A LapsedPage is the arguments of the query Lapsed.
type LapsedPage struct {
	After             int64
	Before            int64
	UnconfirmedBefore Time
	LinkBefore        NullTime
	Lim               int64
	RejectedBefore    NullTime
}

// OfLapsedPage returns the page for a query.
func OfLapsedPage(q signup.LapsedQuery, limit int) LapsedPage {
	p := LapsedPage{
		After: q.After, Before: math.MaxInt64, UnconfirmedBefore: Time(q.UnconfirmedBefore),
		LinkBefore: NullTime(q.LinkBefore), Lim: AtMost(limit), RejectedBefore: NullTime(q.RejectedBefore),
	}
	if q.Only != 0 {
		p.After, p.Before = max(q.After, q.Only-1), q.Only+1
	}
	return p
}
