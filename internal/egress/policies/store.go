package policies

import (
	"context"

	"go.cordon.dev/cordon/internal/audit"
)

// Store keeps versions.
type Store interface {
	// LastPolicy is the newest version of a node; ErrNone when it has none.
	LastPolicy(ctx context.Context, node string) (Version, error)
	// Policy is one version; ErrNone when there is no such.
	Policy(ctx context.Context, node string, number int64) (Version, error)
	// Policies lists versions, newest first, without their documents: those
	// before the number before, 0 begins with the newest.
	Policies(ctx context.Context, node string, before int64, limit int) ([]Version, error)
	// SavePolicy stores v, whose number follows the last one's, with its audit
	// entry; ErrConflict when that number is taken.
	SavePolicy(ctx context.Context, node string, v Version, by audit.Entry) error
}
