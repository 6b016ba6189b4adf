package supervise

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

func TestAStoppedWorkerIsStartedAgainByBus(t *testing.T) {
	r := newRig(t)
	var runs atomic.Int64
	r.add("a", func(ctx context.Context) error { runs.Add(1); return untilDone(ctx) })
	r.start()
	r.waitState("a", Running)
	if err := r.StartWorker("a", "ada"); !errors.Is(err, ErrRuns) {
		t.Errorf("a worker that runs was started: %v", err)
	}
	r.send(event.WorkerCommand{Worker: "a", Action: event.ActionStop, RequestedBy: "ada"})
	r.waitState("a", Stopped)
	r.send(event.WorkerCommand{Worker: "a", Action: event.ActionStart, RequestedBy: "ada"})
	r.waitState("a", Running)
	r.eventually("the second run", func() bool { return runs.Load() == 2 })
	if err := r.StopWorker("a", "bob"); err != nil {
		t.Fatal(err)
	}
	if w := r.waitState("a", Stopped); w.Detail != "stopped by bob" {
		t.Errorf("detail %q after the second stop", w.Detail)
	}
}

func TestAWorkerThatFailedIsCountedAlsoAfterANewStart(t *testing.T) {
	r := newRig(t)
	r.add("a", func(context.Context) error { return errors.New("no database") })
	r.start()
	r.eventually("the pause", func() bool { return r.waitState("a", Degraded).Restarts == 1 && r.clock.Waiting() == 2 })
	if err := r.StopWorker("a", "ada"); err != nil {
		t.Fatal(err)
	}
	r.waitState("a", Stopped)
	if err := r.StartWorker("a", "ada"); err != nil {
		t.Fatal(err)
	}
	r.eventually("the second failure, without a pause before it", func() bool { return r.waitState("a", Degraded).Restarts == 2 })
}

func TestACommandForAnotherNodeIsNotOurs(t *testing.T) {
	r := newRig(t)
	r.add("a", untilDone)
	r.add("b", untilDone)
	r.start()
	r.waitState("a", Running)
	r.waitState("b", Running)
	r.send(event.WorkerCommand{Worker: "a", Action: event.ActionStop, Node: "node-2"})
	r.send(event.WorkerCommand{Worker: "b", Action: event.ActionStop, Node: "node-1"})
	r.waitState("b", Stopped)
	r.waitState("a", Running)
}

func TestStartingAnUnknownWorker(t *testing.T) {
	r := newRig(t)
	r.start()
	if err := r.StartWorker("nobody", "ada"); !errors.Is(err, ErrUnknown) {
		t.Errorf("error %v, want ErrUnknown", err)
	}
}

func TestNothingStartsAfterStop(t *testing.T) {
	r := newRig(t)
	r.add("a", untilDone)
	r.start()
	r.waitState("a", Running)
	if err := r.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := r.StartWorker("a", "ada"); err == nil {
		t.Error("a worker was started after Stop")
	}
}

func TestRemoveWaitsAndForgets(t *testing.T) {
	r := newRig(t)
	var ended atomic.Bool
	r.add("a", func(ctx context.Context) error { <-ctx.Done(); ended.Store(true); return nil })
	r.start()
	r.waitState("a", Running)
	if err := r.Remove(t.Context(), "a", "a new configuration"); err != nil {
		t.Fatal(err)
	}
	if !ended.Load() || len(r.Workers()) != 0 {
		t.Errorf("ended %t, workers %+v", ended.Load(), r.Workers())
	}
	r.add("a", untilDone) // the name is free
	r.waitState("a", Running)
	if err := r.Remove(t.Context(), "nobody", "ada"); !errors.Is(err, ErrUnknown) {
		t.Errorf("error %v, want ErrUnknown", err)
	}
}

func TestRemoveNamesAWorkerThatHangs(t *testing.T) {
	r := newRig(t)
	release := make(chan struct{})
	defer close(release)
	r.add("stubborn", func(context.Context) error { <-release; return nil })
	r.start()
	r.waitState("stubborn", Running)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Remove(ctx, "stubborn", "ada"); err == nil || len(r.Workers()) != 1 {
		t.Errorf("error %v, workers %+v", err, r.Workers())
	}
}

// tell says how a worker of another node fares.
func (r *rig) tell(node, name string, restarts int) {
	r.t.Helper()
	h := event.Header{Time: r.clock.Now(), Source: node + "/supervise"}
	e, err := event.New(h, event.WorkerBeat{Worker: name, State: "running", Since: r.clock.Now(), Restarts: restarts})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.bus.Publish(context.Background(), e); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) cluster() (names []string) {
	for _, w := range r.Cluster() {
		names = append(names, w.Node+"/"+w.Name)
	}
	return names
}

func TestOtherNodesAreListedWhileTheyAreHeard(t *testing.T) {
	r := newRig(t)
	r.add("a", untilDone)
	r.start()
	r.waitState("a", Running)
	r.tell("node-2", "b", 3)
	r.tell("node-2", "a", 0)
	r.eventually("all of them", func() bool {
		return slices.Equal(r.cluster(), []string{"node-1/a", "node-2/a", "node-2/b"})
	})
	if w := r.Cluster()[2]; w.State != Running || w.Restarts != 3 || w.Since.IsZero() {
		t.Errorf("the other node's worker is %+v", w)
	}
	if len(r.Workers()) != 1 {
		t.Error("Workers lists those of other nodes")
	}
	r.clock.Advance(forgetAfter + time.Second)
	if got := r.cluster(); !slices.Equal(got, []string{"node-1/a"}) {
		t.Errorf("a silent node is still listed: %v", got)
	}
}

func TestTheNumberOfForeignWorkersIsBounded(t *testing.T) {
	s := New(Options{Source: "node-1/supervise"})
	for i := range maxPeers + 10 {
		h := event.Header{Time: time.Now(), Source: "node-2/supervise"}
		e, err := event.New(h, event.WorkerBeat{Worker: fmt.Sprint("w", i)})
		if err != nil {
			t.Fatal(err)
		}
		s.hear(e)
	}
	if got := len(s.Cluster()); got != maxPeers {
		t.Errorf("%d are kept, want %d", got, maxPeers)
	}
}

// A node that starts learns of the others at once, not with their next beat.
func TestANodeThatStartsIsAnswered(t *testing.T) {
	r := newRig(t)
	r.add("a", untilDone)
	r.start()
	r.waitState("a", Running)
	r.eventually("the first beat", func() bool { return r.heard() == "a running info" })
	r.tell("node-2", "b", 0)
	// The bus owes no order to two who publish at once: the answer may be heard
	// before the beat that it answers.
	heard := func(a, b int) func() bool {
		return func() bool {
			got := r.heard()
			return strings.Count(got, "a running info") == a && strings.Count(got, "b running info") == b
		}
	}
	r.eventually("an answer", heard(2, 1))
	r.tell("node-2", "b", 0) // the same again is no news
	r.eventually("it to be heard", heard(2, 2))
	r.eventually("the beater to sleep", func() bool { return r.clock.Waiting() >= 1 })
	if got := r.heard(); strings.Count(got, "a running info") != 2 {
		t.Errorf("a beat was answered that is no news: %s", got)
	}
}
