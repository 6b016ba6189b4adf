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
	// URL is where the database is: "sqlite:PATH", "postgres://..." or
	// "mysql://..." (MariaDB). Mandatory.
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
	// Observe is told of every batch of writes: how long it took, and why
	// nothing of it was stored. Like AfterCommit it must not block. If nil, none.
	Observe func(took time.Duration, err error)
	// Query is told how long each statement took, of reads and writes. It is
	// called by many goroutines and must not block. If nil, none.
	Query func(took time.Duration)
	// FindSpan is how many events one call of FindEvents looks at. If 0, 50,000.
	FindSpan int64
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	opts    Options
	dialect dialect
	write   *bun.DB
	read    *bun.DB
	place   place
	mover   *mover // nil: the database is a server's
	packer  packer
	recent  recent
	joint   atomic.Pointer[Joint]

	mu     sync.RWMutex // guards closed against senders on jobs
	closed bool
	jobs   chan *job
	done   chan struct{} // closed when the writer has ended
	run    time.Duration // after which the writer commits; its own

	sick atomic.Pointer[error] // why the last commit failed; nil: it did not
}

// Open opens the database, creates it if there is none (a server's must be
// there), and brings its schema up to date. The error names what is wrong with
// the database and what to do; ErrUnreachable: its server does not answer.
func Open(ctx context.Context, o Options) (*Store, error) {
	p, d, err := findPlace(o.URL)
	if err != nil {
		return nil, err
	}
	s := &Store{opts: o.withDefaults(), dialect: d, place: p, jobs: make(chan *job, queueSize), done: make(chan struct{})}
	if s.packer, err = newPacker(); err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		return nil, fmt.Errorf("opening database %s: %w", p, errors.Join(explain(err), s.closeConns()))
	}
	go s.runWriter()
	if s.mover != nil {
		go s.mover.run()
	}
	return s, nil
}

// movable is a place whose write-ahead log we move into the database ourselves.
type movable interface {
	mover() (*bun.DB, error)
}

// open connects and migrates. The writer comes first: it switches SQLite to
// its write-ahead log. What is no database, or a damaged one, fails the probe.
func (s *Store) open(ctx context.Context) (err error) {
	if s.write, err = s.place.connect(writer); err != nil {
		return err
	}
	if s.read, err = s.place.connect(reader); err != nil {
		return err
	}
	for _, db := range []*bun.DB{s.write, s.read} {
		if err := s.look(ctx, db); err != nil {
			return err
		}
	}
	s.watchQueries()
	if err := s.migrate(ctx); err != nil {
		return err
	}
	p, ok := s.place.(movable)
	if !ok {
		return nil
	}
	db, err := p.mover()
	s.mover = newMover(db, s.opts.Log)
	return err
}

// look reads something. Two that open an empty file at once get into each other's way
// while they switch it to a write-ahead log: SQLite refuses one of them without letting
// it wait, for waiting might be for ever.
func (s *Store) look(ctx context.Context, db *bun.DB) error {
	for end := time.Now().Add(busyTimeout); ; time.Sleep(firstPause) {
		var n int
		err := db.QueryRowContext(ctx, s.dialect.probe).Scan(&n)
		if err == nil || !isHeld(err) || time.Now().After(end) {
			return err
		}
	}
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
	if o.Observe == nil {
		o.Observe = func(time.Duration, error) {}
	}
	return o
}

// Reader is the pool of connections for reading. What a Write that has
// returned committed, it sees.
func (s *Store) Reader() bun.IDB { return s.read }

// Waiting is the number of writes that wait for the writer.
func (s *Store) Waiting() int { return len(s.jobs) }

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
	if sick := s.sick.Load(); sick != nil && !errors.Is(*sick, ErrUnreachable) { // it answers now
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
	if s.mover != nil {
		if err := s.mover.close(); err != nil {
			s.opts.Log.Warn("closing the database's second writer", "error", err)
		}
	}
	if err := s.settle(); err != nil {
		s.opts.Log.Warn("settling the database", "error", err)
	}
	if err := s.closeConns(); err != nil {
		return fmt.Errorf("closing database: %w", err)
	}
	return nil
}

// settler is a place that must be left tidy.
type settler interface {
	settle(ctx context.Context, db *bun.DB) error
}

func (s *Store) settle() error {
	p, ok := s.place.(settler)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), busyTimeout)
	defer cancel()
	return p.settle(ctx, s.write)
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
