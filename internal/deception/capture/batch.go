package capture

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Store keeps what a Recorder has made of observations.
type Store interface {
	// Capture stores a batch and its events in one transaction. One that was
	// stored before, as its id says, changes nothing.
	Capture(ctx context.Context, b Batch) error
	// Abandon ends the sessions of a node that began before a time and are open: it
	// died with them.
	Abandon(ctx context.Context, node string, before time.Time) error
}

// Batch is what is stored at once. It holds nothing of an attacker's in the
// clear, so it may wait on disk.
type Batch struct {
	ID        string
	Node      string
	Entries   []Entry
	Sessions  []Session // as they are after the batch
	Chunks    []Chunk
	Artifacts []Artifact
	Attempts  []Attempt
}

// empty reports whether there is nothing to store.
func (b Batch) empty() bool {
	return len(b.Entries)+len(b.Sessions)+len(b.Chunks)+len(b.Artifacts)+len(b.Attempts) == 0
}

// Entry is a log with its evidence and its event.
type Entry struct {
	Log
	Sealed []byte // AAD: logAAD; nil: there is none
	Event  event.Event

	encoded event.Encoded // Event, when the batch was made by this process
}

// Encoded is the entry's event, fit for the log.
func (e Entry) Encoded() (event.Encoded, error) {
	if e.encoded.IsZero() {
		return event.Encode(e.Event)
	}
	return e.encoded, nil
}

// Attempt is one credential as often as it was tried in a batch.
type Attempt struct {
	Credential          // Attempts and Accepted are those of the batch
	Node       string   // who says the event
	Identity   string   // keyed hash of what makes the row one and the same
	Prints     []string // Fingerprint, and those under replaced keys; a secret that the leak sensor knows has one of them
	Sealed     []byte   // AAD: credentialAAD; dropped when the secret is known
	EventID    string
}

// Event says that the credential was tried. all is its row as it is now.
func (a Attempt) Event(all Credential, first bool) (event.Encoded, error) {
	level := event.Low
	switch {
	case all.Leaked:
		level = event.Critical
	case a.Accepted:
		level = event.Medium
	}
	h := event.Header{Time: a.LastSeen, Source: a.Node + "/deception", Severity: level, Subject: fmt.Sprintf("%s on %s (%s)", a.Principal, a.Decky, a.Service)}
	return event.Make(h, event.CredentialCaptured{
		Contact: contact(a.Decky, a.Service, a.AttackerIP, a.Session, a.LastSeen), CredentialID: all.ID, Kind: a.Kind, Principal: a.Principal,
		Fingerprint: all.Fingerprint, Accepted: a.Accepted, Attempts: all.Attempts, First: first, Leaked: all.Leaked, Tried: a.Attempts,
	}, a.EventID)
}

// The AADs tie what is sealed to its row, so that nobody can swap two.
func logAAD(id string) string        { return "log:" + id }
func credentialAAD(id string) string { return "credential:" + id }
func chunkAAD(id string) string      { return "transcript:" + id }

func contact(decky, kind, address, session string, at time.Time) event.Contact {
	return event.Contact{
		Decky: decky, Service: kind, SourceIP: address, AttackerID: attackerID(address), Session: session, OccurredAt: at.UTC().Truncate(time.Microsecond),
	}
}
