package detect

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
)

const redactedMark = "[redacted]"

// Secret holds the bytes of a found secret and prints as "[redacted]" through
// every usual door: fmt verbs, JSON, text encodings and slog. The bytes sit in a
// closure, because fmt reaches through unexported fields and pointers, past the
// methods, but never into a function.
type Secret struct{ value func() []byte }

// NewSecret copies b into a Secret.
func NewSecret(b []byte) Secret {
	v := bytes.Clone(b)
	return Secret{value: func() []byte { return v }}
}

// Reveal returns the secret itself. The caller answers for where it goes; the
// slice is shared, so that Wipe reaches it.
func (s Secret) Reveal() []byte {
	if s.value == nil {
		return nil
	}
	return s.value()
}

// Len is the length of the secret in bytes.
func (s Secret) Len() int { return len(s.Reveal()) }

// Wipe overwrites the secret with zeroes, as far as Go's memory model lets it:
// copies made from Reveal stay.
func (s Secret) Wipe() { clear(s.Reveal()) }

// String returns "[redacted]".
func (Secret) String() string { return redactedMark }

// GoString returns "[redacted]".
func (Secret) GoString() string { return redactedMark }

// Format writes "[redacted]" whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redactedMark) }

// MarshalJSON writes "[redacted]".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redactedMark + `"`), nil }

// MarshalText writes "[redacted]".
func (Secret) MarshalText() ([]byte, error) { return []byte(redactedMark), nil }

// LogValue logs "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(redactedMark) }
