package policy

import "slices"

// Mode says how hard a policy is.
type Mode string

// Strict enforces everything. Permissive enforces everything but leaks, which it
// reports. Audit enforces nothing but the floors (metadata addresses and the kill
// switch) and says what Strict would have said.
const (
	Strict     Mode = "strict"
	Permissive Mode = "permissive"
	Audit      Mode = "audit"
)

// Settings are the switches of a policy.
type Settings struct {
	Mode           Mode
	Default        Result // of what no rule speaks of
	NetworkEnabled bool
	KillSwitch     bool
	LocalhostOnly  bool
	// ScanLeaks: data_leak_prevention.enabled and scan_requests. In Strict, a
	// request with a Leak is then denied.
	ScanLeaks bool
	// ScanPersonal: data_leak_prevention.personal. Numbers of cards, accounts and
	// people count as secrets.
	ScanPersonal bool
	// InterceptTLS: data_leak_prevention.intercept_tls. A rule's own word goes before
	// it.
	InterceptTLS bool
	// Inbound is what websockets.inbound asks of those who connect to us.
	Inbound Inbound
	// Alerts is what somebody is told of, besides leaks.
	Alerts Alerts
}

// Inbound is websockets.inbound.
type Inbound struct {
	Enabled        bool
	AllowedOrigins []string
	RequireAuth    bool
}

// Policy is a parsed document. It never changes and is safe for concurrent use.
type Policy struct {
	settings   Settings
	rules      []Rule
	allow      *index
	deny       *index // nil without a denylist
	sections   []section
	extensions []string // lower case, with the dot, or a whole name without one
	patterns   []Pattern
	notes      []Unsupported
	tests      []test
}

// Unsupported is a key that was read but is not enforced, or not wholly.
type Unsupported struct {
	Line    int
	Key     string
	Meaning string // what happens instead
}

// Settings returns the switches. A nil Policy has those of one that denies all.
func (p *Policy) Settings() Settings {
	if p == nil {
		return Settings{Mode: Strict, Default: Deny}
	}
	return p.settings
}

// Pattern is one of data_leak_prevention.sensitive_patterns: what matches may not
// leave, like a secret.
type Pattern struct {
	ID    string // by which findings, and the credentials of rules, call it
	Regex string // RE2
	Line  int    // where it stands in the document
}

// Patterns are what counts as a secret beside what Cordon's own rules know. The
// slice is the caller's own.
func (p *Policy) Patterns() []Pattern {
	if p == nil {
		return nil
	}
	return slices.Clone(p.patterns)
}

// Rules returns the rules, those of the allowlist first, then those of the denylist
// and of other sections, each in the order of the file. The slice is the caller's
// own; what it points to is not.
func (p *Policy) Rules() []Rule { return slices.Clone(p.all()) }

func (p *Policy) all() []Rule {
	if p == nil {
		return nil
	}
	return p.rules
}

// Unsupported lists what the document asks for and this version does not do.
func (p *Policy) Unsupported() []Unsupported {
	if p == nil {
		return nil
	}
	return p.notes
}
