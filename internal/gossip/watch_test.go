package gossip_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/gossip"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ears hears when a Watch looks, and answers.
type ears struct {
	looked chan time.Time
	err    error
}

func (e ears) Lose(_ context.Context, since time.Time, source string) ([]string, error) {
	e.looked <- since
	return []string{"gate-1"}, e.err
}

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func asleep(t *testing.T, c *clock.Fake) {
	t.Helper()
	for c.Waiting() == 0 {
		if t.Context().Err() != nil {
			t.Fatal("it never sleeps")
		}
		time.Sleep(time.Millisecond)
	}
}

// A server that was away first gives gateways the time to report.
func TestSilenceIsJudgedOnlyAfterItCouldHaveBeenBroken(t *testing.T) {
	e, c := ears{looked: make(chan time.Time)}, clock.NewFake(noon)
	w, err := gossip.NewWatch(gossip.WatchDeps{Store: e, Node: "n/gossip", Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	asleep(t, c)
	c.Advance(gossip.Silence - time.Second)
	if c.Waiting() != 1 {
		t.Fatal("it looked before")
	}
	c.Advance(time.Second)
	if since := <-e.looked; !since.Equal(noon) {
		t.Errorf("lost: who was silent since %v", since)
	}
	asleep(t, c)
	c.Advance(5 * time.Second)
	if since := <-e.looked; !since.Equal(noon.Add(5 * time.Second)) {
		t.Errorf("lost: who was silent since %v", since)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A store that fails is the supervisor's business, which begins again.
func TestAStoreThatFailsEndsTheRun(t *testing.T) {
	away := errors.New("the store is away")
	e, c := ears{looked: make(chan time.Time, 1), err: away}, clock.NewFake(noon)
	w, err := gossip.NewWatch(gossip.WatchDeps{Store: e, Node: "n/gossip", Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.Run(t.Context()) }()
	asleep(t, c)
	c.Advance(gossip.Silence)
	if err := <-done; !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}

func TestAWatchNeedsItsParts(t *testing.T) {
	if _, err := gossip.NewWatch(gossip.WatchDeps{Node: "n"}); err == nil {
		t.Error("a watch without a store")
	}
}

func TestWhatIsNewInAReport(t *testing.T) {
	before := event.GatewayReported{GatewayID: "g", State: "running", Version: "1", Listeners: []event.GatewayListener{{Side: "a", PeerID: "p"}}}
	for name, c := range map[string]struct {
		change func(*event.GatewayReported)
		want   bool
	}{
		"nothing":          {func(*event.GatewayReported) {}, false},
		"more messages":    {func(r *event.GatewayReported) { r.Relayed, r.Withheld = 9, 1 }, false},
		"another node":     {func(r *event.GatewayReported) { r.Peers = make([]event.GatewayPeer, 1) }, false},
		"it stops":         {func(r *event.GatewayReported) { r.State = "stopping" }, true},
		"another version":  {func(r *event.GatewayReported) { r.Version = "2" }, true},
		"one side is gone": {func(r *event.GatewayReported) { r.Listeners = nil }, true},
		"another key":      {func(r *event.GatewayReported) { r.Listeners = []event.GatewayListener{{Side: "a", PeerID: "q"}} }, true},
	} {
		now := before
		c.change(&now)
		if got := gossip.News(before, now); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
