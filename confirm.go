package signup

import (
	"context"
	"errors"
	"time"
)

// A Confirmation answers a confirmed sign-up.
type Confirmation struct {
	UserID                int64
	Status                Status
	AdminApprovalRequired bool // whether the user waits for an administrator now
}

// Confirm spends a token, proves its address and moves the user on, all in one
// transaction or not at all. Of any number of concurrent calls with one token
// exactly one succeeds.
//
// It refuses with CodeTokenUnknown, CodeTokenExpired, CodeAlreadyConfirmed (the
// token was good and its user is verified: nothing is left to do),
// CodeVerificationDisabled (instead of these, while the settings require no
// verification) or CodeUserNotFound.
func (s *Service) Confirm(ctx context.Context, token string) (Confirmation, error) {
	t, ok := ParseToken(token)
	if !ok {
		return Confirmation{}, s.refuseMalformed(ctx)
	}
	now := s.now()
	// Most tokens that do not work are refused here, by a read.
	if err := s.judge(ctx, t, now); err != nil {
		return Confirmation{}, err
	}
	var u User
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		u, err = s.spend(ctx, tx, t, now)
		return err
	})
	if errors.Is(err, errNotSpent) {
		return Confirmation{}, s.whyNotSpent(ctx, t, now)
	}
	if err != nil {
		return Confirmation{}, err
	}
	status := u.Status()
	return Confirmation{u.ID, status, status == StatusPendingApproval}, nil
}

// errNotSpent rolls a confirmation back: the token does not work (any more).
var errNotSpent = errors.New("token not spent")

// spend decides the race for the token and lets the winner through.
func (s *Service) spend(ctx context.Context, tx Tx, t Token, now time.Time) (User, error) {
	stored, err := tx.SpendToken(ctx, t.Hash(), now)
	if errors.Is(err, ErrNotFound) {
		return User{}, errNotSpent
	}
	if err != nil {
		return User{}, err
	}
	u, err := userByID(ctx, tx, stored.UserID)
	if err != nil {
		return User{}, err
	}
	claim, err := claimOf(ctx, tx, stored)
	if err != nil {
		return User{}, err
	}
	address := u.Email
	if claim != nil {
		address = claim.Email
	}
	if address != stored.Address {
		return User{}, errNotSpent // the address was corrected since
	}
	e := eventVerify
	if claim != nil && u.Status() != StatusUnconfirmed {
		e = eventReapply
	}
	takes, err := u.on(e)
	switch {
	case IsCode(err, CodeAlreadyConfirmed):
		return User{}, err
	case err != nil:
		return User{}, errNotSpent
	case !takes:
		return User{}, errInvalidToken(CodeAlreadyConfirmed)
	}
	before := u.Status()
	u.VerifiedAt, u.UndeliverableAt = now, time.Time{}
	return s.settle(ctx, tx, u, claim, before, ActorPerson)
}

// claimOf is the claim a token confirms: nil for the user's own first sign-up.
func claimOf(ctx context.Context, tx Tx, t SignUpToken) (*Claim, error) {
	if t.ClaimID == "" {
		return nil, nil
	}
	c, err := tx.Claim(ctx, t.ClaimID)
	if errors.Is(err, ErrNotFound) {
		return nil, errNotSpent
	}
	return &c, err
}

// settle stores a user whose address needs no further proof: the claim, if
// any, becomes the user, everything else that was open for the address dies,
// and the next mail is owed.
func (s *Service) settle(ctx context.Context, tx Tx, u User, c *Claim, before Status, by Actor) (User, error) {
	if err := settleTickets(ctx, tx, u.ID, before, c); err != nil {
		return User{}, err
	}
	if c != nil {
		u.take(*c)
	}
	if err := update(ctx, tx, &u); err != nil {
		return User{}, err
	}
	if err := s.closeOpen(ctx, tx, u); err != nil {
		return User{}, err
	}
	action := "user.verified"
	if u.VerifiedAt.IsZero() {
		action = "user.signed_up_again"
	}
	if err := s.audit(ctx, tx, by, action, u.ID, nil); err != nil {
		return User{}, err
	}
	return u, s.oweForEntering(ctx, tx, u, before)
}

// update stores the user and keeps its version in step.
func update(ctx context.Context, tx Tx, u *User) error {
	err := tx.UpdateUser(ctx, *u)
	u.Version++
	return err
}

// take makes the claim's sign-up the user's. Whoever was rejected before needs
// an approval now, whatever the settings said.
func (u *User) take(c Claim) {
	rejected := !u.RejectedAt.IsZero()
	u.Name, u.Username, u.UsernameKey, u.Email = c.Name, c.Username, c.UsernameKey, c.Email
	u.PasswordHash, u.Language, u.Profile = c.PasswordHash, c.Language, c.Profile
	u.ApprovalRequired = c.ApprovalRequired || rejected
	u.TermsVersion, u.TermsAt = c.TermsVersion, c.TermsAt
	u.NoticedAt = time.Time{}
	u.liftRejection()
}

func (u *User) liftRejection() {
	u.RejectedAt, u.RejectedBy = time.Time{}, ""
	u.RejectionReason, u.RejectionNote = "", ""
}

// closeOpen ends every other way to confirm the address.
func (s *Service) closeOpen(ctx context.Context, tx Tx, u User) error {
	return errors.Join(
		tx.SpendUserTokens(ctx, u.ID),
		tx.DeleteClaims(ctx, u.ID),
		tx.ReleaseUsernames(ctx, u.ID, u.UsernameKey),
		tx.SupersedeMails(ctx, u.ID, MailConfirmation, s.now()),
		tx.SupersedeMails(ctx, u.ID, MailReminder, s.now()),
	)
}

// judge returns nil for a token that works at now, else its refusal. The
// refusals differ only in their code, so that pages can help.
func (s *Service) judge(ctx context.Context, t Token, now time.Time) error {
	var refusal error
	err := s.store.Peek(ctx, func(r Reader) error {
		code, err := tokenCode(ctx, r, t, now)
		if err != nil || code == "" {
			return err
		}
		refusal, err = tokenRefusal(ctx, r, code)
		return err
	})
	if err != nil {
		return err
	}
	return refusal
}

// tokenCode says what is wrong with a token, "" for nothing.
func tokenCode(ctx context.Context, r Reader, t Token, now time.Time) (Code, error) {
	stored, err := r.Token(ctx, t.Hash())
	switch {
	case errors.Is(err, ErrNotFound):
		return CodeTokenUnknown, nil
	case err != nil:
		return "", err
	case !stored.Used && !stored.Expired(now):
		return "", nil
	}
	u, err := r.User(ctx, stored.UserID)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return "", err
	case !u.VerifiedAt.IsZero():
		return CodeAlreadyConfirmed, nil
	case stored.Used:
		return CodeTokenUnknown, nil // superseded: the address was corrected
	default:
		return CodeTokenExpired, nil
	}
}

// tokenRefusal is another one while the server requires no verification.
func tokenRefusal(ctx context.Context, r Reader, code Code) (*Error, error) {
	settings, err := settingsIn(ctx, r)
	if err != nil {
		return nil, err
	}
	if !settings.RequireEmailVerification && code != CodeAlreadyConfirmed {
		return &Error{Code: CodeVerificationDisabled, Message: "Email verification is not enabled"}, nil
	}
	return errInvalidToken(code), nil
}

// whyNotSpent is the refusal of a token that another call was faster to spend.
func (s *Service) whyNotSpent(ctx context.Context, t Token, now time.Time) error {
	if err := s.judge(ctx, t, now); err != nil {
		return err
	}
	return errInvalidToken(CodeTokenUnknown)
}

// refuseMalformed asks the database for nothing but which refusal it is.
func (s *Service) refuseMalformed(ctx context.Context) error {
	refusal, err := peek(ctx, s, func(r Reader) (*Error, error) { return tokenRefusal(ctx, r, CodeTokenUnknown) })
	if err != nil {
		return err
	}
	return refusal
}

func errInvalidToken(code Code) *Error {
	return &Error{Code: code, Message: "Invalid or expired sign up token"}
}
