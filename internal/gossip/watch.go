package gossip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// How often silent gateways are looked for, and how long the store may take.
const (
	lookEvery    = 5 * time.Second
	storeTimeout = 10 * time.Second
)

// Store keeps how gateways fare.
type Store interface {
	// Lose marks the gateways that run and were not heard of since a time as lost, each
	// with its event, and returns their names.
	Lose(ctx context.Context, silentSince time.Time, source string) ([]string, error)
}

// WatchDeps are the parts of a Watch.
type WatchDeps struct {
	Store Store        // Mandatory.
	Node  string       // Mandatory: node/gossip, who says the events
	Clock clock.Clock  // If nil, the machine's.
	Log   *slog.Logger // If nil, discards.
}

// Watch says once of each gateway that falls silent that it is lost.
type Watch struct{ d WatchDeps }

// NewWatch makes a Watch. The error says what is missing.
func NewWatch(d WatchDeps) (*Watch, error) {
	if d.Store == nil || d.Node == "" {
		return nil, errors.New("watching gossip gateways: Store and Node must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Watch{d}, nil
}

// Run looks for silent gateways until ctx ends. It begins after Silence: what could not
// be heard while no server ran is no sign of loss.
func (w *Watch) Run(ctx context.Context) error {
	for pause := Silence; ; pause = lookEvery {
		select {
		case <-ctx.Done():
			return nil
		case <-w.d.Clock.After(pause):
		}
		if err := w.look(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

func (w *Watch) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	lost, err := w.d.Store.Lose(ctx, w.d.Clock.Now().Add(-Silence), w.d.Node)
	if err != nil {
		return fmt.Errorf("looking for silent gossip gateways: %w", err)
	}
	for _, name := range lost {
		w.d.Log.Warn("a gossip gateway is lost", "gateway", name, "silent_for", Silence)
	}
	return nil
}
