package supervise

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

func (r *rig) send(p event.Payload) {
	r.t.Helper()
	e, err := event.New(event.Header{Time: r.clock.Now(), Source: "node-2/api"}, p)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.bus.Publish(context.Background(), e); err != nil {
		r.t.Fatal(err)
	}
}

func TestAWorkerStopsByBus(t *testing.T) {
	r := newRig(t)
	r.add("a", untilDone)
	r.add("b", untilDone)
	r.start()
	r.waitState("a", Running)
	r.waitState("b", Running)
	r.send(event.WorkerCommand{Worker: "a", Action: "dance", RequestedBy: "ada"}) // unknown: ignored
	r.send(event.WorkerCommand{Worker: "elsewhere", Action: event.ActionStop})    // not ours: ignored
	r.send(event.WorkerCommand{Worker: "b", Action: event.ActionStop, RequestedBy: "ada", TS: 1})
	if w := r.waitState("b", Stopped); w.Detail != "stopped by ada" {
		t.Errorf("detail %q", w.Detail)
	}
	r.waitState("a", Running)
}

func TestAWorkerStopsDuringItsPause(t *testing.T) {
	r := newRig(t)
	r.add("a", func(context.Context) error { return errors.New("no") })
	r.start()
	r.eventually("the pause", func() bool { return r.clock.Waiting() == 2 })
	if err := r.StopWorker("a", "ada"); err != nil {
		t.Fatal(err)
	}
	if w := r.waitState("a", Stopped); w.Detail != "stopped by ada" {
		t.Errorf("detail %q", w.Detail)
	}
}

func TestAWorkerToldToStopBetweenTwoTriesIsNotTriedAgain(t *testing.T) {
	r := newRig(t)
	w := newWorker("a", untilDone, r.Supervisor)
	w.askToStop("ada")
	if err := w.Serve(context.Background()); err == nil || w.snapshot().State != Stopped {
		t.Errorf("it ran: %v, %+v", err, w.snapshot())
	}
}

func TestStoppingAnUnknownWorker(t *testing.T) {
	r := newRig(t)
	r.start()
	if err := r.StopWorker("nobody", "ada"); !errors.Is(err, ErrUnknown) {
		t.Errorf("error %v, want ErrUnknown", err)
	}
}

func TestBeatsOnChangeAndEveryInterval(t *testing.T) {
	r := newRig(t)
	r.add("a", func(ctx context.Context) error { return errors.New(strings.Repeat("long ", 1000)) })
	r.start()
	r.eventually("two beats", func() bool { return r.heard() == "a running info, a degraded medium" })
	if w := r.waitState("a", Degraded); len(w.Detail) > maxDetail+3 {
		t.Errorf("detail of %d bytes", len(w.Detail))
	}
	r.eventually("worker and beater to sleep", func() bool { return r.clock.Waiting() == 2 })
	if err := r.StopWorker("a", "ada"); err != nil {
		t.Fatal(err)
	}
	r.eventually("the last beat", func() bool { return r.heard() == "a running info, a degraded medium, a stopped info" })
	r.clock.Advance(BeatInterval)
	r.eventually("a beat", func() bool { return strings.HasSuffix(r.heard(), "a stopped info, a stopped info") })
}

func TestWithoutABus(t *testing.T) {
	s := New(Options{Source: "node-1/supervise"})
	if err := s.Stop(context.Background()); err != nil {
		t.Errorf("Stop before Start: %v", err)
	}
	s = New(Options{Source: "node-1/supervise"})
	ran := make(chan struct{})
	if err := s.Add("a", func(ctx context.Context) error { close(ran); return untilDone(ctx) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	<-ran
	if err := s.Stop(context.Background()); err != nil {
		t.Errorf("Stop: %v", err)
	}
}
