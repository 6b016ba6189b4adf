package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/watch"
	"go.cordon.dev/cordon/internal/event"
)

// How a batch is moved.
const (
	batchSize = 200
	again     = 2 * time.Second // after a failure
)

// Store keeps decisions.
type Store interface {
	// Archived is how far the ledger of a node in a folder was stored; the zero
	// Head: nothing was.
	Archived(ctx context.Context, log Log) (ledger.Head, error)
	// Archive stores a batch in one transaction. Decisions whose id is there are
	// left alone.
	Archive(ctx context.Context, b Batch) error
	// Baselines are those of a node that were stored with batches, the oldest
	// first.
	Baselines(ctx context.Context, node string) ([]watch.Saved, error)
}

// Log names a ledger among those of all nodes.
type Log struct{ Node, Dir string }

// Batch is a run of a ledger's lines: new decisions, each with its event, and
// the ends of flows.
type Batch struct {
	Log
	Head      ledger.Head // of the last line
	Decisions []Decision
	Events    []event.Event // one for each of Decisions, with its id
	Ends      []ledger.Entry
	News      watch.News // what is to be looked at, with what was learned
}

// Decision is a stored decision.
type Decision struct {
	ledger.Line
	Node    string
	EndedAt *time.Time // nil: it goes on, or was denied
}

// Deps is what an Archivist needs.
type Deps struct {
	Ledger *ledger.Ledger // Mandatory.
	Store  Store          // Mandatory.
	Log    Log            // Mandatory. Names Ledger.
	Watch  *watch.Watcher // If nil, nobody is told of what is unusual.
	Clock  clock.Clock    // If nil, the machine's.
	Out    *slog.Logger   // If nil, discards.
}

// Archivist moves lines from a ledger into the store.
type Archivist struct {
	d        Deps
	recalled bool // the watcher knows what was stored
}

// New returns an Archivist; Run makes it work.
func New(d Deps) *Archivist {
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Out == nil {
		d.Out = slog.New(slog.DiscardHandler)
	}
	return &Archivist{d: d}
}

// Run moves lines until ctx ends or the ledger is closed. While the store is
// away it tries again, from where the store says it is.
func (a *Archivist) Run(ctx context.Context) error {
	for complained := false; ; {
		err := a.follow(ctx, func() { complained = false })
		switch {
		case errors.Is(err, ledger.ErrClosed), ctx.Err() != nil:
			return nil
		case !complained:
			complained = true
			a.d.Out.Warn("egress decisions wait in their log until the store takes them", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.d.Clock.After(again):
		}
	}
}

// follow moves batches until something fails.
func (a *Archivist) follow(ctx context.Context, moved func()) error {
	head, err := a.d.Store.Archived(ctx, a.d.Log)
	if err != nil {
		return err
	}
	if err := a.recall(ctx); err != nil {
		return err
	}
	f := a.d.Ledger.Follow(head.Seq)
	defer f.Close()
	for {
		lines, err := f.Next(ctx, batchSize)
		if err != nil {
			return err
		}
		if lost := lines[0].Seq - head.Seq - 1; lost > 0 {
			a.d.Out.Error("retention deleted egress decisions before the store had them", "lines", lost)
		}
		b, err := newBatch(a.d.Log, lines)
		if err != nil {
			return err
		}
		if err := a.watch(&b, lines); err != nil {
			return err
		}
		if err := a.d.Store.Archive(ctx, b); err != nil {
			return err
		}
		a.stored()
		head = b.Head
		moved()
	}
}

func newBatch(log Log, lines []ledger.Line) (Batch, error) {
	last := lines[len(lines)-1]
	b := Batch{Log: log, Head: ledger.Head{Seq: last.Seq, Hash: last.Hash}}
	for _, l := range lines {
		if l.Kind == ledger.End {
			b.Ends = append(b.Ends, l.Entry)
			continue
		}
		e, err := newEvent(log.Node, l)
		if err != nil {
			return Batch{}, err
		}
		b.Decisions = append(b.Decisions, Decision{Line: l, Node: log.Node})
		b.Events = append(b.Events, e)
	}
	return b, nil
}

// newEvent makes a decision's event. It has the decision's id, by which whoever
// has seen it knows it again.
func newEvent(node string, l ledger.Line) (event.Event, error) {
	c := event.Connection{
		DecisionID: l.ID, Flow: l.Flow, Rule: l.Rule, Reason: l.Reason, Detail: l.Detail, Would: l.Would, Host: l.Host, Port: l.Port,
		Address: l.Address, Protocol: l.Protocol, Method: l.Method, URL: l.URL, SourceIP: l.Client, Program: l.Exe, PID: l.PID, OccurredAt: l.Time,
	}
	for _, f := range l.Findings {
		c.Findings = append(c.Findings, event.Leak(f))
		c.Fingerprint = cmp.Or(c.Fingerprint, f.Fingerprint)
	}
	h := event.Header{
		Time: l.Time, Source: node + "/egress", Severity: severity(l), CorrelationID: l.Flow,
		Subject: l.Host + ":" + strconv.Itoa(int(l.Port)),
	}
	var p event.Payload = event.ConnectionDenied{Connection: c}
	switch {
	case l.Decision == "allow":
		p = event.ConnectionAllowed{Connection: c}
	case l.Reason == "leak":
		p = event.LeakBlocked{Connection: c}
	}
	e, err := event.New(h, p)
	if err != nil {
		return event.Event{}, fmt.Errorf("line %d of the egress audit log: %w", l.Seq, err)
	}
	e.ID = l.ID
	return e, nil
}

// severity is high for what no honest program tries, and for leaks.
func severity(l ledger.Line) event.Severity {
	switch {
	case l.Decision == "allow":
		return event.Info
	case l.Reason == "metadata_address", l.Reason == "host_mismatch", l.Reason == "leak":
		return event.High
	}
	return event.Low
}
