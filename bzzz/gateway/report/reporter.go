package report

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	queueSize = 4096
	maxGroup  = 256 // records that are synced at once
)

// keeper puts what is reported on disk.
type keeper interface {
	keep(records []Record, bypasses []Bypass) error
	close()
}

// item is one thing to report.
type item struct {
	record *Record
	bypass *Bypass
}

// Reporter takes reports without ever making the network wait.
type Reporter struct {
	keeper  keeper
	log     *slog.Logger
	queue   chan item
	dropped atomic.Int64
	ended   sync.WaitGroup
	stop    sync.Once
	done    chan struct{}
}

func newReporter(k keeper, log *slog.Logger) *Reporter {
	r := &Reporter{keeper: k, log: log, queue: make(chan item, queueSize), done: make(chan struct{})}
	r.ended.Go(r.run)
	return r
}

// Withheld reports a message. When there is no room it is counted; the message
// is withheld all the same.
func (r *Reporter) Withheld(rec Record) {
	rec.Message.Data = nil
	r.put(item{record: &rec})
}

// Bypass reports that two peers met without the gateway.
func (r *Reporter) Bypass(b Bypass) { r.put(item{bypass: &b}) }

func (r *Reporter) put(i item) {
	select {
	case <-r.done:
		r.dropped.Add(1)
		return
	default:
	}
	select {
	case r.queue <- i:
	default:
		r.dropped.Add(1)
	}
}

// Queue is how many reports are not on disk yet.
func (r *Reporter) Queue() int { return len(r.queue) }

// Dropped is how many reports found no room, in the queue or on disk.
func (r *Reporter) Dropped() int64 { return r.dropped.Load() }

// Close puts what was reported on disk, and ends.
func (r *Reporter) Close() {
	r.stop.Do(func() { close(r.done) })
	r.ended.Wait()
	r.keeper.close()
}

func (r *Reporter) run() {
	for {
		select {
		case i := <-r.queue:
			r.group(i)
		case <-r.done:
			for {
				select {
				case i := <-r.queue:
					r.group(i)
				default:
					return
				}
			}
		}
	}
}

// group keeps an item and what came with it, in one sync.
func (r *Reporter) group(first item) {
	var records []Record
	var bypasses []Bypass
	n := 0
	for i, more := first, true; more; {
		if n++; i.record != nil {
			records = append(records, *i.record)
		} else {
			bypasses = append(bypasses, *i.bypass)
		}
		i, more = r.another(n)
	}
	if err := r.keeper.keep(records, bypasses); err != nil {
		r.dropped.Add(int64(n))
		r.log.Error("reports are lost; their messages were withheld", "reports", n, "error", err)
	}
}

func (r *Reporter) another(n int) (item, bool) {
	if n >= maxGroup {
		return item{}, false
	}
	select {
	case i := <-r.queue:
		return i, true
	default:
		return item{}, false
	}
}

// wait sleeps, or returns false when ctx ends.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// refused reports whether the server will never take it.
func refused(err error) bool {
	var r *RefusedError
	return errors.As(err, &r)
}
