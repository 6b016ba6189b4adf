// Package follow repeats a step that works off a log: at once while there is more,
// when it is woken or after a pause while there is none, and again after a failure,
// of which it tells the first only.
//
// Whoever reads the event log in batches (attackers, incidents, playbooks, anomalies)
// is a [Loop] with a step of his own.
//
// Level 1: it may import clock.
package follow

import (
	"context"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// Loop repeats Step until its context ends. All fields but Wake are mandatory.
type Loop struct {
	// Step works off a part. more: there is more to do at once.
	Step  func(ctx context.Context) (more bool, err error)
	Tell  func(err error) // Step begins to fail or, with nil, works again
	Wake  <-chan struct{} // says that there is more. If nil, only Poll does.
	Clock clock.Clock     //
	Poll  time.Duration   // between two looks without a wake
	Again time.Duration   // after a failure
}

// Run repeats until ctx ends; it never returns an error.
func (l Loop) Run(ctx context.Context) error {
	failing := false
	for ctx.Err() == nil {
		more, err := l.Step(ctx)
		if failed := err != nil && ctx.Err() == nil; failed != failing {
			failing = failed
			l.Tell(err)
		}
		switch {
		case err != nil:
			pause(ctx, l.Clock.After(l.Again), nil)
		case !more:
			pause(ctx, l.Clock.After(l.Poll), l.Wake)
		}
	}
	return nil
}

// pause waits for the first of three: the time, a wake (nil: none), the end of ctx.
func pause(ctx context.Context, time <-chan time.Time, wake <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-wake:
	case <-time:
	}
}
