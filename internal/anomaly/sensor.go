package anomaly

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
)

// Store keeps episodes.
type Store interface {
	// OpenEpisodes returns those that are open.
	OpenEpisodes(ctx context.Context) ([]Episode, error)
	// EndedEpisode returns when the episode ended that is asked for; the zero time:
	// there is none.
	EndedEpisode(ctx context.Context, p Past) (time.Time, error)
	// Commit stores all of a Commit or nothing. The error is follow.ErrMoved when its
	// consumer is not at From, or when somebody else has opened or closed one of the
	// episodes.
	Commit(ctx context.Context, c Commit) error
}

// Commit is what a part of the log came to.
type Commit struct {
	From, Next event.Cursor  // of Consumer
	Window     event.Cursor  // of WindowConsumer: from there on the log is read again at a start
	Changes    []Change      // episodes
	Events     []event.Event // what is said of them
}

// Change is an episode as it is now.
type Change struct {
	Episode Episode
	Fresh   bool // it is not stored yet
}

// The consumers of the log whose places a Sensor keeps.
const (
	Consumer       = "anomaly"
	WindowConsumer = "anomaly.window"
)

// Deps are the parts of a Sensor.
type Deps struct {
	Log       follow.Log       // Mandatory.
	Store     Store            // Mandatory.
	Node      string           // Mandatory: node/anomaly, who says the events
	Detectors []guard.Detector // what is watched for; may be none
	Rules     []*rule.Rule     // likewise, as operators say it. They may be changed with SetRules
	Wake      <-chan struct{}  // says that the log has grown. If nil, the log is only polled.
	Clock     clock.Clock      // If nil, the machine's.
	Logger    *slog.Logger     // If nil, discards.
}

// Sensor makes episodes of what other programs report. One in a cluster runs at a
// time.
type Sensor struct {
	d       Deps
	rules   atomic.Pointer[[]*rule.Rule]
	changed chan struct{} // says that rules are others
	failing bool          // of the one who runs

	at atomic.Pointer[tracker] // of the one who runs; its counters may be asked at any time
}

const (
	batch        = 64 // events, each with many records
	poll         = time.Second
	again        = time.Second // after a failure
	storeTimeout = 10 * time.Second
)

// New makes a Sensor. The error says what is missing.
func New(d Deps) (*Sensor, error) {
	if d.Log == nil || d.Store == nil || d.Node == "" {
		return nil, errors.New("making the anomaly sensor: Log, Store and Node must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Sensor{d: d, changed: make(chan struct{}, 1)}
	if err := s.SetRules(d.Rules); err != nil {
		return nil, fmt.Errorf("making the anomaly sensor: %w", err)
	}
	return s, nil
}

// SetRules puts other rules of operators in force. The log of their windows is counted
// again for them; episodes of rules that there are no more are over.
func (s *Sensor) SetRules(rules []*rule.Rule) error {
	if _, err := newTracker(s.d.Detectors, rules); err != nil {
		return err
	}
	s.rules.Store(new(slices.Clone(rules)))
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return nil
}

// Run follows the log until ctx ends. While the store is away it waits, and goes on
// where it was.
func (s *Sensor) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.follow(ctx); err != nil && ctx.Err() == nil {
			s.tell(err)
			s.pause(ctx, again, nil)
		}
	}
	return nil
}

// CatchUp counts what is in the log and stores what it came to.
func (s *Sensor) CatchUp(ctx context.Context) error {
	r, err := s.begin(ctx)
	for more := true; more && err == nil; {
		more, err = r.step(ctx)
	}
	if err != nil {
		return err
	}
	return r.store(ctx, s.d.Clock.Now())
}

// follow begins anew and goes on until something fails or the rules are others: what was
// counted and not stored is counted again.
func (s *Sensor) follow(ctx context.Context) error {
	defer s.at.Store(nil)
	r, err := s.begin(ctx)
	for err == nil && ctx.Err() == nil && r.rules == s.rules.Load() {
		var more bool
		if more, err = r.step(ctx); err != nil {
			break
		}
		s.tell(nil)
		if !more {
			s.pause(ctx, poll, s.d.Wake)
		}
	}
	return err
}

// tell says when the store begins to fail and when it works again, not each failure.
func (s *Sensor) tell(err error) {
	switch failed := err != nil; {
	case failed == s.failing:
	case failed:
		s.d.Logger.Error("anomalies wait for the store, trying again", "error", err)
	default:
		s.d.Logger.Info("anomalies are kept again")
	}
	s.failing = err != nil
}

func (s *Sensor) pause(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-wake:
	case <-s.changed:
	case <-s.d.Clock.After(d):
	}
}
