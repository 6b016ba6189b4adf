package notifytest

import (
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// AppendElsewhere is Append by another process: nobody is asked.
func (m *Memory) AppendElsewhere(events ...event.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log = append(m.log, m.records(events)...)
}

// Board implements notify.Ferry.
func (m *Memory) Board(consumer string, of notify.Boarding) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.consumer, m.boarding = consumer, of
	return true
}

// ask asks for what follows from records.
func (m *Memory) ask(records []event.Record) (found notify.Boarded) {
	if m.boarding == nil || len(records) == 0 {
		return found
	}
	before := records[0].Cursor
	before.Seq--
	return m.boarding(before, records)
}

func (m *Memory) commit(records []event.Record, found notify.Boarded) {
	m.log = append(m.log, records...)
	if len(found.Deliveries) > 0 {
		m.enqueue(m.consumer, records[len(records)-1].Cursor, found.Deliveries)
	}
	if found.Committed != nil {
		found.Committed()
	}
}
