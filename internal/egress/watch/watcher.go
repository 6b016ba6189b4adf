package watch

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Sample is one line of the audit log: a decision, or the end of a flow.
type Sample struct {
	Seq      uint64
	Time     time.Time
	End      bool // of a flow that was let out; BytesOut is known then only
	Allowed  bool
	Program  string // executable; empty: not known
	Host     string
	Port     uint16
	Reason   string
	BytesOut int64
}

// Settings are the section alerts of a policy.
type Settings struct {
	Blocked  int           // denials of one program in Window that are let pass; 0: any number
	Window   time.Duration // > 0
	Baseline bool          // whether unusual traffic is told
}

// Options is what a Watcher needs.
type Options struct {
	Source   string          // of its events, such as eu-1/egress
	Settings func() Settings // Mandatory. Asked at every sample: a policy may change.
}

// Watcher looks at samples in the order of their log. It is not safe for
// concurrent use: the archivist owns it.
type Watcher struct {
	o         Options
	seen      uint64 // number of the last sample
	blocked   Blocked
	baselines Baselines
	alerts    []event.Event
}

// New returns a Watcher that knows nothing yet; Restore gives it a memory.
func New(o Options) *Watcher { return &Watcher{o: o} }

// Restore gives it the baselines that were stored. What cannot be read is left
// out, and learned anew.
func (w *Watcher) Restore(saved []Saved) { w.baselines.restore(saved) }

// Observe looks at a sample, once: lines that come again, because they could not
// be stored, change nothing.
func (w *Watcher) Observe(s Sample) error {
	if s.Seq <= w.seen {
		return nil
	}
	w.seen = s.Seq
	set := w.o.Settings()
	if a, ok := w.blocked.observe(s, set); ok {
		if err := w.tell(s, event.Medium, a.subject(), a.payload(s)); err != nil {
			return err
		}
	}
	if !set.Baseline {
		return nil
	}
	for _, d := range w.baselines.observe(s) {
		if err := w.tell(s, d.severity(), d.subject(), d.payload()); err != nil {
			return err
		}
	}
	return nil
}

func (w *Watcher) tell(s Sample, severity event.Severity, subject string, p event.Payload) error {
	e, err := event.New(event.Header{Time: s.Time, Source: w.o.Source, Severity: severity, Subject: subject}, p)
	if err != nil {
		return fmt.Errorf("telling of %s: %w", subject, err)
	}
	w.alerts = append(w.alerts, e)
	return nil
}

// News is what is to be stored together with the samples that led to it.
type News struct {
	Alerts []event.Event
	Saved  []Saved // baselines that changed
	Gone   []Pair  // baselines that were forgotten
}

// News returns what was not stored yet.
func (w *Watcher) News() News {
	saved, gone := w.baselines.changes()
	return News{Alerts: w.alerts, Saved: saved, Gone: gone}
}

// Stored says that News are stored.
func (w *Watcher) Stored() {
	w.alerts = nil
	w.baselines.stored()
}

// named is a program as a sentence has it.
func named(program string) string {
	if program == "" {
		return "a program that is not known"
	}
	return program
}

// Target is host and port as people write them.
func Target(host string, port uint16) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}
