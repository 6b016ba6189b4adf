package archive

import (
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/ledger"
)

// Filter narrows a list of decisions; zero fields do not.
type Filter struct {
	Decision string // allow, deny
	Host     string // exactly this
	Program  string // exactly this executable
	Rule     string // id of the policy's rule
	Reason   string
	Node     string
	Findings bool // only what held secrets
}

// Page asks for one page of a list, newest first.
type Page struct {
	Limit int    // rows, > 0
	After string // id of the last row of the page before; empty: the first page
}

// Destination is what is known of a host.
type Destination struct {
	Host              string
	Allowed, Denied   int64
	BytesOut, BytesIn int64
	FirstSeen         time.Time
	LastSeen          time.Time
	LastDecision      string
	LastReason        string
}

// DayCount is how often something was decided on a day.
type DayCount struct {
	Day      string // 2006-01-02, UTC
	Decision string
	Reason   string
	Total    int64
}

// Outbound reports whether an entry is about what a program here asked for, and not
// about who came to one by a door of egress.inbound.
func Outbound(e ledger.Entry) bool { return e.Entrance != string(egress.EntryInbound) }

// Recorded is a decision as a dry run judges it again. The path is what the
// redacted URL has, which is that of the request unless it held a secret.
func (d Decision) Recorded() policy.Recorded {
	r := policy.Request{
		Time: d.Time, Host: d.Host, Port: d.Port, Protocol: policy.Protocol(d.Protocol), Method: d.Method, Entry: d.Entrance, Intercepts: true,
		Program: policy.Program{PID: d.PID, Exe: d.Exe, Cmdline: d.Cmdline},
	}
	if r.Entry == string(egress.EntryStdio) { // its method is MCP's, not HTTP's
		r.Method = ""
		if r.Protocol == policy.MCP {
			r.Method = http.MethodPost // as Gateway.Hear has it
		}
	}
	for _, f := range d.Findings {
		r.Secrets = append(r.Secrets, policy.Secret{Rule: f.Rule, Fingerprint: f.Fingerprint})
	}
	if d.Reason == string(policy.ReasonNotScanned) {
		r.Unseen = d.Detail
	}
	if a, err := netip.ParseAddr(d.Address); err == nil {
		r.Address = a
	}
	if u, err := url.Parse(d.URL); err == nil && d.URL != "" {
		r.TLS = u.Scheme == "https" || u.Scheme == "wss"
		if path, ok := policy.CleanPath(u.EscapedPath()); ok {
			r.Path = path
		}
	}
	r.TLS = r.TLS || r.Protocol == policy.HTTPS || r.Protocol == policy.TLS || r.Protocol == policy.WSS
	return policy.Recorded{Request: r, Result: policy.Result(d.Line.Decision), Sent: d.BytesOut}
}
