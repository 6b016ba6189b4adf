package supervise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/bus/membus"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a supervisor with a clock that stands still and a bus that listens.
type rig struct {
	*Supervisor
	t     *testing.T
	clock *clock.Fake
	bus   *membus.Bus
	log   *bytes.Buffer

	mu    sync.Mutex
	beats []string
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, clock: clock.NewFake(time.Date(2026, 3, 14, 14, 0, 0, 0, time.UTC)), bus: membus.New(membus.Options{}), log: &bytes.Buffer{}}
	r.Supervisor = New(Options{Source: "node-1/supervise", Bus: r.bus, Clock: r.clock, Log: slog.New(slog.NewJSONHandler(&locked{w: r.log, mu: &r.mu}, nil))})
	_, err := r.bus.Subscribe("system.*.health", r.hear)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Errorf("Stop: %v", err)
		}
		if err := r.bus.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

type locked struct {
	w  *bytes.Buffer
	mu *sync.Mutex
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (r *rig) hear(e event.Event) {
	var b event.WorkerBeat
	if err := e.Decode(&b); err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.beats = append(r.beats, b.Worker+" "+b.State+" "+e.Severity.String())
}

func (r *rig) heard() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.beats, ", ")
}

func (r *rig) logged() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

func (r *rig) add(name string, run func(context.Context) error) {
	r.t.Helper()
	if err := r.Add(name, run); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) start() {
	r.t.Helper()
	if err := r.Start(context.Background()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) eventually(what string, cond func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain for %s; workers %+v; heard %s", what, r.Workers(), r.heard())
		}
	}
}

func (r *rig) waitState(name string, want State) Worker {
	r.t.Helper()
	var got Worker
	r.eventually(fmt.Sprintf("%s to be %s", name, want), func() bool {
		for _, w := range r.Workers() {
			if w.Name == name {
				got = w
			}
		}
		return got.State == want
	})
	return got
}

// untilDone is a worker that behaves.
func untilDone(ctx context.Context) error { <-ctx.Done(); return nil }

func TestWorkersRunUntilStopped(t *testing.T) {
	r := newRig(t)
	r.add("b", untilDone)
	if got := r.Workers()[0].State; got != Starting {
		t.Errorf("state %s before Start, want starting", got)
	}
	r.start()
	r.add("a", untilDone) // also while running
	r.waitState("a", Running)
	r.waitState("b", Running)
	if err := r.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a", "b"} {
		if w := r.Workers()[i]; w.Name != name || w.State != Stopped {
			t.Errorf("worker %d is %+v, want %s stopped", i, w, name)
		}
	}
	if err := r.Add("c", untilDone); err == nil {
		t.Error("a worker was added after Stop")
	}
}

func TestWorkersEndWithTheContextOfStart(t *testing.T) {
	r := newRig(t)
	r.add("a", untilDone)
	ctx, cancel := context.WithCancel(context.Background())
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	r.waitState("a", Running)
	cancel()
	r.waitState("a", Stopped)
}

func TestFailuresArePausedForAndCounted(t *testing.T) {
	r := newRig(t)
	var runs atomic.Int64
	r.add("a", func(ctx context.Context) error {
		if runs.Add(1) <= FailedAfter {
			return errors.New("no database")
		}
		return untilDone(ctx)
	})
	r.add("healthy", untilDone)
	r.start()
	for n := 1; n <= FailedAfter; n++ {
		want := Degraded
		if n == FailedAfter {
			want = Failed
		}
		r.eventually("the pause", func() bool { w := r.waitState("a", want); return w.Restarts == n && r.clock.Waiting() == 2 })
		if w := r.waitState("a", want); w.Detail != "no database" {
			t.Errorf("detail %q", w.Detail)
		}
		if got := runs.Load(); got != int64(n) {
			t.Fatalf("%d runs during pause %d", got, n)
		}
		r.clock.Advance(min(firstPause<<(n-1), BeatInterval-1)) // at most what pauseAfter gives
	}
	r.waitState("a", Running)
	r.waitState("healthy", Running)
	if w := r.waitState("a", Running); w.Detail != "" || w.Restarts != FailedAfter {
		t.Errorf("recovered worker is %+v", w)
	}
}

func TestPausesGrowAndAreBounded(t *testing.T) {
	if d := pauseAfter(0); d != 0 {
		t.Errorf("pause %v before any failure", d)
	}
	for n := 1; n < 100; n++ {
		top := longestPause
		if n <= 6 {
			top = firstPause << (n - 1)
		}
		if d := pauseAfter(n); d < top/2 || d >= top {
			t.Errorf("pause %v after %d failures, want from %v to %v", d, n, top/2, top)
		}
	}
}

func TestALongRunBeginsTheCountAnew(t *testing.T) {
	r := newRig(t)
	fall := make(chan struct{})
	r.add("a", func(ctx context.Context) error {
		select {
		case <-fall:
			return errors.New("fell")
		case <-ctx.Done():
			return nil
		}
	})
	r.start()
	for n := 1; n <= FailedAfter+2; n++ {
		r.waitState("a", Running)
		r.clock.Advance(longestPause)
		fall <- struct{}{}
		r.eventually("the pause", func() bool { return r.waitState("a", Degraded).Restarts == n && r.clock.Waiting() == 2 })
		r.clock.Advance(firstPause)
	}
}

func TestPanicIsAFailureWithItsStackLogged(t *testing.T) {
	r := newRig(t)
	var once sync.Once
	r.add("a", func(ctx context.Context) error {
		once.Do(func() { panic("token hunter2") })
		return untilDone(ctx)
	})
	r.start()
	w := r.waitState("a", Degraded)
	if !strings.Contains(w.Detail, "panic") || strings.Contains(w.Detail, "hunter2") {
		t.Errorf("detail %q", w.Detail)
	}
	if text := r.logged(); !strings.Contains(text, "TestPanicIsAFailure") || strings.Contains(text, "hunter2") {
		t.Errorf("log %s: want the place of the panic and not its value", text)
	}
	r.eventually("the pause", func() bool { return r.clock.Waiting() == 2 })
	r.clock.Advance(firstPause)
	r.waitState("a", Running)
}

func TestAWorkerThatReturnsNilIsDone(t *testing.T) {
	r := newRig(t)
	var runs atomic.Int64
	r.add("a", func(context.Context) error { runs.Add(1); return nil })
	r.start()
	if w := r.waitState("a", Stopped); w.Detail != "finished" {
		t.Errorf("detail %q, want finished", w.Detail)
	}
	r.clock.Advance(time.Hour)
	if runs.Load() != 1 {
		t.Errorf("%d runs, want 1", runs.Load())
	}
}

func TestStopNamesWhoHangs(t *testing.T) {
	r := newRig(t)
	release := make(chan struct{})
	r.add("good", untilDone)
	r.add("stubborn", func(context.Context) error { <-release; return nil })
	r.start()
	r.waitState("good", Running)
	r.waitState("stubborn", Running)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for state := (Worker{}); state.State != Stopped; state = r.waitState("good", Stopped) {
		}
		cancel()
	}()
	err := r.Stop(ctx)
	if err == nil || !strings.Contains(err.Error(), "stubborn") || strings.Contains(err.Error(), "good") {
		t.Errorf("error %v, want one that names stubborn alone", err)
	}
	close(release)
}

func TestNamesAreUniqueTokens(t *testing.T) {
	r := newRig(t)
	r.add("a", untilDone)
	for _, name := range []string{"a", "", "a.b", "a b", "*", ">"} {
		if err := r.Add(name, untilDone); err == nil {
			t.Errorf("worker %q was added", name)
		}
	}
}

func TestStartTwice(t *testing.T) {
	r := newRig(t)
	r.start()
	if err := r.Start(context.Background()); err == nil {
		t.Error("started twice")
	}
}

func TestWhoStandsBetweenTwoTriesAtTheStopIsStopped(t *testing.T) {
	s := New(Options{Source: "node-1/supervise"})
	between := newWorker("between", untilDone, s)
	between.fail(errors.New("fell"), 0)
	serving := newWorker("serving", untilDone, s)
	serving.enter()
	ending := newWorker("ending", untilDone, s)
	ending.enter()
	ending.end(Finished) // and its goroutine has not left yet
	s.workers = map[string]*worker{"between": between, "serving": serving, "ending": ending}
	if hung := s.settle(); len(hung) != 1 || hung[0] != "serving" {
		t.Errorf("hung %v, want serving alone", hung)
	}
	if got := between.snapshot().State; got != Stopped {
		t.Errorf("state %s, want stopped", got)
	}
}
