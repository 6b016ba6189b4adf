// Package follow repeats a step that works off a log: at once while there is more,
// when it is woken or after a pause while there is none, and again after a failure,
// of which it logs the first only.
//
// Whoever reads the event log in batches and keeps nothing between them (attackers,
// incidents, playbooks), or looks for what other nodes changed (rules), is a [Loop]
// with a step of its own; who reads the log has one by a [Reader].
//
// Level 1: it may import clock and event.
package follow

import (
	"context"
	"log/slog"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// Loop repeats Step until its context ends. All fields but Wake are mandatory.
type Loop struct {
	// Step works off a part. more: there is more to do at once.
	Step   func(ctx context.Context) (more bool, err error)
	Within time.Duration   // the longest that a step may take
	Wake   <-chan struct{} // says that there is more. If nil, only Poll does.
	Clock  clock.Clock     //
	Poll   time.Duration   // between two looks without a wake
	Again  time.Duration   // after a failure

	Log   *slog.Logger //
	Fails string       // logged with the error when Step begins to fail
	Works string       // logged when it works again
}

// Run repeats until ctx ends; it never returns an error.
func (l Loop) Run(ctx context.Context) error {
	failing := false
	for ctx.Err() == nil {
		more, err := l.step(ctx)
		if ctx.Err() != nil { // what fails because it is told to end has not failed
			break
		}
		if failed := err != nil; failed != failing {
			failing = failed
			l.tell(err)
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

func (l Loop) step(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.Within)
	defer cancel()
	return l.Step(ctx)
}

func (l Loop) tell(err error) {
	if err != nil {
		l.Log.Error(l.Fails, "error", err)
		return
	}
	l.Log.Info(l.Works)
}

// pause waits for the first of three: the time, a wake (nil: none), the end of ctx.
func pause(ctx context.Context, time <-chan time.Time, wake <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-wake:
	case <-time:
	}
}
