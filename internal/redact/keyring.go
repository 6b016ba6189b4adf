package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// KeySize is the length of the installation key in bytes.
const KeySize = 32

// The labels separate the uses of the one installation key: a value made for
// one purpose never equals a value made for another (NIST SP 800-108 calls
// them labels).
const (
	labelSecret  = "cordon/fingerprint/secret/v1\x00"
	labelMessage = "cordon/fingerprint/message/v1\x00"
	labelKeyID   = "cordon/fingerprint/keyid/v1\x00"
	labelCheck   = "cordon/fingerprint/check/v1\x00"
	labelMark    = "cordon/fingerprint/mark/v1\x00"
	labelDerive  = "cordon/derive/v1\x00"
)

// Keyring makes fingerprints under the installation key. It is immutable and
// safe for concurrent use.
type Keyring struct {
	current key
	old     []key
}

// key holds its bytes as a Secret so that nobody who logs a struct with a
// keyring somewhere in it logs the installation key.
type key struct {
	secret Secret
	id     string
}

// NewKeyring takes the installation key (KeySize bytes) and the keys it has
// replaced, newest first; those serve only to find what was stored under them.
func NewKeyring(current []byte, old ...[]byte) (*Keyring, error) {
	c, err := newKey(current)
	if err != nil {
		return nil, err
	}
	ring := &Keyring{current: c}
	for _, b := range old {
		k, err := newKey(b)
		if err != nil {
			return nil, fmt.Errorf("replaced key: %w", err)
		}
		ring.old = append(ring.old, k)
	}
	return ring, nil
}

func newKey(b []byte) (key, error) {
	if len(b) != KeySize {
		return key{}, fmt.Errorf("fingerprint key has %d bytes, want %d", len(b), KeySize)
	}
	k := key{secret: NewSecret(string(b))}
	k.id = hex.EncodeToString(k.mac(labelKeyID, nil)[:4])
	return k, nil
}

func (k key) mac(label string, data []byte) []byte {
	h := hmac.New(sha256.New, []byte(k.secret.Reveal()))
	h.Write([]byte(label))
	h.Write(data)
	return h.Sum(nil)
}

func (k key) print(label string, data []byte) string {
	return "v1:" + k.id + ":" + hex.EncodeToString(k.mac(label, data))
}

func (k key) check() string { return hex.EncodeToString(k.mac(labelCheck, nil)) }

// Fingerprint returns the keyed fingerprint of a secret, written
// v1:<keyid>:<64 hex digits> (HMAC-SHA-256, RFC 2104).
func (r *Keyring) Fingerprint(secret []byte) string {
	return r.current.print(labelSecret, secret)
}

// Fingerprints returns the fingerprints of a secret under the current key and
// under every replaced one, for looking up what was stored before a rotation.
func (r *Keyring) Fingerprints(secret []byte) []string {
	prints := []string{r.Fingerprint(secret)}
	for _, k := range r.old {
		prints = append(prints, k.print(labelSecret, secret))
	}
	return prints
}

// MessageHash returns the keyed hash of a whole message. It is keyed because
// the plain hash of a short message can be guessed.
func (r *Keyring) MessageHash(message []byte) string {
	return r.current.print(labelMessage, message)
}

// markSize is how many bytes of a MAC a mark keeps: enough that no two pieces
// of a log meet by chance.
const markSize = 16

// Mark returns a short keyed mark of a piece of text by which it is recognised
// when it is met again. It is keyed for the reason that MessageHash is.
func (r *Keyring) Mark(text []byte) string { return r.current.mark(text) }

// Marks returns the marks of a text under the current key and under every one
// that it replaced.
func (r *Keyring) Marks(text []byte) []string {
	marks := []string{r.Mark(text)}
	for _, k := range r.old {
		marks = append(marks, k.mark(text))
	}
	return marks
}

// Marked reports whether Mark gave this mark to the text, under the current
// key or under one that it replaced.
func (r *Keyring) Marked(text []byte, mark string) bool {
	return r.current.marked(text, mark) || slices.ContainsFunc(r.old, func(k key) bool { return k.marked(text, mark) })
}

func (k key) mark(text []byte) string {
	return k.id + ":" + hex.EncodeToString(k.mac(labelMark, text)[:markSize])
}

func (k key) marked(text []byte, mark string) bool {
	return strings.HasPrefix(mark, k.id+":") && k.mark(text) == mark
}

// KeyID names the current key in 8 hex digits; it says nothing of the key.
func (r *Keyring) KeyID() string { return r.current.id }

// Check is a value by which two nodes see that they hold the same key without
// showing it.
func (r *Keyring) Check() string { return r.current.check() }

// Derive returns a key of KeySize bytes for another purpose than fingerprints,
// made from the current key, and those made from the replaced ones, newest
// first. All nodes of an installation get the same.
func (r *Keyring) Derive(purpose string) (current Secret, replaced []Secret) {
	for _, k := range r.old {
		replaced = append(replaced, NewSecret(string(k.mac(labelDerive, []byte(purpose)))))
	}
	return NewSecret(string(r.current.mac(labelDerive, []byte(purpose)))), replaced
}

// Replaced returns the id and the check value of every replaced key, newest
// first.
func (r *Keyring) Replaced() [][2]string {
	var marks [][2]string
	for _, k := range r.old {
		marks = append(marks, [2]string{k.id, k.check()})
	}
	return marks
}
