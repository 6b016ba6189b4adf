package anomaly

import (
	"fmt"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
)

// report appends failed logins to the log that were received at a time and happened from
// another on, one a second. With names they are known by when they happened.
func (m *memory) report(t testing.TB, received, from time.Time, n int, named bool) {
	t.Helper()
	m.receive(t, received, failures("203.0.113.9", from, n, named)...)
}

func failures(source string, from time.Time, n int, named bool) (all []event.SecurityRecord) {
	for k := range n {
		r := failed(source, "root", from.Add(time.Duration(k)*time.Second))
		if named {
			r.ID = fmt.Sprint("line ", r.Time.UnixNano())
		}
		all = append(all, r)
	}
	return all
}

func (m *memory) receive(t testing.TB, received time.Time, records ...event.SecurityRecord) {
	t.Helper()
	p := event.RecordsReceived{Records: records}
	e, err := event.New(event.Header{Time: received, Source: "n/ingest"}, p)
	if err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records = append(m.records, event.Record{Cursor: event.Cursor{Day: "2026-03-14", Seq: int64(len(m.records) + 1)}, Event: e})
}

// What comes again after thirty days, when its names are long forgotten, opens no
// anomaly a second time; what never came opens one, however late.
func TestWhatComesAgainAfterThirtyDays(t *testing.T) {
	const first = "opened 203.0.113.9 10, growing 203.0.113.9 20, closed 203.0.113.9 30"
	later := noon.AddDate(0, 0, 30)
	for name, c := range map[string]struct {
		send func(t *testing.T, m *memory)
		want string // is said besides
	}{
		"all of it": {func(t *testing.T, m *memory) { m.report(t, later, noon, 30, true) }, ""},
		"its end":   {func(t *testing.T, m *memory) { m.report(t, later, noon.Add(15*time.Second), 15, true) }, ""},
		"twice, in other batches": {func(t *testing.T, m *memory) {
			m.report(t, later, noon, 17, true)
			m.report(t, later, noon.Add(10*time.Second), 20, true)
		}, ""},
		"without names": {func(t *testing.T, m *memory) { m.report(t, later, noon, 12, false) }, ", opened 203.0.113.9 10, closed 203.0.113.9 12"},
		"with what never came: more of it, an hour on": {func(t *testing.T, m *memory) {
			m.report(t, later, noon, 30, true)
			m.report(t, later, noon.Add(time.Hour), 12, true)
		}, ", opened 203.0.113.9 10, closed 203.0.113.9 12"},
		"with what happens now, in one batch": {func(t *testing.T, m *memory) {
			m.receive(t, later, append(failures("203.0.113.9", noon, 30, true), failures("203.0.113.9", later.Add(-time.Minute), 12, true)...)...)
		}, ", opened 203.0.113.9 10, closed 203.0.113.9 12"},
		"what a sender kept for a day": {func(t *testing.T, m *memory) { m.report(t, later, later.AddDate(0, 0, -1), 12, true) }, ", opened 203.0.113.9 10, closed 203.0.113.9 12"},
	} {
		t.Run(name, func(t *testing.T) {
			m, now := newMemory(), clock.NewFake(noon.Add(time.Minute))
			m.report(t, now.Now(), noon, 30, true)
			catchUp(t, m, now)
			now.Advance(time.Hour)
			m.receive(t, now.Now(), failures("198.51.100.7", now.Now(), 1, false)...) // what is read again at a start begins behind the first
			catchUp(t, m, now)
			if got := m.story(); got != first {
				t.Fatalf("at first: %s", got)
			}
			now.Advance(later.Sub(now.Now()))
			c.send(t, m)
			catchUp(t, m, now)
			now.Advance(time.Hour)
			catchUp(t, m, now)
			if got := m.story(); got != first+c.want {
				t.Errorf("%s\nwant\n%s", got, first+c.want)
			}
		})
	}
}

// catchUp has a sensor of its own, which remembers nothing, read the log to its end.
func catchUp(t *testing.T, m *memory, now clock.Clock) {
	t.Helper()
	if err := newSensor(t, m, now).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A store that cannot say what was told before says nothing of it: the sensor begins
// anew, and asks again.
func TestTheStoreMayNotKnowWhatWasTold(t *testing.T) {
	m, now := newMemory(), clock.NewFake(noon)
	r, err := newSensor(t, m, now).begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.report(t, noon, noon.AddDate(0, 0, -1), 12, true)
	records, err := r.read(t.Context(), r.at)
	if err != nil {
		t.Fatal(err)
	}
	m.set(true, 0)
	r.take(records[0])
	m.set(false, 0)
	if _, err := r.step(t.Context()); err == nil || m.story() != "" {
		t.Errorf("%v, %s", err, m.story())
	}
	catchUp(t, m, now)
	if got := m.story(); got != "opened 203.0.113.9 10" {
		t.Error(got)
	}
}

// What a node with a clock that is ahead has received was received now at the latest: it
// keeps no anomaly open until its time comes, and makes nobody else's failures late.
func TestANodeWhoseClockIsAhead(t *testing.T) {
	for _, ahead := range []time.Duration{24 * time.Hour, 30 * 365 * 24 * time.Hour} {
		m, now := newMemory(), clock.NewFake(noon)
		m.report(t, noon.Add(ahead), noon.Add(ahead), 5, false)
		m.report(t, noon, noon.Add(-6*time.Second), 6, false)
		r, err := newSensor(t, m, now).begin(t.Context())
		for range 2 {
			if err == nil {
				_, err = r.step(t.Context())
			}
			now.Advance(6 * time.Minute)
		}
		if got := m.story(); err != nil || got != "opened 203.0.113.9 10, closed 203.0.113.9 11" {
			t.Errorf("%v ahead: %s, %v", ahead, got, err)
		}
		for _, e := range m.episodes {
			if e.SeenAt.After(noon) || e.ClosedAt == nil || e.ClosedAt.After(now.Now()) {
				t.Errorf("%v ahead: %+v", ahead, e)
			}
		}
	}
}
