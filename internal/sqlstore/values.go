package sqlstore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// text makes a string fit for every database: NUL and bytes that are no UTF-8
// become U+FFFD. (PostgreSQL's text holds neither, and a NUL would end a
// statement.)
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// optional is text, nil for the empty string.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	s = text(s)
	return &s
}

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// stamp is a time as rows keep it: UTC, in whole microseconds, between the
// years 1000 and 9999, which all databases can hold. A log may claim any other.
func stamp(t time.Time) time.Time {
	t = t.UTC().Truncate(time.Microsecond)
	first, last := time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	switch {
	case t.Before(first):
		return first
	case t.After(last):
		return last
	}
	return t
}

func stampOrNil(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := stamp(*t)
	return &u
}

// utc is a time as it was read.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// SQL's integers have a sign, a log's index has none. The bits are kept: an
// index above 2^63 looks negative in SQL and comes back as it was.
func signed(u *uint64) *int64 {
	if u == nil {
		return nil
	}
	i := int64(*u)
	return &i
}

func unsigned(i *int64) *uint64 {
	if i == nil {
		return nil
	}
	u := uint64(*i)
	return &u
}

// rawOrNil is JSON as text, nil for none.
func rawOrNil(m json.RawMessage) *string {
	if m == nil {
		return nil
	}
	return optional(string(m))
}

// identity hashes what makes a row one and the same. Each part is preceded by
// its length, so that no two lists share a hash.
func identity(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}
