// Package tables lists the tables and columns that both stores have, so that all
// data can be moved from one to the other.
package tables

import (
	"fmt"
	"reflect"

	"github.com/signup-go/signup/internal/rows"
)

// A Kind is the type of a column, and the Go type of its values while they are
// moved.
type Kind int

// The kinds.
const (
	Int  Kind = iota // int64
	Text             // string
	Bool             // bool
	Time             // time.Time in UTC, or nil for NULL
	JSON             // string, as encoding/json writes it
)

// A Table is one table of the stores.
type Table struct {
	Name    string
	Columns []Column
	Key     string // the column by which the rows are ordered
	Numbers bool   // whether the database assigns the numbers of the key
}

// A Column is a stored column; computed ones are left out.
type Column struct {
	Name string
	Kind Kind
}

// All returns the tables, each after those it refers to. It leaves out what only
// running programs need: the queue's tables, the rate limits, and requests for
// links, which are answered within moments. It also leaves out sessions: a
// session with one database must not be valid with its copy.
func All() []Table {
	return []Table{
		{Name: "users", Columns: columns[rows.User](), Key: "id", Numbers: true},
		{Name: "sign_up_tokens", Columns: columns[rows.SignUpToken](), Key: "id"},
		{Name: "account_tokens", Columns: columns[rows.AccountToken](), Key: "hash"},
		{Name: "tickets", Columns: columns[rows.Ticket](), Key: "hash"},
		{Name: "mails", Columns: columns[rows.Mail](), Key: "seq", Numbers: true},
		{Name: "mail_attempts", Columns: columns[rows.MailAttempt](), Key: "seq", Numbers: true},
		{Name: "address_mails", Columns: columns[rows.AddressMail](), Key: "due_at"},
		{Name: "settings", Columns: columns[rows.Setting](), Key: "name"},
		{Name: "api_keys", Columns: columns[rows.APIKey](), Key: "seq", Numbers: true},
		{Name: "web_hooks", Columns: columns[rows.WebHook](), Key: "id", Numbers: true},
		{Name: "web_hook_deliveries", Columns: columns[rows.WebHookDelivery](), Key: "seq", Numbers: true},
		{Name: "audit_events", Columns: columns[rows.AuditEvent](), Key: "id", Numbers: true},
	}
}

// columns returns the columns of a row type. A field without the tag db would not
// be copied, so it is a mistake in package rows.
func columns[Row any]() (list []Column) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Row]()) {
		switch name := f.Tag.Get("db"); name {
		case "-":
		case "":
			panic(fmt.Sprintf("%v.%s has no column", reflect.TypeFor[Row](), f.Name))
		default:
			list = append(list, Column{name, kindOf(f.Type)})
		}
	}
	return list
}

func kindOf(t reflect.Type) Kind {
	switch {
	case t == reflect.TypeFor[rows.Time]() || t == reflect.TypeFor[rows.NullTime]():
		return Time
	case t.Kind() == reflect.Map:
		return JSON
	case t.Kind() == reflect.Bool:
		return Bool
	case t.Kind() == reflect.String:
		return Text
	default:
		return Int
	}
}
