// Package fingerprint makes the keyed values by which one secret, or one
// message, is recognised wherever Cordon meets it, for programs that stand
// outside the server and hold its installation key, such as a gossip gateway.
//
//	key, err := fingerprint.New(bytes)
//	key.Secret(found) == entry.Fingerprint
//
// Whoever has no key cannot guess a secret from its fingerprint, and whoever
// has another key makes values that join nothing. The values are those of the
// server's own keyring; a test holds them together.
//
// It imports the standard library only. To add a use of the key, add a label
// here and in the keyring: values of two uses must never be equal.
package fingerprint

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Size is the length of the installation key in bytes.
const Size = 32

const (
	labelSecret  = "cordon/fingerprint/secret/v1\x00"
	labelMessage = "cordon/fingerprint/message/v1\x00"
	labelKeyID   = "cordon/fingerprint/keyid/v1\x00"
)

// Key is an installation key. It is immutable, safe for concurrent use, and
// prints as "[redacted]" through every verb.
type Key struct {
	value func() []byte // in a closure: fmt reaches into structs, never into a function
	id    string
}

// New takes a key of Size bytes.
func New(b []byte) (*Key, error) {
	if len(b) != Size {
		return nil, fmt.Errorf("fingerprint key has %d bytes, want %d", len(b), Size)
	}
	own := [Size]byte(b)
	k := &Key{value: func() []byte { return own[:] }}
	k.id = hex.EncodeToString(k.mac(labelKeyID, nil)[:4])
	return k, nil
}

// Parse reads a key as it stands in a file: Size bytes in hex or base64, with
// white space around them. Its error does not quote the text.
func Parse(text string) (*Key, error) {
	text = strings.TrimSpace(text)
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		if b, err := decode(text); err == nil && len(b) == Size {
			return New(b)
		}
	}
	return nil, errors.New("fingerprint key is not 32 bytes in hex or base64")
}

// Random returns a key that nobody else has: what is made with it joins nothing.
func Random() (*Key, error) {
	b := make([]byte, Size)
	if _, err := rand.Read(b); err != nil {
		return nil, fmt.Errorf("making a fingerprint key: %w", err)
	}
	return New(b)
}

func (k *Key) mac(label string, data []byte) []byte {
	h := hmac.New(sha256.New, k.value())
	h.Write([]byte(label))
	h.Write(data)
	return h.Sum(nil)
}

// ID names the key in 8 hex digits; it says nothing of the key.
func (k *Key) ID() string { return k.id }

// Secret is the fingerprint of a secret, v1:<key id>:<64 hex digits>
// (HMAC-SHA-256, RFC 2104).
func (k *Key) Secret(secret []byte) string {
	return "v1:" + k.id + ":" + hex.EncodeToString(k.mac(labelSecret, secret))
}

// Message is the keyed hash of a whole message, in the same form. It is keyed
// because the plain hash of a short message can be guessed.
func (k *Key) Message(message []byte) string {
	return "v1:" + k.id + ":" + hex.EncodeToString(k.mac(labelMessage, message))
}

// Format writes "[redacted]" whatever the verb.
func (*Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// MarshalText writes "[redacted]".
func (*Key) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }
