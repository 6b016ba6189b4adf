package policies

import (
	"context"

	"go.cordon.dev/cordon/internal/audit"
)

// KeptVersions is how many versions of a node are kept. Older ones go when a new
// one is saved; the audit log keeps who made them, when and why. Nothing else
// refers to a version, and the one in force is always the newest.
const KeptVersions = 1000

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
	// entry, and drops what is beyond KeptVersions; ErrConflict when that number is
	// taken.
	SavePolicy(ctx context.Context, node string, v Version, by audit.Entry) error
}
