// Package dir is the kind of source that watches a folder: every file that is
// put into it, or below it, is read once. README.md describes it.
//
// It may import leak/source, its helpers, and the standard library.
package dir

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/wake"
)

// Config says what is watched.
type Config struct {
	// Path is the folder. It may not exist yet. Mandatory.
	Path string
	// Marker makes the ids by which files that were read are known again.
	// Mandatory.
	Marker source.Marker
	// Poll is how often the folder is looked at when the system reports no
	// change. If 0, two seconds.
	Poll time.Duration
	// Settle is how long a file must not have changed before it is read. If 0,
	// 250 ms.
	Settle time.Duration
	// MaxFile is the largest file that is read, in bytes; a larger one is a
	// loss, so that one sparse file of a terabyte does not keep the others
	// waiting for days. If 0, 4 GiB.
	MaxFile int64
}

// pause is the least time between two looks at the folder.
const pause = 20 * time.Millisecond

// Source watches one folder.
type Source struct{ cfg Config }

// New makes a source. Nothing is opened before Run.
func New(cfg Config) *Source {
	if cfg.Poll <= 0 {
		cfg.Poll = 2 * time.Second
	}
	if cfg.Settle <= 0 {
		cfg.Settle = 250 * time.Millisecond
	}
	if cfg.MaxFile <= 0 {
		cfg.MaxFile = 4 << 30
	}
	return &Source{cfg}
}

// Run implements source.Source.
func (s *Source) Run(ctx context.Context, from json.RawMessage, sink source.Sink) error {
	done, err := parsePosition(from)
	if err != nil {
		return err
	}
	w := &watch{cfg: s.cfg, done: done, sink: sink, waker: wake.New(pause), unread: map[fileID]bool{}}
	defer w.waker.Close()
	if err := w.waker.Each(ctx, w.pass); err != nil {
		return fmt.Errorf("watching folder %s: %w", s.cfg.Path, err)
	}
	return nil
}
