// Package bound runs work that cannot be stopped, such as a scan, within bounds
// of time and number, and survives its panics. It may import the standard
// library only.
package bound

import (
	"context"
	"errors"
	"time"
)

// Why there is no result.
var (
	ErrTimeout = errors.New("the scan took too long")
	ErrBusy    = errors.New("too many scans are running")
	ErrPanic   = errors.New("the scanner panicked")
)

// Runner bounds work. It is safe for concurrent use.
type Runner struct {
	timeout time.Duration
	room    chan struct{} // one for each that runs
}

// NewRunner returns a runner of at most so many at once, each answered for
// within timeout.
func NewRunner(timeout time.Duration, concurrent int) *Runner {
	return &Runner{timeout: timeout, room: make(chan struct{}, max(1, concurrent))}
}

type outcome[T any] struct {
	value T
	err   error
}

// Run does the work and returns its result, or ErrBusy, ErrTimeout or ErrPanic
// and the zero value. Work that does not end in time goes on without anybody
// who waits for it, and counts as running until it ends: Go cannot stop it.
// What it panicked with is not told: it may quote what was scanned.
func Run[T any](ctx context.Context, r *Runner, work func(context.Context) T) (T, error) {
	var none T
	select {
	case r.room <- struct{}{}:
	default:
		return none, ErrBusy
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	done := make(chan outcome[T], 1)
	go func() {
		defer func() { <-r.room }()
		grow(0)
		done <- try(ctx, work)
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		return none, ErrTimeout
	}
}

// stack is how large a goroutine's stack is before the work begins, in bytes: a
// scan needs about so much. It would otherwise be doubled, and copied, three
// times on the way, which costs more than the scan of a short message.
const stack = 12 << 10

// grow makes the stack of the calling goroutine large enough at once: its frame
// has to fit, and what has grown stays.
//
//go:noinline
func grow(at int) byte {
	var room [stack]byte
	room[at] = 1
	return room[stack-1-at] // what is not used is not there
}

func try[T any](ctx context.Context, work func(context.Context) T) (o outcome[T]) {
	defer func() {
		if recover() != nil {
			o = outcome[T]{err: ErrPanic}
		}
	}()
	return outcome[T]{value: work(ctx)}
}
