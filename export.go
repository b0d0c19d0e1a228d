package signup

import (
	"context"

	"github.com/signup-go/signup/event"
)

// PersonalData is everything stored about one person, except secrets and their
// hashes.
type PersonalData struct {
	User     User         // without the PasswordHash
	Mails    []MailRecord // about the user, newest first
	Sessions []Session    // without the TokenHash, newest first
	Events   []AuditEvent // about the user, newest first
}

// Export returns everything stored about a user, for a person who asks for it
// (articles 15 and 20 of the GDPR). It records an event first, which is part of
// the result. It refuses with refusal.UserNotFound.
func (a Admin) Export(ctx context.Context, id int64) (PersonalData, error) {
	_, err := a.change(ctx, id, func(tx Tx, u *User) error {
		return a.s.record(ctx, tx, a.by, event.Exported, u.ID, nil)
	})
	if err != nil {
		return PersonalData{}, err
	}
	var d PersonalData
	err = a.s.store.View(ctx, func(r Reader) (err error) {
		d, err = readPersonalData(ctx, r, id)
		return err
	})
	return d, err
}

func readPersonalData(ctx context.Context, r Reader, id int64) (d PersonalData, err error) {
	if d.User, err = userByID(ctx, r, id); err != nil {
		return d, err
	}
	d.User.PasswordHash = ""
	if d.Mails, err = allMails(ctx, r, id); err != nil {
		return d, err
	}
	if d.Sessions, err = r.Sessions(ctx, id); err != nil {
		return d, err
	}
	for i := range d.Sessions {
		d.Sessions[i].TokenHash = ""
	}
	d.Events, err = allEvents(ctx, r, id)
	return d, err
}

const exportPage = 1000 // rows that are read at once

func allMails(ctx context.Context, r Reader, userID int64) ([]MailRecord, error) {
	var all []MailRecord
	for q := (MailQuery{UserID: userID, Limit: exportPage}); ; {
		mails, err := r.Mails(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, m := range mails {
			log, err := r.MailAttempts(ctx, m.ID)
			if err != nil {
				return nil, err
			}
			all = append(all, MailRecord{Mail: m, Log: log})
			q.Before = m.ID
		}
		if len(mails) < exportPage {
			return all, nil
		}
	}
}

func allEvents(ctx context.Context, r Reader, userID int64) ([]AuditEvent, error) {
	var all []AuditEvent
	for q := (AuditQuery{UserID: userID, Limit: exportPage}); ; {
		events, err := r.Audit(ctx, q)
		if err != nil {
			return nil, err
		}
		all = append(all, events...)
		if len(events) < exportPage {
			return all, nil
		}
		q.Before = events[len(events)-1].ID
	}
}
