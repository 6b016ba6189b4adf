// Package wake tells a source that what it watches may have changed: by file
// system events where the system gives any, by the clock always. It is shared
// by the kinds of sources that read files.
//
// It may import the standard library and fsnotify.
package wake

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// MaxWatched bounds the paths watched by events; the clock serves the others.
const MaxWatched = 1024

// Waker waits for changes. It is for one goroutine. Close ends what it started.
type Waker struct {
	pause   time.Duration
	notify  *fsnotify.Watcher // nil when the system gives no events
	watched []string
}

// New makes a Waker whose Wait returns no sooner than pause, so that a busy
// writer costs a bounded number of looks.
func New(pause time.Duration) *Waker {
	w := &Waker{pause: pause}
	if n, err := fsnotify.NewWatcher(); err == nil {
		w.notify = n
	}
	return w
}

// Watch makes paths, folders or files, the ones whose events end a Wait. What
// cannot be watched is left to the clock.
func (w *Waker) Watch(paths ...string) {
	if w.notify == nil {
		return
	}
	paths = paths[:min(len(paths), MaxWatched)]
	for _, p := range w.watched {
		if !slices.Contains(paths, p) {
			_ = w.notify.Remove(p) // fails when it is gone, and is then not needed
		}
	}
	var now []string
	for _, p := range paths {
		if slices.Contains(now, p) {
			continue
		}
		if slices.Contains(w.watched, p) || w.notify.Add(p) == nil {
			now = append(now, p)
		}
	}
	w.watched = now
}

// Rewatch watches a path anew: a file that was replaced has its old name.
func (w *Waker) Rewatch(path string) {
	w.watched = slices.DeleteFunc(w.watched, func(p string) bool { return p == path })
	if w.notify != nil && w.notify.Add(path) == nil {
		w.watched = append(w.watched, path)
	}
}

// Each calls look after every event, and when the time is over after which look
// wants to be called again, until ctx ends, which is no error, or look fails.
func (w *Waker) Each(ctx context.Context, look func(context.Context) (again time.Duration, err error)) error {
	for {
		again, err := look(ctx)
		if err == nil {
			err = w.Wait(ctx, again)
		}
		if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Wait returns after an event, or once most has passed; with the context's
// error when that ends first.
func (w *Waker) Wait(ctx context.Context, most time.Duration) error {
	if err := sleep(ctx, min(w.pause, most)); err != nil {
		return err
	}
	timer := time.NewTimer(max(0, most-w.pause))
	defer timer.Stop()
	events, errs := w.channels()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-events:
	case <-errs: // events were lost: look
	}
	w.drain(events, errs)
	return nil
}

func (w *Waker) channels() (<-chan fsnotify.Event, <-chan error) {
	if w.notify == nil {
		return nil, nil
	}
	return w.notify.Events, w.notify.Errors
}

// drain takes the events that the look to come answers anyway.
func (w *Waker) drain(events <-chan fsnotify.Event, errs <-chan error) {
	for {
		select {
		case <-events:
		case <-errs:
		default:
			return
		}
	}
}

// Close ends the watching.
func (w *Waker) Close() {
	if w.notify != nil {
		_ = w.notify.Close() // its errors leave nothing to do
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
