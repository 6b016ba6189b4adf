package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/id"
)

// Bounds of the group commit.
const (
	queueSize = 1024 // lines that wait; who comes then waits in Append
	batchSize = 256  // lines in one sync
)

// The defaults of Options.
const (
	DefaultRotateBytes = 64 << 20
	DefaultRotateAfter = 24 * time.Hour
	DefaultKeep        = 90 * 24 * time.Hour
	DefaultKeepBytes   = 10 << 30
)

// SigningPurpose and FloorPurpose are what the keys of the two signers are
// derived from the installation key for. They differ, so that no checkpoint can
// be passed off as a floor, which would excuse missing lines.
const (
	SigningPurpose = "egress audit checkpoint"
	FloorPurpose   = "egress audit retention"
)

var (
	// ErrTampered says that the log is not what was written.
	ErrTampered = errors.New("the egress audit log was tampered with; cordon egress verify-audit says where")
	// ErrClosed says that the ledger takes nothing more.
	ErrClosed = errors.New("the egress audit log is closed")
)

// Options say where a Ledger is and how it keeps house.
type Options struct {
	Dir    string        // Mandatory. Made when it is not there.
	Signer *audit.Signer // Mandatory. Signs checkpoints; from SigningPurpose.
	Floor  *audit.Signer // Mandatory. Signs what retention deleted; from FloorPurpose.
	// Redact takes the secrets out of a text. Mandatory; may be called by many
	// goroutines.
	Redact      func(text string) string
	Known       Head          // What the store has of this log; zero: nothing.
	RotateBytes int64         // Size of a file. If 0, DefaultRotateBytes.
	RotateAfter time.Duration // Age of a file. If 0, DefaultRotateAfter.
	Keep        time.Duration // Age of what is deleted. If 0, DefaultKeep; below 0, nothing is.
	KeepBytes   int64         // Size of all files. If 0, DefaultKeepBytes; below 0, it does not matter.
	Clock       clock.Clock   // If nil, the machine's.
	Log         *slog.Logger  // If nil, discards.

	open func(path string) (file, error) // If nil, openFile.
}

func (o Options) check() error {
	if o.Dir == "" || o.Signer == nil || o.Floor == nil || o.Redact == nil {
		return errors.New("opening the egress audit log: Dir, Signer, Floor and Redact are mandatory")
	}
	return nil
}

func (o Options) filled() Options {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.open == nil {
		o.open = openFile
	}
	o.RotateBytes = orDefault(o.RotateBytes, DefaultRotateBytes)
	o.RotateAfter = orDefault(o.RotateAfter, DefaultRotateAfter)
	o.Keep = orDefault(o.Keep, DefaultKeep)
	o.KeepBytes = orDefault(o.KeepBytes, DefaultKeepBytes)
	return o
}

func orDefault[T int64 | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Ledger appends to the audit log. One process at a time has a folder open.
type Ledger struct {
	o     Options
	clean cleaner
	lock  *flock.Flock
	j     journal // the writer's
	human *human  // the writer's
	stats *stats
	notes *notary

	jobs chan *job
	done chan struct{} // closed when the writer has ended

	closing sync.RWMutex // held for reading while a job is queued
	closed  bool

	naming  sync.Mutex // held while the active file gets another name
	tidying sync.Mutex // held while files are packed and deleted, or verified

	mu      sync.Mutex
	head    Head
	grown   chan struct{} // closed when head moves, and replaced
	failing error         // of the last batch; nil: it was written
}

// job is one Append on its way through the writer.
type job struct {
	line Line
	done chan error // capacity 1
}

// Open takes a folder's lock, cuts off what a crash left half written, and
// refuses a log that lacks lines which were signed or stored before.
func Open(o Options) (*Ledger, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o = o.filled()
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the egress audit log: %w", err)
	}
	lock := flock.New(filepath.Join(o.Dir, lockFile), flock.SetPermissions(0o600))
	if held, err := lock.TryLock(); err != nil || !held {
		return nil, errors.Join(fmt.Errorf("the egress audit log in %s is in use by another process; stop it, or give another egress.log_dir", o.Dir), err)
	}
	l, err := open(o, lock)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the egress audit log in %s: %w", o.Dir, err), lock.Unlock())
	}
	go l.write()
	return l, nil
}

func open(o Options, lock *flock.Flock) (*Ledger, error) {
	l := &Ledger{
		o: o, clean: newCleaner(o.Redact, o.Clock.Now), lock: lock, jobs: make(chan *job, queueSize), done: make(chan struct{}),
		grown: make(chan struct{}), stats: newStats(o.Clock.Now()),
	}
	if err := sweep(o.Dir); err != nil {
		return nil, err
	}
	var err error
	if l.notes, err = openNotary(o); err != nil {
		return nil, err
	}
	if err := l.recover(); err != nil {
		return nil, err
	}
	if l.human, err = openHuman(filepath.Join(o.Dir, people), o.RotateBytes); err != nil {
		return nil, errors.Join(err, l.j.f.Close())
	}
	return l, nil
}

// Head is the last durable line.
func (l *Ledger) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Health is why the last lines could not be written; nil when they were.
func (l *Ledger) Health() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failing
}

// Append cleans an entry, puts it into the chain and returns once it is
// durable, or why it is not. When ctx ends first, the line may be written all
// the same.
func (l *Ledger) Append(ctx context.Context, e Entry) (Line, error) {
	j := &job{line: Line{ID: id.New(), Entry: l.clean.entry(e)}, done: make(chan error, 1)}
	if err := l.enqueue(ctx, j); err != nil {
		return Line{}, err
	}
	select {
	case err := <-j.done:
		return j.line, err
	case <-ctx.Done():
		return Line{}, fmt.Errorf("waiting for the egress audit log: %w", ctx.Err())
	}
}

func (l *Ledger) enqueue(ctx context.Context, j *job) error {
	l.closing.RLock()
	defer l.closing.RUnlock()
	if l.closed {
		return ErrClosed
	}
	select {
	case l.jobs <- j:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the egress audit log: %w", ctx.Err())
	}
}

// Close writes what waits, signs the head and lets go of the folder.
func (l *Ledger) Close() error {
	l.closing.Lock()
	if l.closed {
		l.closing.Unlock()
		return nil
	}
	l.closed = true
	close(l.jobs)
	l.closing.Unlock()
	<-l.done
	l.announce(l.Head()) // wakes readers, who see that it is closed
	err := errors.Join(l.Sign(), l.saveMetrics())
	return errors.Join(err, l.j.f.Close(), l.human.close(), l.lock.Unlock())
}
