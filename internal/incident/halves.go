package incident

import (
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// What follows is worth no incident by itself: it is half of one, and waits for the
// other half.

// touched is an address that connected to a decky.
func touched(e event.Event) ([]Observation, error) {
	var p event.SessionStarted
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	key, ok := AddressKey(p.SourceIP)
	if !ok {
		return nil, nil
	}
	place := fmt.Sprintf("decky %s (%s)", p.Decky, p.Service)
	return []Observation{{
		EventID: e.ID, Topic: e.Topic, At: e.Time, Key: key, Sensor: Deception, Severity: e.Severity, SourceIP: p.SourceIP, Place: place,
		Summary: p.SourceIP + " connected to " + place,
	}}, nil
}

// admitted is an address that used an API key of ours.
func admitted(e event.Event) ([]Observation, error) {
	var p event.KeyUsed
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	key, ok := AddressKey(p.SourceIP)
	if !ok {
		return nil, nil
	}
	return []Observation{{
		EventID: e.ID, Topic: e.Topic, At: e.Time, Key: key, Sensor: Access, Severity: e.Severity, SourceIP: p.SourceIP, Place: "API",
		Summary: fmt.Sprintf("%s used the API key %q, which may do what a %s may", p.SourceIP, p.Key, p.Role),
	}}, nil
}

// tripped is an address that did what the anomaly sensor counts. What it says of a
// user or a network without an address names nobody who could touch a decky, and the
// end of an episode is nothing new.
func tripped(e event.Event) ([]Observation, error) {
	var p event.AnomalyDetected
	if err := e.Decode(&p); err != nil || p.State == event.AnomalyClosed {
		return nil, err
	}
	key, ok := AddressKey(p.SourceIP)
	if !ok {
		return nil, nil
	}
	words := fmt.Sprintf("%s: %s, %d times", p.Kind, p.SourceIP, p.Count)
	if p.User != "" {
		words += fmt.Sprintf(", last as %q", p.User)
	}
	return []Observation{{
		EventID: e.ID, Topic: e.Topic, At: occurred(e, p), Key: key, Sensor: Anomaly, Severity: e.Severity, SourceIP: p.SourceIP, Place: p.KeyKind + " " + p.Key, Summary: words,
	}}, nil
}

// occurred is when an anomaly's latest event was. It may have been told of long after:
// whoever did that then need not be whoever has the address today.
func occurred(e event.Event, p event.AnomalyDetected) time.Time {
	if p.OccurredAt.IsZero() || p.OccurredAt.After(e.Time) {
		return e.Time
	}
	return p.OccurredAt
}

// named are hosts that somebody named on a decky, to get something from there or to be
// connected.
func named(e event.Event) ([]Observation, error) {
	var p event.DeckyTraffic
	if err := e.Decode(&p); err != nil || len(p.Hosts) == 0 {
		return nil, err
	}
	place := fmt.Sprintf("decky %s (%s)", p.Decky, p.Service)
	var all []Observation
	for _, host := range p.Hosts {
		key, ok := HostKey(host)
		if !ok {
			continue
		}
		all = append(all, Observation{
			EventID: e.ID, Topic: e.Topic, At: e.Time, Key: key, Sensor: Deception, Severity: e.Severity, SourceIP: p.SourceIP, Place: place,
			Summary: fmt.Sprintf("%s named %s on %s", p.SourceIP, key.Value, place),
		})
	}
	return all, nil
}

// wanted is a host that a program was kept from, or would have been in mode strict.
func wanted(e event.Event, p event.Connection, place string, kept bool) []Observation {
	key, ok := HostKey(p.Host)
	if !ok {
		return nil
	}
	who, verdict := p.Program, "refused"
	if who == "" {
		who = "a program"
	}
	if !kept {
		verdict = "only watched, so it could"
	}
	return []Observation{{
		EventID: e.ID, Topic: e.Topic, At: e.Time, Key: key, Sensor: Egress, Severity: e.Severity, SourceIP: p.SourceIP, Program: p.Program, Place: place,
		Summary: fmt.Sprintf("%s wanted to reach %s: %s", who, place, verdict),
	}}
}
