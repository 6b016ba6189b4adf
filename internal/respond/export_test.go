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

// NextStep is the step behind another, for tests.
func NextStep(ctx context.Context, r *Reactor) error {
	_, err := r.step(ctx)
	return err
}
