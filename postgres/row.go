package postgres

import (
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

func convert[Row, Out any](rows []Row, one func(Row) Out) []Out {
	out := make([]Out, len(rows))
	for i, row := range rows {
		out[i] = one(row)
	}
	return out
}

func user(r db.User) signup.User {
	return signup.User{
		ID:                   r.ID,
		Name:                 r.Name,
		Username:             r.Username,
		UsernameKey:          r.UsernameKey,
		Email:                r.Email,
		EmailKey:             r.EmailKey,
		PasswordHash:         signup.PasswordHash(r.PasswordHash),
		Language:             r.Language,
		Profile:              r.Profile,
		Role:                 signup.Role(r.Role),
		Origin:               signup.Origin(r.Origin),
		VerificationRequired: r.VerificationRequired,
		ApprovalRequired:     r.ApprovalRequired,
		CreatedAt:            time.Time(r.CreatedAt),
		VerifiedAt:           time.Time(r.VerifiedAt),
		ApprovedAt:           time.Time(r.ApprovedAt),
		ApprovedBy:           signup.Actor(r.ApprovedBy),
		RejectedAt:           time.Time(r.RejectedAt),
		RejectedBy:           signup.Actor(r.RejectedBy),
		RejectionReason:      r.RejectionReason,
		RejectionNote:        r.RejectionNote,
		Corrections:          r.Corrections,
		UndeliverableAt:      time.Time(r.UndeliverableAt),
		RemindedAt:           time.Time(r.RemindedAt),
		NoticedAt:            time.Time(r.NoticedAt),
		NoticesOff:           r.NoticesOff,
		Version:              r.Version,
		TermsVersion:         r.TermsVersion,
		TermsAt:              time.Time(r.TermsAt),
	}
}

func newUser(u signup.User) db.CreateUserParams {
	return db.CreateUserParams{
		Name:                 u.Name,
		Username:             u.Username,
		UsernameKey:          u.UsernameKey,
		Email:                u.Email,
		EmailKey:             u.EmailKey,
		PasswordHash:         string(u.PasswordHash),
		Language:             u.Language,
		Profile:              u.Profile,
		Role:                 string(u.Role),
		Origin:               string(u.Origin),
		VerificationRequired: u.VerificationRequired,
		ApprovalRequired:     u.ApprovalRequired,
		CreatedAt:            db.Time(u.CreatedAt),
		VerifiedAt:           db.NullTime(u.VerifiedAt),
		ApprovedAt:           db.NullTime(u.ApprovedAt),
		ApprovedBy:           string(u.ApprovedBy),
		RejectedAt:           db.NullTime(u.RejectedAt),
		RejectedBy:           string(u.RejectedBy),
		RejectionReason:      u.RejectionReason,
		RejectionNote:        u.RejectionNote,
		Corrections:          u.Corrections,
		Search:               search(u),
		UndeliverableAt:      db.NullTime(u.UndeliverableAt),
		RemindedAt:           db.NullTime(u.RemindedAt),
		NoticedAt:            db.NullTime(u.NoticedAt),
		NoticesOff:           u.NoticesOff,
		TermsVersion:         u.TermsVersion,
		TermsAt:              db.NullTime(u.TermsAt),
	}
}

func changedUser(u signup.User) db.UpdateUserParams {
	return db.UpdateUserParams{
		ID:                   u.ID,
		Version:              u.Version,
		Name:                 u.Name,
		Username:             u.Username,
		UsernameKey:          u.UsernameKey,
		Email:                u.Email,
		EmailKey:             u.EmailKey,
		PasswordHash:         string(u.PasswordHash),
		Language:             u.Language,
		Profile:              u.Profile,
		Role:                 string(u.Role),
		Origin:               string(u.Origin),
		VerificationRequired: u.VerificationRequired,
		ApprovalRequired:     u.ApprovalRequired,
		VerifiedAt:           db.NullTime(u.VerifiedAt),
		ApprovedAt:           db.NullTime(u.ApprovedAt),
		ApprovedBy:           string(u.ApprovedBy),
		RejectedAt:           db.NullTime(u.RejectedAt),
		RejectedBy:           string(u.RejectedBy),
		RejectionReason:      u.RejectionReason,
		RejectionNote:        u.RejectionNote,
		Corrections:          u.Corrections,
		Search:               search(u),
		UndeliverableAt:      db.NullTime(u.UndeliverableAt),
		RemindedAt:           db.NullTime(u.RemindedAt),
		NoticedAt:            db.NullTime(u.NoticedAt),
		NoticesOff:           u.NoticesOff,
		TermsVersion:         u.TermsVersion,
		TermsAt:              db.NullTime(u.TermsAt),
	}
}

// search is what UserQuery.Search is looked for in.
func search(u signup.User) string {
	return strings.ToLower(u.Name + "\n" + u.Username + "\n" + u.Email)
}

func token(r db.SignUpToken) signup.SignUpToken {
	return signup.SignUpToken{
		ID:        r.ID,
		UserID:    r.UserID,
		ClaimID:   r.ClaimID,
		TokenHash: r.TokenHash,
		Address:   r.Address,
		CreatedAt: time.Time(r.CreatedAt),
		ExpiresAt: time.Time(r.ExpiresAt),
		Used:      r.Used,
	}
}

func newToken(t signup.SignUpToken) db.CreateTokenParams {
	return db.CreateTokenParams{
		ID:        t.ID,
		UserID:    t.UserID,
		ClaimID:   t.ClaimID,
		TokenHash: t.TokenHash,
		Address:   t.Address,
		CreatedAt: db.Time(t.CreatedAt),
		ExpiresAt: db.Time(t.ExpiresAt),
		Used:      t.Used,
	}
}

func claim(r db.Claim) signup.Claim {
	return signup.Claim{
		ID:               r.ID,
		UserID:           r.UserID,
		Name:             r.Name,
		Username:         r.Username,
		UsernameKey:      r.UsernameKey,
		Email:            r.Email,
		PasswordHash:     signup.PasswordHash(r.PasswordHash),
		Language:         r.Language,
		Profile:          r.Profile,
		ApprovalRequired: r.ApprovalRequired,
		CreatedAt:        time.Time(r.CreatedAt),
		TermsVersion:     r.TermsVersion,
		TermsAt:          time.Time(r.TermsAt),
	}
}

func newClaim(c signup.Claim) db.CreateClaimParams {
	return db.CreateClaimParams{
		ID:               c.ID,
		UserID:           c.UserID,
		Name:             c.Name,
		Username:         c.Username,
		UsernameKey:      c.UsernameKey,
		Email:            c.Email,
		PasswordHash:     string(c.PasswordHash),
		Language:         c.Language,
		Profile:          c.Profile,
		ApprovalRequired: c.ApprovalRequired,
		CreatedAt:        db.Time(c.CreatedAt),
		TermsVersion:     c.TermsVersion,
		TermsAt:          db.NullTime(c.TermsAt),
	}
}

func mail(r db.Mail) signup.Mail {
	return signup.Mail{
		ID:            r.ID,
		Kind:          signup.MailKind(r.Kind),
		UserID:        r.UserID,
		RecipientID:   r.RecipientID,
		ClaimID:       r.ClaimID,
		Channel:       r.Channel,
		State:         signup.MailState(r.State),
		Attempts:      r.Attempts,
		CreatedAt:     time.Time(r.CreatedAt),
		TryingSince:   time.Time(r.TryingSince),
		LastAttemptAt: time.Time(r.LastAttemptAt),
		NextAttemptAt: time.Time(r.NextAttemptAt),
		EndedAt:       time.Time(r.EndedAt),
		LastAnswer:    r.LastAnswer,
	}
}

func newMail(m signup.Mail) db.AddMailParams {
	return db.AddMailParams{
		ID:            m.ID,
		Kind:          string(m.Kind),
		UserID:        m.UserID,
		RecipientID:   m.RecipientID,
		ClaimID:       m.ClaimID,
		Channel:       m.Channel,
		State:         string(m.State),
		Attempts:      m.Attempts,
		CreatedAt:     db.Time(m.CreatedAt),
		TryingSince:   db.NullTime(m.TryingSince),
		LastAttemptAt: db.NullTime(m.LastAttemptAt),
		NextAttemptAt: db.NullTime(m.NextAttemptAt),
		EndedAt:       db.NullTime(m.EndedAt),
		LastAnswer:    storable(m.LastAnswer),
	}
}

// searched is what a search looks for.
func searched(s string) string { return strings.ToLower(storable(s)) }

// storable replaces what PostgreSQL cannot store in a text: a mail server may
// answer anything, and what it did with the mail must be recorded all the same.
// What is asked for by a text that cannot be there finds nothing.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func apiKey(r db.APIKey) signup.APIKey {
	return signup.APIKey{
		ID:        r.ID,
		Name:      r.Name,
		Hash:      r.Hash,
		CreatedAt: time.Time(r.CreatedAt),
		RevokedAt: time.Time(r.RevokedAt),
	}
}

func auditEvent(r db.AuditEvent) signup.AuditEvent {
	return signup.AuditEvent{
		ID:     r.ID,
		At:     time.Time(r.At),
		Actor:  signup.Actor(r.Actor),
		Action: r.Action,
		UserID: r.UserID,
		Detail: r.Detail,
	}
}
