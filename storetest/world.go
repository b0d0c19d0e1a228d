package storetest

import (
	"errors"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

// A world is a store with a row of each kind, and the rows that everyWrite adds.
type world struct {
	user       signup.User         // unconfirmed
	waiting    signup.User         // waits for approval
	gone       signup.User         // everyWrite deletes it
	token      signup.SignUpToken  // everyWrite closes it
	marked     signup.SignUpToken  // everyWrite marks it used
	spent      signup.SignUpToken  // everyWrite spends it
	used       signup.AccountToken // everyWrite spends it
	closed     signup.AccountToken // everyWrite closes it
	ticket     signup.Ticket
	dropped    signup.Ticket // everyWrite deletes it
	mail       signup.Mail
	owed       signup.Mail // everyWrite supersedes it
	link       signup.Mail // everyWrite supersedes it
	key        signup.APIKey
	session    signup.Session
	ended      signup.Session // everyWrite deletes it
	address    string         // the hash of an address that mails went to
	newToken   signup.SignUpToken
	newMail    signup.Mail
	newSession signup.Session
	newAccount signup.AccountToken
}

func (s *suite) newWorld() world {
	s.Helper()
	w := world{user: s.createUser(), waiting: s.createUser(verified), gone: s.createUser(), address: newID()}
	w.token, w.marked = s.createToken(w.user.ID), s.createToken(w.user.ID)
	w.spent = s.createToken(w.user.ID)
	w.used = s.createAccountToken(w.user.ID)
	w.closed = s.createAccountToken(w.user.ID, func(t *signup.AccountToken) { t.Purpose = signup.MailWelcome })
	w.newAccount = accountToken(w.user.ID)
	w.ticket, w.dropped = s.putTicket(w.user.ID), s.putTicket(w.waiting.ID)
	w.mail = s.addMail(w.user.ID, func(m *signup.Mail) { m.Kind = signup.MailWelcome })
	w.owed = s.addMail(w.user.ID, func(m *signup.Mail) { m.Kind = signup.MailApproved })
	w.link = s.addMail(w.waiting.ID, func(m *signup.Mail) { m.Kind = signup.MailReminder })
	w.session, w.ended = s.createSession(w.user.ID), s.createSession(w.waiting.ID)
	w.key = apiKey("old")
	w.newToken, w.newMail = token(w.user.ID), mail(w.user.ID)
	w.newSession = session(w.user.ID)
	s.update(func(tx signup.Tx) error {
		return errors.Join(
			tx.PutSettings(s.ctx(), map[string]string{"a": "1"}),
			tx.CreateAPIKey(s.ctx(), w.key),
			tx.AddAddressMail(s.ctx(), w.address, start()),
			tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: signup.ActorCLI, Type: "x"}),
		)
	})
	return w
}

// everyWrite calls every method that writes. Each call changes the state.
func (w world) everyWrite(s *suite, tx signup.Tx) {
	ctx, later := s.ctx(), start().Add(7*time.Minute)
	m, ticket, session := w.mail, w.ticket, w.session
	m.State, m.EndedAt = delivery.Sent, later
	ticket.Resends, session.SeenAt = 5, later
	attempt := signup.MailAttempt{MailID: m.ID, At: later, Outcome: delivery.Accepted}
	err := errors.Join(
		tx.PutSettings(ctx, map[string]string{"b": "2"}),
		tx.HoldAddress(ctx, w.user.EmailKey),
		second(tx.CreateUser(ctx, s.person())),
		second(tx.SpendToken(ctx, w.spent.TokenHash, start())),
		second(tx.MarkTokenUsed(ctx, w.marked.ID)),
		second(tx.CreateToken(ctx, w.newToken)),
		second(tx.SpendAccountToken(ctx, w.used.Hash, w.used.Purpose, start())),
		tx.CreateAccountToken(ctx, w.newAccount),
		tx.CloseAccountTokens(ctx, w.user.ID, w.closed.Purpose, later),
		tx.SupersedeLinks(ctx, w.waiting.ID, later),
		tx.CloseLinksAt(ctx, w.token.EmailKey, later),
		tx.PutTicket(ctx, ticket),
		tx.DeleteTickets(ctx, w.waiting.ID),
		tx.AddLinkRequest(ctx, signup.LinkRequest{EmailKey: w.user.EmailKey, At: start()}),
		tx.AddAddressMail(ctx, w.address, later),
		tx.RemoveAddressMail(ctx, w.address, start()),
		tx.AddMail(ctx, w.newMail),
		tx.UpdateMail(ctx, m, attempt),
		tx.SupersedeMails(ctx, w.user.ID, w.owed.Kind, later),
		tx.CreateAPIKey(ctx, apiKey("new")),
		tx.TouchAPIKey(ctx, w.key.ID, later),
		tx.RevokeAPIKey(ctx, w.key.ID, later),
		tx.AddAudit(ctx, signup.AuditEvent{At: start(), Actor: signup.ActorCLI, Type: "y", UserID: w.user.ID}),
		second(tx.NumberEvents(ctx, 10)),
		tx.TouchSession(ctx, session),
		tx.CreateSession(ctx, w.newSession),
		second(tx.DeleteSessions(ctx, w.waiting.ID, "")),
		tx.DeleteUser(ctx, w.gone.ID),
		second(tx.TakeUnnoticed(ctx, 10, later)),
	)
	u, errUser := tx.User(ctx, w.user.ID)
	u.Name = "another"
	if err := errors.Join(err, errUser, tx.UpdateUser(ctx, u)); err != nil {
		s.Errorf("everyWrite: %v", err)
	}
}

// state reads every row that newWorld or everyWrite makes.
func (w world) state(s *suite) map[string]any {
	s.Helper()
	state := map[string]any{}
	keep := func(what string, rows any, err error) {
		state[what] = rows
		if err != nil && !errors.Is(err, signup.ErrNotFound) {
			s.Fatalf("%s: %v", what, err)
		}
	}
	s.view(func(r signup.Reader) error {
		ctx := s.ctx()
		settings, err := r.Settings(ctx)
		keep("settings", settings, err)
		users, err := r.Users(ctx, signup.UserQuery{})
		keep("users", users, err)
		for what, t := range map[string]signup.SignUpToken{
			"spent token": w.spent, "marked token": w.marked, "closed token": w.token, "new token": w.newToken,
		} {
			stored, err := r.Token(ctx, t.TokenHash)
			keep(what, stored, err)
		}
		for what, t := range map[string]signup.AccountToken{"spent": w.used, "closed": w.closed, "new": w.newAccount} {
			stored, err := r.AccountToken(ctx, t.Hash)
			keep(what+" account token", stored, err)
		}
		ticket, err := r.Ticket(ctx, w.ticket.Hash)
		keep("ticket", ticket, err)
		dropped, err := r.Ticket(ctx, w.dropped.Hash)
		keep("deleted ticket", dropped, err)
		for what, m := range map[string]signup.Mail{"updated mail": w.mail, "superseded mail": w.owed, "superseded link": w.link, "new mail": w.newMail} {
			stored, err := r.Mail(ctx, m.ID)
			keep(what, stored, err)
		}
		attempts, err := r.MailAttempts(ctx, w.mail.ID)
		keep("attempts", attempts, err)
		times, err := r.AddressMails(ctx, w.address, 10)
		keep("address mails", times, err)
		waiting, err := r.Waiting(ctx)
		keep("waiting", waiting, err)
		keys, err := r.APIKeys(ctx)
		keep("keys", keys, err)
		events, err := r.Audit(ctx, signup.AuditQuery{})
		keep("events", events, err)
		sessions, err := r.Sessions(ctx, w.user.ID)
		keep("sessions", sessions, err)
		ended, err := r.Sessions(ctx, w.waiting.ID)
		keep("ended sessions", ended, err)
		return nil
	})
	return state
}

func equal(a, b any) bool { return cmp.Equal(a, b, cmp.Comparer(sameTime)) }
