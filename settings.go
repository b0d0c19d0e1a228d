package signup

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Settings are what the operator decides while the program runs. They live in
// the database, so every instance follows at once. The JSON names are those of
// the API and of `signup settings`.
type Settings struct {
	SignUpEnabled            bool       `json:"signup_enabled" doc:"whether anybody can sign up"`
	RequireEmailVerification bool       `json:"signup_require_email_verification" doc:"whether a new user must prove the e-mail address"`
	RequireAdminApproval     bool       `json:"signup_require_admin_approval" doc:"whether an administrator must approve a new user"`
	PasswordType             PolicyType `json:"password_type" doc:"strict (an upper-case letter, a digit and a special character) or length_only"`
	PasswordLength           int        `json:"password_length_regular_users" doc:"least number of characters of a password, 8 to 128"`
	TokenLifetime            Duration   `json:"token_lifetime" doc:"how long a link works after its mail was written, 5m to 720h"`
	ConcealEmails            bool       `json:"conceal_emails" doc:"whether a taken e-mail address gets the answer of a free one; takes effect while verification is required"`
	UnconfirmedRetention     Duration   `json:"unconfirmed_retention" doc:"how long an unconfirmed sign-up is kept, 1h or more, or never to remove it"`
	RejectedRetention        Duration   `json:"rejected_retention" doc:"how long a rejected sign-up is kept, then its personal data is erased, 1h or more, or never"`
	ReapplyAfter             Duration   `json:"reapply_after" doc:"how long after a rejection the same address can sign up again: 0s for at once, or never"`
	ReminderBefore           Duration   `json:"reminder_before" doc:"how long before an unconfirmed sign-up is removed the person is reminded, once, but not before half the time is over; 1h or more, or never"`
	NoticeDigestAfter        int        `json:"admin_notice_digest_after" doc:"how many sign-ups that wait for approval administrators are told of one by one in admin_notice_interval; further ones come in a digest; 0 to 10000"`
	NoticeInterval           Duration   `json:"admin_notice_interval" doc:"the time admin_notice_digest_after is about, and between two digests; 1m to 168h"`
	MailRetention            Duration   `json:"mail_retention" doc:"how long what became of a mail is kept, 24h or more, or never to remove it"`
}

// DefaultSettings are in force until an operator changes them.
func DefaultSettings() Settings {
	return Settings{
		SignUpEnabled:            true,
		RequireEmailVerification: true,
		RequireAdminApproval:     true,
		PasswordType:             PolicyStrict,
		PasswordLength:           MinPasswordLength,
		TokenLifetime:            Duration(DefaultTokenLifetime),
		ConcealEmails:            true,
		UnconfirmedRetention:     Duration(7 * 24 * time.Hour),
		RejectedRetention:        Duration(90 * 24 * time.Hour),
		ReapplyAfter:             0,
		ReminderBefore:           Duration(48 * time.Hour),
		NoticeDigestAfter:        5,
		NoticeInterval:           Duration(time.Hour),
		MailRetention:            Duration(90 * 24 * time.Hour),
	}
}

// conceals reports whether a taken address gets the answer of a free one. It
// cannot be so where nothing is mailed: the free address would be active at once.
func (s Settings) conceals() bool { return s.ConcealEmails && s.RequireEmailVerification }

// Validate returns the refusals, one per setting out of its limits.
func (s Settings) Validate() error {
	var errs Errors
	require := func(ok bool, field, message string) {
		if !ok {
			errs.add(&Error{Code: CodeInvalid, Field: field, Message: message})
		}
	}
	require(s.PasswordType == PolicyStrict || s.PasswordType == PolicyLengthOnly,
		"password_type", "must be strict or length_only")
	require(s.PasswordLength >= MinPasswordLength && s.PasswordLength <= 128,
		"password_length_regular_users", "must be between 8 and 128")
	require(s.TokenLifetime >= Duration(5*time.Minute) && s.TokenLifetime <= Duration(30*24*time.Hour),
		"token_lifetime", "must be between 5m and 720h")
	require(s.UnconfirmedRetention >= Duration(time.Hour) || s.UnconfirmedRetention == Never,
		"unconfirmed_retention", "must be at least 1h, or never")
	require(s.RejectedRetention >= Duration(time.Hour) || s.RejectedRetention == Never,
		"rejected_retention", "must be at least 1h, or never")
	require(s.ReminderBefore >= Duration(time.Hour) || s.ReminderBefore == Never,
		"reminder_before", "must be at least 1h, or never")
	require(s.NoticeDigestAfter >= 0 && s.NoticeDigestAfter <= 10_000,
		"admin_notice_digest_after", "must be between 0 and 10000")
	require(s.NoticeInterval >= Duration(time.Minute) && s.NoticeInterval <= Duration(7*24*time.Hour),
		"admin_notice_interval", "must be between 1m and 168h")
	// The limits per address count the mails of a day.
	require(s.MailRetention >= Duration(24*time.Hour) || s.MailRetention == Never,
		"mail_retention", "must be at least 24h, or never")
	require(s.ReapplyAfter >= 0 || s.ReapplyAfter == Never, "reapply_after", "must be 0s or more, or never")
	return errs.orNil()
}

// Values gives the settings as rows: JSON name to JSON value.
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

// SettingNames lists the JSON names in the order of the struct.
func SettingNames() []string {
	t := reflect.TypeFor[Settings]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("json")
	}
	return names
}

// With returns the settings with some values replaced: JSON name to JSON
// value. An unknown name or a value of the wrong type is refused by name.
func (s Settings) With(values map[string]string) (Settings, error) {
	var errs Errors
	names, v := SettingNames(), reflect.ValueOf(&s).Elem()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i, value := slices.Index(names, name), values[name]
		if i < 0 {
			errs.add(&Error{Code: CodeInvalid, Field: name, Message: "is not a setting"})
			continue
		}
		if err := decodeStrict(value, v.Field(i).Addr().Interface()); err != nil {
			errs.add(&Error{Code: CodeInvalid, Field: name, Message: "must be " + kindInWords(v.Field(i).Type())})
		}
	}
	if err := errs.orNil(); err != nil {
		return Settings{}, err
	}
	return s, s.Validate()
}

func decodeStrict(value string, into any) error {
	if strings.TrimSpace(value) == "null" {
		return errors.New("null is no value")
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

// A Duration is a time.Duration that reads and writes as "24h0m0s", and Never
// as "never".
type Duration time.Duration

// Never stands for a time that does not come.
const Never Duration = -1

func (d Duration) String() string {
	if d == Never {
		return "never"
	}
	return time.Duration(d).String()
}

// MarshalText writes the form that UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "never" or the form of time.ParseDuration.
func (d *Duration) UnmarshalText(b []byte) error {
	if string(b) == "never" {
		*d = Never
		return nil
	}
	parsed, err := time.ParseDuration(string(b))
	if err != nil || parsed < 0 {
		return fmt.Errorf("not a duration: use a form such as 24h")
	}
	*d = Duration(parsed)
	return nil
}
