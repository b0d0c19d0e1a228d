package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/webhook"
)

// Hook is a web hook without its secret.
type Hook struct {
	Name           string       `json:"name"`
	URL            string       `json:"url"`
	Types          []event.Type `json:"types" doc:"the types of events that are sent; none for all"`
	Declared       bool         `json:"declared" doc:"whether it is in the configuration, which is then the only place to change or remove it"`
	CreatedAt      time.Time    `json:"created_at"`
	Enabled        bool         `json:"enabled"`
	DisabledAt     *time.Time   `json:"disabled_at" nullable:"true"`
	DisabledReason *string      `json:"disabled_reason" nullable:"true"`
	OldSecretUntil *time.Time   `json:"old_secret_until" nullable:"true" doc:"until when requests are signed with the secret before the present one, too"`
}

// HookJSON is a web hook.
func HookJSON(h webhook.Hook) Hook {
	shown := Hook{
		Name: h.Name, URL: h.URL, Types: append([]event.Type{}, h.Types...), Declared: h.Declared, CreatedAt: h.CreatedAt,
		Enabled: h.Enabled(), DisabledAt: timeOrNil(h.DisabledAt), OldSecretUntil: timeOrNil(h.OldSecretEndsAt),
	}
	if !h.Enabled() {
		shown.DisabledReason = &h.DisabledWhy
	}
	return shown
}

// HookDetail is a web hook with what is still to be sent.
type HookDetail struct {
	Hook

	Owed int `json:"owed" doc:"the number of events that the receiver has not taken yet; without those that happened since the hook was disabled"`
}

// NewHook is a web hook with its secret, which is shown only when it is made.
type NewHook struct {
	Hook

	Secret string `json:"secret" doc:"what requests are signed with; it is shown only this once"`
}

// NewHookJSON is a web hook with its secret.
func NewHookJSON(h webhook.Hook) NewHook { return NewHook{HookJSON(h), h.Secret.Reveal()} }

// HookDelivery is one event for one web hook.
type HookDelivery struct {
	Position      int64      `json:"position" doc:"of the event in the list of events"`
	Type          event.Type `json:"type"`
	UserID        int64      `json:"user_id"`
	State         string     `json:"state" enum:"waiting,owed,delivered" doc:"waiting: for an earlier event of the same user"`
	CreatedAt     time.Time  `json:"created_at"`
	Attempts      int        `json:"attempts"`
	LastAttemptAt *time.Time `json:"last_attempt_at" nullable:"true"`
	LastAnswer    string     `json:"last_answer" doc:"the status of the last response, or why there was none"`
	NextAttemptAt *time.Time `json:"next_attempt_at" nullable:"true"`
	DeliveredAt   *time.Time `json:"delivered_at" nullable:"true"`
}

// HookDeliveryJSON is a delivery.
func HookDeliveryJSON(d webhook.Delivery) HookDelivery {
	return HookDelivery{
		Position: d.Position, Type: d.Type, UserID: d.UserID, State: d.State(), CreatedAt: d.CreatedAt,
		Attempts: d.Attempts, LastAttemptAt: timeOrNil(d.LastAttemptAt), LastAnswer: d.LastAnswer,
		NextAttemptAt: timeOrNil(d.NextAttemptAt), DeliveredAt: timeOrNil(d.EndedAt),
	}
}

// HookTest is what came of a test.
type HookTest struct {
	Delivered bool   `json:"delivered" doc:"whether the receiver answered with a status of 200 to 299"`
	Answer    string `json:"answer" doc:"the status of the response, or why there was none"`
}

// HookTestJSON is what came of a test.
func HookTestJSON(a webhook.Answer) HookTest { return HookTest{a.OK(), a.Text} }

// ShowEvent returns what GET /api/v1/events shows of an event that has a
// position, with the user as of now.
func ShowEvent(ctx context.Context, svc *signup.Service, e signup.AuditEvent) (Event, error) {
	u, err := svc.User(ctx, e.UserID)
	if refusal.Is(err, refusal.UserNotFound) {
		return eventJSON(e, nil, nil), nil
	}
	if err != nil {
		return Event{}, err
	}
	uses, err := svc.As(signup.ActorSystem).AddressUses(ctx, u)
	return eventJSON(e, map[int64]signup.User{u.ID: u}, uses), err
}

// TransformSchema says that the types are no closed list; see Event.
func (HookDelivery) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	schema.Properties["type"].Description = "one of the types that list-events has"
	return schema
}
