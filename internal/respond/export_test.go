package respond

import "context"

// Step is one step of a reactor, for tests.
func Step(ctx context.Context, r *Reactor) error {
	_, err := r.step(ctx)
	return err
}
