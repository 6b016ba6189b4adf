// Package source is the contract between the leak sensor and what it watches:
// a Source reads one log, folder or stream and delivers its entries in order,
// each batch with the position to go on from. The sensor commits the batch's
// rows and the position in one transaction, so after a crash a source is asked
// to go on exactly behind what is stored.
//
// To add a kind: make a folder below this one with code, a README, tests that
// call sourcetest.Run, and add one line to the list in internal/app.
//
// Level 2: it may import L0, L1 and the public libraries.
package source

import (
	"context"
	"encoding/json"
	"time"
)

// Source watches one thing. Run is called once at a time and may be called
// again after it has returned.
type Source interface {
	// Run reads from behind the given position (nil: from the beginning) and
	// delivers batches until ctx ends (it returns nil), the input ends for good
	// (nil), or something breaks (an error; the caller waits and runs again). A
	// thing that does not exist yet is reported as Waiting, not an error.
	Run(ctx context.Context, from json.RawMessage, sink Sink) error
}

// Sink takes what a source reads.
type Sink interface {
	// Deliver returns once the batch is durable. On an error the source stops
	// and returns it; the batch will be read again.
	Deliver(ctx context.Context, b Batch) error
	// Report says how the source fares. It never blocks.
	Report(s Status)
}

// Batch is a run of entries and the position behind the last of them. Data
// slices are valid until Deliver returns.
type Batch struct {
	Entries  []Entry
	Losses   []Loss
	Position json.RawMessage
}

// Entry is one message, block or piece of a file.
type Entry struct {
	Index     uint64    // place in the log, when Indexed
	Indexed   bool      //
	Fork      uint64    // 0 where a source has none
	CoreKey   string    // hex public key of a Hypercore, else empty
	MessageID string    // the log's own id or hash of the entry; empty: the sensor takes the keyed hash of Data
	Label     string    // for people: the file's name, say; empty: none
	Time      time.Time // when it was written, if the log says; zero: unknown
	Data      []byte
	Overlap   int // bytes at the start of Data that the previous entry of the same MessageID ended with
	Continues int // bytes at the end of Data that the next entry of the same MessageID begins with; 0: this is the last
	// Context is how many bytes at the start of Data were delivered before as
	// the end of another entry: they show what the rest stands in, and what lies
	// in them alone was reported then.
	Context int
}

// Marker recognises a piece of a log by a keyed mark, so that a position needs
// to hold nothing of what a log says. (*redact.Keyring is one.)
type Marker interface {
	// Mark returns the mark of a text.
	Mark(text []byte) string
	// Marks returns all marks that the text may have been given: first Mark,
	// then those by keys that were replaced.
	Marks(text []byte) []string
	// Marked reports whether the text has this mark, by the key in force or by
	// one that it replaced.
	Marked(text []byte, mark string) bool
}

// Loss is something the source could not deliver. It is logged and counted:
// what was not scanned is never called clean.
type Loss struct {
	From, To uint64 // entries [From, To)
	Reason   string
}

// State is how a source fares.
type State string

// The states of a source.
const (
	Waiting    State = "waiting"     // the thing does not exist yet
	CatchingUp State = "catching_up" // reading what is there
	Live       State = "live"        // at the end, following
	Failing    State = "failing"     // an error; it is tried again
	Stopped    State = "stopped"     // the input ended, or the sensor stopped
	Standby    State = "standby"     // another node watches it; this one takes over when that ends
)

// Status is a source's report on itself.
type Status struct {
	State  State
	Detail string  // empty, or what is wrong and what to do
	Index  *uint64 // last entry delivered; nil where a source has no index
	Lag    *uint64 // entries known but not delivered; nil: unknown
	// Damaged says that the thing goes on but is not whole: a part of it cannot
	// be read, or does not verify. Detail says what. Once said, it stays so for
	// people until the node restarts.
	Damaged bool
}
