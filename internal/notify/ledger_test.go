package notify_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/notify"
)

// What was accepted is recorded beside the sending, and together; nothing is sent twice
// meanwhile.
func TestSendingDoesNotWaitForTheStore(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	open := make(chan struct{})
	release := sync.OnceFunc(func() { close(open) })
	defer release()
	var settles atomic.Int64
	r.store.Fail = func(operation string) error {
		if operation == "Settle" {
			settles.Add(1)
			<-open
		}
		return nil
	}
	r.store.Put(hook("soc", ep))
	r.run()
	for range 4 { // several bursts
		r.say(20)
		r.pass(time.Second, "20 more requests", func() bool { return len(ep.received())%20 == 0 && len(ep.received()) > 0 })
	}
	r.pass(time.Second, "80 requests", func() bool { return len(ep.received()) == 80 })
	if n := settles.Load(); n != 1 {
		t.Errorf("while one commit waits, %d are begun", n)
	}
	release()
	r.pass(time.Second, "80 deliveries", r.delivered("soc", 80))
	if n, got := settles.Load(), len(ep.received()); n > 10 || got != 80 {
		t.Errorf("80 deliveries were recorded in %d commits and sent %d times, want few, and each once", n, got)
	}
}

// A failure counts behind the successes that went before it.
func TestOutcomesAreRecordedInTheirOrder(t *testing.T) {
	r := newRig(t)
	var n atomic.Int64
	ep := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) > 3 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	s := hook("soc", ep)
	s.Failures = 4 // one more would trip it
	r.store.Put(s)
	r.run()
	r.say(4)
	r.pass(time.Second, "the failure", func() bool {
		return len(ep.received()) >= 4 && r.subscription("soc").Failures > 0 && r.delivered("soc", 3)()
	})
	now, failed := r.subscription("soc"), int(n.Load())-3 // more than one, if its next try was due meanwhile
	if now.State() != notify.Active || now.Failures < 1 || now.Failures > failed {
		t.Errorf("%s with %d failures, want active with those since the last success, 1 to %d", now.State(), now.Failures, failed)
	}
}

// What was accepted waits a moment for more of its kind, but not when a failure comes
// behind it, nor when the notifier ends.
func TestWhatWasAcceptedIsRecordedTogether(t *testing.T) {
	fails := atomic.Bool{}
	ep := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		if fails.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	for name, end := range map[string]func(r *rig, stop func()){
		"time":      func(r *rig, _ func()) { r.clock.Advance(20 * time.Millisecond) },
		"a failure": func(r *rig, _ func()) { fails.Store(true); r.say(1) },
		"the end":   func(_ *rig, stop func()) { stop() },
	} {
		t.Run(name, func(t *testing.T) {
			fails.Store(false)
			r := newRig(t)
			r.opts.Gather = 0
			var settles atomic.Int64
			r.store.Fail = func(operation string) error {
				if operation == "Settle" {
					settles.Add(1)
				}
				return nil
			}
			r.store.Put(hook("soc", ep))
			stop := r.run()
			r.say(5)
			r.until("5 answers", func() bool { return strings.Count(r.log.String(), "webhook delivered") == 5 })
			if n := settles.Load(); n != 0 || r.delivered("soc", 1)() {
				t.Errorf("%d commits were made at once", n)
			}
			end(r, stop)
			r.until("the record", r.delivered("soc", 5))
		})
	}
}
