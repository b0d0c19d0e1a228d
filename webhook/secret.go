package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup/refusal"
)

const (
	secretPrefix = "whsec_" // of Standard Webhooks
	secretBytes  = 32
	leastSecret  = 24 // bytes, as Standard Webhooks says
	mostSecret   = 64
)

// A Secret is the key of a signature. It has to be stored as it is, because
// signing needs it. It prints as a word; Reveal returns it.
type Secret struct{ text string }

func newSecret() Secret {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return Secret{secretPrefix + base64.StdEncoding.EncodeToString(b[:])}
}

// ParseSecret reads a secret as the receiver has it: "whsec_" and the base64 of 24
// to 64 bytes.
func ParseSecret(text string) (Secret, error) {
	s := Secret{text}
	if n := len(s.key()); !strings.HasPrefix(text, secretPrefix) || n < leastSecret || n > mostSecret {
		return Secret{}, refusal.Field("secret", "must be whsec_ and the base64 of 24 to 64 bytes")
	}
	return s, nil
}

// StoredSecret returns the secret that a store got from Reveal.
func StoredSecret(text string) Secret { return Secret{text} }

// Reveal returns the secret as the receiver has it, or "" for the zero Secret.
func (s Secret) Reveal() string { return s.text }

func (s Secret) key() []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.text, secretPrefix))
	if err != nil {
		return nil
	}
	return key
}

// Format implements fmt.Formatter, so that no verb prints the secret.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[secret]") }

// MarshalText implements encoding.TextMarshaler in the same way.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// LogValue implements slog.LogValuer in the same way.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

func (s Secret) sign(id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, s.key())
	_, _ = fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Headers returns the headers that identify and sign a request.
func (h Hook) Headers(id string, at time.Time, body []byte) map[string]string {
	signatures := h.Secret.sign(id, at, body)
	if at.Before(h.OldSecretEndsAt) {
		signatures += " " + h.OldSecret.sign(id, at, body)
	}
	return map[string]string{
		"webhook-id": id, "webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "webhook-signature": signatures,
	}
}
