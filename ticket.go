package signup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// TicketLifetime is how long a ticket works.
const TicketLifetime = 30 * 24 * time.Hour

// A Ticket is the stored side of what a browser gets when somebody signs up
// with it: whoever has the secret sees where that one sign-up stands, and can
// correct its address as long as nobody proved it. It is no session and lets
// nobody in.
//
// A sign-up that has no row of its own, because its address was taken and that
// is concealed, is held in the ticket: its holder must not be able to tell.
type Ticket struct {
	Hash        string    // of the secret, see Token.Hash; at most 128 characters
	UserID      int64     // whose address the sign-up is for
	ClaimID     string    // the claim that it is, "" for the user's own
	Held        string    // the sign-up itself as JSON, where it is nowhere else; else ""
	Corrections int       // how often the address was corrected with it
	Resends     int       // how often a link was asked for with it
	AskedAt     time.Time // when a link was asked for last, by signing up or later
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// A Standing is where the sign-up of a ticket stands.
type Standing struct {
	Email            string // as typed
	Status           Status
	Verified         bool // whether the address is proved
	ApprovalRequired bool
	Reason           string    // of a rejection, for the person
	Mail             MailState // of the confirmation: owed, sent or failed
	ResendAt         time.Time // from when on another link can be asked for; while unconfirmed
}

// settleIn is how long a mail counts as owed at least. The mail for an address
// that is taken may be one that was sent before, and no ticket is to tell.
const settleIn = 10 * time.Second

// A form is what a person signed up with, wherever it is kept.
type form struct {
	Name             string         `json:"name"`
	Username         string         `json:"username"`
	Email            string         `json:"email"`
	PasswordHash     string         `json:"password_hash"`
	Language         string         `json:"language"`
	Profile          map[string]any `json:"profile,omitempty"`
	ApprovalRequired bool           `json:"approval_required"`
	TermsVersion     string         `json:"terms_version,omitempty"`
	TermsAt          time.Time      `json:"terms_at,omitzero"`
	CreatedAt        time.Time      `json:"created_at"`
}

func (a applicant) form() form {
	return form{
		a.name, a.username.Typed, a.email.Typed, string(a.hash), a.language, a.profile,
		a.settings.RequireAdminApproval, a.terms, a.termsAt(), a.at,
	}
}

func (u User) form() form {
	return form{
		u.Name, u.Username, u.Email, string(u.PasswordHash), u.Language, u.Profile,
		u.ApprovalRequired, u.TermsVersion, u.TermsAt, u.CreatedAt,
	}
}

func (c Claim) form() form {
	return form{
		c.Name, c.Username, c.Email, string(c.PasswordHash), c.Language, c.Profile,
		c.ApprovalRequired, c.TermsVersion, c.TermsAt, c.CreatedAt,
	}
}

func (f form) held() (string, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("hold a sign-up: %w", err)
	}
	return string(b), nil
}

// applicant is somebody who signs up with the same form for another address.
func (f form) applicant(email Email, settings Settings, now time.Time) (applicant, error) {
	username, refusal := parseUsername(f.Username)
	if refusal != nil {
		return applicant{}, fmt.Errorf("a sign-up that was held: %s", refusal.Error()) // no refusal of this request
	}
	settings.RequireEmailVerification, settings.RequireAdminApproval = true, f.ApprovalRequired
	return applicant{
		name: f.Name, username: username, email: email, hash: PasswordHash(f.PasswordHash), language: f.Language,
		profile: f.Profile, terms: f.TermsVersion, accepted: f.TermsAt, settings: settings, at: now,
	}, nil
}

// A place is where a sign-up was put.
type place struct {
	userID  int64
	claimID string
	held    bool // nowhere but in a ticket
}

// giveTicket makes a ticket for a sign-up.
func (s *Service) giveTicket(ctx context.Context, tx Tx, p place, a applicant) (Token, error) {
	token := NewToken()
	t := Ticket{Hash: token.Hash(), AskedAt: a.at, CreatedAt: a.at, ExpiresAt: a.at.Add(TicketLifetime)}
	t, err := t.at(p, a.form())
	if err != nil {
		return Token{}, err
	}
	return token, tx.CreateTicket(ctx, t)
}

// at is the ticket for a sign-up in another place.
func (t Ticket) at(p place, f form) (_ Ticket, err error) {
	t.UserID, t.ClaimID, t.Held = p.userID, p.claimID, ""
	if p.held {
		t.Held, err = f.held()
	}
	return t, err
}

// holdTickets keeps, in the tickets of a sign-up that is about to be removed
// for somebody else's sake, what there is of it.
func holdTickets(ctx context.Context, tx Tx, userID int64, claimID string, f form) error {
	tickets, err := tx.Tickets(ctx, userID)
	if err != nil {
		return err
	}
	for _, t := range tickets {
		if t.Held != "" || t.ClaimID != claimID {
			continue
		}
		if t, err = t.at(place{userID, "", true}, f); err != nil {
			return err
		}
		if err := tx.UpdateTicket(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// settleTickets is called before the claim, or the user's own sign-up where
// there is none, becomes the user: its ticket stays with it, those of the
// others are not to tell that somebody else was let through.
func settleTickets(ctx context.Context, tx Tx, userID int64, before Status, winner *Claim) error {
	tickets, err := tx.Tickets(ctx, userID)
	if err != nil || len(tickets) == 0 {
		return err
	}
	u, err := tx.User(ctx, userID)
	if err != nil {
		return err
	}
	claims, err := tx.Claims(ctx, userID)
	if err != nil {
		return err
	}
	forms := map[string]form{}
	if before == StatusUnconfirmed {
		forms[""] = u.form()
	}
	for _, c := range claims {
		forms[c.ID] = c.form()
	}
	won := ""
	if winner != nil {
		won = winner.ID
	}
	for _, t := range tickets {
		if err := settleTicket(ctx, tx, t, won, forms); err != nil {
			return err
		}
	}
	return nil
}

func settleTicket(ctx context.Context, tx Tx, t Ticket, won string, forms map[string]form) (err error) {
	f, open := forms[t.ClaimID]
	switch {
	case t.Held != "" || t.ClaimID == won && won == "":
		return nil
	case t.ClaimID == won:
		t.ClaimID = ""
	case !open: // a rejected sign-up, which another one replaces
		return tx.DeleteTicket(ctx, t.Hash)
	default:
		if t, err = t.at(place{t.UserID, "", true}, f); err != nil {
			return err
		}
	}
	return tx.UpdateTicket(ctx, t)
}

// errNoTicket is the refusal of a ticket that shows nothing (any more).
func errNoTicket() *Error {
	return &Error{Code: CodeTicketUnknown, Message: "The sign-up is no longer there"}
}

// A stub is a ticket with the sign-up that it is for.
type stub struct {
	ticket Ticket
	user   User
	claim  *Claim
	form   form
}

// open reports whether the sign-up can still be confirmed, as far as its
// holder is to know.
func (b stub) open() bool {
	return b.ticket.Held != "" || b.claim != nil || b.user.Status() == StatusUnconfirmed
}

// readStub refuses with CodeTicketUnknown. In a transaction that writes, the
// user is held first.
func (s *Service) readStub(ctx context.Context, r Reader, secret string) (stub, error) {
	b, err := readStub(ctx, r, secret, s.now())
	if errors.Is(err, ErrNotFound) {
		return b, errNoTicket()
	}
	if err != nil {
		return b, err
	}
	settings, err := settingsIn(ctx, r)
	if err == nil && b.ticket.Held != "" && b.lapsed(settings, s.now()) {
		return b, errNoTicket()
	}
	return b, err
}

func readStub(ctx context.Context, r Reader, secret string, now time.Time) (b stub, err error) {
	token, ok := ParseToken(secret)
	if !ok {
		return b, ErrNotFound
	}
	if b.ticket, err = r.Ticket(ctx, token.Hash()); err != nil {
		return b, err
	}
	if b.user, err = r.User(ctx, b.ticket.UserID); err != nil {
		return b, err
	}
	// Once more: whoever held the user may have changed it.
	if b.ticket, err = r.Ticket(ctx, token.Hash()); err != nil {
		return b, err
	}
	switch t := b.ticket; {
	case t.UserID != b.user.ID || !now.Before(t.ExpiresAt):
		return b, ErrNotFound
	case t.Held != "":
		return b, json.Unmarshal([]byte(t.Held), &b.form)
	case t.ClaimID != "":
		c, err := r.Claim(ctx, t.ClaimID)
		b.claim, b.form = &c, c.form()
		return b, err
	default:
		b.form = b.user.form()
		return b, nil
	}
}

// readOpenStub also refuses, with CodeConflict, a sign-up that was confirmed.
func (s *Service) readOpenStub(ctx context.Context, tx Tx, secret string) (stub, error) {
	b, err := s.readStub(ctx, tx, secret)
	if err == nil && !b.open() {
		return b, isPastProof.refusal
	}
	return b, err
}

// lapsed reports whether a sign-up that is held would be gone by now if it
// were a user; see LapsedQuery.
func (b stub) lapsed(settings Settings, now time.Time) bool {
	keep := settings.UnconfirmedRetention
	return keep != Never && b.form.CreatedAt.Before(now.Add(-time.Duration(keep))) &&
		!now.Before(b.ticket.AskedAt.Add(time.Duration(settings.TokenLifetime)))
}

// Standing tells where the sign-up of a ticket stands, or refuses with
// CodeTicketUnknown.
func (s *Service) Standing(ctx context.Context, ticket string) (Standing, error) {
	var st Standing
	err := s.store.View(ctx, func(r Reader) error {
		b, err := s.readStub(ctx, r, ticket)
		if err != nil {
			return err
		}
		st, err = s.standing(ctx, r, b)
		return err
	})
	return st, err
}

func (s *Service) standing(ctx context.Context, r Reader, b stub) (Standing, error) {
	st := Standing{Email: b.form.Email, Status: b.user.Status(), ApprovalRequired: b.form.ApprovalRequired}
	if !b.open() {
		st.Verified, st.Reason = !b.user.VerifiedAt.IsZero(), b.user.RejectionReason
		return st, nil
	}
	st.Status, st.ResendAt = StatusUnconfirmed, s.resendAt(b.ticket)
	mails, err := r.Mails(ctx, MailQuery{UserID: b.user.ID})
	st.Mail = b.mailState(mails, s.now())
	return st, err
}

// mailState is what became of the last mail to the person: for a sign-up that
// is held, of the last one to the owner of the address.
func (b stub) mailState(mails []Mail, now time.Time) MailState {
	if now.Before(b.ticket.AskedAt.Add(settleIn)) {
		return MailOwed
	}
	for _, m := range mails {
		mine := m.Kind == MailConfirmation && m.ClaimID == b.ticket.ClaimID
		if b.ticket.Held != "" {
			mine = m.RecipientID == b.user.ID
		}
		if mine && m.State != MailSuperseded {
			return m.State
		}
	}
	return MailSent
}

// resendAt is when the next link can be asked for. It counts what was asked
// for with this ticket alone, or it would tell of other sign-ups for the
// address. Signing up counts as the first time.
func (s *Service) resendAt(t Ticket) time.Time {
	wait := time.Duration(0)
	for _, l := range s.o.MailLimits {
		if (t.Resends+1)%l.N == 0 {
			wait = max(wait, l.Per)
		}
	}
	return t.AskedAt.Add(wait)
}

// ResendByTicket owes another confirmation for the sign-up of a ticket, within
// Options.MailLimits. It refuses with CodeTicketUnknown, CodeMailNotConfigured,
// CodeConflict (confirmed already) or CodeTooSoon, before Standing.ResendAt.
func (s *Service) ResendByTicket(ctx context.Context, ticket string) error {
	if s.o.Letters == nil {
		return errMailNotConfigured
	}
	return s.store.Update(ctx, func(tx Tx) error {
		b, err := s.readOpenStub(ctx, tx, ticket)
		switch {
		case err != nil:
			return err
		case s.now().Before(s.resendAt(b.ticket)):
			return &Error{Code: CodeTooSoon, Message: "Another link was asked for a moment ago"}
		}
		b.ticket.Resends++
		b.ticket.AskedAt = s.now()
		return errors.Join(tx.UpdateTicket(ctx, b.ticket), s.resendStub(ctx, tx, b))
	})
}

func (s *Service) resendStub(ctx context.Context, tx Tx, b stub) error {
	if b.ticket.Held == "" {
		return s.resendOpen(ctx, tx, b.user, map[string]bool{b.ticket.ClaimID: true})
	}
	if b.user.Status() == StatusUnconfirmed {
		return s.readmit(ctx, tx, b)
	}
	return s.tellOwner(ctx, tx, b.user)
}

// readmit opens a sign-up again that is held because there were too many for
// its address, if there is room now. Its holder is not to know.
func (s *Service) readmit(ctx context.Context, tx Tx, b stub) error {
	settings, err := settingsIn(ctx, tx)
	if err != nil {
		return err
	}
	email, refusal := parseEmail(b.form.Email)
	if refusal != nil {
		return fmt.Errorf("a sign-up that was held: %s", refusal.Error())
	}
	a, err := b.form.applicant(email, settings, s.now())
	if err != nil {
		return err
	}
	if err := s.hold(ctx, tx, a, b.user.ID); err != nil {
		return ignoreRefusal(err)
	}
	p, err := s.claim(ctx, tx, b.user, a)
	if err != nil || p.held {
		return err
	}
	t, err := b.ticket.at(p, b.form)
	if err != nil {
		return err
	}
	if err := tx.LetGoUsername(ctx, a.username.Key, b.user.ID); err != nil {
		return err
	}
	return tx.UpdateTicket(ctx, t)
}

// ignoreRefusal leaves faults.
func ignoreRefusal(err error) error {
	if Refusals(err) != nil {
		return nil
	}
	return err
}

// CorrectByTicket gives the sign-up of a ticket another address, as if it had
// been made with that: links to the old one die, and a confirmation to the new
// one is owed. Other sign-ups for either address are not touched.
//
// It refuses with CodeTicketUnknown, CodeInvalid, CodeEmailTaken (only where
// addresses are not concealed), CodeConflict (confirmed already) or
// CodeTooManyCorrections, after MaxCorrections.
func (s *Service) CorrectByTicket(ctx context.Context, ticket, address string) error {
	email, refusal := s.parseReachable(address)
	if refusal != nil {
		return refusal
	}
	return s.store.Update(ctx, func(tx Tx) error {
		b, err := s.readOpenStub(ctx, tx, ticket)
		switch {
		case err != nil:
			return err
		case b.form.Email == email.Typed:
			return nil
		case b.ticket.Corrections >= MaxCorrections:
			return &Error{Code: CodeTooManyCorrections, Message: "The e-mail address was corrected too often; sign up again"}
		}
		return s.correctStub(ctx, tx, b, email)
	})
}

func (s *Service) correctStub(ctx context.Context, tx Tx, b stub, email Email) error {
	settings, err := settingsIn(ctx, tx)
	if err != nil {
		return err
	}
	a, err := b.form.applicant(email, settings, s.now())
	if err != nil {
		return err
	}
	if err := s.withdraw(ctx, tx, b); err != nil {
		return err
	}
	p, refusal, err := s.admit(ctx, tx, a)
	if err != nil {
		return err
	}
	if refusal != nil {
		return refusal
	}
	t, err := b.ticket.at(p, a.form())
	if err != nil {
		return err
	}
	t.Corrections++
	t.AskedAt = s.now()
	return errors.Join(
		tx.CreateTicket(ctx, t),
		s.audit(ctx, tx, ActorPerson, "user.email_corrected", t.UserID, map[string]string{"from_user": fmt.Sprint(b.user.ID)}),
	)
}

// withdraw removes a sign-up that nobody confirmed, with its tickets, and
// nothing else: further sign-ups for the address stay as they are.
func (s *Service) withdraw(ctx context.Context, tx Tx, b stub) error {
	if err := dropTickets(ctx, tx, b); err != nil {
		return err
	}
	if b.ticket.Held != "" {
		return tx.LetGoUsername(ctx, usernameKey(b.form.Username), b.user.ID)
	}
	claims, err := tx.Claims(ctx, b.user.ID)
	if err != nil {
		return err
	}
	u := b.user
	if b.claim == nil && len(claims) == 0 {
		return tx.DeleteUser(ctx, u.ID)
	}
	if err := tx.SpendTokensOf(ctx, u.ID, b.ticket.ClaimID); err != nil {
		return err
	}
	if b.claim != nil {
		err = tx.DeleteClaim(ctx, b.claim.ID)
	} else {
		err = s.promote(ctx, tx, &u, claims[0])
	}
	if err != nil {
		return err
	}
	return s.keepUsernames(ctx, tx, u)
}

// promote makes a claim the user's own sign-up, in the place of one that was
// withdrawn: the claim's link goes on working.
func (s *Service) promote(ctx context.Context, tx Tx, u *User, c Claim) error {
	if err := s.supersedeOwn(ctx, tx, *u); err != nil {
		return err
	}
	u.take(c)
	return errors.Join(update(ctx, tx, u), tx.AdoptClaim(ctx, c))
}

// supersedeOwn ends the confirmations of the user's own sign-up, without those
// of claims.
func (s *Service) supersedeOwn(ctx context.Context, tx Tx, u User) error {
	owed, err := tx.Mails(ctx, MailQuery{UserID: u.ID, Kind: MailConfirmation, State: MailOwed})
	if err != nil {
		return err
	}
	for _, m := range owed {
		if m.ClaimID != "" {
			continue
		}
		if err := s.end(ctx, tx, &m, MailSuperseded, ""); err != nil {
			return err
		}
	}
	return nil
}

// keepUsernames frees the usernames that no sign-up of the user has any more.
func (s *Service) keepUsernames(ctx context.Context, tx Tx, u User) error {
	if err := tx.ReleaseUsernames(ctx, u.ID, u.UsernameKey); err != nil {
		return err
	}
	claims, err := tx.Claims(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, c := range claims {
		if err := tx.ReserveUsername(ctx, c.UsernameKey, u.ID, s.now()); err != nil {
			return err
		}
	}
	return nil
}

// dropTickets removes the tickets of a sign-up.
func dropTickets(ctx context.Context, tx Tx, b stub) error {
	tickets, err := tx.Tickets(ctx, b.user.ID)
	if err != nil {
		return err
	}
	for _, t := range tickets {
		same := b.ticket.Held == "" && t.Held == "" && t.ClaimID == b.ticket.ClaimID
		if !same && t.Hash != b.ticket.Hash {
			continue
		}
		if err := tx.DeleteTicket(ctx, t.Hash); err != nil {
			return err
		}
	}
	return nil
}
