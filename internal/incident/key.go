package incident

import (
	"net/netip"
	"strings"
	"unicode"

	"go.cordon.dev/cordon/guard/anomaly"
)

// Key is what observations of one incident have in common.
type Key struct {
	Kind  string // Secret, Address or Host
	Value string
}

// The kinds of keys.
const (
	Secret  = "secret"  // a secret's fingerprint
	Address = "address" // a source address; of IPv6 the network of 64 bits, which one machine has for itself
	Host    = "host"    // a name in lower case, or an address, where a program or an attacker wants to go
	Link    = "link"    // two nodes that a gossip gateway should keep apart: their ids in order, a space between
)

// AddressKey is the key of a source address, the one under which the anomaly sensor
// counts it; ok is false for what is none, and for the own machine: its people try
// deckies and use the API from there, and whoever else is on it needs neither.
func AddressKey(address string) (k Key, ok bool) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return Key{}, false
	}
	k = Key{Address, anomaly.SourceKey(a).String()}
	if inside, err := netip.ParseAddr(k.Value); err == nil { // the address of IPv4 that is in it
		a = inside
	}
	return k, !a.IsLoopback() && !a.IsUnspecified()
}

// mostHost is the longest name that DNS knows, in bytes (RFC 1035, 2.3.4).
const mostHost = 253

// HostKey is the key of a host that somebody wants to reach; ok is false for what is
// no host, and for the own machine, which everybody may name.
func HostKey(host string) (k Key, ok bool) {
	// By way of capitals: of letters that share one, one remains (as in UTS 46).
	host = strings.TrimSuffix(strings.ToLower(strings.ToUpper(strings.Trim(host, "[]"))), ".")
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap().WithZone("")
		return Key{Host, a.String()}, !a.IsLoopback() && !a.IsUnspecified()
	}
	named := strings.Contains(host, ".") && len(host) <= mostHost && !strings.ContainsFunc(host, noLetter)
	return Key{Host, host}, named && !strings.HasSuffix(host, ".localhost")
}

// noLetter reports whether a character is in no host's name: attackers choose what they
// name, and people read it.
func noLetter(r rune) bool {
	return strings.ContainsRune(` /\:@`, r) || r == unicode.ReplacementChar || !unicode.IsPrint(r)
}

// Alone reports whether a key's observations are worth an incident whoever makes them.
// Of the others, many are made each day: they wait until a second sensor tells of the
// same key.
func (k Key) Alone() bool { return k.Kind == Secret || k.Kind == Link }

// LinkKey is the key of two nodes, whichever is named first; ok is false when one has
// no name.
func LinkKey(a, b string) (k Key, ok bool) {
	return Key{Link, min(a, b) + " " + max(a, b)}, a != "" && b != ""
}
