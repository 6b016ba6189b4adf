package sqlstore_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/notify/notifytest"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/sqlstore/sqlstoretest"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// shift is a notifier over a real store, whose webhooks are people: "soc" is told of
// incidents; when nobody acknowledges one in a quarter of an hour "oncall" is told, who
// wants to hear of nothing else, and after an hour "boss".
type shift struct {
	t     *testing.T
	db    *store.Store
	clock *clock.Fake
	wake  chan struct{}

	mu    sync.Mutex
	heard map[string][]string // by webhook: the last words of topics
}

func newShift(t *testing.T, change func(name string, s *notify.Subscription)) *shift {
	s := &shift{t: t, clock: clock.NewFake(notifytest.Start()), wake: make(chan struct{}, 1), heard: map[string][]string{}}
	s.db = storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t), Clock: s.clock})
	server := httptest.NewServer(http.HandlerFunc(s.receive))
	t.Cleanup(server.Close)
	var subs []notify.Subscription
	for _, name := range []string{"boss", "oncall", "soc"} {
		sub := notifytest.Subscription(name, server.URL+"/"+name)
		sub.AllowPrivate, sub.Topics, sub.MinSeverity = true, []string{"system.nothing"}, event.Critical
		if name == "soc" {
			sub.Topics, sub.MinSeverity = []string{"incident.*.opened", "incident.*.updated"}, event.Low
			sub.Escalate = []notify.Step{{After: 15 * time.Minute, To: "oncall"}, {After: time.Hour, To: "boss"}}
		}
		if change != nil {
			change(name, &sub)
		}
		subs = append(subs, sub)
	}
	if _, err := sqlstore.NewNotify(s.db, sqlstoretest.Sealer{}).SyncManaged(storetest.Context(t), subs, storetest.Event(t, "sync")); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shift) receive(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, 64<<10)
	n, _ := r.Body.Read(body)
	topic := string(body[:n])
	topic = topic[strings.Index(topic, `"topic":"`)+9:]
	topic = topic[:strings.IndexByte(topic, '"')]
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/")
	s.heard[name] = append(s.heard[name], topic[strings.LastIndexByte(topic, '.')+1:])
	w.WriteHeader(http.StatusNoContent)
}

// work runs a notifier for a while, which passes in steps of a minute.
func (s *shift) work(minutes int) {
	s.t.Helper()
	db := sqlstore.NewNotify(s.db, sqlstoretest.Sealer{})
	n, err := notify.New(notify.Deps{
		Queue: db, Waiting: db, Subscriptions: db, Letters: db, Silences: db, Escalations: sqlstore.NewEscalations(s.db), Formats: []notify.Format{generic.New()},
		Sealer: sqlstoretest.Sealer{}, Node: "node/notify", Clock: s.clock, Wake: s.wake, Guard: func(string, string, syscall.RawConn) error { return errors.New("no") },
	}, notify.Options{Gather: -1})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = n.Run(ctx) })
	defer wg.Wait()
	defer cancel()
	for range minutes {
		s.settle()
		s.clock.Advance(time.Minute)
	}
	s.settle()
}

// settle waits until all that is due has been done: the loops sleep, and none of them
// has anything to do.
func (s *shift) settle() {
	s.t.Helper()
	db, e := sqlstore.NewNotify(s.db, sqlstoretest.Sealer{}), sqlstore.NewEscalations(s.db)
	idle := func() bool {
		at, err := db.Cursor(s.t.Context(), "notify")
		rest, err2 := db.Events(s.t.Context(), at, 1)
		due, err3 := db.Due(s.t.Context(), notify.DueQuery{Now: s.clock.Now(), Each: 1})
		timers, err4 := e.DueTimers(s.t.Context(), s.clock.Now(), 1)
		if err := errors.Join(err, err2, err3, err4); err != nil {
			s.t.Fatal(err)
		}
		return len(rest)+len(due)+len(timers) == 0
	}
	deadline := time.Now().Add(time.Minute)
	for tries := 1; !idle(); tries++ {
		if time.Now().After(deadline) {
			s.t.Fatal("something is due and is not done")
		}
		select {
		case s.wake <- struct{}{}:
		default:
		}
		if tries%100 == 0 { // a loop went to sleep just when the minute passed
			s.clock.Advance(3 * time.Second)
		}
		time.Sleep(time.Millisecond)
	}
}

// seen makes an incident of a secret, or sees it again.
func (s *shift) seen(secret string, severity event.Severity) string {
	s.t.Helper()
	i := sqlstore.NewIncidents(s.db)
	from, err := i.Cursor(s.t.Context(), "incident")
	if err != nil {
		s.t.Fatal(err)
	}
	read := follow.Span{Consumer: "incident", From: from, Next: event.Cursor{Day: "2026-01-02", Seq: from.Seq + 1}}
	err = i.Observe(s.t.Context(), read, []incident.Observation{{
		EventID: "01936d2c-5f8e-7abc-9def-0123456789ab", Topic: event.TopicMessageQuarantined, At: s.clock.Now(), Severity: severity,
		Key: incident.Key{Kind: incident.Secret, Value: secret}, Sensor: incident.Leak, Rule: "github-pat", Place: "chat #1", Summary: "found",
	}}, "node/incident")
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := i.ListIncidents(s.t.Context(), incident.Filter{Fingerprint: secret}, "", 1)
	if err != nil || len(all) != 1 {
		s.t.Fatal(all, err)
	}
	return all[0].ID
}

func (s *shift) act(incidentID string, verb incident.Verb) {
	s.t.Helper()
	_, err := sqlstore.NewIncidents(s.db).ActOnIncident(s.t.Context(), incidentID, incident.Act{Verb: verb, By: "ada", Reason: "seen"},
		audit.Entry{Actor: audit.Actor{Kind: "user", Name: "ada"}, Action: "incident.act", Time: s.clock.Now()}, "node/api")
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shift) want(name string, words ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := s.heard[name]; !slices.Equal(got, words) {
		s.t.Errorf("%s heard %q, want %q", name, got, words)
	}
}

func TestAnIncidentThatNobodyAcknowledgesIsEscalated(t *testing.T) {
	s := newShift(t, nil)
	s.seen("v1:k:a", event.High)
	s.work(14)
	s.want("oncall")
	s.work(2) // another process: timers are stored
	s.want("soc", "opened")
	s.want("oncall", "escalated")
	s.work(40)
	s.want("boss")
	s.work(6)
	s.want("boss", "escalated")
	s.seen("v1:k:a", event.High) // repeats begin nothing anew
	s.work(120)
	s.want("oncall", "escalated")
	s.want("boss", "escalated")
}

func TestWhoeverTakesItOnStopsTheEscalation(t *testing.T) {
	for _, verb := range []incident.Verb{incident.Acknowledge, incident.Resolve, incident.Ignore} {
		s := newShift(t, nil)
		id := s.seen("v1:k:a", event.High)
		s.work(5)
		s.act(id, verb)
		s.work(120)
		s.want("oncall")
		s.act(id, incident.Reopen) // nobody has taken it on again: the time begins anew
		s.work(14)
		s.want("oncall")
		s.work(3)
		s.want("oncall", "escalated")
	}
}

// The one who is told keeps quiet hours, and is woken by what is critical; the time of
// one who is asleep does not run.
func TestEscalationRespectsQuietHours(t *testing.T) {
	asleep := func(who string) func(string, *notify.Subscription) {
		return func(name string, s *notify.Subscription) {
			if name == who {
				s.Manner = notify.Manner{Quiet: []string{"15:00-17:00"}} // it is 15:00
			}
		}
	}
	s := newShift(t, asleep("oncall"))
	s.seen("v1:k:a", event.High)
	s.work(30)
	s.want("oncall")
	s.seen("v1:k:b", event.Critical)
	s.work(20)
	s.want("oncall", "escalated")
	s.work(75)
	s.want("oncall", "escalated", "escalated")

	s = newShift(t, asleep("soc"))
	s.seen("v1:k:a", event.High)
	s.work(130)
	s.want("oncall")
	s.want("soc", "opened")
	s.work(10)
	s.want("oncall", "escalated")
}

func TestSilencesKeepEscalationsQuiet(t *testing.T) {
	for name, hooks := range map[string][]string{"of who is told first": {"soc"}, "of who is told then": {"oncall"}, "of all": nil} {
		s := newShift(t, nil)
		db := sqlstore.NewNotify(s.db, sqlstoretest.Sealer{})
		silence := notify.Silence{
			ID: "01936d2c-5f8e-7abc-9def-0123456789ab", Topics: []string{"incident.>"}, Webhooks: hooks, MaxSeverity: event.High, Reason: "drill", By: "ada",
			CreatedAt: s.clock.Now(), Until: s.clock.Now().Add(30 * time.Minute),
		}
		by := audit.Entry{Actor: audit.Actor{Kind: "user", Name: "ada"}, Action: "silence.create", Time: s.clock.Now()}
		if err := db.AddSilence(t.Context(), silence, by, storetest.Event(t, "silence")); err != nil {
			t.Fatal(err)
		}
		s.seen("v1:k:a", event.High)
		s.seen("v1:k:b", event.Critical)
		s.work(20)
		t.Log(name)
		s.want("oncall", "escalated") // what is critical is told all the same
	}
}
