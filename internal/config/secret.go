package config

import (
	"fmt"
	"os"
	"strings"

	"go.cordon.dev/cordon/internal/redact"
)

// maxSecret bounds what a referenced file may hold, in bytes.
const maxSecret = 64 << 10

// Secret is a value given by reference (file:PATH, env:NAME) or, with a
// warning, inline. It prints as its reference, an inline one as [redacted].
type Secret struct {
	ref    string
	inline redact.Secret
}

// SecretRef makes a Secret of what a person wrote.
func SecretRef(text string) Secret {
	if strings.HasPrefix(text, "file:") || strings.HasPrefix(text, "env:") {
		return Secret{ref: text}
	}
	return Secret{inline: redact.NewSecret(text)}
}

// IsZero reports whether nothing was given.
func (s Secret) IsZero() bool { return s.ref == "" && s.inline.IsZero() }

// Inline reports whether the value stands in the file itself.
func (s Secret) Inline() bool { return !s.inline.IsZero() }

// String is the reference; never the value.
func (s Secret) String() string {
	if s.Inline() {
		return s.inline.String()
	}
	return s.ref
}

// GoString keeps %#v from showing the value.
func (s Secret) GoString() string { return s.String() }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = SecretRef(string(b))
	return nil
}

// Resolve follows the reference. Trailing line ends of a file do not count.
func (s Secret) Resolve() (redact.Secret, error) {
	switch {
	case s.Inline():
		return s.inline, nil
	case strings.HasPrefix(s.ref, "env:"):
		return fromEnv(strings.TrimPrefix(s.ref, "env:"))
	case strings.HasPrefix(s.ref, "file:"):
		return fromFile(strings.TrimPrefix(s.ref, "file:"))
	}
	return redact.Secret{}, nil
}

func fromEnv(name string) (redact.Secret, error) {
	v, ok := os.LookupEnv(name)
	if !ok || v == "" {
		return redact.Secret{}, fmt.Errorf("environment variable %s is not set", name)
	}
	return redact.NewSecret(v), nil
}

func fromFile(path string) (redact.Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return redact.Secret{}, fmt.Errorf("reading secret: %w", err)
	}
	if info.Size() > maxSecret {
		return redact.Secret{}, fmt.Errorf("secret file %s has %d bytes, more than %d", path, info.Size(), maxSecret)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return redact.Secret{}, fmt.Errorf("reading secret: %w", err)
	}
	v := strings.TrimRight(string(b), "\r\n")
	if v == "" {
		return redact.Secret{}, fmt.Errorf("secret file %s is empty", path)
	}
	return redact.NewSecret(v), nil
}
