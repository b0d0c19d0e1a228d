package rows

import (
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/password"
)

// A User is a row of users.
type User struct {
	ID                   int64    `db:"id"`
	Name                 string   `db:"name"`
	Username             string   `db:"username"`
	UsernameKey          string   `db:"username_key"`
	Email                string   `db:"email"`
	EmailKey             string   `db:"email_key"`
	PasswordHash         string   `db:"password_hash"`
	Language             string   `db:"language"`
	Profile              Profile  `db:"profile"`
	Role                 string   `db:"role"`
	Origin               string   `db:"origin"`
	VerificationRequired bool     `db:"verification_required"`
	ApprovalRequired     bool     `db:"approval_required"`
	CreatedAt            Time     `db:"created_at"`
	VerifiedAt           NullTime `db:"verified_at"`
	ApprovedAt           NullTime `db:"approved_at"`
	ApprovedBy           string   `db:"approved_by"`
	RejectedAt           NullTime `db:"rejected_at"`
	RejectedBy           string   `db:"rejected_by"`
	RejectionReason      string   `db:"rejection_reason"`
	RejectionNote        string   `db:"rejection_note"`
	Corrections          int      `db:"corrections"`
	Version              int64    `db:"version"`
	Search               string   `db:"search"`
	UndeliverableAt      NullTime `db:"undeliverable_at"`
	RemindedAt           NullTime `db:"reminded_at"`
	NoticedAt            NullTime `db:"noticed_at"`
	NoticesOff           bool     `db:"notices_off"`
	TermsVersion         string   `db:"terms_version"`
	TermsAt              NullTime `db:"terms_at"`
	LinkAskedAt          NullTime `db:"link_asked_at"`
	DisabledAt           NullTime `db:"disabled_at"`
	DisabledBy           string   `db:"disabled_by"`
	Status               string   `db:"-"` // computed by the database
	NewEmail             string   `db:"new_email"`
	NewEmailKey          string   `db:"new_email_key"`
	OldEmail             string   `db:"old_email"`
}

// Signup converts the row to a user.
func (r User) Signup() signup.User {
	return signup.User{
		ID:                   r.ID,
		Name:                 r.Name,
		Username:             r.Username,
		UsernameKey:          r.UsernameKey,
		Email:                r.Email,
		EmailKey:             r.EmailKey,
		PasswordHash:         password.Hash(r.PasswordHash),
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
		Version:              r.Version,
		UndeliverableAt:      time.Time(r.UndeliverableAt),
		RemindedAt:           time.Time(r.RemindedAt),
		NoticedAt:            time.Time(r.NoticedAt),
		NoticesOff:           r.NoticesOff,
		TermsVersion:         r.TermsVersion,
		TermsAt:              time.Time(r.TermsAt),
		LinkAskedAt:          time.Time(r.LinkAskedAt),
		DisabledAt:           time.Time(r.DisabledAt),
		DisabledBy:           signup.Actor(r.DisabledBy),
		NewEmail:             r.NewEmail,
		NewEmailKey:          r.NewEmailKey,
		OldEmail:             r.OldEmail,
	}
}

// A NewUser is what the query CreateUser stores.
type NewUser struct {
	Name                 string
	Username             string
	UsernameKey          string
	Email                string
	EmailKey             string
	PasswordHash         string
	Language             string
	Profile              Profile
	Role                 string
	Origin               string
	VerificationRequired bool
	ApprovalRequired     bool
	VerifiedAt           NullTime
	ApprovedAt           NullTime
	ApprovedBy           string
	RejectedAt           NullTime
	RejectedBy           string
	RejectionReason      string
	RejectionNote        string
	Corrections          int
	Search               string
	UndeliverableAt      NullTime
	RemindedAt           NullTime
	NoticedAt            NullTime
	NoticesOff           bool
	TermsVersion         string
	TermsAt              NullTime
	LinkAskedAt          NullTime
	DisabledAt           NullTime
	DisabledBy           string
	CreatedAt            Time
	NewEmail             string
	NewEmailKey          string
	OldEmail             string
}

// OfNewUser converts a new user to the arguments of CreateUser.
func OfNewUser(u signup.User) NewUser {
	return NewUser{
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
		VerifiedAt:           NullTime(u.VerifiedAt),
		ApprovedAt:           NullTime(u.ApprovedAt),
		ApprovedBy:           string(u.ApprovedBy),
		RejectedAt:           NullTime(u.RejectedAt),
		RejectedBy:           string(u.RejectedBy),
		RejectionReason:      u.RejectionReason,
		RejectionNote:        u.RejectionNote,
		Corrections:          u.Corrections,
		Search:               identity.SearchText(u.Name, u.Username, identity.Email{Typed: u.Email, Key: u.EmailKey}),
		UndeliverableAt:      NullTime(u.UndeliverableAt),
		RemindedAt:           NullTime(u.RemindedAt),
		NoticedAt:            NullTime(u.NoticedAt),
		NoticesOff:           u.NoticesOff,
		TermsVersion:         u.TermsVersion,
		TermsAt:              NullTime(u.TermsAt),
		LinkAskedAt:          NullTime(u.LinkAskedAt),
		DisabledAt:           NullTime(u.DisabledAt),
		DisabledBy:           string(u.DisabledBy),
		CreatedAt:            Time(u.CreatedAt),
		NewEmail:             u.NewEmail,
		NewEmailKey:          u.NewEmailKey,
		OldEmail:             u.OldEmail,
	}
}

// A ChangedUser is what the query UpdateUser stores: all of NewUser except
// CreatedAt, and the ID and version of the user it replaces.
type ChangedUser struct {
	Name                 string
	Username             string
	UsernameKey          string
	Email                string
	EmailKey             string
	PasswordHash         string
	Language             string
	Profile              Profile
	Role                 string
	Origin               string
	VerificationRequired bool
	ApprovalRequired     bool
	VerifiedAt           NullTime
	ApprovedAt           NullTime
	ApprovedBy           string
	RejectedAt           NullTime
	RejectedBy           string
	RejectionReason      string
	RejectionNote        string
	Corrections          int
	Search               string
	UndeliverableAt      NullTime
	RemindedAt           NullTime
	NoticedAt            NullTime
	NoticesOff           bool
	TermsVersion         string
	TermsAt              NullTime
	LinkAskedAt          NullTime
	DisabledAt           NullTime
	DisabledBy           string
	NewEmail             string
	NewEmailKey          string
	OldEmail             string
	ID                   int64
	Version              int64
}

// OfChangedUser converts a user to the arguments of UpdateUser. It omits the
// field names, so that it does not compile if a field is forgotten.
func OfChangedUser(u signup.User) ChangedUser {
	n := OfNewUser(u)
	return ChangedUser{
		n.Name, n.Username, n.UsernameKey, n.Email, n.EmailKey, n.PasswordHash, n.Language, n.Profile, n.Role, n.Origin,
		n.VerificationRequired, n.ApprovalRequired, n.VerifiedAt, n.ApprovedAt, n.ApprovedBy,
		n.RejectedAt, n.RejectedBy, n.RejectionReason, n.RejectionNote, n.Corrections, n.Search,
		n.UndeliverableAt, n.RemindedAt, n.NoticedAt, n.NoticesOff, n.TermsVersion, n.TermsAt, n.LinkAskedAt,
		n.DisabledAt, n.DisabledBy, n.NewEmail, n.NewEmailKey, n.OldEmail,
		u.ID, u.Version,
	}
}
