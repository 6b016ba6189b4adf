package deception

import (
	"context"
	"errors"
	"time"
)

// Store keeps what deckies people want, and how those of each node fare.
type Store interface {
	// WantedDeckies returns the deckies that people added for a node.
	WantedDeckies(ctx context.Context, node string) ([]Spec, error)
	// Generations returns which generation each decky of a node is and is to be; of one
	// that it does not name it is the first.
	Generations(ctx context.Context, node string) (map[string]Generation, error)
	// MutateScheduled has it stored that a decky is to mutate since its time has come,
	// unless it is to anyhow.
	MutateScheduled(ctx context.Context, node, name string) error
	// ReportDeckies stores how all deckies of a node fare, with an event for each
	// whose state or generation is another than before. configured says whether one comes from
	// the configuration; rows of such that are not listed any more go.
	ReportDeckies(ctx context.Context, node string, all []Status, configured func(name string) bool) error
}

// Generation is how often a decky has mutated.
type Generation struct {
	Is     int       // as its node told last
	Wanted int       // what it is to become, or is
	Since  time.Time // when it became so, or was first heard of
}

// Trigger is why a decky mutated.
type Trigger string

// Why deckies mutate. ByCreation is the first generation, which replaces none.
const (
	ByOperator Trigger = "operator"
	BySchedule Trigger = "scheduled"
	ByCreation Trigger = "creation"
)

// Removed is the state of which the last event of a decky tells.
const Removed State = "removed"

// Errors of those who change the fleet.
var (
	ErrNotFound   = errors.New("there is no such decky")
	ErrExists     = errors.New("a decky of that name is there already")
	ErrConfigured = errors.New("the decky comes from the configuration; change it there")
	ErrMutating   = errors.New("the decky is to mutate already")
)

// Row is a decky of any node, as it was last heard of.
type Row struct {
	Status
	ID         string // of the row, a UUIDv7; the order of lists
	Node       string
	Configured bool      // it comes from the node's configuration file
	AddedBy    string    // who added it otherwise
	HeardAt    time.Time // when its node told of it last
	MutatedAt  time.Time // zero: never
	Mutating   bool      // it is to mutate, and its node has not told that it did
}

// Filter chooses deckies; empty fields choose all.
type Filter struct {
	Node  string
	State State
}
