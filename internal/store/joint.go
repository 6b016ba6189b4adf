package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// Joint writes what follows from events in the transaction that appends them, so that
// it is there as soon as they are. The writer asks it between the last job and the
// commit, with the place in front of the first record; what it returns is called once
// they are committed (nil: nothing is). It must neither block, nor call Write, nor emit. After an
// error, which is logged, the batch is stored without it: whoever offers a Joint must
// also follow the log.
type Joint func(ctx context.Context, tx *Tx, before event.Cursor, records []event.Record) (committed func(), err error)

// Join has j asked from now on, in place of the one before; nil: nobody. It reports
// whether that is possible: on a server the log has other writers, of whose events a
// Joint of this process would not hear.
func (s *Store) Join(j Joint) bool {
	if s.dialect.turn != "" {
		return false
	}
	s.joint.Store(&j)
	return true
}

// joined asks the Joint. spoiled means that the transaction may hold a part of what it
// wrote, and must be undone.
func (s *Store) joined(ctx context.Context, tx bun.Tx, records []event.Record) (committed func(), spoiled bool) {
	j := s.joint.Load()
	if j == nil || *j == nil || len(records) == 0 {
		return nil, false
	}
	before := records[0].Cursor
	before.Seq--
	committed, err := s.askJoint(ctx, *j, &Tx{IDB: tx, tx: tx, store: s}, before, records)
	if err != nil {
		s.opts.Log.Error("writing what follows from events fails; it is left to who follows the log", "error", explain(err))
		return nil, true
	}
	return committed, false
}

// askJoint makes an error of a panic, which must not cost the writer its life.
func (s *Store) askJoint(ctx context.Context, j Joint, tx *Tx, before event.Cursor, records []event.Record) (committed func(), err error) {
	defer func() {
		if p := recover(); p != nil {
			committed, err = nil, fmt.Errorf("it panicked: %s", redact.Panic(p))
		}
	}()
	return j(ctx, tx, before, records)
}
