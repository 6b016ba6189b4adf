package incident

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

func bypassEvent(t *testing.T, a, b string) event.Event {
	t.Helper()
	e, err := event.New(event.Header{Time: noon, Source: "gate-1/gossip", Severity: event.Medium}, event.GatewayBypassed{
		GatewayID: "gate-1", PeerA: a, PeerB: b, MessageTopic: "t", MessageID: "m-1", Evidence: "m-1 was withheld on side a and seen on side b",
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Two nodes have one incident, whichever of them a gateway names first.
func TestABypassIsAnIncidentOfItsTwoNodes(t *testing.T) {
	first, err := Observations(bypassEvent(t, "nodeB", "nodeA"))
	if err != nil || len(first) != 1 {
		t.Fatal(first, err)
	}
	i, c := Open("i1", first[0], noon)
	if c.Kind != Opened || i.Key != (Key{Link, "nodeA nodeB"}) || i.Severity != event.High || i.Title != "Nodes reach each other without gateway gate-1" || !i.Key.Alone() {
		t.Errorf("%+v", i)
	}
	if !strings.Contains(first[0].Summary, "nodeB and nodeA") || !strings.Contains(first[0].Summary, "withheld on side a") {
		t.Errorf("summary: %s", first[0].Summary)
	}
	again, err := Observations(bypassEvent(t, "nodeA", "nodeB"))
	if err != nil || again[0].Key != i.Key {
		t.Errorf("the other way round: %+v, %v", again, err)
	}
	if c := i.Observe(again[0], noon); i.Observations != 2 || c.Kind != Updated {
		t.Errorf("seen again: %+v %+v", i, c)
	}
	if none, err := Observations(bypassEvent(t, "", "nodeB")); err != nil || none != nil {
		t.Errorf("of nobody: %+v, %v", none, err)
	}
}
