// Package db holds the queries of package postgres. All but this file is
// written by sqlc from ../../queries.
package db

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// A Time is a time.Time that comes back in UTC.
type Time time.Time

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) { return time.Time(t).UTC(), nil }

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (t *Time) ScanTimestamptz(v pgtype.Timestamptz) error {
	if !v.Valid || v.InfinityModifier != pgtype.Finite {
		return errors.New("a time is stored as NULL or infinity")
	}
	*t = Time(v.Time.UTC())
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

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (t *NullTime) ScanTimestamptz(v pgtype.Timestamptz) error {
	if !v.Valid {
		*t = NullTime{}
		return nil
	}
	return (*Time)(t).ScanTimestamptz(v)
}

// A Profile is stored as a JSON object, or as JSON's null when it is nil.
type Profile map[string]any

// Value implements driver.Valuer.
func (p Profile) Value() (driver.Value, error) { return toJSON(p) }

// A Detail is stored as a JSON object, or as JSON's null when it is nil.
type Detail map[string]string

// Value implements driver.Valuer.
func (d Detail) Value() (driver.Value, error) { return toJSON(d) }

func toJSON(v any) (driver.Value, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
