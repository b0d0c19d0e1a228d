package storetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
)

// A mutant is a fault to inject into a correct store: the suite must fail on it.
// Its functions may be nil; verb names the method concerned.
type mutant struct {
	name string
	verb string

	before  func(r signup.Reader, args ...any) // changes the arguments through pointers
	after   func(result any, err error) error  // changes the result, through a pointer, and the error
	nothing bool                               // the method does nothing and returns zero values
	leaks   bool                               // the method's writes survive a rollback
	loose   bool                               // the method does not lock
	dated   bool                               // the method locks, but returns what it read before it waited
	tx      func(*faulty, signup.Tx) signup.Tx // overrides methods of the store's Tx
	reader  func(signup.Reader) signup.Reader  // the same for View and Peek
	store   func(signup.Store) signup.Store    // the same for the store
	groups  []string                           // the groups of tests that must find it; nil for any
}

// faulty is a store with a mutant.
type faulty struct {
	signup.Store
	m    mutant
	mu   sync.Mutex
	seen map[any]bool // state for mutants that need it
}

func (s *faulty) View(ctx context.Context, fn func(signup.Reader) error) error {
	return s.Store.View(ctx, func(r signup.Reader) error { return fn(s.reader(r)) })
}

func (s *faulty) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	return s.Store.Peek(ctx, func(r signup.Reader) error { return fn(s.reader(r)) })
}

func (s *faulty) reader(r signup.Reader) signup.Reader {
	if s.m.reader != nil {
		r = s.m.reader(r)
	}
	return faultyReader{&unit{store: s, reader: r}}
}

func (s *faulty) Update(ctx context.Context, fn func(signup.Tx) error) error {
	if s.m.loose || s.m.dated {
		return s.updateLate(ctx, fn)
	}
	var u *unit
	err := s.Store.Update(ctx, func(tx signup.Tx) error {
		u = &unit{store: s}
		u.set(tx)
		return fn(faultyTx{faultyReader{u}})
	})
	if err != nil && u != nil && len(u.leaked) > 0 {
		leak := func(tx signup.Tx) error {
			for _, write := range u.leaked {
				_ = write(tx)
			}
			return nil
		}
		_ = s.Store.Update(context.WithoutCancel(ctx), leak)
	}
	return err
}

// updateLate begins the transaction of the store only when a method other than
// the mutant's is called. What the mutant's method reads before that is not
// locked.
func (s *faulty) updateLate(ctx context.Context, fn func(signup.Tx) error) error {
	for runs := 1; ; runs++ {
		err := s.lateOnce(ctx, fn)
		if runs == 5 || !errors.Is(err, signup.ErrStale) {
			return err
		}
	}
}

func (s *faulty) lateOnce(ctx context.Context, fn func(signup.Tx) error) (err error) {
	txs, finish, ended := make(chan signup.Tx), make(chan error, 1), make(chan error, 1)
	u := &unit{store: s}
	u.begin = func() error {
		go func() {
			ended <- s.Store.Update(ctx, func(tx signup.Tx) error {
				txs <- tx
				err := <-finish
				if errors.Is(err, signup.ErrStale) {
					return stale{err} // updateLate runs it again
				}
				return err
			})
		}()
		select {
		case tx := <-txs:
			u.set(tx)
			return nil
		case err := <-ended:
			ended <- err
			return err
		}
	}
	panicked := true
	defer func() {
		if panicked {
			finish <- errors.New("panic")
		}
	}()
	err = fn(faultyTx{faultyReader{u}})
	panicked = false
	if err == nil && u.tx == nil && len(u.queued) > 0 {
		err = u.started()
	}
	if u.tx == nil {
		return err
	}
	finish <- errors.Join(err, u.failed)
	err = <-ended
	var masked stale
	if errors.As(err, &masked) {
		return masked.error
	}
	return err
}

// stale wraps an ErrStale so that the store does not see it.
type stale struct{ error }

// A unit is one transaction of a faulty store.
type unit struct {
	store  *faulty
	reader signup.Reader
	tx     signup.Tx
	begin  func() error // nil once it has begun
	queued []func(signup.Tx) error
	failed error // the error of a delayed write
	leaked []func(signup.Tx) error
}

func (u *unit) set(tx signup.Tx) {
	if u.store.m.tx != nil {
		tx = u.store.m.tx(u.store, tx)
	}
	u.tx, u.reader, u.begin = tx, tx, nil
	for _, write := range u.queued {
		u.failed = errors.Join(u.failed, write(tx))
	}
}

func (u *unit) started() error {
	if u.begin == nil {
		return nil
	}
	return u.begin()
}

// reads runs a reading method.
func reads[T any](ctx context.Context, u *unit, verb string, call func(signup.Reader) (T, error), args ...any) (got T, err error) {
	m := u.store.m
	mine := m.verb == verb
	if u.begin != nil && (mine && (m.loose || m.dated) || m.loose && m.verb == "HoldAddress") {
		err = u.store.Store.Peek(ctx, func(r signup.Reader) (err error) {
			got, err = call(r)
			return err
		})
		if m.dated {
			if err := u.started(); err != nil {
				return got, err
			}
			_, _ = call(u.reader)
		}
		return got, err
	}
	if err := u.started(); err != nil {
		return got, err
	}
	if mine && m.before != nil {
		m.before(u.reader, args...)
	}
	got, err = call(u.reader)
	if mine && m.after != nil {
		err = m.after(&got, err)
	}
	return got, err
}

// writes runs a writing method.
func writes[T any](u *unit, verb string, call func(signup.Tx) (T, error), args ...any) (got T, err error) {
	m := u.store.m
	mine := m.verb == verb
	if mine && m.nothing || mine && m.loose && u.begin != nil && verb == "HoldAddress" {
		return got, nil
	}
	if err := u.started(); err != nil {
		return got, err
	}
	if mine && m.before != nil {
		m.before(u.reader, args...)
	}
	got, err = call(u.tx)
	if mine && m.leaks && err == nil {
		u.leaked = append(u.leaked, func(tx signup.Tx) error { return second(call(tx)) })
	}
	if mine && m.after != nil {
		err = m.after(&got, err)
	}
	return got, err
}

// does is like writes, for methods that return only an error.
func does(u *unit, verb string, call func(signup.Tx) error, args ...any) error {
	_, err := writes(u, verb, func(tx signup.Tx) (struct{}, error) { return struct{}{}, call(tx) }, args...)
	return err
}

type faultyReader struct{ u *unit }

func (r faultyReader) Settings(ctx context.Context) (map[string]string, error) {
	return reads(ctx, r.u, "Settings", func(r signup.Reader) (map[string]string, error) { return r.Settings(ctx) })
}

func (r faultyReader) User(ctx context.Context, id int64) (signup.User, error) {
	return reads(ctx, r.u, "User", func(r signup.Reader) (signup.User, error) { return r.User(ctx, id) }, &id)
}

func (r faultyReader) UserByEmailKey(ctx context.Context, key string) (signup.User, error) {
	return reads(ctx, r.u, "UserByEmailKey", func(r signup.Reader) (signup.User, error) { return r.UserByEmailKey(ctx, key) }, &key)
}

func (r faultyReader) UserByUsernameKey(ctx context.Context, key string) (signup.User, error) {
	return reads(ctx, r.u, "UserByUsernameKey", func(r signup.Reader) (signup.User, error) { return r.UserByUsernameKey(ctx, key) }, &key)
}

func (r faultyReader) Users(ctx context.Context, q signup.UserQuery) ([]signup.User, error) {
	return reads(ctx, r.u, "Users", func(r signup.Reader) ([]signup.User, error) { return r.Users(ctx, q) }, &q)
}

func (r faultyReader) CountUsers(ctx context.Context, q signup.UserQuery) (int, error) {
	return reads(ctx, r.u, "CountUsers", func(r signup.Reader) (int, error) { return r.CountUsers(ctx, q) }, &q)
}

func (r faultyReader) AddressUses(ctx context.Context, keys []string) (map[string]signup.AddressUse, error) {
	return reads(ctx, r.u, "AddressUses", func(r signup.Reader) (map[string]signup.AddressUse, error) { return r.AddressUses(ctx, keys) }, &keys)
}

func (r faultyReader) Unreminded(ctx context.Context, q signup.ReminderQuery, limit int) ([]signup.User, error) {
	return reads(ctx, r.u, "Unreminded", func(r signup.Reader) ([]signup.User, error) { return r.Unreminded(ctx, q, limit) }, &q, &limit)
}

func (r faultyReader) Lapsed(ctx context.Context, q signup.LapsedQuery, limit int) ([]signup.User, error) {
	return reads(ctx, r.u, "Lapsed", func(r signup.Reader) ([]signup.User, error) { return r.Lapsed(ctx, q, limit) }, &q, &limit)
}

func (r faultyReader) AccountToken(ctx context.Context, hash string) (signup.AccountToken, error) {
	return reads(ctx, r.u, "AccountToken", func(r signup.Reader) (signup.AccountToken, error) { return r.AccountToken(ctx, hash) }, &hash)
}

func (r faultyReader) Token(ctx context.Context, hash string) (signup.SignUpToken, error) {
	return reads(ctx, r.u, "Token", func(r signup.Reader) (signup.SignUpToken, error) { return r.Token(ctx, hash) }, &hash)
}

func (r faultyReader) Ticket(ctx context.Context, hash string) (signup.Ticket, error) {
	return reads(ctx, r.u, "Ticket", func(r signup.Reader) (signup.Ticket, error) { return r.Ticket(ctx, hash) }, &hash)
}

func (r faultyReader) Mail(ctx context.Context, id string) (signup.Mail, error) {
	return reads(ctx, r.u, "Mail", func(r signup.Reader) (signup.Mail, error) { return r.Mail(ctx, id) }, &id)
}

func (r faultyReader) Mails(ctx context.Context, q signup.MailQuery) ([]signup.Mail, error) {
	return reads(ctx, r.u, "Mails", func(r signup.Reader) ([]signup.Mail, error) { return r.Mails(ctx, q) }, &q)
}

func (r faultyReader) MailAttempts(ctx context.Context, mailID string) ([]signup.MailAttempt, error) {
	return reads(ctx, r.u, "MailAttempts", func(r signup.Reader) ([]signup.MailAttempt, error) { return r.MailAttempts(ctx, mailID) }, &mailID)
}

func (r faultyReader) AddressMails(ctx context.Context, hash string, limit int) ([]time.Time, error) {
	return reads(ctx, r.u, "AddressMails", func(r signup.Reader) ([]time.Time, error) { return r.AddressMails(ctx, hash, limit) }, &hash, &limit)
}

func (r faultyReader) Waiting(ctx context.Context) (signup.Waiting, error) {
	return reads(ctx, r.u, "Waiting", func(r signup.Reader) (signup.Waiting, error) { return r.Waiting(ctx) })
}

func (r faultyReader) CountNoticed(ctx context.Context, since time.Time, limit int) (int, error) {
	return reads(ctx, r.u, "CountNoticed", func(r signup.Reader) (int, error) { return r.CountNoticed(ctx, since, limit) }, &since, &limit)
}

func (r faultyReader) APIKeyByHash(ctx context.Context, hash string) (signup.APIKey, error) {
	return reads(ctx, r.u, "APIKeyByHash", func(r signup.Reader) (signup.APIKey, error) { return r.APIKeyByHash(ctx, hash) }, &hash)
}

func (r faultyReader) APIKeys(ctx context.Context) ([]signup.APIKey, error) {
	return reads(ctx, r.u, "APIKeys", func(r signup.Reader) ([]signup.APIKey, error) { return r.APIKeys(ctx) })
}

func (r faultyReader) Audit(ctx context.Context, q signup.AuditQuery) ([]signup.AuditEvent, error) {
	return reads(ctx, r.u, "Audit", func(r signup.Reader) ([]signup.AuditEvent, error) { return r.Audit(ctx, q) }, &q)
}

func (r faultyReader) CountEvents(ctx context.Context, event event.Type, since, till time.Time) (int, error) {
	return reads(ctx, r.u, "CountEvents", func(r signup.Reader) (int, error) { return r.CountEvents(ctx, event, since, till) }, &event, &since, &till)
}

func (r faultyReader) EventEnd(ctx context.Context) (event.End, error) {
	return reads(ctx, r.u, "EventEnd", func(r signup.Reader) (event.End, error) { return r.EventEnd(ctx) })
}

func (r faultyReader) EventsAfter(ctx context.Context, after int64, types []event.Type, limit int) ([]signup.AuditEvent, error) {
	return reads(ctx, r.u, "EventsAfter", func(r signup.Reader) ([]signup.AuditEvent, error) { return r.EventsAfter(ctx, after, types, limit) }, &after, &types, &limit)
}

func (r faultyReader) UsersByID(ctx context.Context, ids []int64) ([]signup.User, error) {
	return reads(ctx, r.u, "UsersByID", func(r signup.Reader) ([]signup.User, error) { return r.UsersByID(ctx, ids) }, &ids)
}

func (r faultyReader) SessionByHash(ctx context.Context, hash string) (signup.Session, error) {
	return reads(ctx, r.u, "SessionByHash", func(r signup.Reader) (signup.Session, error) { return r.SessionByHash(ctx, hash) }, &hash)
}

func (r faultyReader) Sessions(ctx context.Context, userID int64) ([]signup.Session, error) {
	return reads(ctx, r.u, "Sessions", func(r signup.Reader) ([]signup.Session, error) { return r.Sessions(ctx, userID) }, &userID)
}

type faultyTx struct{ faultyReader }

func (t faultyTx) PutSettings(ctx context.Context, values map[string]string) error {
	return does(t.u, "PutSettings", func(tx signup.Tx) error { return tx.PutSettings(ctx, values) }, &values)
}

func (t faultyTx) HoldAddress(ctx context.Context, key string) error {
	return does(t.u, "HoldAddress", func(tx signup.Tx) error { return tx.HoldAddress(ctx, key) }, &key)
}

func (t faultyTx) CreateUser(ctx context.Context, u signup.User) (signup.User, error) {
	return writes(t.u, "CreateUser", func(tx signup.Tx) (signup.User, error) { return tx.CreateUser(ctx, u) }, &u)
}

func (t faultyTx) UpdateUser(ctx context.Context, u signup.User) error {
	return does(t.u, "UpdateUser", func(tx signup.Tx) error { return tx.UpdateUser(ctx, u) }, &u)
}

func (t faultyTx) DeleteUser(ctx context.Context, id int64) error {
	return does(t.u, "DeleteUser", func(tx signup.Tx) error { return tx.DeleteUser(ctx, id) }, &id)
}

func (t faultyTx) TakeUnnoticed(ctx context.Context, limit int, now time.Time) ([]signup.User, error) {
	return writes(t.u, "TakeUnnoticed", func(tx signup.Tx) ([]signup.User, error) { return tx.TakeUnnoticed(ctx, limit, now) }, &limit, &now)
}

func (t faultyTx) CreateToken(ctx context.Context, token signup.SignUpToken) (signup.SignUpToken, error) {
	return writes(t.u, "CreateToken", func(tx signup.Tx) (signup.SignUpToken, error) { return tx.CreateToken(ctx, token) }, &token)
}

func (t faultyTx) MarkTokenUsed(ctx context.Context, id string) (signup.SignUpToken, error) {
	return writes(t.u, "MarkTokenUsed", func(tx signup.Tx) (signup.SignUpToken, error) { return tx.MarkTokenUsed(ctx, id) }, &id)
}

func (t faultyTx) SpendToken(ctx context.Context, hash string, now time.Time) (signup.SignUpToken, error) {
	if m := t.u.store.m; m.loose && m.verb == "SpendToken" && t.u.begin != nil {
		return t.spendLate(ctx, hash, now)
	}
	return writes(t.u, "SpendToken", func(tx signup.Tx) (signup.SignUpToken, error) { return tx.SpendToken(ctx, hash, now) }, &hash, &now)
}

func (t faultyTx) CreateAccountToken(ctx context.Context, a signup.AccountToken) error {
	return does(t.u, "CreateAccountToken", func(tx signup.Tx) error { return tx.CreateAccountToken(ctx, a) }, &a)
}

func (t faultyTx) SpendAccountToken(ctx context.Context, hash string, purpose signup.MailKind, now time.Time) (signup.AccountToken, error) {
	if m := t.u.store.m; m.loose && m.verb == "SpendAccountToken" && t.u.begin != nil {
		return t.spendAccountLate(ctx, hash, purpose, now)
	}
	return writes(t.u, "SpendAccountToken", func(tx signup.Tx) (signup.AccountToken, error) {
		return tx.SpendAccountToken(ctx, hash, purpose, now)
	}, &hash, &purpose, &now)
}

// spendAccountLate is spendLate for SpendAccountToken.
func (t faultyTx) spendAccountLate(ctx context.Context, hash string, purpose signup.MailKind, now time.Time) (token signup.AccountToken, err error) {
	err = t.u.store.Store.Peek(ctx, func(r signup.Reader) error {
		token, err = r.AccountToken(ctx, hash)
		if err == nil && (!token.UsedAt.IsZero() || !now.Before(token.ExpiresAt)) {
			err = signup.ErrNotFound
		}
		return err
	})
	if err != nil {
		return signup.AccountToken{}, err
	}
	t.u.queued = append(t.u.queued, func(tx signup.Tx) error { return second(tx.SpendAccountToken(ctx, hash, purpose, now)) })
	token.UsedAt = now
	return token, nil
}

func (t faultyTx) CloseAccountTokens(ctx context.Context, userID int64, purpose signup.MailKind, now time.Time) error {
	return does(t.u, "CloseAccountTokens", func(tx signup.Tx) error { return tx.CloseAccountTokens(ctx, userID, purpose, now) }, &userID, &purpose, &now)
}

// spendLate decides from committed data and spends the token when the transaction
// begins, which fails if another transaction has spent it by then.
func (t faultyTx) spendLate(ctx context.Context, hash string, now time.Time) (token signup.SignUpToken, err error) {
	err = t.u.store.Store.Peek(ctx, func(r signup.Reader) error {
		token, err = r.Token(ctx, hash)
		if err == nil && (token.Used || !now.Before(token.ExpiresAt)) {
			err = signup.ErrNotFound
		}
		return err
	})
	if err != nil {
		return signup.SignUpToken{}, err
	}
	t.u.queued = append(t.u.queued, func(tx signup.Tx) error { return second(tx.SpendToken(ctx, hash, now)) })
	token.Used = true
	return token, nil
}

func (t faultyTx) SupersedeLinks(ctx context.Context, userID int64, now time.Time) error {
	return does(t.u, "SupersedeLinks", func(tx signup.Tx) error { return tx.SupersedeLinks(ctx, userID, now) }, &userID, &now)
}

func (t faultyTx) CloseLinksAt(ctx context.Context, emailKey string, now time.Time) error {
	return does(t.u, "CloseLinksAt", func(tx signup.Tx) error { return tx.CloseLinksAt(ctx, emailKey, now) }, &emailKey, &now)
}

func (t faultyTx) PutTicket(ctx context.Context, ticket signup.Ticket) error {
	return does(t.u, "PutTicket", func(tx signup.Tx) error { return tx.PutTicket(ctx, ticket) }, &ticket)
}

func (t faultyTx) DeleteTickets(ctx context.Context, userID int64) error {
	return does(t.u, "DeleteTickets", func(tx signup.Tx) error { return tx.DeleteTickets(ctx, userID) }, &userID)
}

func (t faultyTx) AddLinkRequest(ctx context.Context, r signup.LinkRequest) error {
	return does(t.u, "AddLinkRequest", func(tx signup.Tx) error { return tx.AddLinkRequest(ctx, r) }, &r)
}

func (t faultyTx) TakeLinkRequests(ctx context.Context, limit int) ([]signup.LinkRequest, error) {
	return writes(t.u, "TakeLinkRequests", func(tx signup.Tx) ([]signup.LinkRequest, error) { return tx.TakeLinkRequests(ctx, limit) }, &limit)
}

func (t faultyTx) RemoveAddressMail(ctx context.Context, hash string, at time.Time) error {
	return does(t.u, "RemoveAddressMail", func(tx signup.Tx) error { return tx.RemoveAddressMail(ctx, hash, at) }, &hash, &at)
}

func (t faultyTx) AddAddressMail(ctx context.Context, hash string, at time.Time) error {
	return does(t.u, "AddAddressMail", func(tx signup.Tx) error { return tx.AddAddressMail(ctx, hash, at) }, &hash, &at)
}

func (t faultyTx) AddMail(ctx context.Context, m signup.Mail) error {
	return does(t.u, "AddMail", func(tx signup.Tx) error { return tx.AddMail(ctx, m) }, &m)
}

func (t faultyTx) UpdateMail(ctx context.Context, m signup.Mail, attempts ...signup.MailAttempt) error {
	attempts = append([]signup.MailAttempt(nil), attempts...)
	return does(t.u, "UpdateMail", func(tx signup.Tx) error { return tx.UpdateMail(ctx, m, attempts...) }, &m, &attempts)
}

func (t faultyTx) SupersedeMails(ctx context.Context, userID int64, kind signup.MailKind, now time.Time) error {
	return does(t.u, "SupersedeMails", func(tx signup.Tx) error { return tx.SupersedeMails(ctx, userID, kind, now) }, &userID, &kind, &now)
}

func (t faultyTx) CreateAPIKey(ctx context.Context, k signup.APIKey) error {
	return does(t.u, "CreateAPIKey", func(tx signup.Tx) error { return tx.CreateAPIKey(ctx, k) }, &k)
}

func (t faultyTx) TouchAPIKey(ctx context.Context, id string, at time.Time) error {
	return does(t.u, "TouchAPIKey", func(tx signup.Tx) error { return tx.TouchAPIKey(ctx, id, at) }, &id, &at)
}

func (t faultyTx) RevokeAPIKey(ctx context.Context, id string, now time.Time) error {
	return does(t.u, "RevokeAPIKey", func(tx signup.Tx) error { return tx.RevokeAPIKey(ctx, id, now) }, &id, &now)
}

func (t faultyTx) AddAudit(ctx context.Context, e signup.AuditEvent) error {
	return does(t.u, "AddAudit", func(tx signup.Tx) error { return tx.AddAudit(ctx, e) }, &e)
}

func (t faultyTx) NumberEvents(ctx context.Context, limit int) (int, error) {
	return writes(t.u, "NumberEvents", func(tx signup.Tx) (int, error) { return tx.NumberEvents(ctx, limit) }, &limit)
}

func (t faultyTx) CreateSession(ctx context.Context, session signup.Session) error {
	return does(t.u, "CreateSession", func(tx signup.Tx) error { return tx.CreateSession(ctx, session) }, &session)
}

func (t faultyTx) TouchSession(ctx context.Context, session signup.Session) error {
	return does(t.u, "TouchSession", func(tx signup.Tx) error { return tx.TouchSession(ctx, session) }, &session)
}

func (t faultyTx) DeleteSessions(ctx context.Context, userID int64, id string) (int, error) {
	return writes(t.u, "DeleteSessions", func(tx signup.Tx) (int, error) { return tx.DeleteSessions(ctx, userID, id) }, &userID, &id)
}

func (t faultyTx) DeleteOld(ctx context.Context, rows signup.OldRows, before time.Time, limit int) (int, error) {
	return writes(t.u, "DeleteOld", func(tx signup.Tx) (int, error) { return tx.DeleteOld(ctx, rows, before, limit) }, &rows, &before, &limit)
}

var (
	_ signup.Store = (*faulty)(nil)
	_ signup.Tx    = faultyTx{}
)
