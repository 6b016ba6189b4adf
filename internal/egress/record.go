package egress

import (
	"net/netip"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/redact"
)

// The reasons that the gateway itself denies for; policy has the others.
const (
	ReasonBadRequest       policy.Reason = "bad_request"       // what was sent can be read in two ways, or not at all
	ReasonUnsupported      policy.Reason = "unsupported"       // a command or scheme that the gateway does not serve
	ReasonLoop             policy.Reason = "loop"              // it would lead back to Cordon
	ReasonHostMismatch     policy.Reason = "host_mismatch"     // inside the tunnel another host is named
	ReasonAuditUnavailable policy.Reason = "audit_unavailable" // the decision could not be recorded

	ReasonUpstreamCertificate policy.Reason = "upstream_certificate"        // the origin does not prove that it is who it was asked to be
	ReasonClientCertificate   policy.Reason = "client_certificate"          // the origin wants to know the client by a certificate
	ReasonClientRefuses       policy.Reason = "client_refuses_interception" // the client does not trust the gateway's certificate
)

// Entry is how a flow came in.
type Entry string

// The entries.
const (
	EntryHTTP    Entry = "http"    // a request to the forward proxy
	EntryConnect Entry = "connect" // an HTTP tunnel
	EntrySOCKS   Entry = "socks5"
	EntryDNS     Entry = "dns" // a question to the name server
	// EntryTransparent is a connection that the kernel redirected.
	EntryTransparent Entry = "transparent"
	EntryLibrary     Entry = "library" // a program that guards itself asked
	EntryStdio       Entry = "stdio"   // a message between an agent and an MCP server that it started
)

// Source is a place in a program, as the program says.
type Source struct {
	File     string
	Line     int
	Function string
}

// Record is one decision about a flow, or its end. A flow has one allowed
// decision or one denied; a tunnel that shows only later what it is may be
// denied after it was allowed. An allowed flow has one end.
type Record struct {
	Flow     string    // UUIDv7, joins a flow's records
	Time     time.Time // UTC, of the decision or the end
	Entry    Entry
	Client   netip.AddrPort // the caller's end
	Decision policy.Decision

	Host     string // empty when nothing that could be read was sent
	Port     uint16
	Address  netip.Addr // dialed or judged last; zero before that
	Protocol policy.Protocol
	TLS      bool
	Method   string // of HTTP; of EntryStdio, the first that a message of MCP calls
	// URL is what was asked for, of HTTP only. It may hold secrets: whoever
	// stores or shows it redacts it first.
	URL     redact.Secret
	Program policy.Program
	Source  Source // of EntryLibrary only
	// Origin and Subject are of what comes in: the page that opens it, and who is
	// known to. Empty when not known.
	Origin, Subject string
	// Findings are the secrets found so far in what was to be sent.
	Findings []dlp.Finding

	// The following are of ends.
	BytesOut, BytesIn int64         // towards the origin, and from it
	Took              time.Duration // since the flow began
	// Cut says why the gateway ended the flow; empty when one of the ends did.
	Cut string
}
