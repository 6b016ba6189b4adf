// Package inspect says whether a gossip message holds a secret. Bytes go in, a
// report comes out; it opens nothing and knows nothing of libp2p.
//
//	inspector, err := inspect.New(inspect.Options{})
//	report := inspector.Inspect(message)
//	report.Clean()
//
// It may import the public libraries detect and bzzzlog. What it looks at in a
// message is in message.go; to look at more, add it there, with a case in the
// test's table.
package inspect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.cordon.dev/cordon/detect"
)

// DefaultMaxBytes is the largest message that is read, in bytes.
const DefaultMaxBytes = 1 << 20

// ErrNotScanned is what Scan returns for a message that could not be read to
// its end, and therefore must not be called clean.
var ErrNotScanned = errors.New("not wholly scanned")

// Options choose what is a secret.
type Options struct {
	// Scanner is the engine. If nil, one with the built-in rules.
	Scanner *detect.Scanner
	// MinConfidence (0 to 1) is from when on a finding withholds. If 0,
	// detect.DefaultMinConfidence.
	MinConfidence float64
	// MinSeverity is from when on a finding withholds. If 0, low; info never does.
	MinSeverity detect.Severity
	// MaxBytes is the largest message that is read. If 0, DefaultMaxBytes.
	MaxBytes int
}

// Inspector reads messages. It is safe for use by many goroutines.
type Inspector struct {
	engine *detect.Scanner
	opts   Options
}

// New returns an inspector.
func New(o Options) (*Inspector, error) {
	if o.MinConfidence == 0 {
		o.MinConfidence = detect.DefaultMinConfidence
	}
	o.MinSeverity = max(o.MinSeverity, detect.SeverityLow)
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Scanner == nil {
		engine, err := builtin()
		if err != nil {
			return nil, fmt.Errorf("loading the built-in rules: %w", err)
		}
		o.Scanner = engine
	}
	return &Inspector{engine: o.Scanner, opts: o}, nil
}

func builtin() (*detect.Scanner, error) {
	rules, err := detect.BuiltinRules()
	if err != nil {
		return nil, err
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		return nil, err
	}
	return detect.NewScanner(set), nil
}

// Finding is a secret in a message; what is found in several places is one.
type Finding struct {
	detect.Finding
	// Occurrences counts the places, at least 1.
	Occurrences int
	// Context is the text around the first place, its secrets redacted.
	Context string
}

// Report is what was found in one message.
type Report struct {
	// Type, From and Timestamp are what a BZZZ message says of itself; they are
	// the sender's words and may hold a secret. Empty when it is none.
	Type, From string
	Timestamp  time.Time
	// Findings withhold the message.
	Findings []Finding
	// NotScanned says why the message was not read to its end; empty when it was.
	NotScanned []string
}

// Clean reports whether the message was read to its end and holds no secret.
func (r Report) Clean() bool { return len(r.Findings) == 0 && len(r.NotScanned) == 0 }

// Scan is Inspect for who only wants to know whether a message may pass: it
// returns the rule that says no, empty when it may, and ErrNotScanned when that
// is not known.
func (i *Inspector) Scan(_ context.Context, data []byte) (rule string, err error) {
	r := i.Check(data)
	defer r.Wipe()
	switch {
	case len(r.Findings) > 0:
		return r.Findings[0].Rule.ID, nil
	case len(r.NotScanned) > 0:
		return "", fmt.Errorf("%w: %s", ErrNotScanned, r.NotScanned[0])
	}
	return "", nil
}

// Wipe overwrites the secrets that were found, as far as Go lets it.
func (r Report) Wipe() {
	for _, f := range r.Findings {
		f.Secret.Wipe()
	}
}

// Withholds reports whether a finding is grave and sure enough.
func (i *Inspector) Withholds(f detect.Finding) bool {
	return f.Severity >= i.opts.MinSeverity && f.Confidence >= i.opts.MinConfidence
}

// Find returns the secrets of a piece of text that are grave and sure enough,
// and whether all of it was read.
func (i *Inspector) Find(text []byte) (found []detect.Finding, complete bool) {
	report := i.engine.Limited(budgetAtLeast).Scan(text, func(f detect.Finding) bool {
		if i.Withholds(f) {
			found = append(found, f)
		}
		return len(found) < maxFindings
	})
	return found, report.Complete()
}
