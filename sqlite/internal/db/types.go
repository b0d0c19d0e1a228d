// Package db holds the queries of package sqlite. All but this file is written
// by sqlc from ../../queries.
package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// A Time is a time.Time that is stored as Unix milliseconds.
type Time time.Time

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) { return time.Time(t).UnixMilli(), nil }

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	ms, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", src)
	}
	*t = Time(time.UnixMilli(ms).UTC())
	return nil
}

// A NullTime is a Time whose zero is stored as NULL.
type NullTime time.Time

// Value implements driver.Valuer.
func (t NullTime) Value() (driver.Value, error) {
	if time.Time(t).IsZero() {
		return nil, nil
	}
	return Time(t).Value()
}

// Scan implements sql.Scanner.
func (t *NullTime) Scan(src any) error {
	if src == nil {
		*t = NullTime{}
		return nil
	}
	return (*Time)(t).Scan(src)
}

// A Profile is stored as a JSON object, or as null when it is nil.
type Profile map[string]any

// Value implements driver.Valuer.
func (p Profile) Value() (driver.Value, error) { return toJSON(p) }

// Scan implements sql.Scanner.
func (p *Profile) Scan(src any) error { return fromJSON(src, p) }

// A Detail is stored as a JSON object, or as null when it is nil.
type Detail map[string]string

// Value implements driver.Valuer.
func (d Detail) Value() (driver.Value, error) { return toJSON(d) }

// Scan implements sql.Scanner.
func (d *Detail) Scan(src any) error { return fromJSON(src, d) }

func toJSON(v any) (driver.Value, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func fromJSON(src, into any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("JSON is stored as %T", src)
	}
	return json.Unmarshal([]byte(text), into)
}
