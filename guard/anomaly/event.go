package anomaly

import (
	"net/netip"
	"time"
)

// Kind is what happened.
type Kind string

const (
	FailedAuth          Kind = "failed_auth"
	PrivilegedContainer Kind = "privileged_container"
	Traversal           Kind = "path_traversal"
	Injection           Kind = "command_injection"
	OddContainer        Kind = "suspicious_container"
	RateLimited         Kind = "rate_limit_exceeded"
	WebAttacked         Kind = "web_attack"
)

// Event is something that happened. What is not known stays zero.
type Event struct {
	Kind Kind
	Time time.Time  // if zero, now. What lies ahead of now counts as now
	Addr netip.Addr // of whoever did it
	User string
	// Detail is what it was done with: the path, the input, the image, the route. It
	// is shown in alerts, escaped and cut.
	Detail string
}

// Detector opens an episode when events of a kind that belong to one key are more in
// a window than is chance.
type Detector struct {
	Kind      Kind
	Key       KeyKind
	Threshold int
	Window    time.Duration
	Type      Type // of its alerts
	Severity  Severity
	Keys      int // room for at least so many keys, 64 bytes each; if 0, 65,536
	// Budget is how many episodes are told of in a minute; the others are told in one
	// digest. If 0, 30.
	Budget int
}

// Defaults are the detectors of a Monitor that is given none: ten failed logins of one
// address within five minutes, and everything that is an attack by itself, once a
// minute for each key. The narrower of those that share a Kind come first.
func Defaults() []Detector {
	const five = 5 * time.Minute
	return []Detector{
		{Kind: FailedAuth, Key: BySource, Threshold: 10, Window: five, Type: BruteForce, Severity: High},
		{Kind: FailedAuth, Key: ByUser, Threshold: 25, Window: five, Type: BruteForce, Severity: High},
		{Kind: FailedAuth, Key: BySubnet, Threshold: 50, Window: five, Type: BruteForce, Severity: High},
		{Kind: PrivilegedContainer, Key: ByUser, Threshold: 1, Window: time.Minute, Type: PrivilegeEscalation, Severity: Critical},
		{Kind: Traversal, Key: BySource, Threshold: 1, Window: time.Minute, Type: PathTraversal, Severity: High},
		{Kind: Injection, Key: BySource, Threshold: 1, Window: time.Minute, Type: CommandInjection, Severity: Critical},
		{Kind: WebAttacked, Key: BySource, Threshold: 1, Window: time.Minute, Type: WebAttacks, Severity: High},
		{Kind: OddContainer, Key: ByUser, Threshold: 1, Window: time.Minute, Type: SuspiciousContainer, Severity: High},
		{Kind: RateLimited, Key: BySource, Threshold: 1, Window: time.Minute, Type: RateLimitExceeded, Severity: Medium},
	}
}
