package dns

import (
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// filter keeps of an answer what the program may have. A denial says why there is
// nothing left, or why what is left may not be had either.
func (s *Server) filter(v verdict, a *answer) (kept []dnsmessage.Resource, no *verdict) {
	var last *verdict
	addresses := 0
	for _, r := range a.records {
		switch body := r.Body.(type) {
		case *dnsmessage.CNAMEResource:
			if no := s.forbiddenAlias(v, body.CNAME); no != nil {
				return nil, no
			}
		case *dnsmessage.AResource, *dnsmessage.AAAAResource:
			if no := s.judgeAddress(v, address(body)); no != nil {
				last = no
				continue
			}
			addresses++
		case *dnsmessage.HTTPSResource:
			plain, ok := withoutSecrecy(body.SVCBResource)
			if !ok {
				continue
			}
			r.Body = &dnsmessage.HTTPSResource{SVCBResource: plain}
		case *dnsmessage.SVCBResource:
			plain, ok := withoutSecrecy(*body)
			if !ok {
				continue
			}
			r.Body = &plain
		}
		kept = append(kept, r)
	}
	if last != nil && addresses == 0 {
		return nil, last
	}
	return kept, nil
}

// forbiddenAlias judges a name that the asked one is only another name for. That
// nobody lets it out by itself says nothing; that somebody shuts it does.
func (s *Server) forbiddenAlias(v verdict, to dnsmessage.Name) *verdict {
	host, err := policy.NormalHost(strings.TrimSuffix(to.String(), "."))
	if err != nil {
		return nil // it leads to an address or to nothing; the address is judged
	}
	v.request.Host = host
	v.decision = s.decide(v.request)
	if v.allowed() || v.decision.Reason != policy.ReasonDenylist && v.decision.Reason != policy.ReasonMetadataAddress {
		return nil
	}
	return &v
}

// judgeAddress judges the name again, now with where it leads.
func (s *Server) judgeAddress(v verdict, a netip.Addr) *verdict {
	v.request.Address = a
	v.decision = s.decide(v.request)
	if v.allowed() {
		return nil
	}
	return &v
}

// address is that of a record; zero for one that has none.
func address(body dnsmessage.ResourceBody) netip.Addr {
	switch b := body.(type) {
	case *dnsmessage.AResource:
		return netip.AddrFrom4(b.A)
	case *dnsmessage.AAAAResource:
		return netip.AddrFrom16(b.AAAA).Unmap()
	}
	return netip.Addr{}
}

// aged gives records the time to live that is left of them, and the asked name its
// spelling.
func aged(records []dnsmessage.Resource, a *answer, q *query, now time.Time) []dnsmessage.Resource {
	age := uint32(max(0, now.Sub(a.got)) / time.Second)
	out := make([]dnsmessage.Resource, len(records))
	for i, r := range records {
		r.Header.TTL = min(r.Header.TTL, uint32(longestKept/time.Second))
		r.Header.TTL -= min(r.Header.TTL, age)
		if sameName(r.Header.Name, q.question.Name) {
			r.Header.Name = q.question.Name
		}
		out[i] = r
	}
	return out
}
