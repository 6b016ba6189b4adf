package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// watchQueries has every statement timed, if anybody wants to know.
func (s *Store) watchQueries() {
	if s.opts.Query == nil {
		return
	}
	s.write = s.write.WithQueryHook(stopwatch{s.opts.Query})
	s.read = s.read.WithQueryHook(stopwatch{s.opts.Query})
}

// stopwatch implements bun.QueryHook.
type stopwatch struct{ tell func(time.Duration) }

func (stopwatch) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (w stopwatch) AfterQuery(_ context.Context, e *bun.QueryEvent) { w.tell(time.Since(e.StartTime)) }
