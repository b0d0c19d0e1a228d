package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

// ruleMutants violate the documented behaviour of a method, one for each
// condition in the contract.
func ruleMutants() []mutant {
	verb := func(name, what string, tx func(signup.Tx) signup.Tx) mutant {
		return mutant{name: name + " " + what, verb: name, tx: func(_ *faulty, t signup.Tx) signup.Tx { return tx(t) }}
	}
	return []mutant{
		verb("SpendToken", "spends a used token", func(tx signup.Tx) signup.Tx { return spends{Tx: tx, used: true} }),
		verb("SpendToken", "spends an expired token", func(tx signup.Tx) signup.Tx { return spends{Tx: tx, expired: true} }),
		verb("SpendToken", "spends without marking", func(tx signup.Tx) signup.Tx { return spendsUnmarked{tx} }),
		verb("SupersedeLinks", "closes the tokens", func(tx signup.Tx) signup.Tx { return supersedesAndCloses{tx} }),
		verb("SupersedeLinks", "supersedes every kind", func(tx signup.Tx) signup.Tx { return supersedesAllLinks{tx} }),
		verb("CloseLinksAt", "leaves the tokens", func(tx signup.Tx) signup.Tx { return closesMails{tx} }),
		verb("CloseLinksAt", "leaves the mails", func(tx signup.Tx) signup.Tx { return closesTokens{tx, ""} }),
		verb("CloseLinksAt", "skips rejected users", func(tx signup.Tx) signup.Tx { return closesTokens{tx, signup.StatusRejected} }),
		verb("CloseLinksAt", "skips active users", func(tx signup.Tx) signup.Tx { return closesTokens{tx, signup.StatusActive} }),
		verb("CloseLinksAt", "skips unconfirmed users", func(tx signup.Tx) signup.Tx { return closesTokens{tx, signup.StatusUnconfirmed} }),
		verb("SupersedeMails", "ends every kind", func(tx signup.Tx) signup.Tx { return supersedesAllKinds{tx} }),
		verb("SupersedeMails", "ends mails that have ended", func(tx signup.Tx) signup.Tx { return supersedesEnded{tx} }),
		verb("TakeUnnoticed", "takes without marking", func(tx signup.Tx) signup.Tx { return takesUnmarked{tx} }),
		verb("TakeUnnoticed", "takes users who were already noticed", func(tx signup.Tx) signup.Tx { return takesNoticed{tx} }),
		verb("TakeLinkRequests", "takes without removing", func(tx signup.Tx) signup.Tx { return takesAndPutsBack{tx} }),
		verb("PutSettings", "replaces the others", func(tx signup.Tx) signup.Tx { return putsOnly{tx} }),
		verb("UpdateUser", "accepts a stale version", func(tx signup.Tx) signup.Tx { return updatesStale{tx} }),
		verb("CreateUser", "refuses every address that a user has", func(tx signup.Tx) signup.Tx { return createsStrict{Tx: tx, address: true} }),
		verb("CreateUser", "refuses every username that a user has", func(tx signup.Tx) signup.Tx { return createsStrict{Tx: tx, username: true} }),
		verb("CreateUser", "reports the address before the username", func(tx signup.Tx) signup.Tx { return addressFirst{tx} }),
		verb("CreateAPIKey", "refuses the name of a revoked key", func(tx signup.Tx) signup.Tx { return createsKeyStrict{tx} }),
		verb("RevokeAPIKey", "revokes a key again", func(tx signup.Tx) signup.Tx { return revokesAgain{tx} }),
		verb("DeleteSessions", "removes every session", func(tx signup.Tx) signup.Tx { return deletesAllSessions{tx} }),
		verb("DeleteSessions", "removes a session of another user", func(tx signup.Tx) signup.Tx { return deletesOthers{tx} }),
		verb("DeleteOld", "removes one row at most", func(tx signup.Tx) signup.Tx { return deletesOne{tx} }),
		{name: "AddLinkRequest stores a request again", verb: "AddLinkRequest", tx: func(s *faulty, tx signup.Tx) signup.Tx { return addsAgain{tx, s} }},
		{name: "Update commits despite an error", verb: "Update", store: func(s signup.Store) signup.Store { return commits{s} }},
		{name: "Update returns another error", verb: "Update", store: func(s signup.Store) signup.Store { return hides{s} }},
		{name: "Update ignores the end of its context", verb: "Update", store: func(s signup.Store) signup.Store { return outlasts{s} }},
		{name: "Update does not run again", verb: "Update", store: func(s signup.Store) signup.Store { return runsOnce{s} }},
		{name: "View is not a snapshot", verb: "View", store: func(s signup.Store) signup.Store { return views{s} }},
		{name: "View drops the error", verb: "View", store: func(s signup.Store) signup.Store { return viewsWithoutError{s} }},
		{name: "Peek is a snapshot", verb: "Peek", store: func(s signup.Store) signup.Store { return peeks{s} }},
		{name: "Peek drops the error", verb: "Peek", store: func(s signup.Store) signup.Store { return peeksWithoutError{s} }},
		{name: "Ping does not ask the database", verb: "Ping", store: func(s signup.Store) signup.Store { return pings{s, nil} }},
		{name: "Ping always fails", verb: "Ping", store: func(s signup.Store) signup.Store { return pings{s, errors.New("no")} }},
	}
}

type spends struct {
	signup.Tx
	used, expired bool
}

func (tx spends) SpendToken(ctx context.Context, hash string, now time.Time) (signup.SignUpToken, error) {
	t, err := tx.Tx.SpendToken(ctx, hash, now)
	if !errors.Is(err, signup.ErrNotFound) {
		return t, err
	}
	t, err = tx.Token(ctx, hash)
	if err == nil && (t.Used && !tx.used || !now.Before(t.ExpiresAt) && !tx.expired) {
		return t, signup.ErrNotFound
	}
	if err != nil {
		return t, err
	}
	return tx.MarkTokenUsed(ctx, t.ID)
}

type spendsUnmarked struct{ signup.Tx }

func (tx spendsUnmarked) SpendToken(ctx context.Context, hash string, now time.Time) (signup.SignUpToken, error) {
	t, err := tx.Token(ctx, hash)
	if err == nil && (t.Used || !now.Before(t.ExpiresAt)) {
		err = signup.ErrNotFound
	}
	t.Used = true
	return t, err
}

type supersedesAndCloses struct{ signup.Tx }

func (tx supersedesAndCloses) SupersedeLinks(ctx context.Context, userID int64, now time.Time) error {
	u, err := tx.User(ctx, userID)
	return errors.Join(err, tx.Tx.SupersedeLinks(ctx, userID, now), closesTokens{tx.Tx, ""}.CloseLinksAt(ctx, u.EmailKey, now))
}

type supersedesAllLinks struct{ signup.Tx }

func (tx supersedesAllLinks) SupersedeLinks(ctx context.Context, userID int64, now time.Time) error {
	errs := []error{tx.Tx.SupersedeLinks(ctx, userID, now)}
	for _, kind := range mailKinds() {
		errs = append(errs, tx.SupersedeMails(ctx, userID, kind, now))
	}
	return errors.Join(errs...)
}

type closesMails struct{ signup.Tx }

func (tx closesMails) CloseLinksAt(ctx context.Context, emailKey string, now time.Time) error {
	users, err := tx.Users(ctx, signup.UserQuery{EmailKey: emailKey, Limit: 1000})
	errs := []error{err}
	for _, u := range users {
		errs = append(errs, tx.SupersedeLinks(ctx, u.ID, now))
	}
	return errors.Join(errs...)
}

// closesTokens leaves the mails about users with the status, or all mails.
type closesTokens struct {
	signup.Tx
	status signup.Status
}

func (tx closesTokens) CloseLinksAt(ctx context.Context, emailKey string, now time.Time) error {
	mails, err := tx.Mails(ctx, signup.MailQuery{State: delivery.Owed, Limit: 1000})
	errs := []error{err, tx.Tx.CloseLinksAt(ctx, emailKey, now)}
	for _, m := range mails {
		u, err := tx.User(ctx, m.UserID)
		if tx.status == "" || u.Status() == tx.status {
			errs = append(errs, err, tx.UpdateMail(ctx, m))
		}
	}
	return errors.Join(errs...)
}

type supersedesAllKinds struct{ signup.Tx }

func (tx supersedesAllKinds) SupersedeMails(ctx context.Context, userID int64, _ signup.MailKind, now time.Time) error {
	var errs []error
	for _, kind := range mailKinds() {
		errs = append(errs, tx.Tx.SupersedeMails(ctx, userID, kind, now))
	}
	return errors.Join(errs...)
}

type supersedesEnded struct{ signup.Tx }

func (tx supersedesEnded) SupersedeMails(ctx context.Context, userID int64, kind signup.MailKind, now time.Time) error {
	mails, err := tx.Mails(ctx, signup.MailQuery{UserID: userID, Kind: kind, Limit: 1000})
	errs := []error{err}
	for _, m := range mails {
		m.State, m.EndedAt = delivery.Superseded, now
		errs = append(errs, tx.UpdateMail(ctx, m))
	}
	return errors.Join(errs...)
}

type takesUnmarked struct{ signup.Tx }

func (tx takesUnmarked) TakeUnnoticed(ctx context.Context, limit int, now time.Time) ([]signup.User, error) {
	waiting, err := tx.Users(ctx, signup.UserQuery{Status: signup.StatusPendingApproval, OldestFirst: true, Limit: 1000})
	users := []signup.User{}
	for _, u := range waiting {
		if u.NoticedAt.IsZero() && len(users) < limit {
			u.NoticedAt = now
			u.Version++
			users = append(users, u)
		}
	}
	return users, err
}

type takesNoticed struct{ signup.Tx }

func (tx takesNoticed) TakeUnnoticed(ctx context.Context, limit int, now time.Time) ([]signup.User, error) {
	waiting, err := tx.Users(ctx, signup.UserQuery{Status: signup.StatusPendingApproval, OldestFirst: true, Limit: 1000})
	if err != nil {
		return nil, err
	}
	for i := range waiting {
		waiting[i].NoticedAt = now
		if err := tx.UpdateUser(ctx, waiting[i]); err != nil {
			return nil, err
		}
		waiting[i].Version++
	}
	return waiting[:min(limit, len(waiting))], nil
}

type takesAndPutsBack struct{ signup.Tx }

func (tx takesAndPutsBack) TakeLinkRequests(ctx context.Context, limit int) ([]signup.LinkRequest, error) {
	requests, err := tx.Tx.TakeLinkRequests(ctx, limit)
	errs := []error{err}
	for _, r := range requests {
		errs = append(errs, tx.AddLinkRequest(ctx, r))
	}
	return requests, errors.Join(errs...)
}

type addsAgain struct {
	signup.Tx
	store *faulty
}

// AddLinkRequest changes the username of a request that was already stored once.
func (tx addsAgain) AddLinkRequest(ctx context.Context, r signup.LinkRequest) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	key := [3]string{string(r.Kind), r.EmailKey, r.UsernameKey}
	if tx.store.seen[key] {
		r.UsernameKey += "again"
	}
	if tx.store.seen == nil {
		tx.store.seen = map[any]bool{}
	}
	tx.store.seen[key] = true
	return tx.Tx.AddLinkRequest(ctx, r)
}

type putsOnly struct{ signup.Tx }

// PutSettings cannot delete a row, so it empties it instead.
func (tx putsOnly) PutSettings(ctx context.Context, values map[string]string) error {
	stored, err := tx.Settings(ctx)
	for name := range stored {
		stored[name] = values[name]
	}
	return errors.Join(err, tx.Tx.PutSettings(ctx, stored), tx.Tx.PutSettings(ctx, values))
}

type updatesStale struct{ signup.Tx }

func (tx updatesStale) UpdateUser(ctx context.Context, u signup.User) error {
	stored, err := tx.User(ctx, u.ID)
	u.Version = stored.Version
	return errors.Join(err, tx.Tx.UpdateUser(ctx, u))
}

type createsStrict struct {
	signup.Tx
	address, username bool
}

func (tx createsStrict) CreateUser(ctx context.Context, u signup.User) (signup.User, error) {
	if n, err := tx.CountUsers(ctx, signup.UserQuery{EmailKey: u.EmailKey}); tx.address && (n > 0 || err != nil) {
		return u, errors.Join(signup.ErrEmailTaken, err)
	}
	if _, err := tx.UserByUsernameKey(ctx, u.UsernameKey); tx.username && err == nil {
		return u, signup.ErrUsernameTaken
	}
	return tx.Tx.CreateUser(ctx, u)
}

type addressFirst struct{ signup.Tx }

func (tx addressFirst) CreateUser(ctx context.Context, u signup.User) (signup.User, error) {
	if _, err := tx.UserByEmailKey(ctx, u.EmailKey); err == nil && u.HoldsAddress() {
		return u, signup.ErrEmailTaken
	}
	return tx.Tx.CreateUser(ctx, u)
}

type createsKeyStrict struct{ signup.Tx }

func (tx createsKeyStrict) CreateAPIKey(ctx context.Context, k signup.APIKey) error {
	keys, err := tx.APIKeys(ctx)
	for _, other := range keys {
		if other.Name == k.Name {
			return signup.ErrNameTaken
		}
	}
	return errors.Join(err, tx.Tx.CreateAPIKey(ctx, k))
}

type revokesAgain struct{ signup.Tx }

func (tx revokesAgain) RevokeAPIKey(ctx context.Context, id string, now time.Time) error {
	err := tx.Tx.RevokeAPIKey(ctx, id, now)
	if !errors.Is(err, signup.ErrNotFound) {
		return err
	}
	keys, _ := tx.APIKeys(ctx)
	for _, k := range keys {
		if k.ID == id {
			return nil
		}
	}
	return err
}

type deletesAllSessions struct{ signup.Tx }

func (tx deletesAllSessions) DeleteSessions(ctx context.Context, userID int64, id string) (int, error) {
	sessions, _ := tx.Sessions(ctx, userID)
	for _, s := range sessions {
		if s.ID == id {
			_, err := tx.Tx.DeleteSessions(ctx, userID, "")
			return 1, err
		}
	}
	return tx.Tx.DeleteSessions(ctx, userID, id)
}

type deletesOthers struct{ signup.Tx }

func (tx deletesOthers) DeleteSessions(ctx context.Context, userID int64, id string) (int, error) {
	n, err := tx.Tx.DeleteSessions(ctx, userID, id)
	users, _ := tx.Users(ctx, signup.UserQuery{})
	for _, u := range users {
		if n == 0 && id != "" {
			n, err = tx.Tx.DeleteSessions(ctx, u.ID, id)
		}
	}
	return n, err
}

type deletesOne struct{ signup.Tx }

func (tx deletesOne) DeleteOld(ctx context.Context, rows signup.OldRows, before time.Time, limit int) (int, error) {
	return tx.Tx.DeleteOld(ctx, rows, before, min(limit, 1))
}

type commits struct{ signup.Store }

func (s commits) Update(ctx context.Context, fn func(signup.Tx) error) error {
	var failed error
	err := s.Store.Update(ctx, func(tx signup.Tx) error {
		failed = fn(tx)
		return nil
	})
	return errors.Join(failed, err)
}

type hides struct{ signup.Store }

func (s hides) Update(ctx context.Context, fn func(signup.Tx) error) error {
	err := s.Store.Update(ctx, fn)
	var refused *refusal.Error
	if errors.As(err, &refused) {
		return errors.New(err.Error())
	}
	return err
}

type outlasts struct{ signup.Store }

func (s outlasts) Update(ctx context.Context, fn func(signup.Tx) error) error {
	return s.Store.Update(context.WithoutCancel(ctx), fn)
}

type runsOnce struct{ signup.Store }

func (s runsOnce) Update(ctx context.Context, fn func(signup.Tx) error) error {
	err := s.Store.Update(ctx, func(tx signup.Tx) error {
		err := fn(tx)
		if errors.Is(err, signup.ErrStale) {
			return stale{err}
		}
		return err
	})
	var masked stale
	if errors.As(err, &masked) {
		return masked.error
	}
	return err
}

type views struct{ signup.Store }

func (s views) View(ctx context.Context, fn func(signup.Reader) error) error {
	return s.Peek(ctx, fn)
}

type viewsWithoutError struct{ signup.Store }

func (s viewsWithoutError) View(ctx context.Context, fn func(signup.Reader) error) error {
	if err := s.Store.View(ctx, fn); errors.Is(err, signup.ErrNotFound) || ctx.Err() != nil {
		return err
	}
	return nil
}

type peeks struct{ signup.Store }

func (s peeks) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	return s.View(ctx, fn)
}

type peeksWithoutError struct{ signup.Store }

func (s peeksWithoutError) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	if err := s.Store.Peek(ctx, fn); errors.Is(err, signup.ErrNotFound) || ctx.Err() != nil {
		return err
	}
	return nil
}

type pings struct {
	signup.Store
	err error
}

func (s pings) Ping(context.Context) error { return s.err }
