package policy

import "net/netip"

// index finds the rules that speak of a target.
type index struct {
	names  *names
	v4, v6 ranges
	// any are the rules for every host: of the denylist they also cover addresses.
	any []*matcher
}

// add files a matcher under its rule's host. "localhost" is also filed under the
// addresses that it means.
func (x *index) add(m *matcher) {
	host := m.rule.Host
	if p, ok := prefixOf(host); ok {
		x.addPrefix(p, m)
		return
	}
	if host == "*" {
		x.any = append(x.any, m)
	}
	x.names.add(host, m)
	if host == "localhost" {
		x.addPrefix(netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8), m)
		x.addPrefix(netip.PrefixFrom(netip.IPv6Loopback(), 128), m)
	}
}

func (x *index) addPrefix(p netip.Prefix, m *matcher) {
	if p.Addr().Is4() {
		x.v4.add(p, m)
	} else {
		x.v6.add(p, m)
	}
}

func (x *index) build() {
	x.v4.build()
	x.v6.build()
}

func (x *index) around(a netip.Addr, visit func([]*matcher) bool) {
	if a.Is4() {
		x.v4.each(a, visit)
	} else {
		x.v6.each(a, visit)
	}
}

// prefixOf reads a rule's host that is an address or a CIDR.
func prefixOf(host string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(host); err == nil {
		return p, true
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

// search asks rules about one request and keeps what they say.
type search struct {
	r *Request
	t *target
	// found is the first rule that covers the request, named the first that also
	// names the special-purpose space it goes to.
	found, named *matcher
	// near is the rule that came nearest, and how near.
	near *matcher
	how  miss
}

// look asks the rules of one place, and reports whether to go on.
func (s *search) look(rules []*matcher) bool {
	for _, m := range rules {
		how := m.ask(s.r)
		if how > s.how {
			s.near, s.how = m, how
		}
		if how == hit && s.take(m) {
			return false
		}
	}
	return true
}

// take notes a rule that covers the request; true when none better can come.
func (s *search) take(m *matcher) bool {
	if s.found == nil {
		s.found = m
	}
	if s.t.space == public {
		return true
	}
	if m.namesTarget(s.t) {
		s.named = m
		return true
	}
	return false
}

// namesTarget reports whether a rule names the special-purpose space of a target.
func (m *matcher) namesTarget(t *target) bool {
	if t.addr.IsValid() {
		return m.names(t.addr, t.stretch)
	}
	return t.local // judged again when it is resolved
}

// find asks the allowlist. A rule for addresses lets out who named an address, or
// this machine; for others it can only name the space that their name lies in.
func (p *Policy) find(r *Request, t *target) search {
	s := search{r: r, t: t}
	if !t.literal {
		p.allow.names.each(r.Host, s.look)
	}
	if s.named != nil || t.space == public && !t.literal {
		return s
	}
	if !t.literal && !t.local && s.found == nil && p.settings.Default == Deny {
		return s // the name itself needs a rule
	}
	list, n := t.addresses()
	for _, a := range list[:n] {
		if s.named == nil {
			p.allow.around(a, s.look)
		}
	}
	return s
}

// forbids returns the rule of the denylist that covers a request, or nil. An address
// that carries another one inside leads to both.
func (p *Policy) forbids(r *Request, t *target) *matcher {
	if p.deny == nil {
		return nil
	}
	s := search{r: r, t: &target{}} // any space will do
	if !t.literal {
		p.deny.names.each(r.Host, s.look)
	}
	list, n := t.addresses()
	for _, a := range list[:n] {
		p.deny.leads(a, &s)
	}
	if s.found == nil {
		s.look(p.deny.any)
	}
	return s.found
}

// leads asks about an address and those that it carries.
func (x *index) leads(a netip.Addr, s *search) {
	if s.found == nil {
		x.around(a, s.look)
	}
	if a.Is4() {
		return
	}
	inner, n := carried(a)
	for _, c := range inner[:n] {
		if s.found == nil {
			x.around(c.v4, s.look)
		}
	}
}
