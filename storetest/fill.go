package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

// fill gives every field of the struct at p a new value: one that a store
// accepts, that is not zero unless the field is a bool that was true, and that no
// other field has. A field of an unknown type fails the test, so that no field
// can be added without being tested. Fields that refer to a user, such as UserID,
// get a new user. CreatedBy of an API key stays zero: the audit trail has it.
func (s *suite) fill(p any) {
	s.Helper()
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "CreatedBy" {
			s.fillField(name, v.Field(i))
		}
	}
}

// filled returns a row with every field filled.
func filled[T any](s *suite) T {
	s.Helper()
	var row T
	s.fill(&row)
	return row
}

func (s *suite) fillField(name string, field reflect.Value) {
	s.Helper()
	s.filled++
	n := s.filled
	switch old := field.Interface().(type) {
	case time.Time:
		field.Set(reflect.ValueOf(start().Add(time.Duration(n) * (time.Minute + instant))))
	case map[string]any:
		field.Set(reflect.ValueOf(map[string]any{
			s.text(): []any{s.text(), float64(n) + 0.5, true, nil}, s.text(): map[string]any{s.text(): s.text()},
		}))
	case map[string]string:
		field.Set(reflect.ValueOf(map[string]string{s.text(): s.text(), s.text(): ""}))
	case signup.Role:
		field.Set(other(old, signup.RoleAdmin, signup.RoleMember))
	case signup.Origin:
		field.Set(other(old, signup.OriginOperator, signup.OriginSignUp))
	case signup.MailKind:
		field.Set(other(old, mailKinds()...))
	case delivery.State:
		field.Set(other(old, mailStates()...))
	case delivery.Outcome:
		field.Set(other(old, outcomes()...))
	default:
		s.fillKind(name, field, n)
	}
}

func (s *suite) fillKind(name string, field reflect.Value, n int) {
	s.Helper()
	switch field.Kind() {
	case reflect.String:
		field.SetString(s.text())
		if strings.HasSuffix(name, "ID") {
			field.SetString(newID())
		}
	case reflect.Bool:
		field.SetBool(!field.Bool())
	case reflect.Int:
		field.SetInt(int64(n))
	case reflect.Int64:
		field.SetInt(int64(n))
		if strings.HasSuffix(name, "ID") && name != "ID" {
			field.SetInt(s.createUser().ID)
		}
	default:
		s.Fatalf("fill has no value for the field %s of type %s", name, field.Type())
	}
}

// other returns the first of the values that differs from old.
func other[T comparable](old T, values ...T) reflect.Value {
	return reflect.ValueOf(values[slices.IndexFunc(values, func(v T) bool { return v != old })])
}

// text returns a unique string of at most 64 characters.
func (s *suite) text() string {
	s.filled++
	return fmt.Sprintf("%s %d", awkward()[s.filled%len(awkward())], s.filled)
}

// awkward returns strings that a store must not change.
func awkward() []string {
	return []string{
		"", " ", "Zoë Łukasiewicz", "名前", "🧵👩‍👩‍👧‍👦🏳️‍🌈", "e\u0301 is not \u00e9", "\u202eright to left", "O'Brien\"; DROP TABLE users; --",
		"line\r\nbreak\ttab", `back\slash %41 _ % $1 ?1 :x @x`, "null", "\U0010ffff",
	}
}

// with returns a copy of old in which the named fields have the values of
// changed: the expected result of a method that stores only these fields.
func with[T any](old, changed T, fields ...string) T {
	to, from := reflect.ValueOf(&old).Elem(), reflect.ValueOf(changed)
	for _, name := range fields {
		to.FieldByName(name).Set(from.FieldByName(name))
	}
	return old
}

// refill returns two copies of the row, filled one after the other, so that every
// field changes and every bool has both values.
func refill[T any](s *suite, row T) []T {
	s.Helper()
	once := row
	s.fill(&once)
	twice := once
	s.fill(&twice)
	return []T{once, twice}
}
