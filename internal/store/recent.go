package store

import (
	"slices"
	"sync"

	"go.cordon.dev/cordon/internal/event"
)

// What is kept of the end of the log.
const (
	recentRecords = 2048
	recentBytes   = 8 << 20 // of data
)

// recent is the end of the event log in memory, as far as this process wrote it. Every
// follower reads each event soon after its commit: from here neither the database nor
// what decodes JSON is asked again for each of them. Who gets records must not change
// what they hold.
type recent struct {
	mu      sync.RWMutex
	records []event.Record // without a gap
	bytes   int
}

// add takes what was committed. Numbers have no gaps: one between what is kept and what
// is new was written by another process, and all before it is left to the database.
func (r *recent) add(records []event.Record) {
	if len(records) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.records); n > 0 && r.records[n-1].Cursor.Seq+1 != records[0].Cursor.Seq {
		r.records, r.bytes = nil, 0
	}
	for _, rec := range records {
		r.records = append(r.records, rec)
		r.bytes += len(rec.Event.Data)
	}
	if len(r.records) > recentRecords || r.bytes > recentBytes {
		r.halve()
	}
}

// halve makes room, for many commits at once.
func (r *recent) halve() {
	drop := 0
	for ; len(r.records)-drop > recentRecords/2 || r.bytes > recentBytes/2; drop++ {
		r.bytes -= len(r.records[drop].Event.Data)
	}
	r.records = slices.Delete(r.records, 0, drop)
}

// forget leaves all to the database, in which some are no more.
func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records, r.bytes = nil, 0
}

// after returns the next records behind a place as far as they are kept, at most limit.
// Whether there are more, the database knows.
func (r *recent) after(c event.Cursor, limit int) []event.Record {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.records) == 0 || c.Seq+1 < r.records[0].Cursor.Seq {
		return nil
	}
	from := int(min(c.Seq+1-r.records[0].Cursor.Seq, int64(len(r.records))))
	return slices.Clone(r.records[from:min(from+limit, len(r.records))])
}
