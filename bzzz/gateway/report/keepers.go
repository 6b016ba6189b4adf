package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// ToFile returns a reporter that appends a Line for each message to a file; a
// bypass is logged only.
func ToFile(name string, log *slog.Logger) (*Reporter, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the file of events: %w", err)
	}
	return newReporter(&file{f, log}, log), nil
}

type file struct {
	f   *os.File
	log *slog.Logger
}

func (f *file) keep(records []Record, _ []Bypass) error {
	var text bytes.Buffer
	for _, r := range records {
		b, err := json.Marshal(r.line())
		if err != nil {
			return fmt.Errorf("encoding a line: %w", err)
		}
		text.Write(append(b, '\n'))
	}
	_, err := f.f.Write(text.Bytes())
	if err := errors.Join(err, f.f.Sync()); err != nil {
		return fmt.Errorf("appending to the file of events: %w", err)
	}
	return nil
}

func (f *file) close() { _ = f.f.Close() } // it was synced

// ToServer returns a reporter that sends events to a server, from a spool, which
// it closes.
func ToServer(s *Server, spool *Spool, gateway string, log *slog.Logger) *Reporter {
	ctx, cancel := context.WithCancel(context.Background())
	d := &delivery{server: s, spool: spool, maker: maker{gateway}, log: log, cancel: cancel, wake: make(chan struct{}, 1), last: make(chan struct{}), firstPause: time.Second}
	d.ring()
	d.ended.Go(func() { d.run(ctx) })
	return newReporter(d, log)
}

// delivery is a keeper that hands on what it keeps.
type delivery struct {
	server     *Server
	spool      *Spool
	maker      maker
	log        *slog.Logger
	cancel     context.CancelFunc
	wake       chan struct{}
	last       chan struct{} // closed: send what is there once more, and end
	ended      sync.WaitGroup
	firstPause time.Duration
}

func (d *delivery) keep(records []Record, bypasses []Bypass) error {
	var events []Event
	for _, r := range records {
		e, err := d.maker.withheld(r)
		if err != nil {
			return err
		}
		events = append(events, e...)
	}
	for _, b := range bypasses {
		e, err := d.maker.event("leak.gateway."+d.maker.gateway+".bypass", "high", b.PeerA, time.Now(), b)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	if err := d.spool.Append(events); err != nil {
		return err
	}
	d.ring()
	return nil
}

func (d *delivery) ring() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

const lastTry = 5 * time.Second

// close sends what waits, for a few seconds at most; the rest waits on disk for
// the next start.
func (d *delivery) close() {
	close(d.last)
	t := time.AfterFunc(lastTry, d.cancel)
	d.ended.Wait()
	t.Stop()
	d.cancel()
	d.spool.Close()
}

const longestPause = 30 * time.Second

func (d *delivery) run(ctx context.Context) {
	pause := d.firstPause
	for {
		select {
		case <-d.last:
			d.logged(d.drain(ctx))
			return
		case <-d.wake:
		}
		err := d.drain(ctx)
		if err == nil {
			pause = d.firstPause
			continue
		}
		d.logged(err)
		select {
		case <-d.last:
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
		d.ring()
	}
}

func (d *delivery) logged(err error) {
	if err != nil {
		d.log.Warn("reports wait in the spool", "bytes", d.spool.Len(), "error", err)
	}
}

// drain sends what waits, in its order.
func (d *delivery) drain(ctx context.Context) error {
	for {
		name, events, damaged, err := d.spool.Oldest()
		if err != nil || name == "" {
			return err
		}
		if damaged > 0 {
			d.log.Error("the spool is damaged; the segment is kept beside it", "segment", name, "lines", damaged)
		}
		for _, batch := range batches(events) {
			if err := d.send(ctx, batch); err != nil {
				return err
			}
		}
		if err := d.spool.Done(name, damaged > 0); err != nil {
			return err
		}
	}
}

// send sends a batch. Of one that is refused, each event is sent by itself, and
// those that are refused again are logged and given up: they would hold up all
// others for ever.
func (d *delivery) send(ctx context.Context, batch []Event) error {
	err := d.server.Post(ctx, batch)
	if !refused(err) {
		return err
	}
	if len(batch) == 1 {
		d.log.Error("the server refuses a report; it is given up", "event", batch[0].ID, "topic", batch[0].Topic, "error", err)
		return nil
	}
	for i := range batch {
		if err := d.send(ctx, batch[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

const (
	maxBatch      = 200
	maxBatchBytes = 900 << 10
)

// batches cuts events to what the server takes at once.
func batches(events []Event) [][]Event {
	var out [][]Event
	start, size := 0, 0
	for i, e := range events {
		n := len(e.Data) + 1024
		if i > start && (i-start >= maxBatch || size+n > maxBatchBytes) {
			out, start, size = append(out, events[start:i]), i, 0
		}
		size += n
	}
	if start < len(events) {
		out = append(out, events[start:])
	}
	return out
}
