package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
)

// Errors matched with errors.Is.
var (
	// ErrClosed is returned by a store after Close.
	ErrClosed = errors.New("store is closed")
	// ErrOtherKey is returned by PinKey when the rows were made under another
	// installation key.
	ErrOtherKey = errors.New("database belongs to another installation key")
)

// Options say which database to open, and how.
type Options struct {
	// URL is where the database is: "sqlite:PATH". Mandatory.
	URL string
	// Clock tells the day of events and when a lease ends. If nil, the
	// machine's.
	Clock clock.Clock
	// Log is told of what no caller sees. If nil, discards.
	Log *slog.Logger
	// AfterCommit is given the new events of each commit, in the order of
	// commits, before the writes that made them return. It is called by the
	// writer: it must not block, and must not call Write. If nil, none.
	AfterCommit func([]event.Record)
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	opts    Options
	dialect dialect
	write   *bun.DB
	read    *bun.DB
	place   place

	mu     sync.RWMutex // guards closed against senders on jobs
	closed bool
	jobs   chan *job
	done   chan struct{} // closed when the writer has ended

	sick atomic.Pointer[error] // why the last commit failed; nil: it did not
}

// place is where the rows are, as a file or a server.
type place interface {
	// check reports why the place is no longer the one that was opened.
	check() error
}

// Open opens the database, creates it if there is none, and brings its schema
// up to date. The error names what is wrong with the database and what to do.
func Open(ctx context.Context, o Options) (*Store, error) {
	path, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	s := &Store{opts: o, dialect: sqliteDialect(), jobs: make(chan *job, queueSize), done: make(chan struct{})}
	if err := s.openSQLite(ctx, path); err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	if err := migrate(ctx, s.write.DB, s.dialect); err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, errors.Join(explain(err), s.closeConns()))
	}
	go s.runWriter()
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.AfterCommit == nil {
		o.AfterCommit = func([]event.Record) {}
	}
	return o
}

// Reader is the pool of connections for reading. What a Write that has
// returned committed, it sees.
func (s *Store) Reader() bun.IDB { return s.read }

// Now is the store's time: UTC, in whole microseconds, as rows keep it.
func (s *Store) Now() time.Time { return s.opts.Clock.Now().UTC().Truncate(time.Microsecond) }

// Health reports why the store cannot be relied on: it cannot be read, its
// file is gone, or the last commit failed.
func (s *Store) Health(ctx context.Context) error {
	if s.isClosed() {
		return ErrClosed
	}
	if err := s.place.check(); err != nil {
		return err
	}
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("reading database: %w", explain(err))
	}
	if _, err := s.Head(ctx); err != nil {
		return err
	}
	if sick := s.sick.Load(); sick != nil {
		return fmt.Errorf("last write: %w", *sick)
	}
	return nil
}

// Close answers the writes that wait, ends the writer and closes the database.
// Calling it again does nothing.
func (s *Store) Close() error {
	if !s.shut() {
		<-s.done
		return nil
	}
	close(s.jobs)
	<-s.done
	if err := s.settle(); err != nil {
		s.opts.Log.Warn("truncating the write-ahead log", "error", err)
	}
	if err := s.closeConns(); err != nil {
		return fmt.Errorf("closing database: %w", err)
	}
	return nil
}

// shut makes every later Write fail; false: it had been done.
func (s *Store) shut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.closed
	s.closed = true
	return !was
}

func (s *Store) isClosed() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.closed
}

func (s *Store) closeConns() error {
	var errs []error
	for _, db := range []*bun.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// readers is the size of the reading pool: enough for ten dashboard users on a
// small machine, few enough to bound memory.
func readers() int { return max(4, runtime.NumCPU()) }
