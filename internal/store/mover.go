package store

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
)

const (
	// Often, so that each time takes little: what is synced meanwhile waits for the disk.
	moveEvery = 200 * time.Millisecond
	// A write-ahead log of so many pages (of 4 KB) is worth beginning anew. The
	// writer moves the last ones itself when they are few.
	manyPages = 2000
	fewPages  = 500
)

// mover moves SQLite's write-ahead log into the database beside the writer, whose
// commits would otherwise be held up for it now and then, for as long as tens of
// megabytes take (https://www.sqlite.org/wal.html, section 3: "checkpointing").
// A log begins anew only when all of it is moved at one moment: when little is left,
// the writer does that between two commits.
type mover struct {
	db     *bun.DB // a connection of its own
	log    *slog.Logger
	news   chan struct{} // capacity 1: something was committed
	nearly atomic.Bool   // little is left
	stop   chan struct{}
	done   chan struct{}
}

func newMover(db *bun.DB, log *slog.Logger) *mover {
	return &mover{db: db, log: log, news: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
}

// run moves what was committed, at most once in moveEvery, until close.
func (m *mover) run() {
	defer close(m.done)
	for {
		select {
		case <-m.stop:
			return
		case <-m.news:
		}
		m.step()
		select {
		case <-m.stop:
			return
		case <-time.After(moveEvery):
		}
	}
}

func (m *mover) step() {
	pages, left, err := move(m.db)
	if err != nil {
		m.log.Warn("moving the database's write-ahead log, trying again", "error", err)
	}
	m.nearly.Store(err == nil && pages >= manyPages && left < fewPages)
}

// committed tells that there is something to move. Only the writer calls it, between
// commits.
func (m *mover) committed(writer *bun.DB) {
	if m.nearly.CompareAndSwap(true, false) {
		if _, _, err := move(writer); err != nil {
			m.log.Warn("moving the end of the database's write-ahead log, trying again", "error", err)
		}
	}
	select {
	case m.news <- struct{}{}:
	default:
	}
}

func (m *mover) close() error {
	close(m.stop)
	<-m.done
	return m.db.Close()
}

// move moves what no reader needs, without waiting for anybody, and returns how many
// pages the log has and how many of them are left.
func move(db *bun.DB) (pages, left int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	var busy, moved int
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved); err != nil {
		return 0, 0, explain(err)
	}
	return pages, pages - moved, nil
}
