package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// part is one thing that a node is made of. start returns how to stop it; nil
// when there is nothing to stop.
type part struct {
	name  string
	start func(ctx context.Context) (stop func(context.Context) error, err error)
}

// life is the parts that run, in the order of their start.
type life struct {
	log     *slog.Logger
	running []running
}

type running struct {
	name string
	stop func(context.Context) error
}

// start starts parts one after the other. When one fails, those before it are
// stopped again.
func (l *life) start(ctx context.Context, parts []part) error {
	for _, p := range parts {
		stop, err := p.start(ctx)
		if err != nil {
			return errors.Join(fmt.Errorf("starting %s: %w", p.name, err), l.stop(time.Second))
		}
		if stop != nil {
			l.running = append(l.running, running{p.name, stop})
		}
	}
	return nil
}

// stop stops all parts in reverse. They share one deadline; whoever is not done
// by then is named, and the next is stopped all the same.
func (l *life) stop(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	var errs []error
	for i := len(l.running) - 1; i >= 0; i-- {
		r := l.running[i]
		if err := stopOne(ctx, r); err != nil {
			l.log.Error("stopping", "part", r.name, "error", err)
			errs = append(errs, fmt.Errorf("stopping %s: %w", r.name, err))
		}
	}
	l.running = nil
	return errors.Join(errs...)
}

// stopOne does not wait for a part that ignores its deadline.
func stopOne(ctx context.Context, r running) error {
	done := make(chan error, 1)
	go func() { done <- r.stop(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // done at the last moment counts
	case err := <-done:
		return err
	case <-time.After(50 * time.Millisecond):
		return errors.New("it hung past the deadline")
	}
}
