package sqlstore

import (
	"fmt"
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

// What was read last is kept, within a bound of bytes, whatever sizes come.
func TestTheShelfIsBoundedInBytes(t *testing.T) {
	var s shelf
	for n := range 3000 {
		id := fmt.Sprint("e", n)
		s.put(id, event.Event{ID: id, Data: make([]byte, n%7*4<<10)})
		s.put(id, event.Event{ID: id, Data: make([]byte, 1<<20)}) // known already
		got := s.pick([]deliveryRow{{EventID: id}, {EventID: "e0"}})
		if len(got[id].Data) != n%7*4<<10 || got[id].ID != id {
			t.Fatalf("%s is not what was put: %d bytes", id, len(got[id].Data))
		}
		size := 0
		for _, e := range s.byID {
			size += eventSize + len(e.Data)
		}
		if size != s.bytes || size > shelfSize || len(s.order) != len(s.byID) {
			t.Fatalf("after %s: %d bytes of %d, counted as %d, in %d places", id, size, len(s.byID), s.bytes, len(s.order))
		}
	}
	if _, there := s.pick([]deliveryRow{{EventID: "e0"}})["e0"]; there {
		t.Error("the first of 36 MB is still there")
	}
	s.put("huge", event.Event{Data: make([]byte, shelfSize+1)})
	if len(s.byID)+len(s.order)+s.bytes != 0 {
		t.Errorf("an event larger than the shelf leaves %d on it, %d bytes", len(s.byID), s.bytes)
	}
}
