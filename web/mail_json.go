package web

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
)

// Mail is a mail owed, and what became of it. There is nothing of its content.
type Mail struct {
	ID            string          `json:"id"`
	Kind          signup.MailKind `json:"kind"`
	State         string          `json:"state" doc:"trying: owed, and tried at least once; failed: for good"`
	UserID        int64           `json:"user_id" doc:"the user whom it is about"`
	RecipientID   *int64          `json:"recipient_id" nullable:"true" doc:"the user who gets it; null for a chat"`
	Channel       *string         `json:"channel" nullable:"true" doc:"the chat it goes to; null for mail"`
	Attempts      int             `json:"attempts"`
	CreatedAt     time.Time       `json:"created_at"`
	LastAttemptAt *time.Time      `json:"last_attempt_at" nullable:"true"`
	NextAttemptAt *time.Time      `json:"next_attempt_at" nullable:"true" doc:"when it is tried again, or for the first time where that is not at once"`
	EndedAt       *time.Time      `json:"ended_at" nullable:"true"`
	LastAnswer    *string         `json:"last_answer" nullable:"true" doc:"the mail server's last words"`
}

// TransformSchema lists the kinds and states in the API's document.
func (Mail) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	return withEnum(withEnum(schema, "kind", mailKinds()), "state", MailStates())
}

// MailJSON is a mail.
func MailJSON(m signup.Mail) Mail {
	out := Mail{
		ID: m.ID, Kind: m.Kind, State: m.Progress(), UserID: m.UserID, Channel: orNil(m.Channel),
		Attempts: m.Attempts, CreatedAt: m.CreatedAt, LastAttemptAt: timeOrNil(m.LastAttemptAt),
		NextAttemptAt: timeOrNil(m.NextAttemptAt), EndedAt: timeOrNil(m.EndedAt), LastAnswer: orNil(m.LastAnswer),
	}
	if m.Channel == "" {
		out.RecipientID = idOrNil(m.RecipientID)
	}
	return out
}

// MailDetail is a mail with every attempt to send it.
type MailDetail struct {
	Mail
	Log []MailAttempt `json:"log" doc:"the attempts to send it, oldest first"`
}

// MailAttempt is one attempt to send a mail.
type MailAttempt struct {
	At      time.Time `json:"at"`
	Phase   *string   `json:"phase" nullable:"true" doc:"where in the conversation with the mail server it failed: dial, tls, hello, auth, mail, rcpt, data; or write, before it"`
	Answer  *string   `json:"answer" nullable:"true" doc:"the mail server's words, or why it could not be reached"`
	Outcome string    `json:"outcome" enum:"sent,again,failed" doc:"again: it failed, and was to be tried again"`
}

// MailDetailJSON is a mail with its attempts.
func MailDetailJSON(m signup.MailRecord) MailDetail {
	return MailDetail{MailJSON(m.Mail), each(m.Log, attemptJSON)}
}

func attemptJSON(a signup.MailAttempt) MailAttempt {
	return MailAttempt{At: a.At, Phase: orNil(a.Phase), Answer: orNil(a.Answer), Outcome: string(a.Outcome)}
}
