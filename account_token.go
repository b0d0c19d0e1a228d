package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/refusal"
)

// An AccountToken is the stored side of a Token in a link that is mailed to an
// active user. It is never among the tokens of sign-ups, so neither kind can do
// what the other one does. It is bound to the user, to what the link is for and
// to the address the link was mailed to.
type AccountToken struct {
	Hash      string // see Token.Hash; at most 128 characters
	UserID    int64
	Purpose   MailKind // the kind of mail that has the link
	EmailKey  string   // of the address the link was mailed to; see User.EmailKey
	CreatedAt time.Time
	ExpiresAt time.Time // the token is expired from this instant on
	UsedAt    time.Time // when it was used or stopped working; zero until then
}

// How long the links for an active user work. An administrator asked for the one
// to a new address, so the person may not be waiting for it.
const (
	resetLinkWorks    = time.Hour
	newEmailLinkWorks = 24 * time.Hour
)

// mintAccount creates a token for a link that works for the lifetime.
func (s *Service) mintAccount(ctx context.Context, tx Tx, t AccountToken, lifetime time.Duration) (Token, AccountToken, error) {
	token := NewToken()
	t.Hash, t.CreatedAt = token.Hash(), s.now()
	t.ExpiresAt = t.CreatedAt.Add(lifetime)
	return token, t, tx.CreateAccountToken(ctx, t)
}

// checkAccountToken refuses a token that cannot be spent.
func (s *Service) checkAccountToken(ctx context.Context, text string, purpose MailKind) (Token, AccountToken, error) {
	token, ok := ParseToken(text)
	if !ok {
		return Token{}, AccountToken{}, errAccountToken(refusal.TokenUnknown)
	}
	t, err := peek(ctx, s, func(r Reader) (AccountToken, error) { return r.AccountToken(ctx, token.Hash()) })
	switch {
	case errors.Is(err, ErrNotFound), err == nil && (t.Purpose != purpose || !t.UsedAt.IsZero()):
		err = errAccountToken(refusal.TokenUnknown)
	case err == nil && !s.now().Before(t.ExpiresAt):
		err = errAccountToken(refusal.TokenExpired)
	}
	return token, t, err
}

// spendAccountToken spends a token and returns its user, who is locked. Of
// concurrent calls one succeeds.
func (s *Service) spendAccountToken(ctx context.Context, tx Tx, token Token, purpose MailKind) (AccountToken, User, error) {
	t, err := tx.SpendAccountToken(ctx, token.Hash(), purpose, s.now())
	if err != nil {
		return t, User{}, err
	}
	u, err := tx.User(ctx, t.UserID)
	if err == nil && !u.Active() {
		err = ErrNotFound
	}
	return t, u, err
}

// closeAccountLinks ends the user's links of a kind, whether they were mailed or
// are still owed.
func (s *Service) closeAccountLinks(ctx context.Context, tx Tx, userID int64, kind MailKind) error {
	return errors.Join(
		tx.CloseAccountTokens(ctx, userID, kind, s.now()),
		tx.SupersedeMails(ctx, userID, kind, s.now()),
	)
}

// endAccountLinks ends all that was mailed to the user, or is owed, to act on the
// account with.
func (s *Service) endAccountLinks(ctx context.Context, tx Tx, u *User) error {
	if err := s.endChange(ctx, tx, u); err != nil {
		return err
	}
	return s.closeAccountLinks(ctx, tx, u.ID, MailPasswordReset)
}

func errAccountToken(code refusal.Code) *refusal.Error {
	return refusal.New(code, "Invalid or expired token")
}
