package policy

import "time"

// Rule lets somebody out, or, in the denylist, keeps everybody in. A field that is
// empty does not limit.
type Rule struct {
	// ID names the rule in decisions. Without one in the file it is made of
	// host and ports.
	ID string
	// Host is a name, "*.suffix" (names below it, not itself), "*" (any name), an
	// address or a CIDR, in normal form.
	Host string
	// Ports are single ports and ranges.
	Ports []PortRange
	// Protocols: https covers a TLS stream that cannot be seen into, and so does
	// wss; http and https cover MCP; tls covers everything encrypted, tcp every
	// stream, encrypted or not.
	Protocols []Protocol
	// Methods of HTTP, upper case.
	Methods []string
	// Paths are prefixes: "/v1" covers "/v1" and "/v1/x", never "/v10"; "/v1/"
	// covers "/v1/x".
	Paths []string
	// Tools of MCP that may be called, by name; an asterisk stands for any
	// characters. A rule that has them is for MCP alone.
	Tools []string
	// Addresses are the special-purpose address spaces (private, loopback) that
	// the host's name may resolve to.
	Addresses []string
	// Credentials are secrets that may go where the rule leads, though a secret in
	// what is sent is a leak elsewhere: ids of detection rules, or fingerprints.
	Credentials []string
	// InterceptTLS says whether TLS to the host is looked into; where it says nothing,
	// data_leak_prevention.intercept_tls does. Methods and Paths speak of https only
	// where it is.
	InterceptTLS Choice
	// Programs of which one has to be asking.
	Programs []ProgramMatch
	// Windows of which one has to be open.
	Windows []Window
	// When is a condition in the language of the Compiler that read it; empty: none.
	When string
	// Budget is how much may leave by the rule; zero: any amount.
	Budget Budget
	// Expires is the first moment at which the rule no longer applies; zero: never.
	Expires     time.Time
	Description string
	VerifiedBy  string
	VerifiedAt  time.Time
	// Line is where the rule stands in its file, from 1; 0 if it was not read.
	Line int
	// Deny marks a rule of the denylist.
	Deny bool
	// derived marks a rule that was made of another section of the document.
	derived bool
	// condition is When made ready.
	condition Condition
}

// Choice is yes, no, or left to whoever has a say otherwise.
type Choice string

// The choices. The zero Choice is the one that leaves it open.
const (
	Unsaid Choice = ""
	Yes    Choice = "true"
	No     Choice = "false"
)

// or is what is said, or what holds otherwise.
func (c Choice) or(otherwise bool) bool {
	if c == Unsaid {
		return otherwise
	}
	return c == Yes
}

// PortRange is the ports from First to Last, both included.
type PortRange struct{ First, Last uint16 }

// ProgramMatch says which program a rule is for; empty fields do not limit. In
// Exe and Cmdline an asterisk stands for any characters; an Exe without a slash
// is compared with the last element of the path. Cwd covers folders below it.
type ProgramMatch struct{ Exe, Cmdline, Cwd, User, Jail string }

// Window is a time of the day on some days of the week.
type Window struct {
	// Days the window opens on; empty: every day.
	Days []time.Weekday
	// From and To are minutes since midnight; To may be smaller than From, when
	// the window ends on the next day.
	From, To int
	// Offset of the clock the times are of, east of UTC.
	Offset time.Duration
}
