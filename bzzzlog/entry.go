package bzzzlog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"strconv"
	"time"
)

// Entry is one entry of the log.
type Entry struct {
	Index     uint64          `json:"index"`
	Timestamp time.Time       `json:"timestamp"` // zero when it is missing or not RFC 3339
	Author    string          `json:"author"`    // peer id, as claimed
	Type      string          `json:"type"`
	Data      json.RawMessage `json:"data"` // any JSON value; valid as long as the input is
	Hash      string          `json:"hash"`
	PrevHash  string          `json:"prev_hash"` // empty in the first entry
	Signature string          `json:"signature"` // carried, not checked: see the package's documentation

	raw rawEntry
}

type rawEntry struct{ index, timestamp, author, kind, data, hash, prev, signature json.RawMessage }

func (r *rawEntry) places() map[string]*json.RawMessage {
	return map[string]*json.RawMessage{
		"index": &r.index, "timestamp": &r.timestamp, "author": &r.author, "type": &r.kind,
		"data": &r.data, "hash": &r.hash, "prev_hash": &r.prev, "signature": &r.signature,
	}
}

// ParseEntry reads an entry. It is ErrNotEntry when index is not a whole
// number or hash or prev_hash is not a string, ErrDuplicate when a member is
// there twice, ErrSyntax when it is not JSON. The hash is not checked: see
// Verify and Chain.
func ParseEntry(raw []byte, l Limits) (Entry, error) {
	var r rawEntry
	if err := members(raw, l, r.places()); err != nil {
		return Entry{}, fmt.Errorf("reading log entry: %w", err)
	}
	index, err := strconv.ParseUint(string(r.index), 10, 64)
	sum, hasHash := stringOf(r.hash)
	prev, hasPrev := stringOf(r.prev)
	if err != nil || !hasHash || !hasPrev {
		return Entry{}, fmt.Errorf("reading log entry: %w: index, hash or prev_hash is missing or of the wrong type", ErrNotEntry)
	}
	e := Entry{Index: index, Timestamp: timeOf(r.timestamp), Data: r.data, Hash: sum, PrevHash: prev, raw: r}
	e.Author, _ = stringOf(r.author)
	e.Type, _ = stringOf(r.kind)
	e.Signature, _ = stringOf(r.signature)
	return e, nil
}

// Verify checks the hash of a parsed entry against the raw bytes it was read
// from; they must not have changed since.
func (e Entry) Verify() error {
	for _, empties := range []bool{true, false} {
		if e.raw.sum(empties) == e.Hash {
			return nil
		}
	}
	return fmt.Errorf("log entry %d: %w", e.Index, ErrHash)
}

// sum is the hash over the raw values, with or without the two empty members.
func (r rawEntry) sum(empties bool) string {
	h := sha256.New()
	part(h, `{"index":`, r.index, "0")
	part(h, `,"timestamp":`, r.timestamp, `"0001-01-01T00:00:00Z"`)
	part(h, `,"author":`, r.author, `""`)
	part(h, `,"type":`, r.kind, `""`)
	part(h, `,"data":`, r.data, "null")
	if empties {
		part(h, `,"hash":""`, nil, "")
	}
	part(h, `,"prev_hash":`, r.prev, `""`)
	if empties {
		part(h, `,"signature":""`, nil, "")
	}
	part(h, "}", nil, "")
	return hex.EncodeToString(h.Sum(nil))
}

// part hashes a name and a raw value, or what encoding/json writes for a value
// that was never set.
func part(h hash.Hash, name string, raw json.RawMessage, zero string) {
	h.Write([]byte(name))
	if raw == nil {
		h.Write([]byte(zero))
		return
	}
	h.Write(raw)
}
