package policy

import "slices"

// section is a part of the document that speaks of one kind of protocol: a
// database, DNS, WebSockets.
type section struct {
	key        string // where it stands in the document
	protocols  bits
	port       uint16 // where it lives by convention; 0: nowhere
	enabled    bool
	requireTLS bool
	off        Reason // when it is not enabled
}

// section returns the reason of the section that keeps a request in, if one does.
// A rule that names the protocol, or of a database or DNS the very port that is
// asked for, is more special than "enabled: false"; nothing is more special than
// "require_ssl".
func (p *Policy) section(r *Request, found *matcher) Reason {
	for i := range p.sections {
		s := &p.sections[i]
		switch {
		case !s.speaksOf(r):
		case !s.enabled && !s.namedBy(found, r.Port):
			return s.off
		case s.requireTLS && r.Protocol != "" && !r.TLS:
			return ReasonTLSRequired
		}
	}
	return ""
}

// speaksOf goes by the port as long as the protocol is not known, and for a stream
// that nobody recognised: a client may speak in a way that servers know and we do not.
func (s *section) speaksOf(r *Request) bool {
	if (r.Protocol == "" || r.Protocol == TCP) && s.port != 0 && s.port == r.Port {
		return true
	}
	return s.protocols&spoken(r) != 0
}

func (s *section) namedBy(m *matcher, port uint16) bool {
	if m == nil {
		return false
	}
	return m.protocols&s.protocols != 0 || s.port != 0 && slices.Contains(m.rule.Ports, PortRange{port, port})
}
