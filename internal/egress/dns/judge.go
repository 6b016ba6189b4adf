package dns

import (
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

// verdict is what was decided about a question, and what about it is recorded.
type verdict struct {
	request  policy.Request
	decision policy.Decision
	findings []dlp.Finding
}

func (v verdict) allowed() bool { return v.decision.Allowed() }

// judge decides about a question by what it holds and whom it is about. Nobody was
// asked before.
func (s *Server) judge(q *query) verdict {
	v := verdict{request: policy.Request{Time: s.o.Clock.Now(), Protocol: policy.DNS, Program: q.program}}
	if found := s.secretsIn(q); len(found.Findings) > 0 {
		v.findings = found.Findings
		v.decision = denial(policy.ReasonLeak, "a secret was found: "+found.String())
		return v // without the name: the secret stands there
	}
	host, bad := hostOf(q.name)
	if bad != "" {
		v.decision = denial(policy.ReasonBadHost, bad)
		return v
	}
	v.request.Host = host
	v.decision = s.decide(v.request)
	if !v.allowed() {
		return v
	}
	if why := s.tunnels.see(q.client.Addr(), q.name, q.question.Type, !s.cache.fresh(q.key())); why != "" {
		v.request.Tunnel = why
		v.decision = s.decide(v.request)
		v.decision.Detail += explained(v.decision, why)
	}
	return v
}

// secretsIn looks for secrets in a name as it was asked, and in what the client asked for
// below the same domain before.
func (s *Server) secretsIn(q *query) dlp.Verdict {
	i := s.o.Inspector()
	if i == nil {
		return dlp.Verdict{}
	}
	domain, rest := domainOf(q.name)
	asker := strings.Join([]string{clientOf(q.client.Addr()).String(), q.program.Exe, domain}, " ")
	return i.Message(asker).Name("name that is asked for", q.name, q.name[:len(rest)])
}

func explained(d policy.Decision, why string) string {
	if d.Reason != policy.ReasonTunnel {
		return ""
	}
	return ": " + why
}

func denial(why policy.Reason, detail string) policy.Decision {
	return policy.Decision{Result: policy.Deny, Reason: why, Detail: detail}
}

func (s *Server) decide(r policy.Request) policy.Decision {
	if on, reason := s.o.Switch.On(); on {
		return denial(policy.ReasonKillSwitch, "the kill switch is on: "+reason)
	}
	return s.o.Judge.Decide(r)
}

// hostOf is the host that a question is about, in normal form, or why there is none.
// Labels that begin with an underscore name a service of the host below which they
// stand (RFC 8552): who may go to the host may ask where its services are.
func hostOf(name string) (host, bad string) {
	host, err := policy.NormalHost(name)
	switch {
	case name == "":
		return "", "the question is about the root, which is no host"
	case err != nil:
		return "", "the question is about no host: " + err.Error()
	case strings.ContainsRune(host, ':') || strings.TrimRight(host, "0123456789.") == "":
		return "", "the question is about an address, which has no name"
	case host != strings.ToLower(name):
		return "", "the question is about another host than the one that it spells" // and the upstream would be asked for that
	}
	for strings.HasPrefix(host, "_") {
		_, rest, below := strings.Cut(host, ".")
		if !below {
			return "", "the question is about a service of no host"
		}
		host = rest
	}
	return host, ""
}

// searched reports whether a name that no rule speaks of is one that is, with a
// domain of a search list behind it. A client that is told that it does not exist
// goes on to the next; one that is refused gives up (glibc's resolver does).
func (s *Server) searched(v verdict) bool {
	if v.decision.Reason != policy.ReasonDefaultPolicy {
		return false
	}
	r := v.request
	for range maxSearch {
		i := strings.LastIndexByte(r.Host, '.')
		if i < 0 {
			return false
		}
		r.Host = r.Host[:i]
		if d := s.decide(r); d.Allowed() {
			return true
		}
	}
	return false
}

// maxSearch is how many labels a domain of a search list has at most.
const maxSearch = 8

// record is a verdict about a question as the recorder wants it.
func (v verdict) record(q *query, flow string) egress.Record {
	r := egress.Record{
		Flow: flow, Time: v.request.Time, Entry: egress.EntryDNS, Client: q.client, Decision: v.decision,
		Host: v.request.Host, Address: v.request.Address, Protocol: policy.DNS, Program: q.program, Findings: v.findings,
	}
	if !v.allowed() && v.decision.Reason == policy.ReasonTunnel {
		r.Host, _ = domainOf(v.request.Host) // a tunnel is one flow, and its names are data
	}
	return r
}
