package respond

import (
	"context"
	"time"
)

// Step is one step of a reactor that looks at the actions, for tests.
func Step(ctx context.Context, r *Reactor) error {
	r.looked = time.Time{}
	_, err := r.step(ctx)
	return err
}
