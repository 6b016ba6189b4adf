package notify_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/notifytest"
)

// Neither the log nor the queue is read for an alert that is queued with its event.
func TestAnAlertIsQueuedWithItsEventAndSentFromMemory(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	var asked atomic.Int64
	r.store.Fail = func(operation string) error {
		if slices.Contains([]string{"Events", "Enqueue", "Due"}, operation) {
			asked.Add(1)
		}
		return nil
	}
	r.run()
	for n := 1; n <= 100; n++ {
		before := asked.Load()
		r.say(1)
		r.until("the delivery", r.delivered("soc", n))
		if asked.Load() == before {
			return
		}
	}
	t.Error("each of 100 alerts cost a look into the log or into the queue")
}

func TestOnlyTheFollowerServesWhereTheLogHasOtherWriters(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.deps.Ferry = nil
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(300)
	r.until("all deliveries", r.delivered("soc", 300))
}

// More than what is kept at hand comes at once, from a queue that is not empty.
func TestWhatDoesNotFitIntoMemoryIsSentFromTheQueue(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(1)
	r.until("the first", r.delivered("soc", 1))
	var big []event.Event
	for range 600 { // of 50 KB: more than 24 MB
		e := notifytest.Event(t, r.clock.Now())
		e.Data = fmt.Appendf(nil, `{"padding": %q}`, strings.Repeat("x", 50<<10))
		big = append(big, e)
	}
	if err := r.store.Append(t.Context(), big...); err != nil {
		t.Fatal(err)
	}
	r.say(1)
	r.until("all deliveries", r.delivered("soc", 602))
	if ids := ep.ids(); len(ids) != 602 {
		t.Errorf("%d requests for 602 deliveries", len(ids))
	}
}

// Whatever else writes, changes or fails.
func TestEachEventArrivesOnceByWhicheverWay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r, ep := newRig(t), newEndpoint(t, nil)
		soc := hook("soc", ep)
		r.store.Put(soc)
		var full atomic.Bool
		r.store.Fail = func(operation string) error {
			if operation == "Commit" && full.Load() {
				return errors.New("the disk is full")
			}
			return nil
		}
		stop := r.run()
		defer stop()
		var want []string
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			var said []event.Event
			switch n := rapid.IntRange(1, 5).Draw(rt, "events"); rapid.SampledFrom([]string{"here", "elsewhere", "changed", "failed", "all sent"}).Draw(rt, "step") {
			case "here":
				said = r.say(n)
			case "elsewhere":
				said = r.sayElsewhere(n)
			case "changed":
				soc.MinSeverity = event.Info
				r.store.Put(soc)
			case "failed":
				full.Store(true)
				r.refused(n)
				full.Store(false)
			case "all sent":
				r.pass(time.Second, "all so far", r.delivered("soc", len(want)))
			}
			want = append(want, idsOf(said)...)
			r.clock.Advance(time.Millisecond)
		}
		r.pass(time.Second, "all deliveries", r.delivered("soc", len(want)))
		stop()
		slices.Sort(want)
		if got := slices.Sorted(slices.Values(ep.ids())); !slices.Equal(got, want) {
			rt.Errorf("arrived %v, want each of %v once", got, want)
		}
	})
}

// sayElsewhere appends events as another process does: the notifier finds them by
// looking.
func (r *rig) sayElsewhere(n int) (es []event.Event) {
	for range n {
		es = append(es, notifytest.Event(r.t, r.clock.Now()))
	}
	r.store.AppendElsewhere(es...)
	return es
}

// refused appends events to a store that refuses them at the last moment.
func (r *rig) refused(n int) {
	for range n {
		if err := r.store.Append(r.t.Context(), notifytest.Event(r.t, r.clock.Now())); err == nil {
			r.t.Error("a commit that fails was accepted")
		}
	}
}

func idsOf(es []event.Event) (ids []string) {
	for _, e := range es {
		ids = append(ids, notify.DeliveryID("soc", e.ID))
	}
	return ids
}
