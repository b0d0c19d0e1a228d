package signup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// Settings are what the operator can change while the program runs. They are
// stored in the database, so that a change reaches every instance immediately.
// The JSON names are those of the API and of `signup settings`.
type Settings struct {
	SignUpEnabled            bool            `json:"signup_enabled" doc:"whether anybody can sign up"`
	RequireEmailVerification bool            `json:"signup_require_email_verification" doc:"whether a new user must prove the email address"`
	RequireAdminApproval     bool            `json:"signup_require_admin_approval" doc:"whether an administrator must approve a new user"`
	PasswordType             password.Policy `json:"password_type" doc:"strict (an upper-case letter, a lower-case letter, a digit and a special character) or length_only"`
	PasswordLength           int             `json:"password_length_regular_users" doc:"minimum number of characters in a password, 8 to 128"`
	TokenLifetime            Duration        `json:"token_lifetime" doc:"how long a link works after its mail is written, 5m to 720h"`
	ConcealEmails            bool            `json:"conceal_emails" doc:"whether a taken email address gets the answer of a free one; takes effect while verification is required"`
	ConfirmAsksPassword      bool            `json:"confirm_asks_password" doc:"whether a confirmation page opened in another browser than the one that signed up asks for the password"`
	UnconfirmedRetention     Duration        `json:"unconfirmed_retention" doc:"how long an unconfirmed sign-up is kept, 1h or more, or never to remove it"`
	RejectedRetention        Duration        `json:"rejected_retention" doc:"how long a rejected sign-up is kept before its personal data is erased, 1h or more, or never"`
	ReapplyAfter             Duration        `json:"reapply_after" doc:"how long after a rejection the same address can sign up again: 0s for at once, or never"`
	ReminderBefore           Duration        `json:"reminder_before" doc:"how long before the removal of an unconfirmed sign-up the person is reminded, once, but not before half of unconfirmed_retention has passed; 1h or more, or never for no reminder"`
	NoticeDigestAfter        int             `json:"admin_notice_digest_after" doc:"how many sign-ups waiting for approval administrators are told about one by one within admin_notice_interval; the rest come in a digest; 0 to 10000"`
	NoticeInterval           Duration        `json:"admin_notice_interval" doc:"the period that admin_notice_digest_after counts in, and the least time between two digests; 1m to 168h"`
	MailRetention            Duration        `json:"mail_retention" doc:"how long the delivery log of a mail is kept, 24h or more, or never to remove it"`
}

// DefaultSettings returns the settings that apply until an operator changes them.
func DefaultSettings() Settings {
	return Settings{
		SignUpEnabled:            true,
		RequireEmailVerification: true,
		RequireAdminApproval:     true,
		PasswordType:             password.Strict,
		PasswordLength:           password.MinLength,
		TokenLifetime:            Duration(24 * time.Hour),
		ConcealEmails:            true,
		ConfirmAsksPassword:      true,
		UnconfirmedRetention:     Duration(7 * 24 * time.Hour),
		RejectedRetention:        Duration(90 * 24 * time.Hour),
		ReapplyAfter:             0,
		ReminderBefore:           Duration(48 * time.Hour),
		NoticeDigestAfter:        5,
		NoticeInterval:           Duration(time.Hour),
		MailRetention:            Duration(90 * 24 * time.Hour),
	}
}

// conceals reports whether a taken address gets the same answer as a free one.
// Without verification by mail that is impossible, because a free address becomes
// active immediately.
func (s Settings) conceals() bool { return s.ConcealEmails && s.RequireEmailVerification }

// validate refuses every setting that is out of range.
func (s Settings) validate() error {
	var errs refusal.Errors
	require := func(ok bool, field, message string) {
		if !ok {
			errs.Add(&refusal.Error{Code: refusal.Invalid, Field: field, Message: message})
		}
	}
	require(s.PasswordType == password.Strict || s.PasswordType == password.LengthOnly,
		"password_type", "must be strict or length_only")
	require(s.PasswordLength >= password.MinLength && s.PasswordLength <= 128,
		"password_length_regular_users", "must be between 8 and 128")
	require(s.TokenLifetime >= Duration(5*time.Minute) && s.TokenLifetime <= Duration(30*24*time.Hour),
		"token_lifetime", "must be between 5m and 720h")
	require(s.UnconfirmedRetention >= Duration(time.Hour) || s.UnconfirmedRetention == never,
		"unconfirmed_retention", "must be at least 1h, or never")
	require(s.RejectedRetention >= Duration(time.Hour) || s.RejectedRetention == never,
		"rejected_retention", "must be at least 1h, or never")
	require(s.ReminderBefore >= Duration(time.Hour) || s.ReminderBefore == never,
		"reminder_before", "must be at least 1h, or never")
	require(s.NoticeDigestAfter >= 0 && s.NoticeDigestAfter <= 10_000,
		"admin_notice_digest_after", "must be between 0 and 10000")
	require(s.NoticeInterval >= Duration(time.Minute) && s.NoticeInterval <= Duration(7*24*time.Hour),
		"admin_notice_interval", "must be between 1m and 168h")
	// The limits per address count the mails of one day.
	require(s.MailRetention >= Duration(24*time.Hour) || s.MailRetention == never,
		"mail_retention", "must be at least 24h, or never")
	require(s.ReapplyAfter >= 0 || s.ReapplyAfter == never, "reapply_after", "must be 0s or more, or never")
	return errs.OrNil()
}

// Values returns the settings as a map from JSON name to JSON value.
func (s Settings) Values() map[string]string {
	out := map[string]string{}
	v := reflect.ValueOf(s)
	for i, name := range SettingNames() {
		b, err := json.Marshal(v.Field(i).Interface())
		if err != nil {
			panic(err) // the field types above always marshal
		}
		out[name] = string(b)
	}
	return out
}

// SettingNames returns the JSON names in struct order.
func SettingNames() []string {
	t := reflect.TypeFor[Settings]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("json")
	}
	return names
}

// With returns a copy of the settings in which the given values (JSON name to
// JSON value) are replaced. It refuses unknown names, values of the wrong type
// and values out of range, each with the name as the field.
func (s Settings) With(values map[string]string) (Settings, error) {
	var errs refusal.Errors
	names, v := SettingNames(), reflect.ValueOf(&s).Elem()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i, value := slices.Index(names, name), values[name]
		if i < 0 {
			errs.Add(&refusal.Error{Code: refusal.Invalid, Field: name, Message: "is not a setting"})
			continue
		}
		if err := decodeStrict(value, v.Field(i).Addr().Interface()); err != nil {
			errs.Add(&refusal.Error{Code: refusal.Invalid, Field: name, Message: "must be " + kindInWords(v.Field(i).Type())})
		}
	}
	if err := errs.OrNil(); err != nil {
		return Settings{}, err
	}
	return s, s.validate()
}

func decodeStrict(value string, into any) error {
	if strings.TrimSpace(value) == "null" {
		return errors.New("null is not a value")
	}
	return json.Unmarshal([]byte(value), into)
}

func kindInWords(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[Duration]():
		return `a duration such as "24h"`
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	default:
		return "a string"
	}
}

// A Duration is a time.Duration with the text form "24h0m0s", or "never" for
// never.
type Duration time.Duration

// never is an infinite Duration.
const never Duration = -1

func (d Duration) String() string {
	if d == never {
		return "never"
	}
	return time.Duration(d).String()
}

// MarshalText returns the form that UnmarshalText parses.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses "never" or the form of time.ParseDuration.
func (d *Duration) UnmarshalText(b []byte) error {
	if string(b) == "never" {
		*d = never
		return nil
	}
	parsed, err := time.ParseDuration(string(b))
	if err != nil || parsed < 0 {
		return fmt.Errorf("not a duration: use a form such as 24h")
	}
	*d = Duration(parsed)
	return nil
}

// Settings returns the current settings.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	return peek(ctx, s, func(r Reader) (Settings, error) { return settingsIn(ctx, r) })
}

// peek runs one read and returns its result.
func peek[T any](ctx context.Context, s *Service, verb func(Reader) (T, error)) (T, error) {
	var got T
	err := s.store.Peek(ctx, func(r Reader) (err error) {
		got, err = verb(r)
		return err
	})
	return got, err
}

func settingsIn(ctx context.Context, r Reader) (Settings, error) {
	rows, err := r.Settings(ctx)
	if err != nil || len(rows) == 0 {
		return DefaultSettings(), err
	}
	return DefaultSettings().With(rows)
}

// ChangeSettings replaces some settings, given as JSON name to JSON value. If one
// is refused (refusal.Invalid, with its name as the field), none are stored.
func (a Admin) ChangeSettings(ctx context.Context, values map[string]string) (Settings, error) {
	s := a.s
	var settings Settings
	err := s.store.Update(ctx, func(tx Tx) error {
		old, err := settingsIn(ctx, tx)
		if err != nil {
			return err
		}
		if settings, err = old.With(values); err != nil {
			return err
		}
		changed := changedValues(old, settings)
		if len(changed) == 0 {
			return nil
		}
		if err := tx.PutSettings(ctx, changed); err != nil {
			return err
		}
		return s.record(ctx, tx, a.by, event.SettingsChanged, 0, changed)
	})
	return settings, err
}

func changedValues(from, to Settings) map[string]string {
	changed, was := to.Values(), from.Values()
	for name, value := range changed {
		if was[name] == value {
			delete(changed, name)
		}
	}
	return changed
}
