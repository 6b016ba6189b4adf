package telemetry

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"go.cordon.dev/cordon/internal/event"
)

// rootIDs are the ids of a message's trace and of its root span: both follow
// from the correlation id (a UUIDv7, whose second half is random).
func rootIDs(correlationID string) (t trace.TraceID, s trace.SpanID) {
	b, err := hex.DecodeString(strings.ReplaceAll(correlationID, "-", ""))
	if err != nil {
		return t, s
	}
	copy(t[:], b)
	copy(s[:], t[8:])
	return t, s
}

// ids implements the library's generator of ids.
type ids struct{}

// NewIDs makes those of a root span.
func (ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	return rootIDs(event.Correlation(ctx))
}

// NewSpanID makes that of a step.
func (ids) NewSpanID(context.Context, trace.TraceID) (s trace.SpanID) {
	_, _ = rand.Read(s[:]) // never fails (crypto/rand)
	return s
}
