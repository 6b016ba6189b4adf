package supervise

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/thejerf/suture/v4"

	"go.cordon.dev/cordon/internal/redact"
)

// State is how a worker fares.
type State string

// The states of a worker.
const (
	Starting State = "starting" // added; not run yet
	Running  State = "running"  //
	Degraded State = "degraded" // it failed and pauses before the next try
	Failed   State = "failed"   // it failed FailedAfter times in a row; it is still tried
	Stopped  State = "stopped"  // it is done, or was told to stop
)

// Finished is the detail of a worker that stopped because it was done.
const Finished = "finished"

// FailedAfter is how many failures in a row turn Degraded into Failed.
const FailedAfter = 5

// The pauses between tries grow from the first to the longest. Who ran for as
// long as the longest begins anew.
const (
	firstPause   = time.Second
	longestPause = time.Minute
	maxDetail    = 512 // bytes of an error shown in a worker's detail
)

// Worker is a worker as people see it.
type Worker struct {
	Name     string    `json:"name"`
	State    State     `json:"state"`
	Detail   string    `json:"detail"` // what ails it, empty when nothing does
	Since    time.Time `json:"since"`  // of the state
	Restarts int       `json:"restarts"`
	Node     string    `json:"node"` // whose worker it is
}

// worker is a suture service: Serve is one try, and suture calls it again.
type worker struct {
	name  string
	run   func(context.Context) error
	owner *Supervisor
	token suture.ServiceToken

	mu       sync.Mutex
	status   Worker
	failures int // in a row
	serving  bool
	stopper  string        // who told it to stop
	over     chan struct{} // closed when it has stopped
}

func newWorker(name string, run func(context.Context) error, owner *Supervisor) *worker {
	return &worker{
		name: name, run: run, owner: owner, over: make(chan struct{}),
		status: Worker{Name: name, State: Starting, Since: owner.clock.Now(), Node: nodeOf(owner.source)},
	}
}

// again is the same worker, to be run anew; its failures so far stay counted.
func (w *worker) again() *worker {
	fresh := newWorker(w.name, w.run, w.owner)
	fresh.status.Restarts = w.snapshot().Restarts
	return fresh
}

// String names the worker in suture's reports.
func (w *worker) String() string { return w.name }

// Serve implements suture.Service: the pause that is due, then one run.
func (w *worker) Serve(ctx context.Context) error {
	if !w.enter() {
		return suture.ErrDoNotRestart
	}
	defer w.leave()
	if !w.pause(ctx) {
		w.end("")
		return suture.ErrDoNotRestart
	}
	began := w.owner.clock.Now()
	w.set(Running, "")
	err := w.call(ctx)
	if err == nil || ctx.Err() != nil {
		w.end(Finished)
		return suture.ErrDoNotRestart
	}
	w.fail(err, w.owner.clock.Now().Sub(began))
	return err
}

// enter begins a try; it refuses one to a worker that was told to stop between
// two tries.
func (w *worker) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serving = w.status.State != Stopped
	return w.serving
}

func (w *worker) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serving = false
}

// active reports whether the worker's run has not returned.
func (w *worker) active() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.serving
}

// pause waits out what earlier failures have earned; false when ctx ended.
func (w *worker) pause(ctx context.Context) bool {
	w.mu.Lock()
	d := pauseAfter(w.failures)
	w.mu.Unlock()
	if d == 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-w.owner.clock.After(d):
		return true
	}
}

// pauseAfter doubles from firstPause to longestPause. Half of it is random, so
// that workers that fell together do not rise together.
func pauseAfter(failures int) time.Duration {
	if failures == 0 {
		return 0
	}
	d := longestPause
	if shift := failures - 1; shift < 6 { // 2^6 seconds is beyond the longest
		d = firstPause << shift
	}
	return d/2 + rand.N(d/2)
}

// call runs the worker once; a panic becomes an error.
func (w *worker) call(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("panic: " + redact.Panic(r))
			w.owner.log.Error("worker panicked", "worker", w.name, "panic", redact.Panic(r), "stack", redact.Stack())
		}
	}()
	return w.run(ctx)
}

// fail notes a failure after a run of the given length.
func (w *worker) fail(err error, ran time.Duration) {
	w.mu.Lock()
	if ran >= longestPause {
		w.failures = 0
	}
	w.failures++
	w.status.Restarts++
	state := Degraded
	if w.failures >= FailedAfter {
		state = Failed
	}
	row := w.failures
	w.mu.Unlock()
	w.owner.log.Warn("worker failed; it will be tried again", "worker", w.name, "in_a_row", row, "error", err)
	w.set(state, shorten(err.Error()))
}

func shorten(detail string) string {
	if len(detail) <= maxDetail {
		return detail
	}
	return strings.ToValidUTF8(detail[:maxDetail], "") + "..."
}

// askToStop notes who stops the worker. Between two tries it ends here.
func (w *worker) askToStop(by string) {
	w.mu.Lock()
	w.stopper = by
	between := !w.serving
	w.mu.Unlock()
	if between {
		w.end("")
	}
}

// end is the last of a worker; how says why, unless somebody stopped it.
func (w *worker) end(how string) {
	w.mu.Lock()
	if w.stopper != "" {
		how = "stopped by " + w.stopper
	}
	w.mu.Unlock()
	w.set(Stopped, how)
}

// set changes the state, and says so. A worker that has stopped stays so.
func (w *worker) set(state State, detail string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status.State == Stopped {
		return
	}
	w.status.State, w.status.Detail, w.status.Since = state, detail, w.owner.clock.Now()
	if state == Stopped {
		w.serving = false // run has returned; who asks for those that hang must not meet it on its way out
		close(w.over)
	}
	w.owner.say(w.status)
}

// repeat says the state as it is.
func (w *worker) repeat() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.owner.say(w.status)
}

func (w *worker) snapshot() Worker {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}
