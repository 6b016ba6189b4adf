package policy

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
)

// ranges finds the CIDRs that an address lies in. CIDRs either nest or are
// disjoint, so that the address space falls into stretches that each belong to one
// innermost CIDR; a lookup is a binary search among them and a walk outwards.
type ranges struct {
	nets   []network
	starts []number128 // where a stretch begins
	owner  []int32     // the innermost network of the stretch, -1 if there is none
}

// network is a CIDR with its rules and the next one around it (-1 if none).
type network struct {
	prefix netip.Prefix
	around int32
	rules  []*matcher
}

type number128 struct{ hi, lo uint64 }

func numberOf(a netip.Addr) number128 {
	b := a.As16()
	return number128{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func (a number128) compare(b number128) int {
	return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
}

// next is the number behind a; ok is false behind the last.
func (a number128) next() (n number128, ok bool) {
	a.lo++
	if a.lo == 0 {
		a.hi++
	}
	return a, a != number128{}
}

// add files a rule under a masked prefix; build must be called after the last.
func (r *ranges) add(p netip.Prefix, m *matcher) {
	r.nets = append(r.nets, network{prefix: p, around: -1, rules: []*matcher{m}})
}

// build lays the stretches out. All prefixes are of one family.
func (r *ranges) build() {
	slices.SortStableFunc(r.nets, func(a, b network) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	r.join()
	var open []int32
	for i := range r.nets {
		open = r.closeBefore(open, r.nets[i].prefix.Addr())
		if len(open) > 0 {
			r.nets[i].around = open[len(open)-1]
		}
		r.begin(numberOf(r.nets[i].prefix.Addr()), int32(i))
		open = append(open, int32(i))
	}
	r.closeBefore(open, netip.Addr{})
}

// join puts the rules of equal prefixes into one network.
func (r *ranges) join() {
	joined := r.nets[:0]
	for _, n := range r.nets {
		if last := len(joined) - 1; last >= 0 && joined[last].prefix == n.prefix {
			joined[last].rules = append(joined[last].rules, n.rules...)
			continue
		}
		joined = append(joined, n)
	}
	r.nets = joined
}

// closeBefore ends the networks that do not hold a; the zero address is in none.
func (r *ranges) closeBefore(open []int32, a netip.Addr) []int32 {
	for len(open) > 0 {
		n := &r.nets[open[len(open)-1]]
		if a.IsValid() && n.prefix.Contains(a) {
			break
		}
		if behind, ok := lastOf(n.prefix).next(); ok {
			r.begin(behind, n.around)
		}
		open = open[:len(open)-1]
	}
	return open
}

// begin starts a stretch, in place of one that would be empty.
func (r *ranges) begin(at number128, owner int32) {
	if last := len(r.starts) - 1; last >= 0 && r.starts[last] == at {
		r.owner[last] = owner
		return
	}
	r.starts, r.owner = append(r.starts, at), append(r.owner, owner)
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) number128 {
	n := numberOf(p.Addr())
	host := p.Addr().BitLen() - p.Bits()
	switch {
	case host >= 128:
		return number128{^uint64(0), ^uint64(0)}
	case host >= 64:
		return number128{n.hi | (1<<(host-64) - 1), ^uint64(0)}
	}
	n.lo |= 1<<host - 1
	return n
}

// each calls visit with the rules of each CIDR around an address, the innermost
// first, until it returns false.
func (r *ranges) each(a netip.Addr, visit func([]*matcher) bool) {
	i, found := slices.BinarySearchFunc(r.starts, numberOf(a), number128.compare)
	if !found {
		i--
	}
	if i < 0 {
		return
	}
	for n := r.owner[i]; n >= 0; n = r.nets[n].around {
		if !visit(r.nets[n].rules) {
			return
		}
	}
}
