package policy

// Result is the answer to a request.
type Result string

// The two answers. The zero Result is neither, and callers treat it as Deny.
const (
	Allow Result = "allow"
	Deny  Result = "deny"
)

// Reason is why, as a stable word that scripts may compare.
type Reason string

// The reasons of this package. ReasonRule and ReasonDefaultPolicy stand with
// either Result, ReasonLocalhostOnly likewise; the others explain a denial.
const (
	ReasonRule             Reason = "rule"              // a rule of the allowlist says so
	ReasonDenylist         Reason = "denylist"          // a rule of the denylist says so
	ReasonDefaultPolicy    Reason = "default_policy"    // no rule spoke
	ReasonNoPolicy         Reason = "no_policy"         // there is no policy
	ReasonKillSwitch       Reason = "kill_switch"       // emergency.kill_switch
	ReasonNetworkDisabled  Reason = "network_disabled"  // global.network_enabled is false
	ReasonLocalhostOnly    Reason = "localhost_only"    // emergency.localhost_only
	ReasonMetadataAddress  Reason = "metadata_address"  // a cloud's metadata service or link-local space
	ReasonPrivateAddress   Reason = "private_address"   // loopback, private or reserved space that no rule names
	ReasonBadHost          Reason = "bad_host"          // the host is not in normal form, or contradicts the address
	ReasonPort             Reason = "port_mismatch"     // the host has a rule, but not for this port
	ReasonProtocol         Reason = "protocol_mismatch" // ... not for this protocol
	ReasonMethod           Reason = "method_mismatch"   // ... not for this HTTP method
	ReasonPath             Reason = "path_mismatch"     // ... not for this path, or the path is ambiguous
	ReasonUnseen           Reason = "request_unseen"    // ... limits methods or paths, which TLS hides
	ReasonTool             Reason = "tool_mismatch"     // ... not for this tool of MCP
	ReasonProgram          Reason = "program_mismatch"  // ... not for this program
	ReasonWindow           Reason = "outside_window"    // ... not at this time
	ReasonExpired          Reason = "expired"           // ... its time is over
	ReasonWhen             Reason = "when_mismatch"     // ... not under its condition
	ReasonWhenFailed       Reason = "when_failed"       // ... and its condition cannot be judged
	ReasonDataBudget       Reason = "data_budget"       // ... and what may leave by it has left
	ReasonDatabase         Reason = "database_disabled" // databases.<kind>.enabled is false
	ReasonTLSRequired      Reason = "tls_required"      // databases.<kind>.require_ssl and the stream is not encrypted
	ReasonWebSocket        Reason = "websocket_denied"  // websockets.outbound does not let it pass
	ReasonDNS              Reason = "dns_disabled"      // dns.enabled is false
	ReasonTunnel           Reason = "dns_tunnel"        // the names asked for look like data on its way out
	ReasonLeak             Reason = "leak"              // a secret was found in what would be sent
	ReasonNotScanned       Reason = "not_scanned"       // what would be sent could not be looked at for secrets
	ReasonBlockedExtension Reason = "blocked_extension" // data_leak_prevention.blocked_extensions names the file
	ReasonBlockedFile      Reason = "blocked_file"      // ... names what the file holds, whatever it is called
)

// Decision answers a Request.
type Decision struct {
	Result Result
	Reason Reason
	// Detail is one sentence for people.
	Detail string
	// RuleID is the rule that decided; of a denial, the rule that came nearest.
	// It is empty if no rule had a say.
	RuleID string
	// Default is true when no rule spoke and the default policy decided.
	Default bool
	// Budget is that of the rule, when it has one: whoever sends has to keep to it.
	Budget Budget
	// Would is what strict mode would have said, if that differs. Reason, Detail
	// and RuleID are then those of strict mode.
	Would Result
	// Intercept says that TLS is to be looked into, so that what it hides is judged
	// as well. It counts when the request is allowed.
	Intercept bool
	// AllowCommand would allow it, or would bring it a step further. It is empty if
	// nothing may allow it (the floors, the kill switch, a host that is none), or
	// only an edit of the document.
	AllowCommand string
}

// Allowed reports whether the answer is Allow.
func (d Decision) Allowed() bool { return d.Result == Allow }
