package signup

import (
	"fmt"
	"io"
	"log/slog"
)

// Format implements fmt.Formatter, so that no verb prints the password. The fmt
// package does not call it for a value in an unexported field of another struct,
// nor for the verbs that go vet reports: %p, and %w of something that is not an
// error.
func (Registration) Format(f fmt.State, _ rune) { redact(f, "[registration]") }

// MarshalText implements encoding.TextMarshaler, so that a Registration inside
// something that is logged as JSON does not reveal the password. Unmarshalling
// one from JSON works as usual.
func (Registration) MarshalText() ([]byte, error) { return []byte("[registration]"), nil }

// LogValue implements slog.LogValuer.
func (Registration) LogValue() slog.Value { return slog.StringValue("[registration]") }

// redact prints a fixed text instead of a secret, whatever the verb and flags
// are.
func redact(f fmt.State, text string) { _, _ = io.WriteString(f, text) }
