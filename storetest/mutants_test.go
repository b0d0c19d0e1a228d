package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup"
)

// mutants returns every fault. Most are derived from the methods of signup.Tx and
// the fields of their arguments and results, so that a new method or field
// automatically gets mutants.
func mutants() (all []mutant) {
	tx, reader := reflect.TypeFor[signup.Tx](), reflect.TypeFor[signup.Reader]()
	for i := range tx.NumMethod() {
		verb := tx.Method(i)
		_, reads := reader.MethodByName(verb.Name)
		if !reads {
			all = append(all,
				mutant{name: verb.Name + " does nothing", verb: verb.Name, nothing: true},
				mutant{name: verb.Name + " outlives a rollback", verb: verb.Name, leaks: true},
			)
		}
		all = append(all, errorMutants(verb.Name)...)
		for n := 1; n < verb.Type.NumIn(); n++ {
			all = append(all, argumentMutants(verb.Name, n-1, verb.Type.In(n))...)
		}
		if verb.Type.NumOut() == 2 {
			all = append(all, resultMutants(verb.Name, verb.Type.Out(0))...)
		}
	}
	return slices.Concat(all, keptMutants(), holdMutants(), ruleMutants())
}

// errorMutants drop each of the errors that the contract requires.
func errorMutants(verb string) (all []mutant) {
	for _, want := range []error{
		signup.ErrNotFound, signup.ErrNameTaken, signup.ErrStale, signup.ErrEmailTaken, signup.ErrUsernameTaken,
	} {
		if !slices.Contains(errorsOf(verb), want) {
			continue
		}
		all = append(all, mutant{
			name: fmt.Sprintf("%s drops %q", verb, want), verb: verb,
			after: func(_ any, err error) error {
				if errors.Is(err, want) {
					return nil
				}
				return err
			},
		})
	}
	return all
}

// errorsOf returns the errors of a method. Methods on a set of rows have none.
func errorsOf(verb string) []error {
	switch verb {
	case "CreateUser":
		return []error{signup.ErrEmailTaken, signup.ErrUsernameTaken}
	case "UpdateUser":
		return []error{signup.ErrNotFound, signup.ErrStale, signup.ErrEmailTaken, signup.ErrUsernameTaken}
	case "CreateAPIKey":
		return []error{signup.ErrNameTaken}
	case "User", "UserByEmailKey", "UserByUsernameKey", "Token", "AccountToken", "Ticket", "Mail", "Mails", "APIKeyByHash", "SessionByHash",
		"DeleteUser", "CreateToken", "MarkTokenUsed", "SpendToken", "CreateAccountToken", "SpendAccountToken", "PutTicket", "AddMail", "UpdateMail", "RevokeAPIKey", "TouchAPIKey",
		"CreateSession", "TouchSession":
		return []error{signup.ErrNotFound}
	default:
		return nil
	}
}

// A change is a fault in one value.
type change struct {
	name  string
	apply func(reflect.Value)
}

func zeroed() change { return change{"zero", reflect.Value.SetZero} }

// changes returns the faults for values of this type.
func changes(t reflect.Type) []change {
	all := []change{zeroed()}
	shift := func(d time.Duration) func(reflect.Value) {
		return func(v reflect.Value) {
			if at := v.Interface().(time.Time); !at.IsZero() {
				v.Set(reflect.ValueOf(at.Add(d)))
			}
		}
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return append(all, change{"an instant early", shift(-instant)}, change{"an instant late", shift(instant)})
	case t.Kind() == reflect.Int:
		return append(all, change{"too much", func(v reflect.Value) { v.SetInt(min(v.Int()+1, math.MaxInt32)) }})
	case t.Kind() == reflect.Slice:
		return append(all,
			change{"without the last", func(v reflect.Value) { v.Set(v.Slice(0, max(v.Len()-1, 0))) }},
			change{"in reverse", func(v reflect.Value) { reverse(v) }},
			change{"with the first twice", func(v reflect.Value) {
				if v.Len() > 0 {
					v.Set(reflect.Append(v, v.Index(0)))
				}
			}},
		)
	case t.Kind() == reflect.Map:
		return append(all, change{"without one", func(v reflect.Value) {
			if keys := v.MapKeys(); len(keys) > 0 {
				v.SetMapIndex(keys[0], reflect.Value{})
			}
		}})
	default:
		return all
	}
}

func reverse(v reflect.Value) {
	swap := reflect.Swapper(v.Interface())
	for i, j := 0, v.Len()-1; i < j; i, j = i+1, j-1 {
		swap(i, j)
	}
}

// rowOf returns the struct that values of the type are or contain, or nil if
// there is none.
func rowOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() {
		return t
	}
	return nil
}

// eachRow applies a change to a field of the row, or of each of the rows, in v.
func eachRow(v reflect.Value, field int, apply func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		apply(v.Field(field))
	case reflect.Slice:
		v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)) // leaves the caller's slice unchanged
		for i := range v.Len() {
			apply(v.Index(i).Field(field))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			row := reflect.New(v.Type().Elem()).Elem()
			row.Set(v.MapIndex(key))
			apply(row.Field(field))
			v.SetMapIndex(key, row)
		}
	}
}

// unstored returns the fields of a row that a method gets but does not store.
func unstored() map[string][]string {
	return map[string][]string{
		"UpdateUser":   {"CreatedAt"},
		"UpdateMail":   {"UserID", "RecipientID", "Channel", "CreatedAt"},
		"TouchSession": {"UserID", "TokenHash", "Agent", "CreatedAt"},
	}
}

// argumentMutants change the argument n (not counting the context) or one of its
// fields.
func argumentMutants(verb string, n int, t reflect.Type) (all []mutant) {
	add := func(what string, apply func(reflect.Value)) {
		all = append(all, mutant{name: verb + " gets " + what, verb: verb, before: func(_ signup.Reader, args ...any) {
			apply(reflect.ValueOf(args[n]).Elem())
		}})
	}
	row := rowOf(t)
	if row == nil {
		for _, c := range changes(t) {
			add(fmt.Sprintf("argument %d %s", n+1, c.name), func(v reflect.Value) {
				if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
					v.Set(clone(v))
				}
				c.apply(v)
			})
		}
		return all
	}
	for i := range row.NumField() {
		field := row.Field(i)
		if slices.Contains(unstored()[verb], field.Name) {
			continue
		}
		of := []change{zeroed()}
		if strings.HasSuffix(row.Name(), "Query") {
			of = changes(field.Type)
		}
		for _, c := range of {
			add(fmt.Sprintf("%s.%s %s", row.Name(), field.Name, c.name), func(v reflect.Value) { eachRow(v, i, c.apply) })
		}
	}
	return all
}

func clone(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Slice {
		return reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)
	}
	copied := reflect.MakeMap(v.Type())
	for _, key := range v.MapKeys() {
		copied.SetMapIndex(key, v.MapIndex(key))
	}
	return copied
}

// resultMutants change the result, or one field of the result or its rows.
func resultMutants(verb string, t reflect.Type) (all []mutant) {
	add := func(what string, apply func(reflect.Value)) {
		all = append(all, mutant{name: verb + " returns " + what, verb: verb, after: func(result any, err error) error {
			if err == nil {
				apply(reflect.ValueOf(result).Elem())
			}
			return err
		}})
	}
	row := rowOf(t)
	if row == nil || row != t {
		for _, c := range changes(t) {
			add(c.name, c.apply)
		}
	}
	for i := range numField(row) {
		add(fmt.Sprintf("%s.%s zero", row.Name(), row.Field(i).Name), func(v reflect.Value) { eachRow(v, i, reflect.Value.SetZero) })
	}
	return all
}

func numField(row reflect.Type) int {
	if row == nil {
		return 0
	}
	return row.NumField()
}

// keptMutants leave one field unchanged in the database: one mutant for each
// field of each method that replaces a stored row. The names are those of the
// fields that identify the row.
func keptMutants() []mutant {
	ctx := context.Background()
	return slices.Concat(
		kept("UpdateUser", []string{"ID", "Version"}, func(r signup.Reader, u signup.User) (signup.User, error) { return r.User(ctx, u.ID) }),
		kept("PutTicket", []string{"Hash"}, func(r signup.Reader, t signup.Ticket) (signup.Ticket, error) { return r.Ticket(ctx, t.Hash) }),
		kept("AddMail", []string{"ID"}, func(r signup.Reader, m signup.Mail) (signup.Mail, error) { return r.Mail(ctx, m.ID) }),
		kept("UpdateMail", []string{"ID"}, func(r signup.Reader, m signup.Mail) (signup.Mail, error) { return r.Mail(ctx, m.ID) }),
		kept("TouchSession", []string{"ID"}, func(r signup.Reader, s signup.Session) (signup.Session, error) {
			// Find the row as it is stored: TouchSession gets other values.
			users, err := r.Users(ctx, signup.UserQuery{Limit: 1000})
			for _, u := range users {
				sessions, err := r.Sessions(ctx, u.ID)
				if i := slices.IndexFunc(sessions, func(o signup.Session) bool { return o.ID == s.ID }); err == nil && i >= 0 {
					return sessions[i], nil
				}
			}
			return s, errors.Join(signup.ErrNotFound, err)
		}),
	)
}

func kept[T any](verb string, names []string, stored func(signup.Reader, T) (T, error)) (all []mutant) {
	row := reflect.TypeFor[T]()
	for i := range row.NumField() {
		if slices.Contains(append(names, unstored()[verb]...), row.Field(i).Name) {
			continue
		}
		name := fmt.Sprintf("%s keeps %s.%s", verb, row.Name(), row.Field(i).Name)
		all = append(all, mutant{name: name, verb: verb, before: func(r signup.Reader, args ...any) {
			changed := args[0].(*T)
			if old, err := stored(r, *changed); err == nil {
				reflect.ValueOf(changed).Elem().Field(i).Set(reflect.ValueOf(old).Field(i))
			}
		}})
	}
	return all
}

// holdMutants are a store whose reads do not lock, and one whose reads lock but
// return what they read before they waited.
func holdMutants() (all []mutant) {
	for _, verb := range []string{"User", "UserByEmailKey", "UserByUsernameKey", "Mail", "SpendToken", "SpendAccountToken", "HoldAddress"} {
		all = append(all, mutant{name: verb + " does not hold", verb: verb, loose: true, groups: []string{"Hold"}})
	}
	for _, verb := range []string{"User", "UserByEmailKey", "UserByUsernameKey", "Mail"} {
		all = append(all, mutant{name: verb + " holds and returns what was there before", verb: verb, dated: true, groups: []string{"Hold"}})
	}
	return append(all, mutant{name: "User does not hold, as races show", verb: "User", loose: true, groups: []string{"Race"}})
}

// harmless are the mutants that do not violate the contract, each with the
// reason.
var harmless = map[string]string{
	"HoldAddress does nothing":                "SQLite has one writer at a time; another mutant shows that the lock is tested",
	"HoldAddress outlives a rollback":         "it stores nothing",
	"HoldAddress gets argument 1 zero":        "it may lock more than the address",
	"UpdateMail gets MailAttempt.MailID zero": "the attempts belong to the mail anyway",

	"AddAudit gets AuditEvent.ID zero":       "the store sets it",
	"AddAudit gets AuditEvent.Position zero": "NumberEvents sets it",
	"CreateUser gets User.ID zero":           "the store sets it",
	"CreateUser gets User.Version zero":      "the store sets it",

	"CountUsers gets UserQuery.Before zero":      "it does not affect the count",
	"CountUsers gets UserQuery.After zero":       "it does not affect the count",
	"CountUsers gets UserQuery.OldestFirst zero": "it does not affect the count",
	"CountUsers gets UserQuery.Limit zero":       "it does not affect the count",
	"CountUsers gets UserQuery.Limit too much":   "it does not affect the count",

	"AddressUses gets argument 1 in reverse":           "the order of the keys does not matter",
	"AddressUses gets argument 1 with the first twice": "the keys are a set",

	"EventsAfter gets argument 2 in reverse":           "the types are a set",
	"EventsAfter gets argument 2 with the first twice": "the types are a set",
	"UsersByID gets argument 1 in reverse":             "the users are a set",
	"UsersByID gets argument 1 with the first twice":   "the users are a set",

	"UserByEmailKey returns User.RejectedAt zero":  "it is always zero",
	"Unreminded returns User.VerifiedAt zero":      "it is always zero",
	"Unreminded returns User.RejectedAt zero":      "it is always zero",
	"Unreminded returns User.RemindedAt zero":      "it is always zero",
	"Unreminded returns User.UndeliverableAt zero": "it is always zero",
	"TakeUnnoticed returns User.ApprovedAt zero":   "it is always zero",
	"TakeUnnoticed returns User.RejectedAt zero":   "it is always zero",
}
