package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// testLong: however long an event is, it comes back as it was, by whatever way it is
// asked for, also between short ones.
func testLong(t *testing.T, url string) {
	s := Open(t, store.Options{URL: url})
	var all []event.Event
	for i, size := range []int{10, 4_000, 4_200, 100_000, 900_000, 20} {
		e := Event(t, fmt.Sprintf("Number %d", i))
		data := fmt.Sprintf(`{"kind":"memory","note":%q,"odd":"<\u00e9> \ud83d\ude00"}`, strings.Repeat(fmt.Sprint("é ", i, "\n"), size/5))
		e.Data = []byte(data)
		all = append(all, e)
	}
	must(t, Emit(Context(t), s, all...))
	again := Open(t, store.Options{URL: url}) // it has nothing in memory
	for _, s := range []*store.Store{s, again} {
		records, err := s.Events(Context(t), event.Cursor{}, 100)
		must(t, err)
		if diff := cmp.Diff(all, eventsOf(records)); diff != "" {
			t.Errorf("read in order: %s", diff)
		}
		checkLong(t, s, all)
	}
}

func checkLong(t *testing.T, s *store.Store, all []event.Event) {
	t.Helper()
	for i, e := range all {
		r, err := s.Event(Context(t), e.ID)
		must(t, err)
		if diff := cmp.Diff(e, r.Event); diff != "" {
			t.Errorf("read by id: %s", diff)
		}
		found, err := s.FindEvents(Context(t), event.Filter{Subject: fmt.Sprintf("number %d", i)}, 0, 10)
		must(t, err)
		if diff := cmp.Diff([]event.Event{e}, eventsOf(found.Records)); diff != "" {
			t.Errorf("found by subject: %s", diff)
		}
	}
	checkSizes(t, s, all)
}

// checkSizes: the size that a reader is told is that of the JSON, not of what is stored.
func checkSizes(t *testing.T, s *store.Store, all []event.Event) {
	t.Helper()
	at, n := all[0].Time, 0
	err := s.EachEvent(Context(t), all[0].Topic, at.Add(-time.Minute), at.Add(time.Minute), func(e event.Event, size int) bool {
		if want, err := e.AppendJSON(nil); err != nil || size != len(want) {
			t.Errorf("event %d has %d bytes, want %d (%v)", n, size, len(want), err)
		}
		n++
		return true
	})
	if must(t, err); n != len(all) {
		t.Errorf("%d events in the stretch, want %d", n, len(all))
	}
}

func eventsOf(records []event.Record) (events []event.Event) {
	for _, r := range records {
		events = append(events, r.Event)
	}
	return events
}
