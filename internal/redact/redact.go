// Package redact keeps secrets out of everything that is written down. It has
// the Secret type, which prints as [redacted] wherever it goes, and the
// Keyring, which turns a secret into a keyed fingerprint: the one value by
// which two sightings of the same secret are recognised as one.
//
// Level 0: standard library only.
package redact

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const placeholder = "[redacted]"

// Secret is a configured credential (a webhook's signing secret, a password)
// in memory. Every formatter, logger and encoder prints [redacted]; only
// Reveal gives the value. Compare secrets with Equal, not ==.
//
// The value sits behind a pointer because fmt calls no method of a value in an
// unexported field: it would print a plain string, but prints only the address
// of one.
type Secret struct{ value *string }

// NewSecret wraps a value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal returns the value. Call it where the secret is used, and nowhere
// else.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Equal compares values in constant time.
func (s Secret) Equal(o Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(o.Reveal())) == 1
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.value == nil }

// String implements fmt.Stringer.
func (s Secret) String() string { return placeholder }

// Format implements fmt.Formatter, so that no verb shows the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, placeholder) }

// MarshalText implements encoding.TextMarshaler (JSON, YAML and keys of maps).
func (s Secret) MarshalText() ([]byte, error) { return []byte(placeholder), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(placeholder) }
