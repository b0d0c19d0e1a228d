package rows

import (
	"strings"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/webhook"
)

// A WebHook is a row of web_hooks.
type WebHook struct {
	ID              int64    `db:"id"`
	Name            string   `db:"name"`
	URL             string   `db:"url"`
	Types           string   `db:"types"`
	Secret          string   `db:"secret"`
	OldSecret       string   `db:"old_secret"`
	OldSecretEndsAt NullTime `db:"old_secret_ends_at"`
	Declared        bool     `db:"declared"`
	Position        int64    `db:"position"`
	CreatedAt       Time     `db:"created_at"`
	DisabledAt      NullTime `db:"disabled_at"`
	DisabledWhy     string   `db:"disabled_why"`
}

// Hook converts the row to a hook.
func (r WebHook) Hook() webhook.Hook {
	return webhook.Hook{
		ID: r.ID, Name: r.Name, URL: r.URL, Types: typesOf(r.Types),
		Secret: webhook.StoredSecret(r.Secret), OldSecret: webhook.StoredSecret(r.OldSecret), OldSecretEndsAt: time.Time(r.OldSecretEndsAt),
		Declared: r.Declared, Position: r.Position, CreatedAt: time.Time(r.CreatedAt),
		DisabledAt: time.Time(r.DisabledAt), DisabledWhy: r.DisabledWhy,
	}
}

func typesOf(text string) (types []event.Type) {
	for name := range strings.FieldsSeq(text) {
		types = append(types, event.Type(name))
	}
	return types
}

// A NewWebHook is what the query CreateWebHook stores.
type NewWebHook struct {
	Name            string
	URL             string
	Types           string
	Secret          string
	OldSecret       string
	OldSecretEndsAt NullTime
	Declared        bool
	Position        int64
	CreatedAt       Time
	DisabledAt      NullTime
	DisabledWhy     string
}

// OfNewHook converts a new hook to the arguments of CreateWebHook.
func OfNewHook(h webhook.Hook) NewWebHook {
	types := strings.Join(Convert(h.Types, func(t event.Type) string { return string(t) }), " ")
	return NewWebHook{
		h.Name, h.URL, types, h.Secret.Reveal(), h.OldSecret.Reveal(), NullTime(h.OldSecretEndsAt),
		h.Declared, h.Position, Time(h.CreatedAt), NullTime(h.DisabledAt), Storable(h.DisabledWhy),
	}
}

// A ChangedWebHook is what the query UpdateWebHook stores.
type ChangedWebHook struct {
	URL             string
	Types           string
	Secret          string
	OldSecret       string
	OldSecretEndsAt NullTime
	Declared        bool
	Position        int64
	DisabledAt      NullTime
	DisabledWhy     string
	ID              int64
}

// OfChangedHook converts a hook to the arguments of UpdateWebHook.
func OfChangedHook(h webhook.Hook) ChangedWebHook {
	n := OfNewHook(h)
	return ChangedWebHook{n.URL, n.Types, n.Secret, n.OldSecret, n.OldSecretEndsAt, n.Declared, n.Position, n.DisabledAt, n.DisabledWhy, h.ID}
}

// A WebHookDelivery is a row of web_hook_deliveries.
type WebHookDelivery struct {
	Seq           int64    `db:"seq"`
	HookID        int64    `db:"hook_id"`
	Position      int64    `db:"position"`
	UserID        int64    `db:"user_id"`
	Type          string   `db:"type"`
	CreatedAt     Time     `db:"created_at"`
	Attempts      int      `db:"attempts"`
	TryingSince   NullTime `db:"trying_since"`
	LastAttemptAt NullTime `db:"last_attempt_at"`
	NextAttemptAt NullTime `db:"next_attempt_at"`
	LastAnswer    string   `db:"last_answer"`
	EndedAt       NullTime `db:"ended_at"`
}

// Delivery converts the row to a delivery.
func (r WebHookDelivery) Delivery() webhook.Delivery {
	return webhook.Delivery{
		HookID: r.HookID, Position: r.Position, UserID: r.UserID, Type: event.Type(r.Type), CreatedAt: time.Time(r.CreatedAt),
		Attempts: r.Attempts, TryingSince: time.Time(r.TryingSince), LastAttemptAt: time.Time(r.LastAttemptAt),
		NextAttemptAt: time.Time(r.NextAttemptAt), LastAnswer: r.LastAnswer, EndedAt: time.Time(r.EndedAt),
	}
}

// A NewDelivery is what the query AddDelivery stores.
type NewDelivery struct {
	HookID        int64
	Position      int64
	UserID        int64
	Type          string
	CreatedAt     Time
	Attempts      int
	TryingSince   NullTime
	LastAttemptAt NullTime
	NextAttemptAt NullTime
	LastAnswer    string
	EndedAt       NullTime
}

// OfNewDelivery converts a new delivery to the arguments of AddDelivery.
func OfNewDelivery(d webhook.Delivery) NewDelivery {
	return NewDelivery{
		d.HookID, d.Position, d.UserID, string(d.Type), Time(d.CreatedAt), d.Attempts, NullTime(d.TryingSince),
		NullTime(d.LastAttemptAt), NullTime(d.NextAttemptAt), Storable(d.LastAnswer), NullTime(d.EndedAt),
	}
}

// A DeliveryAttempt is what the query StoreAttempt stores.
type DeliveryAttempt struct {
	Attempts      int
	TryingSince   NullTime
	LastAttemptAt NullTime
	NextAttemptAt NullTime
	LastAnswer    string
	EndedAt       NullTime
	HookID        int64
	Position      int64
	ClaimedTill   NullTime
}

// A DeliveryPage is the arguments of the query Deliveries.
type DeliveryPage struct {
	HookID int64
	Before int64
	Owed   bool
	Lim    int64
}

// OfDeliveryQuery returns the arguments for a query.
func OfDeliveryQuery(q webhook.Query) DeliveryPage {
	return DeliveryPage{q.HookID, below(q.Before), q.Owed, pageSize(q.Limit)}
}

// OfAttempt converts a delivery to the arguments of StoreAttempt.
func OfAttempt(d webhook.Delivery, claimedTill time.Time) DeliveryAttempt {
	n := OfNewDelivery(d)
	return DeliveryAttempt{
		n.Attempts, n.TryingSince, n.LastAttemptAt, n.NextAttemptAt, n.LastAnswer, n.EndedAt, n.HookID, n.Position, NullTime(claimedTill),
	}
}
