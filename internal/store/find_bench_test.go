package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// BenchmarkFindEvents is the dearest call of a search: one that looks at all it may and
// finds nothing.
func BenchmarkFindEvents(b *testing.B) {
	const n, batch = 50_000, 5_000
	s := storetest.Open(b, store.Options{URL: storetest.SQLiteURL(b)})
	for i := 0; i < n; i += batch {
		events := make([]event.Event, batch)
		for k := range events {
			events[k] = storetest.Event(b, fmt.Sprint("event ", i+k))
		}
		if err := storetest.Emit(storetest.Context(b), s, events...); err != nil {
			b.Fatal(err)
		}
	}
	for name, f := range map[string]event.Filter{
		"topic":   {Topics: []string{"leak.>"}},
		"subject": {Subject: "nothing has it"},
		"letters": {Subject: "ßßß"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				found, err := s.FindEvents(storetest.Context(b), f, 0, 50)
				if err != nil || len(found.Records) != 0 {
					b.Fatal(found, err)
				}
			}
		})
	}
}

// BenchmarkFindEventsLong looks for a subject among events of five hundred records each.
func BenchmarkFindEventsLong(b *testing.B) {
	s := storetest.Open(b, store.Options{URL: storetest.SQLiteURL(b)})
	for i := range 2_000 {
		if err := storetest.Emit(storetest.Context(b), s, longEvent(b, i)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		found, err := s.FindEvents(storetest.Context(b), event.Filter{Subject: "nothing has it"}, 0, 50)
		if err != nil || len(found.Records) != 0 {
			b.Fatal(found, err)
		}
	}
}

func longEvent(b *testing.B, i int) event.Event {
	var records strings.Builder
	for n := range 500 {
		fmt.Fprintf(&records, `{"kind":"auth_failed","source_ip":"203.0.%d.%d","user":"user%d"},`, i%200, n%250, n*i)
	}
	e := storetest.Event(b, fmt.Sprint("event ", i))
	e.Data = json.RawMessage(`{"records":[` + strings.TrimSuffix(records.String(), ",") + `]}`)
	return e
}
