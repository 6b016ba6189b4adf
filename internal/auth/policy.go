package auth

import (
	"fmt"
	"regexp"
	"strings"
)

// The lengths of a password, in bytes (NIST SP 800-63B, section 5.1.1.2, asks
// for at least 8 characters and for accepting at least 64).
const (
	MinPassword = 10
	MaxPassword = 1024
)

// NamePattern is the shape of a user's name, KeyNamePattern that of an API
// key's.
const (
	NamePattern    = `^[a-z0-9][a-z0-9._-]{0,63}$`
	KeyNamePattern = `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`
)

var (
	userName = regexp.MustCompile(NamePattern)
	keyName  = regexp.MustCompile(KeyNamePattern)
)

// InputError is a value somebody gave that cannot be taken. Its text never
// holds a password.
type InputError struct {
	Field string // name, password, role, expires_at
	Why   string // what is wrong and what to do
}

// Error implements error.
func (e *InputError) Error() string { return e.Field + ": " + e.Why }

// CheckName reports why s cannot be a user's name.
func CheckName(s string) error {
	if userName.MatchString(s) {
		return nil
	}
	return &InputError{"name", "use 1 to 64 lower-case letters, digits, dots, underscores or hyphens, beginning with a letter or digit"}
}

// CheckKeyName reports why s cannot be an API key's name.
func CheckKeyName(s string) error {
	if keyName.MatchString(s) {
		return nil
	}
	return &InputError{"name", "use 1 to 64 letters, digits, dots, underscores or hyphens, beginning with a letter or digit"}
}

// CheckPassword reports why a password cannot be taken for the user called
// name. Length is what counts; the rest refuses what is tried first.
func CheckPassword(name, password string) error {
	why := ""
	switch {
	case len(password) < MinPassword:
		why = fmt.Sprintf("use at least %d characters; a sentence is good", MinPassword)
	case len(password) > MaxPassword:
		why = fmt.Sprintf("use at most %d bytes", MaxPassword)
	case strings.EqualFold(password, name) || strings.EqualFold(strings.Trim(password, "0123456789!?.-_ "), name):
		why = "do not use the user's name"
	case distinct(password) < 4:
		why = "use more than three different characters"
	case common(password):
		why = "this one is tried first by everyone; use another"
	default:
		return nil
	}
	return &InputError{"password", why}
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// common reports whether a password is a well-known one, also with digits and
// marks put around it.
func common(password string) bool {
	p := strings.ToLower(password)
	core := strings.Trim(p, "0123456789!?.-_@#$ ")
	for _, known := range [...]string{
		"password", "passw0rd", "p@ssw0rd", "p@ssword", "passwort", "admin", "administrator", "cordon", "changeme", "change-me", "letmein",
		"welcome", "qwerty", "qwertyuiop", "qwertzuiop", "asdfghjkl", "secret", "iloveyou", "sunshine", "football", "baseball",
		"master", "monkey", "dragon", "superman", "trustno", "default", "root", "test", "testtest", "abc", "login", "hello", "whatever",
	} {
		if p == known || core == known || core == known+known {
			return true
		}
	}
	return strings.Contains("01234567890123456789 09876543210987654321 1q2w3e4r5t6y7u8i9o0p qwertyuiopasdfghjklzxcvbnm abcdefghijklmnopqrstuvwxyz", p)
}
