package incident

import (
	"fmt"

	"go.cordon.dev/cordon/internal/event"
)

// bypassed are two nodes that reach each other without the gossip gateway between them:
// what they say there is not scanned, so it is worth an incident by itself.
func bypassed(e event.Event) ([]Observation, error) {
	var p event.GatewayBypassed
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	key, ok := LinkKey(p.PeerA, p.PeerB)
	if !ok {
		return nil, nil
	}
	words := fmt.Sprintf("%s and %s reach each other without gateway %s", p.PeerA, p.PeerB, p.GatewayID)
	if p.Evidence != "" {
		words += ": " + p.Evidence
	}
	return []Observation{{
		EventID: e.ID, Topic: e.Topic, At: e.Time, Key: key, Sensor: Leak, Severity: max(e.Severity, event.High), Place: "gateway " + p.GatewayID, Summary: words,
	}}, nil
}
