package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

const (
	queueSize    = 1024             // jobs that wait; more writers than that wait in Write
	batchSize    = 256              // jobs in one commit
	batchTimeout = 30 * time.Second // the longest a commit may take

	// What has run so long is committed: the jobs that are left go into the next
	// commit, so that a short one waits for few long ones. It is longer where
	// commits take long, so that they don't take most of the time.
	shortRun = 2 * time.Millisecond
	longRun  = 100 * time.Millisecond

	// A batch is attempted at once, then after pauses that double.
	firstPause = 25 * time.Millisecond
	lastPause  = 400 * time.Millisecond
)

// job is one call of Write on its way through the writer.
type job struct {
	ctx   context.Context
	run   func(ctx context.Context, tx *Tx) error
	taken atomic.Bool // by the writer, which then answers; or by the caller, who gave up
	done  chan error  // capacity 1
}

// Write runs fn in a transaction and returns once what it wrote is durable,
// or why none of it was stored. Several calls share one commit; one that fails
// leaves the others alone.
//
// fn may be run twice (when a companion spoiled the shared transaction): what
// it does outside tx must be an assignment, not a change. fn must use the ctx
// it is given and must not call Write. When the caller's ctx ends before fn has begun, fn is not run;
// once begun, it is run to its end.
func (s *Store) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	j := &job{ctx: ctx, run: fn, done: make(chan error, 1)}
	if err := s.enqueue(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
	}
	if j.taken.CompareAndSwap(false, true) {
		return fmt.Errorf("waiting to write: %w", ctx.Err())
	}
	return <-j.done
}

func (s *Store) enqueue(ctx context.Context, j *job) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return ErrClosed
	}
	select {
	case s.jobs <- j:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting to write: %w", ctx.Err())
	}
}

// runWriter is the writer goroutine; it ends when Close has closed the queue
// and all jobs are answered.
func (s *Store) runWriter() {
	defer close(s.done)
	for j := range s.jobs {
		for left := take(nil, j); len(left) > 0; {
			left = s.commit(s.gather(left))
		}
	}
}

// gather collects the jobs that go into one commit, behind those that the last one
// left. It does not wait for more: while one commit syncs, the next batch gathers in
// the queue by itself, and a lone writer is not held up (a pause of 2 ms would bound
// it at 500 commits a second; docs/adr/0006).
func (s *Store) gather(batch []*job) []*job {
	for len(batch) < batchSize {
		select {
		case j, ok := <-s.jobs:
			if !ok {
				return batch
			}
			batch = take(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// take adds a job unless its caller has given up.
func take(batch []*job, j *job) []*job {
	if j.ctx.Err() == nil && j.taken.CompareAndSwap(false, true) {
		return append(batch, j)
	}
	if j.taken.CompareAndSwap(false, true) {
		j.done <- fmt.Errorf("waiting to write: %w", j.ctx.Err())
	}
	return batch
}

// commit stores a batch and answers its jobs, and returns those that it had no time
// for. When one job broke the shared transaction (a full disk undoes all of it), each
// is tried alone. A database that is locked, or a COMMIT that failed, is no job's
// fault: all are told.
func (s *Store) commit(batch []*job) (left []*job) {
	began := time.Now()
	r := s.insist(batch)
	s.opts.Observe(time.Since(began), r.broken)
	if r.byJob && len(batch) > 1 {
		for _, j := range batch {
			s.commit([]*job{j})
		}
		return nil
	}
	s.note(r.illness())
	if s.mover != nil {
		s.mover.committed(s.write)
	}
	s.recent.add(r.records)
	s.announce(r)
	ran := len(batch) - r.left
	for i, j := range batch[:ran] {
		j.done <- r.answer(i)
	}
	return batch[ran:]
}

// insist attempts a batch again when what broke it passes: a server that
// restarts has lost its connections, and may answer in a moment. Only what
// cannot have been stored is done again.
func (s *Store) insist(batch []*job) result {
	joint := true
	for pause := firstPause; ; pause *= 2 {
		r := s.attempt(batch, joint)
		if r.unjoined {
			joint = false
			r = s.attempt(batch, joint)
		}
		if !r.again || pause > lastPause {
			return r
		}
		time.Sleep(pause)
	}
}

// result is what became of a batch.
type result struct {
	errs    []error        // of each job that ran
	left    int            // the last jobs, which have not run
	records []event.Record // new in the log
	broken  error          // why nothing of the batch was stored; nil: it was
	byJob   bool           // broken by what a job did
	again   bool           // broken by what passes, and certainly not stored

	unjoined  bool   // nothing was stored because of the Joint
	committed func() // the Joint's; nil: none
}

func (r result) answer(i int) error {
	if i < len(r.errs) && r.errs[i] != nil {
		return advise(r.errs[i])
	}
	return r.broken
}

// illness is what the batch says against the store itself, as opposed to a
// job's own mistake; nil: it works.
func (r result) illness() error {
	for _, err := range r.errs {
		if isIllness(err) {
			return advise(err)
		}
	}
	return r.broken
}

// note remembers for Health whether the store can store.
func (s *Store) note(illness error) {
	if illness == nil {
		s.sick.Store(nil)
		return
	}
	s.sick.Store(&illness)
	s.opts.Log.Error("store cannot write", "error", illness)
}

// announce hands on what was committed. The rows are safe, so a panic of the
// listener must not cost the writer its life.
func (s *Store) announce(r result) {
	if len(r.records) == 0 {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			s.opts.Log.Error("listener of commits panicked", "panic", redact.Panic(p), "stack", redact.Stack())
		}
	}()
	if r.committed != nil {
		r.committed()
	}
	s.opts.AfterCommit(r.records)
}

// attempt runs a batch in one transaction. What the first job did is undone with the
// transaction, so it needs no savepoint, for which SQLite would copy each page that
// the job changes. The others wait for the next transaction then.
func (s *Store) attempt(batch []*job, joint bool) (r result) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	tx, err := s.begin(ctx)
	if err != nil {
		return result{broken: fmt.Errorf("beginning transaction: %w", explain(err)), again: passes(err)}
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	end := time.Now().Add(s.run)
	events, err := s.runJob(ctx, tx, batch[0])
	r.errs = []error{err}
	if err != nil {
		if passes(err) {
			return r.spoiled("writing", err)
		}
		r.left = len(batch) - 1
		return r
	}
	for len(r.errs) < len(batch) && time.Now().Before(end) {
		emitted, err, broken := s.runSaved(ctx, tx, batch[len(r.errs)])
		r.errs = append(r.errs, err)
		if broken != nil || isCrossed(err) {
			return r.spoiled("writing", errors.Join(err, broken))
		}
		events = append(events, emitted...)
	}
	r.left = len(batch) - len(r.errs)
	return s.finish(ctx, tx, r, events, joint)
}

// begin starts a transaction and waits for its turn among all nodes.
func (s *Store) begin(ctx context.Context) (bun.Tx, error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil || s.dialect.turn == "" {
		return tx, err
	}
	if _, err := tx.ExecContext(ctx, s.dialect.turn); err != nil {
		_ = tx.Rollback()
		return tx, err
	}
	return tx, nil
}

// spoiled is the result of a transaction that err undid: because of a job, or
// of what passes.
func (r result) spoiled(doing string, err error) result {
	r.broken, r.left = fmt.Errorf("%s: %w", doing, explain(err)), 0
	r.again = passes(err)
	r.byJob = !r.again
	return r
}

// finish numbers the events, asks the Joint and commits.
func (s *Store) finish(ctx context.Context, tx bun.Tx, r result, events []emission, joint bool) result {
	records, err := s.appendLog(ctx, tx, events)
	if err != nil {
		return r.spoiled("appending events", err)
	}
	if joint {
		if r.committed, r.unjoined = s.joined(ctx, tx, records); r.unjoined {
			return r
		}
	}
	began := time.Now()
	if err := tx.Commit(); err != nil {
		r.broken = fmt.Errorf("committing: %w", explain(err))
		return r
	}
	s.run = min(max(shortRun, 3*time.Since(began)), longRun)
	r.records = records
	return r
}

// runSaved runs a job in a savepoint. broken means that the transaction itself is
// lost.
func (s *Store) runSaved(ctx context.Context, tx bun.Tx, j *job) (emitted []emission, err, broken error) {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT job"); err != nil {
		return nil, nil, err
	}
	if emitted, err = s.runJob(ctx, tx, j); err != nil {
		if _, broken = tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT job"); broken != nil {
			return nil, err, broken
		}
	}
	_, broken = tx.ExecContext(ctx, "RELEASE SAVEPOINT job")
	return emitted, err, broken
}

func (s *Store) runJob(ctx context.Context, tx bun.Tx, j *job) ([]emission, error) {
	t := &Tx{IDB: tx, tx: tx, store: s}
	if err := s.call(ctx, t, j); err != nil {
		return nil, err
	}
	return t.emitted, nil
}

// call runs the job's function. A statement interrupted by the caller's ctx
// would undo the whole transaction, so the function gets the values of that
// ctx and the deadline of the batch.
func (s *Store) call(ctx context.Context, t *Tx, j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.opts.Log.Error("write panicked", "panic", redact.Panic(p), "stack", redact.Stack())
			err = fmt.Errorf("write panicked: %s", redact.Panic(p))
		}
	}()
	deadline, _ := ctx.Deadline()
	own, cancel := context.WithDeadline(context.WithoutCancel(j.ctx), deadline)
	defer cancel()
	return j.run(own, t)
}
