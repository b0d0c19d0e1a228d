package signup

import (
	"context"
	"errors"
	"time"
)

// CreateToken makes a token for a user by hand, as a letter would: bound to
// the user's present address and living for the time the settings say. The
// returned Token is the only copy.
func (s *Service) CreateToken(ctx context.Context, userID int64, by Actor) (Token, SignUpToken, error) {
	var token Token
	var stored SignUpToken
	err := s.store.Update(ctx, func(tx Tx) error {
		u, err := userByID(ctx, tx, userID)
		if err != nil {
			return err
		}
		settings, err := settingsIn(ctx, tx)
		if err != nil {
			return err
		}
		token, stored, err = s.mint(ctx, tx, SignUpToken{UserID: u.ID, Address: u.Email}, time.Duration(settings.TokenLifetime))
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "token.created", u.ID, map[string]string{"token_id": stored.ID})
	})
	return token, stored, err
}

// mint makes a token, stores its hash and gives it a life.
func (s *Service) mint(ctx context.Context, tx Tx, t SignUpToken, lifetime time.Duration) (Token, SignUpToken, error) {
	token := NewToken()
	id, err := s.newID()
	if err != nil {
		return Token{}, SignUpToken{}, err
	}
	t.ID = id
	t.TokenHash = token.Hash()
	t.CreatedAt = s.now()
	t.ExpiresAt = t.CreatedAt.Add(lifetime)
	t, err = tx.CreateToken(ctx, t)
	return token, t, err
}

// TokenByHash returns the token with this hash that is unused and not expired,
// or ErrNotFound.
func (s *Service) TokenByHash(ctx context.Context, hash string) (SignUpToken, error) {
	return peek(ctx, s, func(r Reader) (SignUpToken, error) { return r.ValidToken(ctx, hash, s.now()) })
}

// MarkTokenUsed sets a token used by its id and returns it, or ErrNotFound.
func (s *Service) MarkTokenUsed(ctx context.Context, id string) (SignUpToken, error) {
	var t SignUpToken
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		t, err = tx.MarkTokenUsed(ctx, id)
		return err
	})
	return t, err
}

// UseToken spends a token and returns its user's id. The effects, if not nil,
// happen in the same transaction: the token is spent together with them or not
// at all. They may be run more than once; see Store.Update. A token that does
// not work is refused as by Confirm.
//
// It is for tokens made by CreateToken, and neither proves the address nor ends
// other tokens: for sign-ups there is Confirm. The token of a further sign-up
// for an address (a Claim) is refused, because it is not the user's, and so is
// one that was sent to an address the user no longer has.
func (s *Service) UseToken(ctx context.Context, token string, effects func(Tx, int64) error) (int64, error) {
	t, ok := ParseToken(token)
	if !ok {
		return 0, s.refuseMalformed(ctx)
	}
	var userID int64
	err := s.store.Update(ctx, func(tx Tx) error {
		stored, err := tx.SpendToken(ctx, t.Hash(), s.now())
		if errors.Is(err, ErrNotFound) {
			return errNotSpent
		}
		if err != nil {
			return err
		}
		u, err := userByID(ctx, tx, stored.UserID)
		if err != nil {
			return err
		}
		if stored.ClaimID != "" || stored.Address != u.Email {
			return errNotSpent
		}
		if userID = u.ID; effects == nil {
			return nil
		}
		return effects(tx, userID)
	})
	switch {
	case errors.Is(err, errNotSpent):
		return 0, s.whyNotSpent(ctx, t, s.now())
	case err != nil:
		return 0, err
	}
	return userID, nil
}

// DeleteExpired removes every token and ticket with ExpiresAt before now,
// usernames held till then and what limits no longer look at, in short
// transactions, and returns how many tokens went. When it is cut short, what it
// removed stays removed.
func (s *Service) DeleteExpired(ctx context.Context) (int, error) {
	cutoff := s.now()
	tokens, err := s.inBites(ctx, func(tx Tx, limit int) (int, error) { return tx.DeleteExpiredTokens(ctx, cutoff, limit) })
	for _, remove := range []func(Tx, int) (int, error){
		func(tx Tx, limit int) (int, error) { return tx.DeleteExpiredTickets(ctx, cutoff, limit) },
		func(tx Tx, limit int) (int, error) { return tx.DeleteExpiredUsernames(ctx, cutoff, limit) },
		func(tx Tx, limit int) (int, error) {
			return tx.DeleteAddressMails(ctx, cutoff.Add(-longest(s.o.SignUpLimits)), limit)
		},
	} {
		if err == nil {
			_, err = s.inBites(ctx, remove)
		}
	}
	return tokens, err
}
