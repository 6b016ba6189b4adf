// Package supervise keeps Cordon's workers alive: it starts them, restarts
// what fails or panics, each with its own growing pause, tells how they fare,
// and stops them by a deadline naming whoever hangs.
//
// A worker is a name and a function that runs until its context ends. To add
// one, call Add in internal/app where the others are.
//
// Level 1: it may import L0 and bus.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/thejerf/suture/v4"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
)

// BeatInterval is how often a worker's health is said when nothing changes.
const BeatInterval = 30 * time.Second

// hungTimeout bounds how long suture waits for a worker that does not stop. Stop
// has its own deadline, which is shorter.
const hungTimeout = time.Minute

// Options are the parts of a supervisor.
type Options struct {
	Source string       // Mandatory. The envelope's source: node/service.
	Bus    bus.Bus      // If nil, no health beats and no stop by bus.
	Clock  clock.Clock  // If nil, the machine's.
	Log    *slog.Logger // If nil, discards.
}

// Supervisor runs workers. New makes one; it is safe for concurrent use.
type Supervisor struct {
	source string
	bus    bus.Bus
	clock  clock.Clock
	log    *slog.Logger
	tree   *suture.Supervisor

	mu      sync.Mutex
	workers map[string]*worker
	peers   map[string]peer // workers of other nodes, as they were heard last
	subs    []bus.Subscription
	nudge   chan struct{} // a value: say now how the workers fare
	cancel  context.CancelFunc
	done    sync.WaitGroup // the tree and the beater
	stopped bool
}

// New makes a supervisor without workers. Start begins.
func New(o Options) *Supervisor {
	s := &Supervisor{source: o.Source, bus: o.Bus, clock: o.Clock, log: o.Log, workers: map[string]*worker{}, peers: map[string]peer{}, nudge: make(chan struct{}, 1)}
	if s.clock == nil {
		s.clock = clock.Real{}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.tree = suture.New("cordon", suture.Spec{
		EventHook:        func(e suture.Event) { s.log.Debug("supervisor", "detail", e.String()) },
		FailureThreshold: math.MaxFloat64, // a worker pauses for itself; one that fails must not stop the others
		Timeout:          hungTimeout,
	})
	return s
}

// Add registers a worker and, after Start, runs it at once. Names are unique
// and a token of a topic, such as leak-chat. run is called again, after a
// pause, when it returns an error or panics; when it returns nil the worker is
// done and stays stopped.
func (s *Supervisor) Add(name string, run func(context.Context) error) error {
	if _, err := event.WorkerHealth(name); err != nil {
		return fmt.Errorf("adding worker: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.workers[name] != nil {
		return fmt.Errorf("adding worker: there is already one named %s", name)
	}
	if s.stopped {
		return fmt.Errorf("adding worker %s: the supervisor has stopped", name)
	}
	s.launch(newWorker(name, run, s))
	return nil
}

// launch hands a worker to suture, which runs it now or at Start. The caller
// holds mu.
func (s *Supervisor) launch(w *worker) {
	s.workers[w.name] = w
	w.token = s.tree.Add(w)
}

// Start runs all workers. Their contexts carry ctx's values and end when ctx
// ends, when Stop is called or when they are stopped singly.
func (s *Supervisor) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		return errors.New("starting workers: they were started before")
	}
	if err := s.listen(); err != nil {
		return fmt.Errorf("starting workers: %w", err)
	}
	ctx, s.cancel = context.WithCancel(ctx)
	served := s.tree.ServeBackground(ctx)
	s.done.Go(func() { <-served })
	s.done.Go(func() { s.beat(ctx) })
	return nil
}

// Stop ends all workers and waits for them until ctx ends; the error names
// those that had not returned by then.
func (s *Supervisor) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	cancel, subs := s.cancel, s.subs
	s.mu.Unlock()
	if cancel == nil {
		return nil
	}
	for _, sub := range subs {
		sub.Unsubscribe()
	}
	cancel()
	all := make(chan struct{})
	go func() { s.done.Wait(); close(all) }()
	select {
	case <-all:
	case <-ctx.Done():
	}
	if hung := s.settle(); len(hung) > 0 {
		return fmt.Errorf("stopping workers: %s did not stop in time", strings.Join(hung, ", "))
	}
	return nil
}

// settle ends those that stood between two tries, and names those that still
// run.
func (s *Supervisor) settle() (hung []string) {
	for _, w := range s.sorted() {
		if w.active() {
			hung = append(hung, w.name)
			continue
		}
		w.end("")
	}
	return hung
}

// Workers lists all workers by name.
func (s *Supervisor) Workers() []Worker {
	var list []Worker
	for _, w := range s.sorted() {
		list = append(list, w.snapshot())
	}
	return list
}

func (s *Supervisor) sorted() []*worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*worker
	for _, w := range s.workers {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b *worker) int { return strings.Compare(a.name, b.name) })
	return list
}
