package scan

import (
	"context"

	"go.cordon.dev/cordon/detect"
)

// Status is what a live check says of a secret.
type Status string

// The statuses.
const (
	StatusActive   Status = "active"   // it opens something
	StatusInactive Status = "inactive" // it was refused
	StatusUnknown  Status = "unknown"  // nobody could say
)

// Verifier asks whoever issued a secret whether it is alive. It is called by
// one goroutine, keeps nothing of the secret, and answers StatusUnknown rather
// than wait for long.
type Verifier interface {
	Verify(ctx context.Context, f Finding, secret detect.Secret) Status
}
