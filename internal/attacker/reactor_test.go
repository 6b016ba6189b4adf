package attacker

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
	good := eventOf(t, event.SessionStarted{Contact: event.Contact{Decky: "web-1", Service: "ssh", SourceIP: "203.0.113.9", OccurredAt: noon}})
	followtest.Run(t, batch, good, func(l *followtest.Log, wake <-chan struct{}) (followtest.Reactor, error) {
		return New(Deps{Store: memory{l}, Node: "n/attacker", Wake: wake})
	})
}

func TestReactorNeedsItsParts(t *testing.T) {
	for _, d := range []Deps{{}, {Store: memory{}}, {Node: "n"}} {
		if _, err := New(d); err == nil {
			t.Errorf("%+v makes a reactor", d)
		}
	}
}
