package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// A Receipt is the result of a sign-up. It is the same for a free address and a
// taken one if the settings conceal taken addresses.
type Receipt struct {
	EmailVerificationRequired bool
	AdminApprovalRequired     bool
	Ticket                    Token         // set if Registration.WantsTicket; the only copy, see Ticket
	TicketLifetime            time.Duration // how long it works
}

// SignUp registers a person: it stores a user, who is unconfirmed, pending or
// active as the settings require, and owes the corresponding mail.
//
// It refuses with refusal.SignUpDisabled, refusal.MailNotConfigured (a
// confirmation is required but could never be sent), refusal.Invalid for each
// invalid field, refusal.UsernameTaken, refusal.EmailTaken (only if taken
// addresses are not concealed) or refusal.Busy.
//
// Any number of people can sign up with an address that nobody has verified; see
// ConfirmAs for which of them is confirmed. If taken addresses are concealed,
// signing up with one works like any other sign-up, except that the holder of the
// address gets a note instead of a link.
//
// Repeating a sign-up (same address, username and password) returns the same
// result and changes nothing, as long as it is unconfirmed or was made within the
// last hour.
func (s *Service) SignUp(ctx context.Context, r Registration) (Receipt, error) {
	settings, err := s.Settings(ctx)
	if err != nil {
		return Receipt{}, err
	}
	if err := s.mayRegister(settings); err != nil {
		return Receipt{}, err
	}
	a, err := s.examine(r, settings)
	if err != nil {
		return Receipt{}, err
	}
	if a.taken, err = s.takenElsewhere(ctx, a.email.Typed, a.username.Typed); err != nil {
		return Receipt{}, err
	}
	// Hash before the transaction, whether or not the address is taken, so that
	// both answers take the same time.
	if a.hash, err = s.o.Hasher.Hash(ctx, r.Password); err != nil {
		return Receipt{}, err
	}
	return s.signUp(ctx, a, r)
}

// receiptOf says what the sign-up needs, and has a ticket if one is wanted.
func (s *Service) receiptOf(ctx context.Context, tx Tx, u User, r Registration) (Receipt, error) {
	receipt := Receipt{EmailVerificationRequired: u.VerificationRequired, AdminApprovalRequired: u.ApprovalRequired}
	if !r.WantsTicket {
		return receipt, nil
	}
	var err error
	receipt.TicketLifetime = ticketLifetime
	receipt.Ticket, err = s.giveTicket(ctx, tx, u)
	return receipt, err
}

func (s *Service) mayRegister(settings Settings) error {
	switch {
	case !settings.SignUpEnabled:
		return refusal.New(refusal.SignUpDisabled, "User sign-up is not enabled on this server")
	case settings.RequireEmailVerification && s.o.Letters == nil:
		return errMailNotConfigured()
	default:
		return nil
	}
}

// errGone says that the sign-up with the username was deleted since.
var errGone = errors.New("the sign-up is gone")

// signUp stores a sign-up that passed every rule.
func (s *Service) signUp(ctx context.Context, a applicant, r Registration) (Receipt, error) {
	for range 3 {
		receipt, err := s.signUpOnce(ctx, a, r)
		if !errors.Is(err, errGone) {
			return receipt, err
		}
	}
	return Receipt{}, errUsernameTaken() // again and again
}

func (s *Service) signUpOnce(ctx context.Context, a applicant, r Registration) (receipt Receipt, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		u, err := s.register(ctx, tx, a)
		if err == nil {
			receipt, err = s.receiptOf(ctx, tx, u, r)
		}
		return err
	})
	switch {
	case errors.Is(err, ErrUsernameTaken):
		return s.signUpAgain(ctx, a, r)
	case err != nil:
		return Receipt{}, refusalOfTaken(err)
	}
	return receipt, nil
}

// register stores the sign-up and owes its mail.
func (s *Service) register(ctx context.Context, tx Tx, a applicant) (User, error) {
	u := a.user()
	if !a.settings.conceals() {
		if err := s.checkAddress(ctx, tx, &u, a.settings); err != nil {
			return User{}, err
		}
	}
	u, err := tx.CreateUser(ctx, u)
	if err == nil {
		err = refuseTaken(a.taken, a.settings)
	}
	if err != nil {
		return User{}, err
	}
	if err := s.record(ctx, tx, ActorPerson, event.SignedUp, u.ID, nil); err != nil {
		return User{}, err
	}
	if u.Status() == StatusUnconfirmed {
		return u, s.oweLink(ctx, tx, u)
	}
	if err := tx.CloseLinksAt(ctx, u.EmailKey, s.now()); err != nil {
		return User{}, err
	}
	return u, s.entered(ctx, tx, u, ActorPerson)
}

// checkAddress refuses an address that somebody holds, or that was rejected and
// may not sign up again yet. A sign-up that would hold the address immediately
// requires approval if there is a rejected one with it.
func (s *Service) checkAddress(ctx context.Context, tx Tx, u *User, settings Settings) error {
	if err := tx.HoldAddress(ctx, u.EmailKey); err != nil {
		return err
	}
	if _, err := tx.UserByEmailKey(ctx, u.EmailKey); !errors.Is(err, ErrNotFound) {
		if err == nil {
			err = errEmailTaken()
		}
		return err
	}
	rejected, err := lastRejection(ctx, tx, u.EmailKey)
	switch {
	case err != nil:
		return err
	case settings.bars(rejected, s.now()):
		return errEmailTaken()
	case u.HoldsAddress() && !rejected.IsZero():
		u.ApprovalRequired = true
	}
	return nil
}

// lastRejection returns the time of the latest rejection of a user with the
// address who is still rejected, or zero if there is none.
func lastRejection(ctx context.Context, r Reader, emailKey string) (time.Time, error) {
	users, err := r.Users(ctx, UserQuery{EmailKey: emailKey, Status: StatusRejected})
	var last time.Time
	for _, u := range users {
		last = later(last, u.RejectedAt)
	}
	return last, err
}

// bars reports whether an address that was rejected at that time may not sign up
// again yet.
func (s Settings) bars(rejected, now time.Time) bool {
	if rejected.IsZero() {
		return false
	}
	return s.ReapplyAfter == never || now.Before(rejected.Add(time.Duration(s.ReapplyAfter)))
}

// signUpAgain answers a sign-up whose username is taken: it replaces the sign-up
// of the browser's ticket, repeats an identical sign-up, or refuses. The refusal
// takes the same time whether or not the username belongs to the address, and
// what is mailed is decided later. The receipt says what that sign-up needs, which
// the settings may have changed since.
func (s *Service) signUpAgain(ctx context.Context, a applicant, r Registration) (receipt Receipt, err error) {
	known, err := s.repeated(ctx, a, r)
	if err != nil {
		return Receipt{}, err
	}
	refused := false
	err = s.store.Update(ctx, func(tx Tx) error {
		u, again, err := s.again(ctx, tx, a, r, known)
		refused = err == nil && !again
		if err == nil && again {
			receipt, err = s.receiptOf(ctx, tx, u, r)
		}
		return err
	})
	switch {
	case err != nil:
		return Receipt{}, refusalOfTaken(err)
	case refused:
		return Receipt{}, errUsernameTaken()
	}
	return receipt, nil
}

// again reports whether the sign-up is one that is there, which it carries on.
func (s *Service) again(ctx context.Context, tx Tx, a applicant, r Registration, known password.Hash) (u User, again bool, err error) {
	u, err = tx.UserByUsernameKey(ctx, a.username.Key)
	if errors.Is(err, ErrNotFound) {
		return u, false, errGone
	}
	if err != nil {
		return u, false, err
	}
	mine, err := s.hasTicketOf(ctx, tx, r.Ticket, u)
	switch {
	case err != nil:
		return u, false, err
	case mine:
		return u, true, s.replace(ctx, tx, &u, a)
	case u.PasswordHash == known:
		return u, true, s.repeat(ctx, tx, &u, a.settings)
	default:
		return u, false, s.requestLink(ctx, tx, a.email.Key, a.username.Key)
	}
}

// repeated returns the password hash of the user whose sign-up the registration
// repeats, or else a hash that no user has. It costs one hash either way.
func (s *Service) repeated(ctx context.Context, a applicant, r Registration) (password.Hash, error) {
	u, err := peek(ctx, s, func(r Reader) (User, error) { return r.UserByUsernameKey(ctx, a.username.Key) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", err
	}
	same, err := s.knowsPassword(ctx, u, r.Password, u.EmailKey == a.email.Key && s.mayRepeat(u))
	if err != nil || !same {
		return "nobody's", err
	}
	return u.PasswordHash, nil
}

// repeatFor is how long after it was made a confirmed sign-up can be repeated.
const repeatFor = time.Hour

// mayRepeat reports whether the sign-up may be repeated. The answer tells that the
// password is right, which must not become a way to guess passwords of accounts.
func (s *Service) mayRepeat(u User) bool {
	return u.Origin == OriginSignUp && (u.Status() == StatusUnconfirmed || s.now().Before(u.CreatedAt.Add(repeatFor)))
}

// knowsPassword reports whether the password is the user's and the condition
// holds. It costs one hash either way, with the parameters of the stored one: those
// of an older hash would tell.
func (s *Service) knowsPassword(ctx context.Context, u User, password string, condition bool) (bool, error) {
	if u.PasswordHash == "" {
		_, err := s.o.Hasher.Hash(ctx, password)
		return false, err
	}
	same, _, err := s.o.Hasher.Verify(ctx, u.PasswordHash, password)
	return same && condition, err
}

// repeat lets a repeated sign-up continue: an unconfirmed one with an expired
// link gets another link, and one whose address is confirmed gets a note.
func (s *Service) repeat(ctx context.Context, tx Tx, u *User, settings Settings) error {
	if u.Status() != StatusUnconfirmed {
		return s.requestLink(ctx, tx, u.EmailKey, u.UsernameKey)
	}
	if s.now().Before(u.LinkAskedAt.Add(time.Duration(settings.TokenLifetime))) {
		return nil
	}
	return s.askLink(ctx, tx, u)
}

// replace updates an unconfirmed sign-up with what the same browser submits now.
func (s *Service) replace(ctx context.Context, tx Tx, u *User, a applicant) error {
	a.fill(u)
	if err := s.record(ctx, tx, ActorPerson, event.SignUpReplaced, u.ID, nil); err != nil {
		return err
	}
	if u.Email != a.email.Typed {
		if a.taken == "email" && !a.settings.conceals() {
			return errEmailTaken()
		}
		return s.correct(ctx, tx, u, a.email, a.settings, ActorPerson)
	}
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	return s.repeat(ctx, tx, u, a.settings)
}

func errMailNotConfigured() *refusal.Error {
	return refusal.New(refusal.MailNotConfigured, "Email service is not configured")
}

func errEmailTaken() *refusal.Error {
	return &refusal.Error{Code: refusal.EmailTaken, Field: "email", Message: "Email is already in use"}
}

// refusalOfTaken turns what a store says of a taken address or username into the
// refusal.
func refusalOfTaken(err error) error {
	switch {
	case errors.Is(err, ErrEmailTaken):
		return errEmailTaken()
	case errors.Is(err, ErrUsernameTaken):
		return errUsernameTaken()
	}
	return err
}

func errUsernameTaken() *refusal.Error {
	return &refusal.Error{Code: refusal.UsernameTaken, Field: "username", Message: "Username is already in use"}
}
