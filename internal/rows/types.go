package rows

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// A Time is a time.Time in a column that is never NULL: Unix milliseconds in
// SQLite, timestamptz in PostgreSQL. Package database/sql uses Value and Scan;
// pgx prefers the other two methods.
type Time time.Time

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) { return time.Time(t).UnixMilli(), nil }

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	ms, ok := src.(int64)
	if !ok {
		return fmt.Errorf("cannot read a time from %T", src)
	}
	*t = Time(time.UnixMilli(ms).UTC())
	return nil
}

// TimestamptzValue implements pgtype.TimestamptzValuer.
func (t Time) TimestamptzValue() (pgtype.Timestamptz, error) {
	return pgtype.Timestamptz{Time: time.Time(t).UTC(), Valid: true}, nil
}

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (t *Time) ScanTimestamptz(v pgtype.Timestamptz) error {
	if !v.Valid || v.InfinityModifier != pgtype.Finite {
		return errors.New("cannot read a time from NULL or infinity")
	}
	*t = Time(v.Time.UTC())
	return nil
}

// A NullTime is a Time whose zero value is stored as NULL.
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

// TimestamptzValue implements pgtype.TimestamptzValuer.
func (t NullTime) TimestamptzValue() (pgtype.Timestamptz, error) {
	if time.Time(t).IsZero() {
		return pgtype.Timestamptz{}, nil
	}
	return Time(t).TimestamptzValue()
}

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (t *NullTime) ScanTimestamptz(v pgtype.Timestamptz) error {
	if !v.Valid {
		*t = NullTime{}
		return nil
	}
	return (*Time)(t).ScanTimestamptz(v)
}

// RegisterTimes tells pgx the PostgreSQL type of the times. pgx needs that when
// the server does not tell it, as in the query mode "exec".
func RegisterTimes(m *pgtype.Map) {
	m.RegisterDefaultPgType(Time{}, "timestamptz")
	m.RegisterDefaultPgType(NullTime{}, "timestamptz")
}

// A Profile is stored as a JSON object, or as the JSON value null if it is nil.
type Profile map[string]any

// Value implements driver.Valuer.
func (p Profile) Value() (driver.Value, error) { return toJSON(p) }

// Scan implements sql.Scanner.
func (p *Profile) Scan(src any) error { return fromJSON(src, p) }

// A Detail is stored as a JSON object, or as the JSON value null if it is nil.
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
	switch text := src.(type) {
	case string:
		return json.Unmarshal([]byte(text), into)
	case []byte:
		return json.Unmarshal(text, into)
	}
	return fmt.Errorf("cannot read JSON from %T", src)
}

// Storable replaces what PostgreSQL cannot store in a text: invalid UTF-8 and
// NUL. A mail server may respond with anything, and its response must still be
// stored. A search for such a text finds nothing.
func Storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
