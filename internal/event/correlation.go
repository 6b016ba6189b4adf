package event

import "context"

// correlationKey is the context key of WithCorrelation.
type correlationKey struct{}

// WithCorrelation marks all that is done under ctx as led to by one cause: the
// id goes into log lines, and into envelopes that the caller makes.
func WithCorrelation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, correlationKey{}, id)
}

// Correlation is the id that WithCorrelation put into ctx; empty if none.
func Correlation(ctx context.Context) string {
	id, _ := ctx.Value(correlationKey{}).(string)
	return id
}
