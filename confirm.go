package signup

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// A Confirmation is the result of a successful confirmation.
type Confirmation struct {
	UserID                int64
	Status                Status
	AdminApprovalRequired bool // whether the user is now waiting for an administrator
}

// A Claimant says which of several sign-ups with one address to confirm, and
// proves the right to it. The first field that is set decides.
type Claimant struct {
	// Ticket is the ticket of the browser that signed up.
	Ticket string

	// Password is the password of the sign-up with this Username or, if Username
	// is empty, of the token's own sign-up.
	Username, Password string

	// NewPassword replaces the password of the token's own sign-up. The old
	// password and the sign-up's tickets stop working.
	NewPassword string
}

// Confirm spends a token, verifies its address and moves the token's sign-up to
// its next status, all in one transaction or not at all. Of any number of
// concurrent calls with one token exactly one succeeds.
//
// A token proves that somebody reads the mailbox, but not which of the people who
// signed up with the address they are. A page should use ConfirmAs instead.
//
// It refuses with refusal.TokenUnknown, refusal.TokenExpired,
// refusal.AlreadyConfirmed (the token was valid and its address is already
// confirmed, so there is nothing left to do), refusal.VerificationDisabled
// (instead of these three, while the settings do not require verification),
// refusal.UserNotFound, or refusal.PasswordRequired (see
// Options.ConfirmNeedsProof).
func (s *Service) Confirm(ctx context.Context, token string) (Confirmation, error) {
	return s.confirm(ctx, token, func(context.Context, openLink) (choice, error) {
		return choice{bare: s.o.ConfirmNeedsProof}, nil
	})
}

// ConfirmAs is like Confirm, but confirms the claimant's sign-up, which may be
// another one with the same address: any link to the mailbox verifies the
// address. At Gmail it may also be one with another spelling of the address,
// because dots and what follows "+" make no difference there.
//
// In addition to the refusals of Confirm, it refuses with refusal.TicketUnknown
// when the ticket does not belong to an unconfirmed sign-up with the address,
// with refusal.WrongPassword when no such sign-up has this username and password,
// and with refusal.Invalid or refusal.Busy for a new password. Checking a
// password costs one hash, whatever the result.
func (s *Service) ConfirmAs(ctx context.Context, token string, c Claimant) (Confirmation, error) {
	switch {
	case c.Ticket != "":
		return s.confirm(ctx, token, func(ctx context.Context, link openLink) (choice, error) { return s.byTicket(ctx, link, c.Ticket) })
	case c.Password != "":
		return s.confirm(ctx, token, func(ctx context.Context, link openLink) (choice, error) { return s.byPassword(ctx, link, c) })
	case c.NewPassword != "":
		return s.confirm(ctx, token, func(ctx context.Context, _ openLink) (choice, error) { return s.byNewPassword(ctx, c.NewPassword) })
	default:
		return s.Confirm(ctx, token)
	}
}

// A choice is the sign-up that a token will confirm.
type choice struct {
	id      int64         // 0 for the token's own
	key     string        // of its address, if it is not the token's own
	known   password.Hash // the hash that the claimant's password matched; "" if none was checked
	renewed password.Hash // replaces the stored hash; "" keeps it
	bare    bool          // refuse if other sign-ups have the address
}

func (s *Service) byTicket(ctx context.Context, link openLink, secret string) (choice, error) {
	_, u, err := s.openTicket(ctx, secret)
	if refusal.Is(err, refusal.Conflict) || err == nil && !sameMailbox(u.EmailKey, link.token.EmailKey) {
		err = errNoTicket()
	}
	return choice{id: u.ID, key: u.EmailKey}, err
}

func (s *Service) byPassword(ctx context.Context, link openLink, c Claimant) (choice, error) {
	if len(c.Password) > password.MaxBytes {
		return choice{}, errWrongPassword()
	}
	u, err := peek(ctx, s, func(r Reader) (User, error) { return claimed(ctx, r, link, c.Username) })
	if ignoreNotFound(err) != nil {
		return choice{}, err
	}
	knows, err := s.knowsPassword(password.AtLogIn(ctx), u, c.Password, sameMailbox(u.EmailKey, link.token.EmailKey) && u.Status() == StatusUnconfirmed)
	if err == nil && !knows {
		err = errWrongPassword()
	}
	return choice{id: u.ID, key: u.EmailKey, known: u.PasswordHash}, err
}

// claimed returns the sign-up with the username, or with "" the token's own.
func claimed(ctx context.Context, r Reader, link openLink, typed string) (User, error) {
	if typed == "" {
		return r.User(ctx, link.token.UserID)
	}
	username, err := identity.ParseUsername(typed)
	if err != nil {
		return User{}, ErrNotFound
	}
	return r.UserByUsernameKey(ctx, username.Key)
}

func (s *Service) byNewPassword(ctx context.Context, typed string) (choice, error) {
	hash, err := s.hashNew(password.AtLogIn(ctx), typed)
	return choice{renewed: hash}, err
}

// hashNew checks a password against the rules of sign-up and hashes it.
func (s *Service) hashNew(ctx context.Context, typed string) (password.Hash, error) {
	settings, err := s.Settings(ctx)
	if err != nil {
		return "", err
	}
	if err := password.Check(typed, settings.PasswordType, settings.PasswordLength); err != nil {
		return "", err
	}
	return s.o.Hasher.Hash(ctx, typed)
}

// confirm asks choose which sign-up the token should confirm, and confirms it.
func (s *Service) confirm(ctx context.Context, token string, choose func(context.Context, openLink) (choice, error)) (Confirmation, error) {
	// This read refuses most invalid tokens before any write transaction.
	link, err := s.openLink(ctx, token)
	if err != nil {
		return Confirmation{}, err
	}
	c, err := choose(ctx, link)
	if err != nil {
		return Confirmation{}, err
	}
	var u User
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		u, err = s.spend(ctx, tx, link, c)
		return err
	})
	switch {
	case errors.Is(err, ErrEmailTaken):
		return Confirmation{}, errInvalidToken(refusal.AlreadyConfirmed)
	case errors.Is(err, errNotSpent):
		return Confirmation{}, s.whyNotSpent(ctx, link.secret)
	case err != nil:
		return Confirmation{}, err
	}
	status := u.Status()
	return Confirmation{UserID: u.ID, Status: status, AdminApprovalRequired: status == StatusPendingApproval}, nil
}

// errNotSpent rolls back a confirmation because the token does not work (any
// more).
var errNotSpent = errors.New("token not spent")

// spend marks the token used, which decides between concurrent calls, and
// confirms the chosen sign-up.
func (s *Service) spend(ctx context.Context, tx Tx, link openLink, c choice) (User, error) {
	keys := []string{link.token.EmailKey, cmp.Or(c.key, link.token.EmailKey)}
	slices.Sort(keys) // so that two confirmations cannot wait for each other
	for _, key := range slices.Compact(keys) {
		if err := tx.HoldAddress(ctx, key); err != nil {
			return User{}, err
		}
	}
	token, err := s.spendToken(ctx, tx, link.secret)
	if err != nil {
		return User{}, err
	}
	u, err := s.chosen(ctx, tx, token, c)
	if err != nil {
		return User{}, err
	}
	switch takes, err := u.on(transitionVerify); {
	case err != nil:
		return User{}, errNotSpent
	case !takes:
		return User{}, errInvalidToken(refusal.AlreadyConfirmed)
	}
	return u, s.win(ctx, tx, &u, ActorPerson)
}

// chosen returns the sign-up to confirm: the token's own or another one with its
// address. It refuses if the sign-up has changed since it was chosen.
func (s *Service) chosen(ctx context.Context, tx Tx, token SignUpToken, c choice) (User, error) {
	if c.bare {
		n, err := tx.CountUsers(ctx, UserQuery{EmailKey: token.EmailKey, Status: StatusUnconfirmed})
		if err != nil {
			return User{}, err
		}
		if n > 1 {
			return User{}, refusal.New(refusal.PasswordRequired, "Several sign-ups have this email address; send the password of this one")
		}
	}
	if c.id == 0 {
		return s.chosenOwn(ctx, tx, token, c.renewed)
	}
	u, err := userByID(ctx, tx, c.id)
	switch {
	case err != nil:
		return User{}, err
	case c.known != "" && c.known != u.PasswordHash:
		return User{}, errWrongPassword()
	case u.EmailKey != c.key: // corrected since
		return User{}, errNoTicket()
	}
	return u, nil
}

// chosenOwn returns the token's own sign-up, with a new password if one was
// chosen.
func (s *Service) chosenOwn(ctx context.Context, tx Tx, token SignUpToken, renewed password.Hash) (User, error) {
	u, err := ownSignUp(ctx, tx, token)
	if err != nil || renewed == "" {
		return u, err
	}
	u.PasswordHash = renewed
	return u, errors.Join(
		tx.DeleteTickets(ctx, u.ID), // of who signed up: they may be somebody else
		s.record(ctx, tx, ActorPerson, event.PasswordChosen, u.ID, nil),
	)
}

// win marks the address of u as verified. All links to the address stop working.
// Other sign-ups with the address stay unconfirmed until they lapse, so that they
// do not reveal that another one was confirmed. The caller holds the address.
func (s *Service) win(ctx context.Context, tx Tx, u *User, by Actor) error {
	hadAccount := u.hasAccount()
	if !u.ApprovalRequired && !u.HoldsAddress() {
		rejected, err := lastRejection(ctx, tx, u.EmailKey)
		if err != nil {
			return err
		}
		u.ApprovalRequired = !rejected.IsZero()
	}
	u.VerifiedAt, u.UndeliverableAt = s.now(), time.Time{}
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	if err := tx.CloseLinksAt(ctx, u.EmailKey, s.now()); err != nil {
		return err
	}
	if err := s.record(ctx, tx, by, event.Verified, u.ID, nil); err != nil {
		return err
	}
	if hadAccount {
		return s.changed(ctx, tx, *u)
	}
	return s.entered(ctx, tx, *u, by)
}

// changed tells the application what a user is now, if the user has become active.
func (s *Service) changed(ctx context.Context, tx Tx, u User) error {
	if s.o.OnChanged == nil || !u.hasAccount() {
		return nil
	}
	return s.o.OnChanged(ctx, tx, u)
}

// entered records that a user became active, and owes the mail that says so
// unless a page already does: a person who opens the link sees it there.
// OweNotices notifies administrators of users who wait for approval.
func (s *Service) entered(ctx context.Context, tx Tx, u User, by Actor) error {
	if !u.Active() {
		return nil
	}
	if err := s.record(ctx, tx, by, event.Active, u.ID, nil); err != nil {
		return err
	}
	if s.o.OnActive != nil {
		if err := s.o.OnActive(ctx, tx, u); err != nil {
			return err
		}
	}
	if u.Origin != OriginSignUp || !u.VerifiedAt.IsZero() || !u.ApprovedAt.IsZero() {
		return nil
	}
	return s.owe(ctx, tx, Mail{Kind: MailWelcome, UserID: u.ID, RecipientID: u.ID})
}

// update stores the user and increments u.Version to match.
func update(ctx context.Context, tx Tx, u *User) error {
	err := tx.UpdateUser(ctx, *u)
	u.Version++
	return err
}

// Disown deletes the sign-up that a token belongs to, with its tickets and tokens,
// because the owner of the mailbox did not make it. The username becomes free
// again. Other sign-ups with the address stay. It records an event.
//
// If the sign-up had another address before, links to that may still confirm other
// sign-ups. Then its row stays until it lapses, but nothing about the person.
//
// Only a sign-up that nobody has confirmed, approved or rejected is deleted, and
// only while it has the address that the token was sent to. Disown refuses with
// refusal.TokenUnknown or refusal.AlreadyConfirmed. An expired token still works
// here.
func (s *Service) Disown(ctx context.Context, token string) error {
	t, ok := ParseToken(token)
	if !ok {
		return errInvalidToken(refusal.TokenUnknown)
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		u, err := disownable(ctx, tx, t.Hash())
		if err != nil {
			return err
		}
		err = errors.Join(s.giveBackWaiting(ctx, tx, u, ""), s.record(ctx, tx, ActorPerson, event.Disowned, u.ID, nil))
		if err != nil || u.Corrections > 0 {
			return errors.Join(err, s.blank(ctx, tx, u))
		}
		return tx.DeleteUser(ctx, u.ID)
	})
	if errors.Is(err, ErrNotFound) || errors.Is(err, errNotSpent) {
		return errInvalidToken(refusal.TokenUnknown)
	}
	return err
}

// blank removes everything about the person from a sign-up that nobody confirmed.
// Strangers could otherwise end links to a mailbox by correcting their sign-ups to
// mailboxes of their own and disowning them there.
func (s *Service) blank(ctx context.Context, tx Tx, u User) error {
	gone := User{
		ID: u.ID, Version: u.Version, CreatedAt: u.CreatedAt, LinkAskedAt: u.LinkAskedAt, RemindedAt: s.now(),
		Role: u.Role, Origin: u.Origin, VerificationRequired: true, ApprovalRequired: u.ApprovalRequired,
		Username: "~" + strconv.FormatInt(u.ID, 10), Language: identity.DefaultLanguage, Corrections: maxCorrections,
	}
	gone.UsernameKey = gone.Username // which nobody can sign up with
	return errors.Join(tx.SupersedeLinks(ctx, u.ID, s.now()), tx.DeleteTickets(ctx, u.ID), tx.UpdateUser(ctx, gone))
}

// isBlank reports whether only the row of a disowned sign-up is left.
func (u User) isBlank() bool { return u.Email == "" }

// disownable returns the token's sign-up if it is still unconfirmed.
func disownable(ctx context.Context, tx Tx, hash string) (User, error) {
	stored, err := tx.Token(ctx, hash)
	if err != nil {
		return User{}, err
	}
	u, err := tx.User(ctx, stored.UserID)
	if err != nil {
		return User{}, err
	}
	// Read it again: another call may have spent it before the user was locked.
	if stored, err = tx.Token(ctx, hash); err != nil {
		return User{}, err
	}
	switch {
	case stored.Used && !u.VerifiedAt.IsZero():
		return User{}, errInvalidToken(refusal.AlreadyConfirmed)
	case stored.Used || u.Status() != StatusUnconfirmed || u.Email != stored.Address:
		return User{}, errNotSpent
	}
	return u, nil
}

func errWrongPassword() *refusal.Error {
	return refusal.New(refusal.WrongPassword, "Username or password is wrong")
}
