package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// SignUpOfToken returns the sign-up that a token belongs to, for a page that asks
// whether it is theirs. If the address of that sign-up was corrected, but other
// sign-ups with it could be confirmed, it returns a User with the ID 0. It refuses as Confirm does and changes nothing.
func (s *Service) SignUpOfToken(ctx context.Context, token string) (User, error) {
	link, err := s.openLink(ctx, token)
	if err != nil {
		return User{}, err
	}
	var others int
	u, err := peek(ctx, s, func(r Reader) (User, error) {
		u, err := ownSignUp(ctx, r, link.token)
		if !errors.Is(err, errNotSpent) {
			return u, err
		}
		others, err = r.CountUsers(ctx, UserQuery{EmailKey: link.token.EmailKey, Status: StatusUnconfirmed})
		return User{}, err
	})
	if err == nil && u.ID == 0 && others == 0 && !atGmail(link.token.EmailKey) {
		err = s.refuseToken(ctx, refusal.TokenUnknown)
	}
	return u, err
}

// An openLink is a token that can be spent.
type openLink struct {
	secret Token
	token  SignUpToken
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
		if email, refused := identity.ParseEmail(link.token.Address); link.token.EmailKey == "" && refused == nil {
			link.token.EmailKey = email.Key // an instance of an earlier version made it
		}
		return code, err
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
	case err != nil || !stored.Used && !stored.expired(now):
		return stored, "", err
	}
	confirmed, err := isConfirmedAddress(ctx, r, stored)
	switch {
	case err != nil:
		return stored, "", err
	case confirmed:
		return stored, refusal.AlreadyConfirmed, nil
	case stored.Used:
		return stored, refusal.TokenUnknown, nil // superseded
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
	if u.EmailKey == t.EmailKey && !u.VerifiedAt.IsZero() {
		return true, nil
	}
	_, err = r.UserByEmailKey(ctx, t.EmailKey)
	return err == nil, ignoreNotFound(err)
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
