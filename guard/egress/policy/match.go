package policy

import (
	"net/netip"
	"slices"
	"time"
)

// matcher is a rule made ready for requests.
type matcher struct {
	rule      *Rule
	protocols bits
	programs  []program
	tools     []*glob
	// spaces are the stretches of special-purpose space that the rule names.
	spaces []netip.Prefix
	detail string
	// intercept says that TLS is looked into where the rule leads.
	intercept bool
}

// miss is the first thing about a request that a rule does not cover, in the order
// in which a rule is asked: the later, the nearer it came.
type miss uint8

const (
	none miss = iota // no rule speaks of the host
	missPort
	missProgram
	missProtocol
	missMethod
	missUnseen
	missPath
	missTool
	missWindow
	missExpired
	missWhen
	missFailed
	hit
)

// reasons are the words for the misses.
var reasons = [...]Reason{
	none: ReasonDefaultPolicy, missPort: ReasonPort, missProgram: ReasonProgram, missProtocol: ReasonProtocol,
	missMethod: ReasonMethod, missUnseen: ReasonUnseen, missPath: ReasonPath, missTool: ReasonTool, missWindow: ReasonWindow, missExpired: ReasonExpired,
	missWhen: ReasonWhen, missFailed: ReasonWhenFailed,
}

// ask compares everything but the host. What is not known yet does not speak
// against a request: it will be judged again.
func (m *matcher) ask(r *Request) miss {
	if r.Question() && !m.rule.Deny {
		return m.askQuestion(r)
	}
	r.inside = m.intercept && r.Intercepts
	switch {
	case !coversPort(m.rule.Ports, r.Port):
		return missPort
	case !m.coversProgram(&r.Program):
		return missProgram
	case !m.coversProtocol(r):
		return missProtocol
	}
	if how := m.askHTTP(r); how != hit {
		return how
	}
	if how := m.askTools(r); how != hit {
		return how
	}
	if how := m.askTime(r.Time); how != hit {
		return how
	}
	return m.askWhen(r)
}

// askQuestion compares what counts for a question for the host's own addresses:
// who may go there by some port and protocol may know where it is.
func (m *matcher) askQuestion(r *Request) miss {
	if !m.coversProgram(&r.Program) {
		return missProgram
	}
	if how := m.askTime(r.Time); how != hit {
		return how
	}
	return m.askWhen(r)
}

func coversPort(ports []PortRange, port uint16) bool {
	for _, p := range ports {
		if p.First <= port && port <= p.Last {
			return true
		}
	}
	return len(ports) == 0
}

func (m *matcher) coversProgram(p *Program) bool {
	for i := range m.programs {
		if m.programs[i].covers(p) {
			return true
		}
	}
	return len(m.programs) == 0
}

func (m *matcher) coversProtocol(r *Request) bool {
	if m.protocols == 0 || r.Protocol == "" || m.protocols&coveredBy(spoken(r), r.TLS) != 0 {
		return true
	}
	return m.protocols&(bitWS|bitMCP) != 0 && awaitsRequest(r)
}

// askHTTP compares methods and paths. A rule that has them is for HTTP alone.
func (m *matcher) askHTTP(r *Request) miss {
	if len(m.rule.Methods) == 0 && len(m.rule.Paths) == 0 {
		return hit
	}
	if r.Method == "" || r.Method == "CONNECT" {
		return awaitHTTP(r)
	}
	if len(m.rule.Methods) > 0 && !slices.Contains(m.rule.Methods, r.Method) {
		return missMethod
	}
	if len(m.rule.Paths) > 0 && !coversPath(m.rule.Paths, r.Path) {
		return missPath
	}
	return hit
}

// awaitHTTP judges a connection whose request is not there: it may be on its way,
// or hidden, or there will never be one.
func awaitHTTP(r *Request) miss {
	switch b := spoken(r); {
	case r.inside && b&(bitHTTPS|bitWSS|bitTLS) != 0:
		return hit
	case r.Protocol == "", b == bitHTTP, b == bitWS, b == bitMCP:
		return hit
	case b&(bitHTTPS|bitWSS|bitTLS) != 0:
		return missUnseen
	}
	return missProtocol
}

func coversPath(prefixes []string, path string) bool {
	if !isClean(path) {
		return false
	}
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return underPath(path, prefix) })
}

// askTime compares expiry and windows; a request without a time has none left.
func (m *matcher) askTime(now time.Time) miss {
	if e := m.rule.Expires; !e.IsZero() && (now.IsZero() || !now.Before(e)) {
		return missExpired
	}
	if len(m.rule.Windows) == 0 {
		return hit
	}
	for i := range m.rule.Windows {
		if !now.IsZero() && m.rule.Windows[i].open(now) {
			return hit
		}
	}
	return missWindow
}

// open reports whether a moment lies in the window.
func (w *Window) open(now time.Time) bool {
	local := now.UTC().Add(w.Offset)
	minute, day := local.Hour()*60+local.Minute(), local.Weekday()
	if w.From < w.To {
		return w.on(day) && w.From <= minute && minute < w.To
	}
	return w.on(day) && minute >= w.From || w.on((day+6)%7) && minute < w.To
}

func (w *Window) on(d time.Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, d) }

// names reports whether the rule names the stretch of special-purpose space in
// which an address lies: one of its prefixes holds the address and is no wider
// than the stretch. 0.0.0.0/0 names no private space.
func (m *matcher) names(a netip.Addr, stretch netip.Prefix) bool {
	for _, p := range m.spaces {
		if p.Contains(a) && p.Bits() >= stretch.Bits() {
			return true
		}
	}
	return false
}
