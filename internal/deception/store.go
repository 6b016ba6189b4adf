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
	// ReportDeckies stores how all deckies of a node fare, with an event for each
	// whose state is another than before. configured says whether one comes from
	// the configuration; rows of such that are not listed any more go.
	ReportDeckies(ctx context.Context, node string, all []Status, configured func(name string) bool) error
}

// Removed is the state of which the last event of a decky tells.
const Removed State = "removed"

// Errors of those who change the fleet.
var (
	ErrNotFound   = errors.New("there is no such decky")
	ErrExists     = errors.New("a decky of that name is there already")
	ErrConfigured = errors.New("the decky comes from the configuration; change it there")
)

// Row is a decky of any node, as it was last heard of.
type Row struct {
	Status
	ID         string // of the row, a UUIDv7; the order of lists
	Node       string
	Configured bool      // it comes from the node's configuration file
	AddedBy    string    // who added it otherwise
	HeardAt    time.Time // when its node told of it last
}

// Filter chooses deckies; empty fields choose all.
type Filter struct {
	Node  string
	State State
}
