package postgres

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

const pageLimit = 100 // when a query has none

// endOfTime is later than every time that is stored, and every id is less than
// math.MaxInt64: neither filters anything.
func endOfTime() db.Time { return db.Time(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)) }

// A reader implements signup.Reader in a transaction.
type reader struct{ q *db.Queries }

func (r reader) Settings(ctx context.Context) (map[string]string, error) {
	rows, err := r.q.Settings(ctx)
	values := make(map[string]string, len(rows))
	for _, row := range rows {
		values[row.Name] = row.Value
	}
	return values, fault("read settings", err)
}

func (r reader) User(ctx context.Context, id int64) (signup.User, error) {
	row, err := r.q.User(ctx, id)
	return user(row), fault(fmt.Sprintf("read user %d", id), err)
}

func (r reader) UserByEmailKey(ctx context.Context, key string) (signup.User, error) {
	row, err := r.q.UserByEmailKey(ctx, key)
	return user(row), fault("read user by address", err)
}

func (r reader) UserByUsernameKey(ctx context.Context, key string) (signup.User, error) {
	row, err := r.q.UserByUsernameKey(ctx, key)
	return user(row), fault("read user by username", err)
}

func (r reader) Users(ctx context.Context, q signup.UserQuery) ([]signup.User, error) {
	rows, err := r.userRows(ctx, q)
	return convert(rows, user), fault("list users", err)
}

func (r reader) userRows(ctx context.Context, q signup.UserQuery) ([]db.User, error) {
	search, before, limit := searched(q.Search), beforeID(q.Before), pageSize(q.Limit)
	switch {
	case q.Role == signup.RoleAdmin:
		return r.q.Admins(ctx, db.AdminsParams{Before: before, Status: string(q.Status), Search: search, Lim: limit})
	case q.Status != "":
		return r.q.UsersByStatus(ctx, db.UsersByStatusParams{Status: string(q.Status), Before: before, Role: string(q.Role), Search: search, Lim: limit})
	default:
		return r.q.Users(ctx, db.UsersParams{Before: before, Role: string(q.Role), Search: search, Lim: limit})
	}
}

func (r reader) Waiting(ctx context.Context, q signup.WaitingQuery) ([]signup.User, error) {
	rows, err := r.q.Waiting(ctx, db.WaitingParams{
		Status: string(q.Status), After: q.After, Search: searched(q.Search), Lim: pageSize(q.Limit),
	})
	return convert(rows, user), fault("list who waits", err)
}

func (r reader) CountUsers(ctx context.Context, q signup.UserQuery) (int, error) {
	n, err := r.countUsers(ctx, q, searched(q.Search))
	return int(n), fault("count users", err)
}

func (r reader) countUsers(ctx context.Context, q signup.UserQuery, search string) (int64, error) {
	switch {
	case q.Role == signup.RoleAdmin:
		return r.q.CountAdmins(ctx, db.CountAdminsParams{Status: string(q.Status), Search: search})
	case q.Status != "":
		return r.q.CountUsersByStatus(ctx, db.CountUsersByStatusParams{Status: string(q.Status), Role: string(q.Role), Search: search})
	default:
		return r.q.CountUsers(ctx, db.CountUsersParams{Role: string(q.Role), Search: search})
	}
}

func (r reader) ValidToken(ctx context.Context, hash string, now time.Time) (signup.SignUpToken, error) {
	row, err := r.q.ValidToken(ctx, db.ValidTokenParams{TokenHash: hash, Now: db.Time(now)})
	return token(row), fault("read valid token", err)
}

func (r reader) Token(ctx context.Context, hash string) (signup.SignUpToken, error) {
	row, err := r.q.Token(ctx, hash)
	return token(row), fault("read token", err)
}

func (r reader) HasValidToken(ctx context.Context, userID int64, now time.Time) (bool, error) {
	has, err := r.q.HasValidToken(ctx, db.HasValidTokenParams{UserID: userID, Now: db.Time(now)})
	return has, fault("look for a valid token", err)
}

func (r reader) Claim(ctx context.Context, id string) (signup.Claim, error) {
	row, err := r.q.Claim(ctx, id)
	return claim(row), fault("read claim", err)
}

func (r reader) Claims(ctx context.Context, userID int64) ([]signup.Claim, error) {
	rows, err := r.q.Claims(ctx, userID)
	return convert(rows, claim), fault("list claims", err)
}

func (r reader) Mail(ctx context.Context, id string) (signup.Mail, error) {
	row, err := r.q.Mail(ctx, storable(id))
	return mail(row), fault("read mail", err)
}

func (r reader) Mails(ctx context.Context, q signup.MailQuery) ([]signup.Mail, error) {
	rows, err := r.mailRows(ctx, q)
	return convert(rows, mail), fault("list mails", err)
}

func (r reader) mailRows(ctx context.Context, q signup.MailQuery) ([]db.Mail, error) {
	state, kind, limit := string(q.State), string(q.Kind), pageSize(q.Limit)
	least, most := attemptsOf(q)
	till, seq, err := r.mailsBefore(ctx, q)
	if err != nil {
		return nil, err
	}
	switch {
	case q.UserID != 0:
		return r.q.MailsByUser(ctx, db.MailsByUserParams{UserID: q.UserID, Till: till, BeforeSeq: seq, State: state, Kind: kind, Least: least, Most: most, Lim: limit})
	case state != "":
		return r.q.MailsByState(ctx, db.MailsByStateParams{State: state, Till: till, BeforeSeq: seq, Kind: kind, Least: least, Most: most, Lim: limit})
	default:
		return r.q.Mails(ctx, db.MailsParams{Till: till, BeforeSeq: seq, Kind: kind, Least: least, Most: most, Lim: limit})
	}
}

func (r reader) Lapsed(ctx context.Context, q signup.LapsedQuery, limit int) ([]signup.User, error) {
	rows, err := r.q.Lapsed(ctx, db.LapsedParams{
		After:             q.After,
		UnconfirmedBefore: db.Time(q.UnconfirmedBefore),
		Now:               db.Time(q.Now),
		RejectedBefore:    db.NullTime(q.RejectedBefore),
		Lim:               atMost(limit),
	})
	return convert(rows, user), fault("list lapsed users", err)
}

func (r reader) APIKeyByHash(ctx context.Context, hash string) (signup.APIKey, error) {
	row, err := r.q.APIKeyByHash(ctx, hash)
	return apiKey(row), fault("read API key", err)
}

func (r reader) APIKeys(ctx context.Context) ([]signup.APIKey, error) {
	rows, err := r.q.APIKeys(ctx)
	return convert(rows, apiKey), fault("list API keys", err)
}

func (r reader) Audit(ctx context.Context, q signup.AuditQuery) ([]signup.AuditEvent, error) {
	rows, err := r.auditRows(ctx, q)
	return convert(rows, auditEvent), fault("list audit events", err)
}

func (r reader) auditRows(ctx context.Context, q signup.AuditQuery) ([]db.AuditEvent, error) {
	if q.Filtered() {
		return r.filteredAudit(ctx, q)
	}
	if q.UserID != 0 {
		return r.q.AuditByUser(ctx, db.AuditByUserParams{UserID: q.UserID, Before: beforeID(q.Before), Action: storable(q.Action), Lim: pageSize(q.Limit)})
	}
	return r.q.Audit(ctx, db.AuditParams{Before: beforeID(q.Before), Lim: pageSize(q.Limit)})
}

func beforeID(id int64) int64 { return cmp.Or(id, math.MaxInt64) }

func pageSize(limit int) int64 { return atMost(cmp.Or(limit, pageLimit)) }

// atMost guards against a negative LIMIT, which is an error.
func atMost(limit int) int64 { return int64(max(limit, 0)) }
