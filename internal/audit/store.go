package audit

import (
	"context"
	"time"
)

// Log is the stored audit log.
type Log interface {
	// AuditRecords returns at most limit records behind the number after, in order.
	AuditRecords(ctx context.Context, after int64, limit int) ([]Record, error)
	// AuditHead returns the number and hash of the last record; (0, Genesis)
	// when there is none.
	AuditHead(ctx context.Context) (seq int64, hash string, err error)
	// Checkpoints returns at most limit checkpoints behind the number after, in order.
	Checkpoints(ctx context.Context, after int64, limit int) ([]Checkpoint, error)
	// LastCheckpoint returns the one with the highest number; ErrNoCheckpoint
	// when there is none.
	LastCheckpoint(ctx context.Context) (Checkpoint, error)
	// SaveCheckpoint stores c unless there is one of its number.
	SaveCheckpoint(ctx context.Context, c Checkpoint) error
}

// Filter narrows a list of records; zero fields do not.
type Filter struct {
	Actor  string    // exactly this name
	Action string    // exactly this, or with a star at its end all of one object: user.*
	Target string    // exactly this
	From   time.Time // at or after
	To     time.Time // before
}
