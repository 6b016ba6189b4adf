// Package file is the kind of source that follows a log file through its
// rotations: whatever a program wrote into it is read once, under whichever
// name, and compressed or not. README.md describes it.
//
// series.go lists the file and what was rotated away, bind.go knows again which
// of them holds which generation of the log, plan.go finds out what those hold
// that are not known, and acts only if nothing was moved meanwhile, read.go makes
// entries of them. All that is done to files goes through disk.go, where a test
// has a rotator step in between any two operations (explore_test.go).
//
// It may import leak/source, its helpers, and the standard library.
package file

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/wake"
)

// Config says what is followed.
type Config struct {
	// Path is the file, or a link to it. It may not exist yet. Mandatory.
	Path string
	// Marker makes the marks by which what was read is known again. Mandatory.
	Marker source.Marker
	// Poll is how often the file is looked at when the system reports no
	// change. If 0, one second.
	Poll time.Duration
	// Linger is how long a line without a line end must not have grown before
	// it is read as it is. If 0, one second.
	Linger time.Duration
}

// pause is the least time between two looks at a file that is being written.
const pause = 5 * time.Millisecond

// Source follows one log file.
type Source struct{ cfg Config }

// New makes a source. Nothing is opened before Run.
func New(cfg Config) *Source {
	if cfg.Poll <= 0 {
		cfg.Poll = time.Second
	}
	if cfg.Linger <= 0 {
		cfg.Linger = time.Second
	}
	return &Source{cfg}
}

// Run implements source.Source.
func (s *Source) Run(ctx context.Context, from json.RawMessage, sink source.Sink) error {
	pos, err := parsePosition(from)
	if err != nil {
		return err
	}
	f := newFollower(s.cfg, pos, sink)
	waker := wake.New(pause)
	f.waker = waker
	defer waker.Close()
	defer f.close()
	look := func(ctx context.Context) (time.Duration, error) {
		err := f.pass(ctx)
		return f.again(), err
	}
	if err := waker.Each(ctx, look); err != nil {
		return fmt.Errorf("following file %s: %w", s.cfg.Path, err)
	}
	return nil
}
