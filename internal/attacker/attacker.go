package attacker

import (
	"maps"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// News is what an observation is the first of, as the store knows.
type News struct {
	Decky       bool // he had not touched this decky
	Service     bool // he had not touched this kind of service anywhere
	Interaction bool // he had only looked at this kind of service
	Claim       bool // no request of his had named this address
}

// Begin is the attacker of a first observation, before it is taken in.
func Begin(o Observation) Attacker {
	return Attacker{ID: event.AttackerID(o.Address), Address: o.Address, FirstSeen: o.At, LastSeen: o.At, Acts: map[string]int{}}
}

// Take takes an observation in. Nothing that counts ever shrinks, so the score
// grows, too.
func (a *Attacker) Take(o Observation, n News) {
	a.FirstSeen, a.LastSeen = earliest(a.FirstSeen, o.At), latest(a.LastSeen, o.At)
	if day := o.At.UTC().Format(time.DateOnly); day > a.LastDay {
		a.LastDay = day
		a.Days++
	}
	a.Acts = maps.Clone(a.Acts)
	if a.Acts == nil {
		a.Acts = map[string]int{}
	}
	a.Acts[o.Type] += o.Times
	a.count(o, n)
	a.Score = total(a.Terms())
}

func (a *Attacker) count(o Observation, n News) {
	for _, c := range [...]struct {
		to     *int
		counts bool
	}{
		{&a.Sessions, o.Type == connected}, {&a.Logins, o.Type == loggedIn}, {&a.Leaked, o.Secret != nil && o.Secret.Leaked},
		{&a.Deckies, n.Decky}, {&a.Services, n.Service}, {&a.Interacted, n.Interaction}, {&a.Claims, n.Claim},
	} {
		if c.counts {
			*c.to++
		}
	}
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Seen says that an attacker was seen for the first time.
func Seen(o Observation, source string, now time.Time) (event.Event, error) {
	return event.New(event.Header{Time: now, Source: source, Severity: event.Low, Subject: o.Address.String()}, event.AttackerObserved{Contact: event.Contact{
		Decky: o.Decky, Service: o.Service, SourceIP: o.Address.String(), AttackerID: event.AttackerID(o.Address), Session: o.Session, OccurredAt: o.At,
	}})
}
