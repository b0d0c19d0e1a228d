package signup

import (
	"context"
	"errors"
	"time"
)

// A Receipt answers a sign-up. It is the same for a free address and a taken
// one where the settings conceal which it is.
type Receipt struct {
	EmailVerificationRequired bool
	AdminApprovalRequired     bool
	Ticket                    Token // with Registration.WantsTicket: the only copy; see Ticket
}

// An applicant is a registration that passed every rule.
type applicant struct {
	name     string
	username Username
	email    Email
	hash     PasswordHash
	language string
	profile  map[string]any
	terms    string    // the version that was accepted, "" for none
	accepted time.Time // when, if that was not at
	settings Settings
	at       time.Time
}

func (a applicant) termsAt() time.Time {
	switch {
	case a.terms == "":
		return time.Time{}
	case !a.accepted.IsZero():
		return a.accepted
	default:
		return a.at
	}
}

// SignUp registers a person: it stores an unconfirmed, pending or active user,
// as the settings require, and the mail this owes.
//
// It refuses with CodeSignUpDisabled, CodeMailNotConfigured (a confirmation is
// required and could never be sent), CodeInvalid per field, CodeUsernameTaken,
// CodeEmailTaken (only where addresses are not concealed) or CodeBusy.
//
// An address that nobody has proved is not taken: a further sign-up for it
// becomes a [Claim], and whoever opens the link that belongs to it wins. Whose
// address a mail server refused can sign up again under the same username, with
// the same password: that corrects the address, as CorrectEmail does.
func (s *Service) SignUp(ctx context.Context, r Registration) (Receipt, error) {
	settings, err := s.Settings(ctx)
	if err != nil {
		return Receipt{}, err
	}
	if !settings.SignUpEnabled {
		return Receipt{}, &Error{Code: CodeSignUpDisabled, Message: "User sign-up is not enabled on this server"}
	}
	if settings.RequireEmailVerification && s.o.Letters == nil {
		return Receipt{}, errMailNotConfigured
	}
	a, err := s.examine(r, settings)
	if err != nil {
		return Receipt{}, err
	}
	// Before the transaction, and whether or not the address is taken: the
	// answer takes the same time.
	if a.hash, err = s.o.Hasher.Hash(ctx, r.Password); err != nil {
		return Receipt{}, err
	}
	var refusal *Error
	var ticket Token
	err = s.store.Update(ctx, func(tx Tx) error {
		p, told, err := s.admit(ctx, tx, a)
		refusal = told
		if err != nil || refusal != nil || !r.WantsTicket {
			return err
		}
		ticket, err = s.giveTicket(ctx, tx, p, a)
		return err
	})
	if errors.Is(err, errUsernameTaken) {
		return s.correctBySignUp(ctx, a, r)
	}
	if err != nil {
		return Receipt{}, err
	}
	if refusal != nil {
		return Receipt{}, refusal
	}
	return Receipt{settings.RequireEmailVerification, settings.RequireAdminApproval, ticket}, nil
}

var errMailNotConfigured = &Error{Code: CodeMailNotConfigured, Message: "Email service is not configured"}

// examine applies the rule of every field and returns all refusals at once.
func (s *Service) examine(r Registration, settings Settings) (applicant, error) {
	a, errs := s.examineIdentity(r, settings)
	profile, fieldErrs := s.o.Fields.Parse(r.Profile)
	a.profile = profile
	errs.add(s.checkTerms(r))
	if a.terms = s.o.TermsVersion; len(fieldErrs) > 0 {
		errs = append(errs, fieldErrs...)
	}
	return a, errs.orNil()
}

// checkTerms refuses whoever did not accept the terms in force.
func (s *Service) checkTerms(r Registration) *Error {
	if s.o.TermsVersion == "" || r.TermsVersion == s.o.TermsVersion {
		return nil
	}
	return invalid(termsField, "must be accepted in the version in force").by(Rule{Name: RuleAccept})
}

// examineIdentity is examine without the operator's extra fields.
func (s *Service) examineIdentity(r Registration, settings Settings) (applicant, Errors) {
	var errs Errors
	a := applicant{settings: settings, at: s.now()}
	var err *Error
	a.name, err = parseDisplayName(r.Name)
	errs.add(err)
	a.username, err = parseUsername(r.Username)
	errs.add(err)
	a.email, err = s.parseReachable(r.Email)
	errs.add(err)
	errs.add(checkPasswordRules(r.Password, settings.PasswordType, settings.PasswordLength))
	a.language, err = parseLanguage(r.PreferredLanguage)
	errs.add(err)
	return a, errs
}

// admit decides, in a transaction, what the sign-up becomes. A refusal beside a
// nil error is told after the commit of what goes with it.
func (s *Service) admit(ctx context.Context, tx Tx, a applicant) (place, *Error, error) {
	owner, err := tx.UserByEmailKey(ctx, a.email.Key)
	if errors.Is(err, ErrNotFound) {
		p, err := s.create(ctx, tx, a)
		return p, nil, err
	}
	if err != nil {
		return place{}, nil, err
	}
	claimable, err := s.claimable(ctx, tx, owner, a)
	if err != nil {
		return place{}, nil, err
	}
	if claimable {
		p, err := s.claim(ctx, tx, owner, a)
		return p, nil, err
	}
	if !a.settings.conceals() {
		return place{}, nil, errEmailTaken
	}
	refusal, err := s.answerTaken(ctx, tx, owner, a)
	return place{owner.ID, "", true}, refusal, err
}

// answerTaken answers as for a free address, which would be told of a taken
// username. Whoever signs up again with his own username gets both that answer
// and the mail.
func (s *Service) answerTaken(ctx context.Context, tx Tx, owner User, a applicant) (*Error, error) {
	if a.username.Key == owner.UsernameKey {
		return errUsernameTaken, s.tellOwner(ctx, tx, owner)
	}
	if err := s.hold(ctx, tx, a, owner.ID); err != nil {
		return nil, err
	}
	return nil, s.tellOwner(ctx, tx, owner)
}

// create stores the first sign-up of an address.
func (s *Service) create(ctx context.Context, tx Tx, a applicant) (place, error) {
	u, err := tx.CreateUser(ctx, User{
		Name: a.name, Username: a.username.Typed, UsernameKey: a.username.Key,
		Email: a.email.Typed, EmailKey: a.email.Key,
		PasswordHash: a.hash, Language: a.language, Profile: a.profile,
		Role: RoleMember, Origin: OriginSignUp,
		VerificationRequired: a.settings.RequireEmailVerification,
		ApprovalRequired:     a.settings.RequireAdminApproval,
		TermsVersion:         a.terms,
		TermsAt:              a.termsAt(),
		CreatedAt:            a.at,
	})
	if errors.Is(err, ErrEmailExists) {
		return place{}, ErrStale // somebody was faster: look again
	}
	if err != nil {
		return place{}, err
	}
	if err := s.reserve(ctx, tx, a, u.ID); err != nil {
		return place{}, err
	}
	if err := s.audit(ctx, tx, ActorPerson, "user.signed_up", u.ID, nil); err != nil {
		return place{}, err
	}
	return place{userID: u.ID}, s.oweForEntering(ctx, tx, u, "")
}

// claimable reports whether the owner's address is still open to whoever
// proves it.
func (s *Service) claimable(ctx context.Context, tx Tx, owner User, a applicant) (bool, error) {
	switch owner.Status() {
	case StatusUnconfirmed:
		if a.settings.conceals() {
			return true, nil
		}
		// Answering "taken" helps only as long as somebody can still confirm.
		live, err := tx.HasValidToken(ctx, owner.ID, a.at)
		if err != nil || live {
			return false, err
		}
		owed, err := tx.Mails(ctx, MailQuery{UserID: owner.ID, Kind: MailConfirmation, State: MailOwed, Limit: 1})
		return len(owed) == 0, err
	case StatusRejected:
		wait := a.settings.ReapplyAfter
		return wait != Never && !a.at.Before(owner.RejectedAt.Add(time.Duration(wait))), nil
	default:
		return false, nil
	}
}

// claim keeps a further sign-up beside the owner's row, with a mail of its
// own. Where nothing has to be proved it takes effect at once.
func (s *Service) claim(ctx context.Context, tx Tx, owner User, a applicant) (place, error) {
	if room, err := s.makeRoom(ctx, tx, owner, a); err != nil {
		return place{}, err
	} else if !room {
		s.o.Log.WarnContext(ctx, "sign-up ignored: the address has too many open ones", "user", owner.ID)
		return place{owner.ID, "", true}, s.hold(ctx, tx, a, owner.ID)
	}
	if err := s.reserve(ctx, tx, a, owner.ID); err != nil {
		return place{}, err
	}
	c, err := s.newClaim(owner.ID, a)
	if err != nil {
		return place{}, err
	}
	if !a.settings.RequireEmailVerification {
		before := owner.Status()
		// What an earlier person proved is not proved of this one.
		owner.VerificationRequired, owner.VerifiedAt = false, time.Time{}
		_, err := s.settle(ctx, tx, owner, &c, before, ActorPerson)
		return place{userID: owner.ID}, err
	}
	if err := tx.CreateClaim(ctx, c); err != nil {
		return place{}, err
	}
	if err := s.audit(ctx, tx, ActorPerson, "user.signed_up_again", owner.ID, nil); err != nil {
		return place{}, err
	}
	return place{userID: owner.ID, claimID: c.ID},
		s.oweConfirmation(ctx, tx, a.email.Key, Mail{UserID: owner.ID, ClaimID: c.ID})
}

func (s *Service) newClaim(userID int64, a applicant) (Claim, error) {
	id, err := s.newID()
	return Claim{
		ID: id, UserID: userID, Name: a.name,
		Username: a.username.Typed, UsernameKey: a.username.Key, Email: a.email.Typed,
		PasswordHash: a.hash, Language: a.language, Profile: a.profile,
		ApprovalRequired: a.settings.RequireAdminApproval, CreatedAt: a.at,
		TermsVersion: a.terms, TermsAt: a.termsAt(),
	}, err
}

// makesWay is how old a claim is at least that makes way for a new one. Who
// owns the address need not wait longer than that for a link of his own,
// however many others sign up with it.
const makesWay = time.Hour

// makeRoom reports whether the address can have one more claim. The oldest
// makes way in time; it is held in its tickets.
func (s *Service) makeRoom(ctx context.Context, tx Tx, owner User, a applicant) (bool, error) {
	claims, err := tx.Claims(ctx, owner.ID)
	if err != nil || len(claims) < MaxClaims {
		return err == nil, err
	}
	oldest := claims[0]
	if a.at.Sub(oldest.CreatedAt) < makesWay {
		return false, nil
	}
	if err := holdTickets(ctx, tx, owner.ID, oldest.ID, oldest.form()); err != nil {
		return false, err
	}
	if err := tx.DeleteClaim(ctx, oldest.ID); err != nil {
		return false, err
	}
	if err := s.keepUsernames(ctx, tx, owner); err != nil {
		return false, err
	}
	return true, tx.HoldUsername(ctx, oldest.UsernameKey, owner.ID, s.now(), a.heldUntil())
}

// reserve gives the username to the user, or refuses.
func (s *Service) reserve(ctx context.Context, tx Tx, a applicant, userID int64) error {
	err := tx.ReserveUsername(ctx, a.username.Key, userID, s.now())
	if errors.Is(err, ErrUsernameReserved) {
		return errUsernameTaken
	}
	return err
}

// hold keeps the username of a sign-up that gets no row of its own as taken as
// one that does, or refuses.
func (s *Service) hold(ctx context.Context, tx Tx, a applicant, userID int64) error {
	err := tx.HoldUsername(ctx, a.username.Key, userID, s.now(), a.heldUntil())
	if errors.Is(err, ErrUsernameReserved) {
		return errUsernameTaken
	}
	return err
}

// heldUntil is when a sign-up that nobody confirms would be gone.
func (a applicant) heldUntil() time.Time {
	keep := a.settings.UnconfirmedRetention
	if keep == Never {
		return a.at.Add(TicketLifetime)
	}
	return a.at.Add(time.Duration(keep))
}

var errEmailTaken = &Error{Code: CodeEmailTaken, Field: "email", Message: "Email is already in use"}

var errUsernameTaken = &Error{Code: CodeUsernameTaken, Field: "username", Message: "Username is already in use"}
