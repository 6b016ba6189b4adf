package sqlstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/notify/notifytest"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/sqlstore/sqlstoretest"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// outboxURL names the database of the child process that delivers until it is
// killed.
const outboxURL = "CORDON_TEST_OUTBOX_URL"

// TestTheOutboxSurvivesBeingKilled kills a process that says events and
// delivers them, several times. In the end the endpoint has got every event
// that was said, under one id each, and no other.
func TestTheOutboxSurvivesBeingKilled(t *testing.T) {
	ids := newIDs(t)
	url := storetest.SQLiteURL(t)
	subscribe(t, url, ids.URL)
	said := map[string]bool{}
	for range 6 {
		sayAndKill(t, url, 1+rand.IntN(60), said)
	}
	s := storetest.Open(t, store.Options{URL: url})
	stop, err := deliver(s)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	want := inLog(t, s)
	for id := range said {
		if !slices.Contains(want, id) {
			t.Errorf("%s was said and is not in the log", id)
		}
	}
	for deadline := time.Now().Add(time.Minute); len(ids.seen()) < len(want) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	got := ids.seen()
	for _, event := range want {
		if id := notify.DeliveryID("soc", event); got[id] == 0 {
			t.Errorf("event %s never arrived under %s", event, id)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d ids arrived for %d events", len(got), len(want))
	}
}

// ids counts the webhook-ids that arrive at an endpoint.
type ids struct {
	*httptest.Server
	mu  sync.Mutex
	got map[string]int
}

func newIDs(t *testing.T) *ids {
	i := &ids{got: map[string]int{}}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.got[r.Header.Get("webhook-id")]++
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *ids) seen() map[string]int {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := map[string]int{}
	for k, v := range i.got {
		out[k] = v
	}
	return out
}

func subscribe(t *testing.T, url, endpoint string) {
	t.Helper()
	s := storetest.Open(t, store.Options{URL: url})
	hook := notifytest.Subscription("soc", endpoint)
	hook.AllowPrivate = true
	n := sqlstore.NewNotify(s, sqlstoretest.Sealer{})
	if _, err := n.SyncManaged(storetest.Context(t), []notify.Subscription{hook}, storetest.Event(t, "sync")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// inLog lists the events to which the webhook has subscribed.
func inLog(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	for at := (event.Cursor{}); ; {
		rs, err := s.Events(storetest.Context(t), at, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(rs) == 0 {
			return out
		}
		for _, r := range rs {
			if at = r.Cursor; event.Match("leak.>", r.Event.Topic) {
				out = append(out, r.Event.ID)
			}
		}
	}
}

// sayAndKill runs the child until it has said n events, and kills it.
func sayAndKill(t *testing.T, url string, n int, said map[string]bool) {
	t.Helper()
	killAfter(t, outboxURL+"="+url, n, func(line string) error {
		if err := id.Check(line); err != nil {
			return err
		}
		said[line] = true
		return nil
	})
}

// deliverUntilKilled says one event after the other, prints each once it is
// durable, and delivers them meanwhile.
func deliverUntilKilled(url string) error {
	s, err := store.Open(context.Background(), store.Options{URL: url})
	if err != nil {
		return err
	}
	stop, err := deliver(s)
	if err != nil {
		return err
	}
	defer stop()
	for {
		e, err := event.New(event.Header{Time: time.Now(), Source: "node/child"}, event.MessageQuarantined{QuarantineID: id.New()})
		if err != nil {
			return err
		}
		if err := storetest.Emit(context.Background(), s, e); err != nil {
			return err
		}
		fmt.Println(e.ID)
	}
}

// deliver runs a notifier on s.
func deliver(s *store.Store) (stop func(), err error) {
	db := sqlstore.NewNotify(s, sqlstoretest.Sealer{})
	n, err := notify.New(notify.Deps{
		Queue: db, Waiting: db, Subscriptions: db, Letters: db, Silences: db, Formats: []notify.Format{generic.New()}, Sealer: sqlstoretest.Sealer{}, Node: "node/notify",
		Guard: func(string, string, syscall.RawConn) error { return nil },
	}, notify.Options{Poll: 10 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	return func() { cancel(); <-done }, nil
}
