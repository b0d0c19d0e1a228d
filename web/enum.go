package web

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/scope"
)

// The types of parameters of which the API's document lists all values there
// are. The lists are those of package signup, so that a new value needs no other
// place.
type (
	statusParameter    string
	mailKindParameter  string
	mailStateParameter string
	eventTypeParameter string
	scopeParameter     string
)

// Schema is how huma asks for the values.
func (statusParameter) Schema(huma.Registry) *huma.Schema { return enum(signup.Statuses()) }

// Schema is how huma asks for the values.
func (mailKindParameter) Schema(huma.Registry) *huma.Schema { return enum(mailKinds()) }

// Schema is how huma asks for the values.
func (mailStateParameter) Schema(huma.Registry) *huma.Schema { return enum(MailStates()) }

// Schema is how huma asks for the values.
func (eventTypeParameter) Schema(huma.Registry) *huma.Schema { return enum(event.Public()) }

// Schema is how huma asks for the values.
func (scopeParameter) Schema(huma.Registry) *huma.Schema { return enum(scope.All()) }

func enum[T ~string](values []T) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: each(values, func(v T) any { return string(v) })}
}

// withEnum lists the values of a property.
func withEnum[T ~string](schema *huma.Schema, property string, values []T) *huma.Schema {
	schema.Properties[property].Enum = enum(values).Enum
	return schema
}

func mailKinds() []signup.MailKind {
	return each(signup.MailKinds(), func(k signup.MailKindInfo) signup.MailKind { return k.Kind })
}

// MailsInState narrows a query to mails in one of MailStates; "" means any.
func MailsInState(q signup.MailQuery, state string) signup.MailQuery {
	q.State = delivery.State(state)
	if tried := state == trying(); tried || q.State == delivery.Owed {
		q.State, q.Tried = delivery.Owed, &tried
	}
	return q
}

func trying() string { return signup.Mail{State: delivery.Owed, Attempts: 1}.Progress() }

// MailStates are the states of a mail as people see them; see
// signup.Mail.Progress.
func MailStates() []string {
	return []string{
		string(delivery.Owed), trying(),
		string(delivery.Sent), string(delivery.Failed), string(delivery.Superseded), string(delivery.Cancelled),
	}
}
