// Package audit is the shape of the operators' audit log: who did what to
// what, why, and what it was before and after. Records form a hash chain, so
// that a changed, removed or reordered record shows. The chain is written by
// the store in the transaction of the action itself: no action without its
// record, no record without its action.
//
// A chain alone does not bind whoever can write all of it. Therefore a Notary
// signs its head from time to time; such a checkpoint, kept elsewhere, binds the
// log up to it. Verify reads everything and says what is wrong. What that does
// not prove is in docs/threat-model.md.
//
// To audit a new action, write its Entry in the transaction of what it changes.
//
// Level 1: it may import L0.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Entry is what is recorded of one action. Before and After never hold a
// secret.
type Entry struct {
	ID     string          // UUIDv7
	Time   time.Time       // UTC, microseconds
	Actor  Actor           //
	Action string          // object.verb, such as quarantine.review
	Target string          // the object's id or name
	Reason string          // as the actor gave it; may be empty
	Before json.RawMessage // nil: there was nothing
	After  json.RawMessage // nil: there is nothing any more
}

// Actor is who acted.
type Actor struct {
	Kind string // user, api_key, local, system
	Name string
	Role string
	Addr string // the peer's address; empty on the control socket
}

// Record is an entry in its place in the chain.
type Record struct {
	Seq  int64 // from 1, without gaps
	Prev string
	Hash string
	Entry
}

// Genesis is the Prev of the first record.
const Genesis = "0000000000000000000000000000000000000000000000000000000000000000"

// Chain puts an entry behind the record (seq, hash) that is the head now;
// behind (0, Genesis) for the first.
func Chain(seq int64, prev string, e Entry) Record {
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	r := Record{Seq: seq + 1, Prev: prev, Entry: e}
	r.Hash = r.digest()
	return r
}

// Check reports how r fails to follow the record (seq, hash) before it.
func (r Record) Check(seq int64, prev string) error {
	switch {
	case r.Seq != seq+1:
		return fmt.Errorf("audit record %d follows %d: %d missing or out of order", r.Seq, seq, r.Seq-seq-1)
	case r.Prev != prev:
		return fmt.Errorf("audit record %d does not name the record before it", r.Seq)
	case r.Hash != r.digest():
		return fmt.Errorf("audit record %d was changed: its hash does not fit its content", r.Seq)
	}
	return nil
}

// digest is SHA-256 over the fields in order, each preceded by its length
// (8 bytes, big endian), so that no two records share an encoding.
func (r Record) digest() string {
	h := sha256.New()
	fields := []string{
		fmt.Sprint(r.Seq), r.Prev, r.ID, r.Time.Format(time.RFC3339Nano),
		r.Actor.Kind, r.Actor.Name, r.Actor.Role, r.Actor.Addr,
		r.Action, r.Target, r.Reason, string(r.Before), string(r.After),
	}
	for _, f := range fields {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(f))))
		h.Write([]byte(f))
	}
	return hex.EncodeToString(h.Sum(nil))
}
