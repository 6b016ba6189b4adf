package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// shelf keeps events that webhooks are owed, as they were read last: each lane has come
// another way through the queue, and all are owed the same. Who gets an event must not
// change what it holds. The zero shelf is empty.
type shelf struct {
	mu    sync.Mutex
	byID  map[string]event.Event
	order []string // of ids, as they came
	bytes int
}

// shelfSize is how many bytes of events are kept, with what each costs beside its data.
const (
	shelfSize = 8 << 20
	eventSize = 512
)

// pick returns those of some events that are there.
func (s *shelf) pick(rows []deliveryRow) map[string]event.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]event.Event{}
	for _, r := range rows {
		if e, ok := s.byID[r.EventID]; ok {
			found[r.EventID] = e
		}
	}
	return found
}

func (s *shelf) put(id string, e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]event.Event{}
	}
	if _, ok := s.byID[id]; ok {
		return
	}
	s.byID[id], s.order, s.bytes = e, append(s.order, id), s.bytes+eventSize+len(e.Data)
	for s.bytes > shelfSize {
		s.bytes -= eventSize + len(s.byID[s.order[0]].Data)
		delete(s.byID, s.order[0])
		s.order = s.order[1:]
	}
}

// withEvents are the deliveries of rows that were read without their events. Each event
// is read once, however many webhooks are owed it: it is most of a row. A delivery whose
// event has gone meanwhile, with its webhook, is left out.
func (n *Notify) withEvents(ctx context.Context, rows []deliveryRow) ([]notify.Delivery, error) {
	events := n.shelf.pick(rows)
	var holders []string // of the events that are not there
	asked := map[string]bool{}
	for _, r := range rows {
		if _, ok := events[r.EventID]; !ok && !asked[r.EventID] {
			asked[r.EventID], holders = true, append(holders, r.ID)
		}
	}
	for some := range slices.Chunk(holders, eventsAtOnce) {
		if err := n.readEvents(ctx, some, events); err != nil {
			return nil, err
		}
	}
	due := make([]notify.Delivery, 0, len(rows))
	for _, r := range rows {
		if e, ok := events[r.EventID]; ok {
			d := r.bare()
			d.Event = e
			due = append(due, d)
		}
	}
	return due, nil
}

// eventsAtOnce is how many events one statement reads.
const eventsAtOnce = 256

// readEvents reads the events of some deliveries.
func (n *Notify) readEvents(ctx context.Context, holders []string, events map[string]event.Event) error {
	var found []deliveryRow
	err := n.store.Reader().NewSelect().Model(&found).Column("id", "event_id", "event").Where("id IN (?)", bun.In(holders)).Scan(ctx)
	if err != nil {
		return err
	}
	for _, r := range found {
		var e event.Event
		if err := json.Unmarshal([]byte(r.Event), &e); err != nil {
			return fmt.Errorf("decoding delivery %s: %w", r.ID, err)
		}
		events[r.EventID] = e
		n.shelf.put(r.EventID, e)
	}
	return nil
}
