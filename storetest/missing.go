package storetest

import (
	"errors"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

// missingVerbs returns calls of all methods that write one row, for a row that
// does not exist.
func missingVerbs(s *suite, kept signup.User) map[string]func(signup.Tx) error {
	ctx := s.ctx()
	absent := s.person()
	absent.ID, absent.Version = nobody, 1
	toNobody := mail(kept.ID)
	toNobody.RecipientID = nobody
	return map[string]func(signup.Tx) error{
		"UpdateUser":         func(tx signup.Tx) error { return tx.UpdateUser(ctx, absent) },
		"DeleteUser":         func(tx signup.Tx) error { return tx.DeleteUser(ctx, nobody) },
		"CreateToken":        func(tx signup.Tx) error { return second(tx.CreateToken(ctx, token(nobody))) },
		"MarkTokenUsed":      func(tx signup.Tx) error { return second(tx.MarkTokenUsed(ctx, newID())) },
		"SpendToken":         func(tx signup.Tx) error { return second(tx.SpendToken(ctx, newID(), start())) },
		"CreateAccountToken": func(tx signup.Tx) error { return tx.CreateAccountToken(ctx, accountToken(nobody)) },
		"SpendAccountToken": func(tx signup.Tx) error {
			return second(tx.SpendAccountToken(ctx, newID(), signup.MailPasswordReset, start()))
		},
		"PutTicket":     func(tx signup.Tx) error { return tx.PutTicket(ctx, ticket(nobody)) },
		"AddMail about": func(tx signup.Tx) error { return tx.AddMail(ctx, mail(nobody)) },
		"AddMail to":    func(tx signup.Tx) error { return tx.AddMail(ctx, toNobody) },
		"UpdateMail":    func(tx signup.Tx) error { return tx.UpdateMail(ctx, mail(kept.ID)) },
		"UpdateMail with an attempt": func(tx signup.Tx) error {
			m := mail(kept.ID)
			return tx.UpdateMail(ctx, m, signup.MailAttempt{MailID: m.ID, At: start(), Outcome: delivery.Accepted})
		},
		"RevokeAPIKey":  func(tx signup.Tx) error { return tx.RevokeAPIKey(ctx, newID(), start()) },
		"TouchAPIKey":   func(tx signup.Tx) error { return tx.TouchAPIKey(ctx, newID(), start()) },
		"CreateSession": func(tx signup.Tx) error { return tx.CreateSession(ctx, session(nobody)) },
		"TouchSession":  func(tx signup.Tx) error { return tx.TouchSession(ctx, session(kept.ID)) },
	}
}

func missingRows(s *suite) {
	w := s.newWorld()
	before := w.state(s)
	for name, verb := range missingVerbs(s, w.user) {
		if err := s.store.Update(s.ctx(), verb); !errors.Is(err, signup.ErrNotFound) {
			s.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	s.same("the store", w.state(s), before)
}

// missingGoesOn allows for methods that send their write with the commit.
func missingGoesOn(s *suite) {
	u := s.createUser()
	verbs := missingVerbs(s, u)
	verbs["User"] = func(tx signup.Tx) error { return second(tx.User(s.ctx(), nobody)) }
	verbs["UserByEmailKey"] = func(tx signup.Tx) error { return second(tx.UserByEmailKey(s.ctx(), "none")) }
	verbs["UserByUsernameKey"] = func(tx signup.Tx) error { return second(tx.UserByUsernameKey(s.ctx(), "none")) }
	verbs["Mail"] = func(tx signup.Tx) error { return second(tx.Mail(s.ctx(), newID())) }
	want := 0
	for name, verb := range verbs {
		told := false
		err := s.store.Update(s.ctx(), func(tx signup.Tx) error {
			told = errors.Is(verb(tx), signup.ErrNotFound)
			return tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: signup.ActorCLI, Type: "x", UserID: u.ID})
		})
		if told && err != nil || !told && !errors.Is(err, signup.ErrNotFound) {
			s.Errorf("%s: the call returned ErrNotFound: %v, then Update: %v", name, told, err)
		}
		if err == nil {
			want++
		}
	}
	s.same("events", len(s.events(signup.AuditQuery{UserID: u.ID})), want)
}

func missingReads(s *suite) {
	ctx := s.ctx()
	for name, verb := range map[string]func(signup.Reader) error{
		"User":              func(r signup.Reader) error { return second(r.User(ctx, nobody)) },
		"UserByEmailKey":    func(r signup.Reader) error { return second(r.UserByEmailKey(ctx, "none")) },
		"UserByUsernameKey": func(r signup.Reader) error { return second(r.UserByUsernameKey(ctx, "none")) },
		"Token":             func(r signup.Reader) error { return second(r.Token(ctx, "none")) },
		"AccountToken":      func(r signup.Reader) error { return second(r.AccountToken(ctx, "none")) },
		"Ticket":            func(r signup.Reader) error { return second(r.Ticket(ctx, "none")) },
		"Mail":              func(r signup.Reader) error { return second(r.Mail(ctx, newID())) },
		"APIKeyByHash":      func(r signup.Reader) error { return second(r.APIKeyByHash(ctx, "none")) },
		"SessionByHash":     func(r signup.Reader) error { return second(r.SessionByHash(ctx, "none")) },
	} {
		s.missing(name+" in View", s.store.View(ctx, verb))
		s.missing(name+" in Peek", s.store.Peek(ctx, verb))
		s.missing(name+" in Update", s.store.Update(ctx, func(tx signup.Tx) error { return verb(tx) }))
	}
	s.view(func(r signup.Reader) error {
		settings, err1 := r.Settings(ctx)
		users, err2 := r.Users(ctx, signup.UserQuery{})
		count, err3 := r.CountUsers(ctx, signup.UserQuery{})
		unreminded, err4 := r.Unreminded(ctx, signup.ReminderQuery{CreatedTill: start()}, 10)
		lapsed, err5 := r.Lapsed(ctx, lapsedQuery(), 10)
		mails, err6 := r.Mails(ctx, signup.MailQuery{})
		attempts, err7 := r.MailAttempts(ctx, newID())
		keys, err8 := r.APIKeys(ctx)
		events, err9 := r.Audit(ctx, signup.AuditQuery{})
		sessions, err10 := r.Sessions(ctx, nobody)
		s.same("rows", len(settings)+len(users)+count+len(unreminded)+len(lapsed)+len(mails)+len(attempts)+len(keys)+len(events)+len(sessions), 0)
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10)
	})
}

func emptySets(s *suite) {
	u := s.createUser()
	ctx := s.ctx()
	for name, verb := range map[string]func(signup.Tx) error{
		"PutSettings":        func(tx signup.Tx) error { return tx.PutSettings(ctx, nil) },
		"HoldAddress":        func(tx signup.Tx) error { return tx.HoldAddress(ctx, "nobody@example.org") },
		"AddressUses":        func(tx signup.Tx) error { return second(tx.AddressUses(ctx, nil)) },
		"TakeUnnoticed":      func(tx signup.Tx) error { return second(tx.TakeUnnoticed(ctx, 10, start())) },
		"SupersedeLinks":     func(tx signup.Tx) error { return tx.SupersedeLinks(ctx, u.ID, start()) },
		"CloseLinksAt":       func(tx signup.Tx) error { return tx.CloseLinksAt(ctx, "nobody@example.org", start()) },
		"CloseAccountTokens": func(tx signup.Tx) error { return tx.CloseAccountTokens(ctx, u.ID, signup.MailPasswordReset, start()) },
		"DeleteTickets":      func(tx signup.Tx) error { return tx.DeleteTickets(ctx, u.ID) },
		"TakeLinkRequests":   func(tx signup.Tx) error { return second(tx.TakeLinkRequests(ctx, 10)) },
		"SupersedeMails":     func(tx signup.Tx) error { return tx.SupersedeMails(ctx, u.ID, signup.MailReminder, start()) },
		"DeleteSessions":     func(tx signup.Tx) error { return second(tx.DeleteSessions(ctx, u.ID, "")) },
	} {
		if err := s.store.Update(ctx, verb); err != nil {
			s.Errorf("%s: %v", name, err)
		}
	}
	s.same("user", s.user(u.ID), u)
}
