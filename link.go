package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// SignUpOfToken returns the sign-up that a token belongs to, for a page that asks
// whether it is theirs. It refuses as Confirm does and changes nothing.
func (s *Service) SignUpOfToken(ctx context.Context, token string) (User, error) {
	link, err := s.openLink(ctx, token)
	if err != nil {
		return User{}, err
	}
	return peek(ctx, s, func(r Reader) (User, error) { return userByID(ctx, r, link.token.UserID) })
}

// An openLink is a token that can be spent, and the key of its address.
type openLink struct {
	secret Token
	token  SignUpToken
	key    string
}

// openLink returns the token if it works now, or else its refusal. The refusals
// differ only in their code, which lets pages offer the right help.
func (s *Service) openLink(ctx context.Context, token string) (openLink, error) {
	t, ok := ParseToken(token)
	if !ok {
		return openLink{}, s.refuseToken(ctx, refusal.TokenUnknown)
	}
	link := openLink{secret: t}
	code, err := peek(ctx, s, func(r Reader) (code refusal.Code, err error) {
		link.token, code, err = judge(ctx, r, t, s.now())
		if err != nil || code != "" {
			return code, err
		}
		link.key, err = keyOf(ctx, r, link.token)
		return "", err
	})
	if err != nil {
		return openLink{}, err
	}
	if code != "" {
		return openLink{}, s.refuseToken(ctx, code)
	}
	return link, nil
}

// judge returns the refusal code of a token, or "" if it works.
func judge(ctx context.Context, r Reader, t Token, now time.Time) (SignUpToken, refusal.Code, error) {
	stored, err := r.Token(ctx, t.Hash())
	switch {
	case errors.Is(err, ErrNotFound):
		return SignUpToken{}, refusal.TokenUnknown, nil
	case err != nil || !stored.Used && !stored.Expired(now):
		return stored, "", err
	}
	confirmed, err := isConfirmedAddress(ctx, r, stored)
	switch {
	case err != nil:
		return stored, "", err
	case confirmed:
		return stored, refusal.AlreadyConfirmed, nil
	case stored.Used:
		return stored, refusal.TokenUnknown, nil // superseded: the address was corrected
	default:
		return stored, refusal.TokenExpired, nil
	}
}

// isConfirmedAddress reports whether the token's sign-up, or another one with its
// address, is confirmed. Only somebody who has the token learns this.
func isConfirmedAddress(ctx context.Context, r Reader, t SignUpToken) (bool, error) {
	u, err := r.User(ctx, t.UserID)
	if ignoreNotFound(err) != nil {
		return false, err
	}
	if !u.VerifiedAt.IsZero() {
		return true, nil
	}
	key, err := keyOf(ctx, r, t)
	if err != nil {
		return false, ignoreNotFound(err)
	}
	_, err = r.UserByEmailKey(ctx, key)
	return err == nil, ignoreNotFound(err)
}

// keyOf returns the key of the address that a token was mailed to.
func keyOf(ctx context.Context, r Reader, t SignUpToken) (string, error) {
	if email, refused := identity.ParseEmail(t.Address); refused == nil {
		return email.Key, nil
	}
	u, err := r.User(ctx, t.UserID) // the address predates a stricter rule
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return u.EmailKey, err
}

// refuseToken returns the refusal for an invalid token, which differs while the
// settings do not require verification.
func (s *Service) refuseToken(ctx context.Context, code refusal.Code) error {
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	if !settings.RequireEmailVerification && code != refusal.AlreadyConfirmed {
		return refusal.New(refusal.VerificationDisabled, "Email verification is not enabled")
	}
	return errInvalidToken(code)
}

// whyNotSpent returns the refusal for a token that did not work when it was
// spent, such as one that a concurrent call spent first.
func (s *Service) whyNotSpent(ctx context.Context, t Token) error {
	link, err := s.openLink(ctx, t.Reveal())
	if err != nil {
		return err
	}
	if _, err := s.User(ctx, link.token.UserID); err != nil {
		return err
	}
	return errInvalidToken(refusal.TokenUnknown)
}

func errInvalidToken(code refusal.Code) *refusal.Error {
	return &refusal.Error{Code: code, Message: "Invalid or expired sign up token"}
}
