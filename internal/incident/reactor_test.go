package incident

import (
	"context"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/follow/followtest"
)

// memory is a Store that counts what it was told.
type memory struct{ *followtest.Log }

func (m memory) Observe(_ context.Context, read follow.Span, all []Observation, _ string) error {
	return m.Move(read, len(all))
}

func TestReactorFollowsTheLog(t *testing.T) {
	good, err := event.New(event.Header{Time: noon, Source: "n/x", Severity: event.High}, event.MessageQuarantined{
		Finding: event.Finding{Fingerprint: "v1:k:a", Rule: "r"}, Place: event.Place{SourceID: "chat"},
	})
	if err != nil {
		t.Fatal(err)
	}
	followtest.Run(t, batch, good, func(l *followtest.Log, wake <-chan struct{}) (followtest.Reactor, error) {
		return New(Deps{Store: memory{l}, Node: "n/incident", Wake: wake})
	})
}

func TestReactorNeedsItsParts(t *testing.T) {
	for _, d := range []Deps{{}, {Store: memory{}}, {Node: "n"}} {
		if _, err := New(d); err == nil {
			t.Errorf("%+v makes a reactor", d)
		}
	}
}
