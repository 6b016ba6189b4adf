package leak

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/redact"
)

// Metrics counts what the sensor does.
type Metrics interface {
	// Scanned counts n messages that took took together, from reading to verdict.
	Scanned(n int, took time.Duration)
	// Detected counts one distinct secret of one message.
	Detected(secretType string, s event.Severity)
	// Quarantined counts n new quarantine entries.
	Quarantined(n int)
}

// Tracer keeps the story of each message in which something was found. Names
// and facts (pairs of name and value) are places and counts, never what the
// message says.
type Tracer interface {
	// Begin tells of the message: when it came and when it was dealt with.
	Begin(correlationID, name string, from, to time.Time, facts ...string)
	// Step tells of one step of that; fault is empty when it went well.
	Step(correlationID, name string, from, to time.Time, fault string, facts ...string)
}

// Deps is what a Sensor works with.
type Deps struct {
	Scanner *detect.Scanner // Mandatory.
	Ring    *redact.Keyring // Mandatory. Makes the fingerprints.
	Ledger  Ledger          // Mandatory.
	Node    string          // Mandatory. The source named in events: node/service.
	Policy  Policy          // The zero value quarantines everything from low on.
	Clock   clock.Clock     // If nil, the machine's.
	Log     *slog.Logger    // If nil, discards.
	Metrics Metrics         // If nil, nothing is counted.
	Tracer  Tracer          // If nil, no story is kept.
	// Emit stores and publishes an event that has no row: a source's new
	// state. If nil, states are only shown.
	Emit func(ctx context.Context, e event.Event) error
}

// Policy says which findings make a message one for quarantine.
type Policy struct {
	MinSeverity   event.Severity // Info counts as Low: info never enters quarantine.
	MinConfidence float64        // 0..1
	// Confidence has bars of their own for some severities. If nil,
	// MinConfidence is the bar of all.
	Confidence map[event.Severity]float64
}

// bar is the confidence from which a finding of a severity is withheld.
func (p Policy) bar(s event.Severity) float64 {
	if own, ok := p.Confidence[s]; ok {
		return own
	}
	return p.MinConfidence
}

// Withholds reports whether a finding is at or above the bar.
func (p Policy) Withholds(s event.Severity, confidence float64) bool {
	return s >= max(p.MinSeverity, event.Low) && confidence >= p.bar(s)
}

// Filter chooses messages by their type. Entries whose type is not known are
// always scanned: to leave them out would hide what does not parse. A name may
// end in *, which stands for whatever follows.
type Filter struct {
	Include []string // if not empty, only these
	Exclude []string // never these
}

// Watch is one source and how it is to be treated.
type Watch struct {
	ID     string        // Mandatory. Positions are stored under it.
	Kind   string        // Mandatory. For people.
	Path   string        // For people; may be empty.
	Source source.Source // Mandatory.
	Types  Filter        // The zero value lets all types through.
	// Override makes the policy of this source of the sensor's. If nil, that is
	// in force.
	Override func(Policy) Policy
}

// Sensor scans what its sources deliver. Add all watches before the first runs;
// the other methods are safe for concurrent use.
type Sensor struct {
	deps Deps

	mu       sync.Mutex
	watchers []*watcher
}

// New checks d and returns a Sensor that watches nothing yet.
func New(d Deps) (*Sensor, error) {
	if d.Scanner == nil || d.Ring == nil || d.Ledger == nil || d.Node == "" {
		return nil, errors.New("making leak sensor: Scanner, Ring, Ledger and Node are mandatory")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Metrics == nil {
		d.Metrics = noMetrics{}
	}
	if d.Tracer == nil {
		d.Tracer = noTracer{}
	}
	if d.Emit == nil {
		d.Emit = func(context.Context, event.Event) error { return nil }
	}
	return &Sensor{deps: d}, nil
}

type noTracer struct{}

func (noTracer) Begin(string, string, time.Time, time.Time, ...string)        {}
func (noTracer) Step(string, string, time.Time, time.Time, string, ...string) {}

type noMetrics struct{}

func (noMetrics) Scanned(int, time.Duration)      {}
func (noMetrics) Detected(string, event.Severity) {}
func (noMetrics) Quarantined(int)                 {}

// Add registers a watch and returns the function that runs it: until ctx ends
// or the source has no more (nil), or something fails. Run again, it goes on
// behind what was committed.
func (s *Sensor) Add(w Watch) (run func(context.Context) error, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.watchers {
		if other.ID == w.ID {
			return nil, fmt.Errorf("watching %s: the id is taken", w.ID)
		}
	}
	if w.ID == "" || w.Kind == "" || w.Source == nil {
		return nil, errors.New("watching a source: ID, Kind and Source are mandatory")
	}
	one := newWatcher(&s.deps, w)
	s.watchers = append(s.watchers, one)
	return one.run, nil
}

// SourceStatus is a source as people see it.
type SourceStatus struct {
	ID, Kind, Path string
	Types          Filter // which messages are scanned
	source.Status
	Since      time.Time // of the state
	Messages   uint64    // scanned since the start
	Secrets    uint64    // found since the start
	NotScanned uint64    // entries and spans that could not be scanned since the start
	Tried      bool      // it has reported, or failed, at least once
}

// Sources lists all watches in the order they were added.
func (s *Sensor) Sources() []SourceStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]SourceStatus, len(s.watchers))
	for i, w := range s.watchers {
		out[i] = w.snapshot()
	}
	return out
}
