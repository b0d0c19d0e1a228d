package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

// A writer implements signup.Tx.
type writer struct {
	reader
	later   *db.Queries // for what returns nothing but a fault, which may come later
	tx      pgx.Tx
	enqueue Enqueue
	held    held
}

func newWriter(u *unit, enqueue Enqueue) writer {
	return writer{reader{db.New(&u.pipe)}, db.New(later{&u.pipe}), u.tx, enqueue, held{map[int64]signup.User{}, map[string]bool{}}}
}

func (w writer) PutSettings(ctx context.Context, values map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) { // in one order: two at once must not deadlock
		if err := w.later.PutSetting(ctx, db.PutSettingParams{Name: name, Value: values[name]}); err != nil {
			return fault("store setting "+name, err)
		}
	}
	return nil
}

func (w writer) CreateUser(ctx context.Context, u signup.User) (signup.User, error) {
	row, err := w.q.CreateUser(ctx, newUser(u))
	if errors.Is(err, pgx.ErrNoRows) { // ON CONFLICT (email_key) DO NOTHING
		return signup.User{}, fmt.Errorf("create user: %w", signup.ErrEmailExists)
	}
	created, err := w.held.keep(row, err)
	return created, fault("create user", err)
}

func (w writer) UpdateUser(ctx context.Context, u signup.User) error {
	what := fmt.Sprintf("update user %d", u.ID)
	certain := w.held.takes(u)
	delete(w.held.users, u.ID)
	if certain {
		_, err := w.later.UpdateUser(ctx, changedUser(u))
		return fault(what, err)
	}
	n, err := w.q.UpdateUser(ctx, changedUser(u))
	switch {
	case isUnique(err): // the table has no other unique key
		return fmt.Errorf("%s: %w", what, signup.ErrEmailExists)
	case err != nil || n > 0:
		return fault(what, err)
	}
	if _, err := w.User(ctx, u.ID); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", what, signup.ErrStale)
}

func (w writer) DeleteUser(ctx context.Context, id int64) error {
	w.held.forget()
	n, err := w.q.DeleteUser(ctx, id)
	return one(fmt.Sprintf("delete user %d", id), n, err)
}

func (w writer) ReserveUsername(ctx context.Context, key string, userID int64, now time.Time) error {
	n, err := w.q.ReserveUsername(ctx, db.ReserveUsernameParams{Key: key, UserID: userID, Now: db.Time(now)})
	return reserved("reserve username", n, err)
}

// reserved is ErrUsernameReserved when no row was written.
func reserved(what string, n int64, err error) error {
	if err == nil && n == 0 {
		err = signup.ErrUsernameReserved
	}
	return fault(what, err)
}

func (w writer) ReleaseUsernames(ctx context.Context, userID int64, keep string) error {
	err := w.later.ReleaseUsernames(ctx, db.ReleaseUsernamesParams{UserID: userID, Keep: keep})
	return fault("release usernames", err)
}

func (w writer) HoldUsername(ctx context.Context, key string, userID int64, now, until time.Time) error {
	if err := w.later.LetGoIfExpired(ctx, db.LetGoIfExpiredParams{Key: key, Now: db.Time(now)}); err != nil {
		return fault("hold username", err)
	}
	n, err := w.q.HoldUsername(ctx, db.HoldUsernameParams{Key: key, UserID: userID, ExpiresAt: db.Time(until)})
	return reserved("hold username", n, err)
}

func (w writer) LetGoUsername(ctx context.Context, key string, userID int64) error {
	return fault("let go of username", w.later.LetGoUsername(ctx, db.LetGoUsernameParams{Key: key, UserID: userID}))
}

func (w writer) DeleteExpiredUsernames(ctx context.Context, cutoff time.Time, limit int) (int, error) {
	n, err := w.q.DeleteExpiredUsernames(ctx, db.DeleteExpiredUsernamesParams{Cutoff: db.Time(cutoff), Lim: atMost(limit)})
	return int(n), fault("delete expired usernames", err)
}

func (w writer) CreateToken(ctx context.Context, t signup.SignUpToken) (signup.SignUpToken, error) {
	return t, fault("create token", w.with(t.UserID).CreateToken(ctx, newToken(t)))
}

func (w writer) MarkTokenUsed(ctx context.Context, id string) (signup.SignUpToken, error) {
	row, err := w.q.MarkTokenUsed(ctx, id)
	return token(row), fault("mark token used", err)
}

func (w writer) SpendUserTokens(ctx context.Context, userID int64) error {
	return fault("spend the user's tokens", w.later.SpendUserTokens(ctx, userID))
}

func (w writer) DeleteExpiredTokens(ctx context.Context, cutoff time.Time, limit int) (int, error) {
	n, err := w.q.DeleteExpiredTokens(ctx, db.DeleteExpiredTokensParams{Cutoff: db.Time(cutoff), Lim: atMost(limit)})
	return int(n), fault("delete expired tokens", err)
}

func (w writer) CreateClaim(ctx context.Context, c signup.Claim) error {
	return fault("create claim", w.q.CreateClaim(ctx, newClaim(c)))
}

func (w writer) DeleteClaim(ctx context.Context, id string) error {
	n, err := w.q.DeleteClaim(ctx, id)
	return one("delete claim", n, err)
}

func (w writer) DeleteClaims(ctx context.Context, userID int64) error {
	return fault("delete claims", w.later.DeleteClaims(ctx, userID))
}

func (w writer) AddMail(ctx context.Context, m signup.Mail) error {
	if err := w.with(m.UserID, m.RecipientID).AddMail(ctx, newMail(m)); err != nil {
		return fault("add mail", err)
	}
	return busy("enqueue mail", w.enqueue(ctx, w.tx, m.ID))
}

func (w writer) UpdateMail(ctx context.Context, m signup.Mail) error {
	params := db.UpdateMailParams{
		ID:            m.ID,
		State:         string(m.State),
		Attempts:      m.Attempts,
		TryingSince:   db.NullTime(m.TryingSince),
		LastAttemptAt: db.NullTime(m.LastAttemptAt),
		NextAttemptAt: db.NullTime(m.NextAttemptAt),
		EndedAt:       db.NullTime(m.EndedAt),
		LastAnswer:    storable(m.LastAnswer),
	}
	if w.held.mails[m.ID] {
		_, err := w.later.UpdateMail(ctx, params)
		return fault("update mail", err)
	}
	n, err := w.q.UpdateMail(ctx, params)
	return one("update mail", n, err)
}

func (w writer) SupersedeMails(ctx context.Context, userID int64, kind signup.MailKind, now time.Time) error {
	err := w.later.SupersedeMails(ctx, db.SupersedeMailsParams{UserID: userID, Kind: string(kind), Now: db.NullTime(now)})
	return fault("supersede mails", err)
}

func (w writer) CreateAPIKey(ctx context.Context, k signup.APIKey) error {
	n, err := w.q.CreateAPIKey(ctx, db.CreateAPIKeyParams{
		ID: k.ID, Name: k.Name, Hash: k.Hash, CreatedAt: db.Time(k.CreatedAt), RevokedAt: db.NullTime(k.RevokedAt),
	})
	if err == nil && n == 0 { // ON CONFLICT (name) DO NOTHING
		err = signup.ErrNameTaken
	}
	return fault("create API key", err)
}

func (w writer) RevokeAPIKey(ctx context.Context, name string, now time.Time) error {
	n, err := w.q.RevokeAPIKey(ctx, db.RevokeAPIKeyParams{Name: storable(name), Now: db.NullTime(now)})
	return one("revoke API key", n, err)
}

func (w writer) AddAudit(ctx context.Context, e signup.AuditEvent) error {
	err := w.later.AddAudit(ctx, db.AddAuditParams{
		At: db.Time(e.At), Actor: string(e.Actor), Action: e.Action, UserID: e.UserID, Detail: e.Detail,
	})
	return fault("add audit event", err)
}

// with is for adding what hangs on users: it can wait when they are held.
func (w writer) with(userIDs ...int64) *db.Queries {
	if w.held.has(userIDs...) {
		return w.later
	}
	return w.q
}

// one is fault for a statement that must find its row.
func one(what string, rows int64, err error) error {
	if err == nil && rows == 0 {
		err = signup.ErrNotFound
	}
	return fault(what, err)
}
