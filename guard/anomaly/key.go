package anomaly

import (
	"hash/maphash"
	"net/netip"
	"strings"
	"unicode"
)

// KeyKind is whose events are counted together.
type KeyKind string

const (
	BySource KeyKind = "ip"     // an address of IPv4, a /64 of IPv6
	BySubnet KeyKind = "subnet" // a /24 of IPv4, a /48 of IPv6
	ByUser   KeyKind = "user"
)

// Key is whose events a Counter counts together. The zero Key is nobody's.
type Key struct {
	network netip.Prefix
	user    string
}

// SourceKey is that of whoever has an address: the address of IPv4, and of IPv6 the
// /64, which a subscriber has to himself and can change within.
func SourceKey(a netip.Addr) Key { return networkKey(a, 32, 64) }

// SubnetKey is that of the neighbourhood of an address: a /24 of IPv4, a /48 of IPv6.
func SubnetKey(a netip.Addr) Key { return networkKey(a, 24, 48) }

func networkKey(a netip.Addr, four, six int) Key {
	a = embedded(a.Unmap().WithZone(""))
	bits := six
	if a.Is4() {
		bits = four
	}
	p, err := a.Prefix(bits)
	if err != nil { // no address
		return Key{}
	}
	return Key{network: p}
}

// embedded is the address of IPv4 that one of IPv6 holds, or that itself. Behind a
// translator (RFC 6052, 2.1) all of IPv4 is in one /64, and whoever has one address of
// IPv4 has 65,536 networks by 6to4 (RFC 3056).
func embedded(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	b := a.As16()
	switch {
	case [12]byte(b[:12]) == [12]byte{0x00, 0x64, 0xFF, 0x9B}:
		return netip.AddrFrom4([4]byte(b[12:]))
	case b[0] == 0x20 && b[1] == 0x02:
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return a
}

// UserKey is that of a name, or of its first 256 bytes: nobody chooses how long it
// takes to tell him from others. Names that differ in case, or in blanks and control
// characters around them, are one: many services take them for the same user.
func UserKey(name string) Key {
	name = name[:min(len(name), mostName)]
	if isPlain(name) {
		return Key{user: name}
	}
	plain := strings.ToLower(strings.TrimFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }))
	if plain == "" {
		plain = name
	}
	return Key{user: plain}
}

// isPlain reports whether a name is as most are: it is its own spelling.
func isPlain(name string) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7F || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// mostName is how much of a name tells users apart, in bytes.
const mostName = 256

// String is an address, a network or a user in words that are safe to print.
func (k Key) String() string {
	switch {
	case k.network.IsSingleIP():
		return k.network.Addr().String()
	case k.network.IsValid():
		return k.network.String()
	}
	return strings.Clone(Clean(k.user, mostKey))
}

// hash is never 0.
func (k Key) hash(seed maphash.Seed) uint64 {
	if !k.network.IsValid() {
		return maphash.String(seed, k.user) | 1
	}
	var b [17]byte
	a := k.network.Addr().As16()
	copy(b[:], a[:])
	b[16] = byte(k.network.Bits())
	return maphash.Bytes(seed, b[:]) | 1
}

// of is the key of an event; that of nobody when the event does not have it.
func (k KeyKind) of(e *Event) Key {
	switch k {
	case BySource:
		return SourceKey(e.Addr)
	case BySubnet:
		return SubnetKey(e.Addr)
	case ByUser:
		return UserKey(e.User)
	}
	return Key{}
}
