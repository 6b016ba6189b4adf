package attacker

import (
	"fmt"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// shared is how many of each an event of a reuse names.
const shared = 10

// Joins reports whether what was tried can be compared with what others tried:
// what answers a challenge is another value each time.
func (o Observation) Joins() bool {
	return o.Secret != nil && o.Secret.Kind == plaintext && o.Secret.Fingerprint != ""
}

// Reused reports whether the places of a secret make a reuse: two services of
// deckies, or two addresses.
func Reused(targets, addresses int) bool { return targets >= 2 || addresses >= 2 }

// Event says that a reuse was found or has grown. by is the attempt that did it.
func (r Reuse) Event(p ReusePlaces, by Observation, grown bool, source string, now time.Time) (event.Event, error) {
	told := event.ReuseDetected{
		ReuseID: r.ID, Fingerprint: r.Fingerprint, Kind: r.Kind, Targets: r.Targets, Addresses: r.Addresses, Deckies: []string{}, Services: []string{},
		AttackerIDs: []string{}, SourceIP: by.Address.String(), Grown: grown, Leaked: r.Leaked, FirstSeen: r.FirstSeen, OccurredAt: r.LastSeen,
	}
	for _, t := range p.Targets {
		told.Deckies, told.Services = addOnce(told.Deckies, t.Decky), addOnce(told.Services, t.Service)
	}
	for _, address := range p.Addresses {
		told.AttackerIDs = addOnce(told.AttackerIDs, attackerID(address))
	}
	severity := event.Medium
	if r.Leaked {
		severity = event.Critical
	}
	subject := fmt.Sprintf("one secret in %d %s, by %d %s", r.Targets, plural(r.Targets, "place", "places"), r.Addresses, plural(r.Addresses, "address", "addresses"))
	return event.New(event.Header{Time: now, Source: source, Severity: severity, Subject: subject}, told)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func addOnce(list []string, s string) []string {
	if s == "" || len(list) >= shared || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
