// Package id makes the identifiers of everything Cordon stores: UUIDs of
// version 7 (RFC 9562), whose order by bytes is their order in time.
//
// Level 0: it may import the standard library and google/uuid.
package id

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// New returns a fresh UUIDv7 in its canonical 36-character form. Identifiers
// made by one process grow strictly, also within one millisecond.
func New() string {
	return uuid.Must(uuid.NewV7()).String()
}

// From makes a UUIDv7 of an instant and ten bytes, such as those of a hash: the
// same of the same.
func From(at time.Time, rest [10]byte) string {
	var u uuid.UUID
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	copy(u[6:], rest[:])
	u[6] = u[6]&0x0f | 0x70 // version 7
	u[8] = u[8]&0x3f | 0x80 // variant of RFC 9562
	return u.String()
}

// Check reports why s is not a canonical UUID of version 7; nil when it is.
func Check(s string) error {
	u, err := uuid.Parse(s)
	if err != nil || u.String() != s {
		return fmt.Errorf("id %q is not a UUID such as 01936d2c-5f8e-7abc-9def-0123456789ab", s)
	}
	if u.Version() != 7 {
		return fmt.Errorf("id %q is a UUID of version %d, not 7", s, u.Version())
	}
	if u.Variant() != uuid.RFC4122 {
		return fmt.Errorf("id %q is a UUID of variant %v, not RFC 9562's", s, u.Variant())
	}
	return nil
}

// Time returns the instant, to the millisecond, at which a UUIDv7 was made.
func Time(s string) (time.Time, error) {
	if err := Check(s); err != nil {
		return time.Time{}, err
	}
	sec, nsec := uuid.MustParse(s).Time().UnixTime()
	return time.Unix(sec, nsec).UTC(), nil
}
