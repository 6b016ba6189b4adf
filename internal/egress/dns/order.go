package dns

import (
	"math"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// order is in which order a client asks again for names that are known. What is answered
// from the cache nobody else hears of; but whose answers are good for no time hears each
// question, and that it is for this name and not for another says as much as the names
// that there are leave to choose from.
//
// Programs ask for the same names in much the same order. Which name followed this one
// the last time is known, and one bit says whether it does so again; only another one
// counts whole. Whoever puts data into the order cannot foresee what costs less: over
// many questions no code carries more than is counted, but for how often one name
// follows itself, which a second's cache bounds.
type order struct {
	last uint64
	next [orderSlots]follow
}

// orderSlots is how many names' followers are known: 1 KB for each pair.
const orderSlots = 128

// follow says which name came behind one.
type follow struct{ name, next uint32 }

func (o *order) slot() *follow { return &o.next[o.last%orderSlots] }

// worth is how many bytes it says that this name is asked for next, of so many.
func (o *order) worth(name uint64, of int) float64 {
	switch {
	case name == o.last:
		return 0
	case *o.slot() == follow{uint32(o.last >> 32), uint32(name >> 32)}:
		return 1.0 / 8
	}
	return (1 + math.Log2(float64(max(2, of)))) / 8
}

// took remembers that a name was asked for.
func (o *order) took(name uint64) {
	*o.slot() = follow{uint32(o.last >> 32), uint32(name >> 32)}
	o.last = name
}

// delegated reports whether somebody can have a domain of the public name space, and
// with it the servers that answer for it. Names below local, consul or internal are
// answered by servers of the network's own, often with a new answer each time.
func delegated(domain string) bool {
	suffix, known := publicsuffix.PublicSuffix(domain)
	return known || strings.ContainsRune(suffix, '.')
}
