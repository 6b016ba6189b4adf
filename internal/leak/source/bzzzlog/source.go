// Package bzzzlog is the kind of source that follows a BZZZ log in a file of
// JSON lines. The name in a configuration is bzzz-log; README.md describes it.
//
// It may import leak/source, its helpers, and the public library bzzzlog.
package bzzzlog

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
	// Path is the file. It may not exist yet. Mandatory.
	Path string
	// Marker makes the marks by which what was read is known again. Mandatory.
	Marker source.Marker
	// Poll is how often the file is looked at when the system reports no
	// change. If 0, one second.
	Poll time.Duration
	// MaxLine is the largest line, in bytes, that is read as an entry; a longer
	// one is scanned in pieces. If 0, 4 MiB.
	MaxLine int
}

// pause is the least time between two looks at a file that is being written.
const pause = 5 * time.Millisecond

// Source follows one log.
type Source struct{ cfg Config }

// New makes a source. Nothing is opened before Run.
func New(cfg Config) *Source {
	if cfg.Poll <= 0 {
		cfg.Poll = time.Second
	}
	if cfg.MaxLine <= 0 {
		cfg.MaxLine = 4 * source.PieceSize
	}
	cfg.MaxLine = max(cfg.MaxLine, source.PieceSize)
	return &Source{cfg}
}

// Run implements source.Source.
func (s *Source) Run(ctx context.Context, from json.RawMessage, sink source.Sink) error {
	pos, err := parsePosition(from)
	if err != nil {
		return err
	}
	f := &follower{cfg: s.cfg, pos: pos, sink: sink, waker: wake.New(pause)}
	defer f.waker.Close()
	defer f.close()
	look := func(ctx context.Context) (time.Duration, error) { return s.cfg.Poll, f.pass(ctx) }
	if err := f.waker.Each(ctx, look); err != nil {
		return fmt.Errorf("following log %s: %w", s.cfg.Path, err)
	}
	return nil
}
