package attacker

import (
	"fmt"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// The types of observations that are not those of decky traffic.
const (
	connected = "connected"
	attempt   = "login_attempt"
	loggedIn  = "logged_in"
	plaintext = "plaintext" // the kind of credential that can be compared
)

// Observation is what one event says of an attacker.
type Observation struct {
	EventID     string
	At          time.Time
	Address     netip.Addr
	Decky       string
	Service     string
	Session     string
	Type        string // what he did
	Times       int    // how often
	Interaction bool   // he used the service, where a scanner only looks
	Claimed     string // an address that his request named as his; empty: none
	ClaimedBy   string // the header that did
	Secret      *Secret
}

// Secret is a secret that was tried.
type Secret struct {
	Fingerprint string
	Kind        string
	Leaked      bool
}

// Observe reads an event; ok is false for one that says nothing of an attacker.
func Observe(e event.Event) (o Observation, ok bool, err error) {
	switch {
	case e.Topic == event.TopicSessionStarted:
		return started(e)
	case e.Topic == event.TopicCredentialCaptured:
		return tried(e)
	case event.Match("decky.*.traffic", e.Topic):
		return did(e)
	}
	return Observation{}, false, nil
}

func started(e event.Event) (Observation, bool, error) {
	var p event.SessionStarted
	if err := e.Decode(&p); err != nil {
		return Observation{}, false, err
	}
	return of(e, p.Contact, connected)
}

// did leaves out logins: credential.captured tells of those that were tried, with
// the secret.
func did(e event.Event) (Observation, bool, error) {
	var p event.DeckyTraffic
	if err := e.Decode(&p); err != nil || p.Type == attempt {
		return Observation{}, false, err
	}
	o, ok, err := of(e, p.Contact, p.Type)
	o.Interaction, o.Claimed, o.ClaimedBy = p.Interaction, p.ClaimedIP, p.ClaimedBy
	return o, ok, err
}

func tried(e event.Event) (Observation, bool, error) {
	var p event.CredentialCaptured
	if err := e.Decode(&p); err != nil {
		return Observation{}, false, err
	}
	o, ok, err := of(e, p.Contact, attempt)
	o.Times = max(p.Tried, 1)
	o.Secret = &Secret{Fingerprint: p.Fingerprint, Kind: p.Kind, Leaked: p.Leaked}
	return o, ok, err
}

func of(e event.Event, c event.Contact, what string) (Observation, bool, error) {
	address, err := netip.ParseAddr(c.SourceIP)
	if err != nil {
		return Observation{}, false, fmt.Errorf("event %s has no source address", e.ID)
	}
	return Observation{
		EventID: e.ID, At: c.OccurredAt.UTC(), Address: address.Unmap().WithZone(""), Decky: c.Decky, Service: c.Service, Session: c.Session, Type: what, Times: 1,
	}, true, nil
}
