package anomaly

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errAway = errors.New("the store is away")

// memory is a Log and a Store. One that is away takes nothing; one that is unsure takes
// what it is given and says that it did not.
type memory struct {
	mu       sync.Mutex
	records  []event.Record
	cursors  map[string]event.Cursor
	episodes map[string]Episode
	said     []string
	away     bool
	unsure   int // so many times
	read     []int64
}

func newMemory() *memory {
	return &memory{cursors: map[string]event.Cursor{}, episodes: map[string]Episode{}}
}

func (m *memory) Cursor(_ context.Context, consumer string) (event.Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursors[consumer], nil
}

func (m *memory) Events(_ context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return nil, errAway
	}
	m.read = append(m.read, after.Seq)
	some := m.records[min(int(after.Seq), len(m.records)):]
	return some[:min(limit, len(some))], nil
}

func (m *memory) OpenEpisodes(context.Context) (open []Episode, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.episodes {
		if e.ClosedAt == nil {
			open = append(open, e)
		}
	}
	return open, nil
}

func (m *memory) EndedEpisode(_ context.Context, p Past) (until time.Time, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return until, errAway
	}
	for _, e := range m.episodes {
		of := Past{e.Kind, e.KeyKind, e.Key, p.At, p.Window}
		if of == p && e.ClosedAt != nil && !e.OpenedAt.After(p.At.Add(p.Window)) && !e.ClosedAt.Before(p.At) && e.ClosedAt.After(until) {
			until = *e.ClosedAt
		}
	}
	return until, nil
}

func (m *memory) Commit(_ context.Context, c Commit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.away:
		return errAway
	case m.cursors[Consumer] != c.From:
		return follow.ErrMoved
	}
	m.cursors[Consumer], m.cursors[WindowConsumer] = c.Next, c.Window
	for _, change := range c.Changes {
		m.episodes[change.Episode.ID] = change.Episode
	}
	for _, e := range c.Events {
		var p event.AnomalyDetected
		if err := e.Decode(&p); err != nil {
			return err
		}
		m.said = append(m.said, fmt.Sprintf("%s %s %d", p.State, p.Key, p.Count))
	}
	if m.unsure > 0 {
		m.unsure--
		return errAway
	}
	return nil
}

// add appends a report of n failed logins to the log.
func (m *memory) add(t testing.TB, at time.Time, n int) {
	t.Helper()
	p := event.RecordsReceived{}
	for range n {
		p.Records = append(p.Records, failed("203.0.113.9", "root", at))
	}
	e, err := event.New(event.Header{Time: at, Source: "n/ingest"}, p)
	if err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records = append(m.records, event.Record{Cursor: event.Cursor{Day: "2026-03-14", Seq: int64(len(m.records) + 1)}, Event: e})
}

func (m *memory) set(away bool, unsure int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away, m.unsure = away, unsure
}

func (m *memory) story() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.said, ", ")
}

func newSensor(t testing.TB, m *memory, c clock.Clock) *Sensor {
	t.Helper()
	s, err := New(Deps{Log: m, Store: m, Node: "n/anomaly", Detectors: guard.Defaults(), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// While the store is away nothing is lost, and what it stored without saying so is not
// stored again.
func TestTheStoreMayBeAway(t *testing.T) {
	m, now := newMemory(), clock.NewFake(noon)
	s := newSensor(t, m, now)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	defer running.Wait()
	defer stop()
	until := func(what, want string) {
		t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); m.story() != want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %s, want %s", what, m.story(), want)
			}
			if now.Waiting() > 0 {
				now.Advance(time.Second)
			}
		}
	}
	m.add(t, noon, 10)
	until("opened", "opened 203.0.113.9 10")
	m.set(true, 0)
	m.add(t, noon, 5)
	m.set(false, 1)
	m.add(t, noon, 5)
	until("grown", "opened 203.0.113.9 10, growing 203.0.113.9 20")
	until("over", "opened 203.0.113.9 10, growing 203.0.113.9 20, closed 203.0.113.9 20")
}

// What the counters hold can be asked for, and is nothing before somebody counts.
func TestUsage(t *testing.T) {
	m, now := newMemory(), clock.NewFake(noon)
	s := newSensor(t, m, now)
	if u := s.Usage(); u != (guard.Usage{}) {
		t.Errorf("before: %+v", u)
	}
	m.add(t, noon, 12)
	m.add(t, noon.Add(-time.Hour), 1)
	if err := s.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if u := s.Usage(); u.Open == 0 || u.Keys == 0 || u.Evicted != 0 || u.Late == 0 {
		t.Errorf("after twelve failures, and one of an hour before: %+v", u)
	}
}

// A node that has fallen behind says nothing of what another has counted.
func TestANodeThatFellBehindBeginsAnew(t *testing.T) {
	m, now := newMemory(), clock.NewFake(noon)
	slow, err := newSensor(t, m, now).begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.add(t, noon, 12)
	if err := newSensor(t, m, now).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := slow.step(t.Context()); !errors.Is(err, follow.ErrMoved) {
		t.Errorf("%v", err)
	}
	if err := slow.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := m.story(); got != "opened 203.0.113.9 10" {
		t.Error(got)
	}
	for _, e := range m.episodes {
		if e.Count != 12 {
			t.Errorf("%d events", e.Count)
		}
	}
}

// What is read again at a start is two windows of the log, not all of it.
func TestAStartReadsTheWindowsOnly(t *testing.T) {
	m, now := newMemory(), clock.NewFake(noon)
	for range 600 { // an event each ten seconds, for a hundred minutes
		m.add(t, now.Now(), 1)
		now.Advance(10 * time.Second)
		if len(m.records)%50 == 0 {
			if err := newSensor(t, m, now).CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.read = nil
	if err := newSensor(t, m, now).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if first := slices.Min(m.read); first < 400 {
		t.Errorf("the log is read from %d on", first)
	}
	if got := m.story(); strings.Count(got, "opened") != 1 || strings.Contains(got, "closed") {
		t.Errorf("one brute force is %s", got)
	}
}

// An event that holds no records, whatever its topic says, stops nothing.
func TestABrokenEventIsPassedOver(t *testing.T) {
	m, now := newMemory(), clock.NewFake(noon)
	m.add(t, noon, 5)
	m.add(t, noon, 1)
	m.records[1].Event.Data = []byte(`{"records":3}`)
	m.add(t, noon, 5)
	if err := newSensor(t, m, now).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := m.story(); got != "opened 203.0.113.9 10" {
		t.Error(got)
	}
}

func TestASensorNeedsItsParts(t *testing.T) {
	m := newMemory()
	for name, d := range map[string]Deps{
		"no log":        {Store: m, Node: "n", Detectors: guard.Defaults()},
		"no store":      {Log: m, Node: "n", Detectors: guard.Defaults()},
		"no node":       {Log: m, Store: m, Detectors: guard.Defaults()},
		"a bad counter": {Log: m, Store: m, Node: "n", Detectors: []guard.Detector{{Kind: guard.FailedAuth, Key: guard.BySource, Type: guard.BruteForce, Severity: guard.High}}},
	} {
		if _, err := New(d); err == nil {
			t.Errorf("%s: a sensor is made", name)
		}
	}
}
