package respond

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

const (
	// MinBlock and MaxBlock bound how long an address is blocked. An address has
	// another owner sooner or later.
	MinBlock = time.Minute
	MaxBlock = 365 * 24 * time.Hour
	// MaxBlocks bounds how many entries are in force at once: each is in every
	// answer to those who pull the list.
	MaxBlocks = 10_000
	// A wider network is not blocked: it holds more customers than attackers.
	widest4, widest6 = 16, 32
)

// Errors of the block list, matched with errors.Is.
var (
	// ErrNotFound: there is no such entry.
	ErrNotFound = errors.New("there is no such entry of the block list")
	// ErrEnded: the entry is over.
	ErrEnded = errors.New("the entry of the block list is over")
	// ErrTooMany: MaxBlocks are in force.
	ErrTooMany = errors.New("the block list is full; end an entry first")
	// ErrDone: what the entry answers was answered by another one.
	ErrDone = errors.New("the event has been answered already")
)

// InputError is a mistake in what somebody asked for. Field is its name in the API.
type InputError struct{ Field, Why string }

// Error implements error.
func (e *InputError) Error() string { return e.Field + ": " + e.Why }

// Origin is what put an entry on the block list.
type Origin string

// The origins.
const (
	ByPerson   Origin = "person"
	ByPlaybook Origin = "playbook"
)

// Block is an entry of the block list.
type Block struct {
	ID        string       // UUIDv7
	Network   netip.Prefix // masked; one address has all its bits
	Origin    Origin
	By        string // the person or API key, or the playbook's id
	EventID   string // of the event that a playbook answers: it blocks a network once for it
	Reason    string
	CreatedAt time.Time
	Until     time.Time
	EndedAt   *time.Time // when it was ended early; nil: it was not
	EndedBy   string
}

// ActiveAt reports whether the entry is in force.
func (b Block) ActiveAt(at time.Time) bool { return b.EndedAt == nil && at.Before(b.Until) }

// ParseNetwork reads an address or a network, such as 203.0.113.9 or
// 2001:db8:1::/48. A network with bits behind its length is taken for a mistake, not
// for what it lies in. The error says what is wrong.
func ParseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		if a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%.64q has a zone, which means something on one machine only", s)
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%.64q is no address or network, such as 203.0.113.9 or 2001:db8:1::/48", s)
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("%s has bits behind its length; did you mean %s or %s?", p, p.Masked(), p.Addr())
	}
	return p, nil
}

// household is the network that whoever has an address of IPv6 can change within: its
// /64, and by 6to4 its /48. Many strangers share the /64 of a translator (RFC 6052) and
// of a Teredo server (RFC 4380), in which an address stands for itself.
func household(p netip.Prefix) netip.Prefix {
	if !p.Addr().Is6() || !p.IsSingleIP() || shared(p.Addr()) {
		return p
	}
	bits := 64
	if b := p.Addr().As16(); b[0] == 0x20 && b[1] == 0x02 {
		bits = 48
	}
	return netip.PrefixFrom(p.Addr(), bits).Masked()
}

func shared(a netip.Addr) bool {
	return slices.ContainsFunc(prefixes("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32"), func(p netip.Prefix) bool { return p.Contains(a) })
}

// Name is the entry's network as people write it: one address without its length.
func Name(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// check says what of an entry cannot be, apart from whom it must not reach.
func (b Block) check() error {
	widest := widest4
	if b.Network.Addr().Is6() {
		widest = widest6
	}
	switch d := b.Until.Sub(b.CreatedAt); {
	case !b.Network.IsValid():
		return &InputError{"network", "give an address or a network"}
	case b.Network.Bits() < widest:
		return &InputError{"network", fmt.Sprintf("%s is wider than a /%d, which would shut out more people than attackers", b.Network, widest)}
	case b.Reason == "":
		return &InputError{"reason", "say why; people will ask"}
	case d < MinBlock || d > MaxBlock:
		return &InputError{"minutes", fmt.Sprintf("%s is not between a minute and 365 days", d)}
	}
	return nil
}

// Story is what the audit log says of the entry.
func (b Block) Story() (json.RawMessage, error) {
	said, err := json.Marshal(map[string]any{
		"id": b.ID, "network": Name(b.Network), "origin": b.Origin, "by": b.By, "event_id": b.EventID, "reason": b.Reason,
		"until": b.Until, "ended_at": b.EndedAt, "ended_by": b.EndedBy,
	})
	if err != nil {
		return nil, fmt.Errorf("telling of entry %s of the block list: %w", b.ID, err)
	}
	return said, nil
}

// Event is what is said when an entry comes or is ended; who ended it and why are the
// arguments.
func (b Block) Event(source, who, reason string, now time.Time) (event.Event, error) {
	severity := event.Info
	if b.EndedAt == nil {
		severity = event.Medium
	}
	p := event.BlockChanged{
		BlockID: b.ID, Active: b.EndedAt == nil, Network: Name(b.Network), Origin: string(b.Origin), Until: b.Until,
		Reason: reason, ChangedBy: who, EventID: b.EventID,
	}
	if b.Network.IsSingleIP() {
		p.SourceIP = p.Network
	}
	e, err := event.New(event.Header{Time: now, Source: source, Severity: severity, Subject: p.Network}, p)
	if err != nil {
		return e, fmt.Errorf("telling of entry %s of the block list: %w", b.ID, err)
	}
	return e, nil
}
