package config

import (
	"errors"
	"fmt"

	"go.cordon.dev/cordon/internal/event"
)

// Anomaly says what of what other programs report is too much. A kind that is left
// out has its usual limits.
type Anomaly struct {
	Rules               []string      `yaml:"rules,omitempty" jsonschema:"description=Files of operators' rules\\, which say what else is too much. cordon anomaly test FILE says what is wrong with one."`
	BruteForce          AnomalyLimits `yaml:"brute_force,omitempty" jsonschema:"description=Failed logins. Default: ip 10\\, user 25\\, subnet 50 within 300 seconds\\, severity high."`
	PrivilegeEscalation AnomalyLimits `yaml:"privilege_escalation,omitempty" jsonschema:"description=Containers with privileges that were refused. Default: user 1 within 60 seconds\\, severity critical."`
	PathTraversal       AnomalyLimits `yaml:"path_traversal,omitempty" jsonschema:"description=Paths that lead out of where they may lead. Default: ip 1 within 60 seconds\\, severity high."`
	CommandInjection    AnomalyLimits `yaml:"command_injection,omitempty" jsonschema:"description=Inputs that would have become a command. Default: ip 1 within 60 seconds\\, severity critical."`
	WebAttack           AnomalyLimits `yaml:"web_attack,omitempty" jsonschema:"description=Requests with other attacks in their target\\, Referer or User-Agent: SQL\\, Log4Shell\\, Shellshock\\, templates; and tools that name themselves. Default: ip 1 within 60 seconds\\, severity high."`
	SuspiciousContainer AnomalyLimits `yaml:"suspicious_container,omitempty" jsonschema:"description=Containers that were started and can leave their walls. Default: user 1 within 60 seconds\\, severity high."`
	RateLimitExceeded   AnomalyLimits `yaml:"rate_limit_exceeded,omitempty" jsonschema:"description=Callers who were told to come back later. Default: ip 1 within 60 seconds\\, severity medium."`
}

// AnomalyLimits are the limits of one kind.
type AnomalyLimits struct {
	IP       *int            `yaml:"ip,omitempty" jsonschema:"minimum=0,maximum=60000,description=So many events of one address (of IPv6: of its /64) within the window are too many; 0: addresses are not watched."`
	User     *int            `yaml:"user,omitempty" jsonschema:"minimum=0,maximum=60000,description=Likewise of one user."`
	Subnet   *int            `yaml:"subnet,omitempty" jsonschema:"minimum=0,maximum=60000,description=Likewise of one network: a /24 of IPv4\\, a /48 of IPv6."`
	Window   *int            `yaml:"window_seconds,omitempty" jsonschema:"minimum=1,maximum=3600,description=Length of the window. An episode is over when it was quiet for as long."`
	Severity *event.Severity `yaml:"severity,omitempty" jsonschema:"type=string,enum=low,enum=medium,enum=high,enum=critical,description=Of its episodes."`
}

// The most of a window and of the events in it.
const (
	maxAnomalyWindow = 3600
	maxAnomalyEvents = 60_000
)

// Limits are the limits by the name of their kind.
func (a Anomaly) Limits() map[string]AnomalyLimits {
	return map[string]AnomalyLimits{
		"brute_force": a.BruteForce, "privilege_escalation": a.PrivilegeEscalation, "path_traversal": a.PathTraversal,
		"command_injection": a.CommandInjection, "web_attack": a.WebAttack, "suspicious_container": a.SuspiciousContainer, "rate_limit_exceeded": a.RateLimitExceeded,
	}
}

func (c *Config) checkAnomaly() error {
	var errs []error
	for kind, l := range c.Anomaly.Limits() {
		for name, n := range map[string]*int{"ip": l.IP, "user": l.User, "subnet": l.Subnet} {
			if n != nil && (*n < 0 || *n > maxAnomalyEvents) {
				errs = append(errs, fmt.Errorf("anomaly.%s.%s: %d is not between 0 and %d", kind, name, *n, maxAnomalyEvents))
			}
		}
		if l.Window != nil && (*l.Window < 1 || *l.Window > maxAnomalyWindow) {
			errs = append(errs, fmt.Errorf("anomaly.%s.window_seconds: %d is not between 1 and %d", kind, *l.Window, maxAnomalyWindow))
		}
		if l.Severity != nil && *l.Severity == event.Info {
			errs = append(errs, fmt.Errorf("anomaly.%s.severity: info alarms nobody; set ip, user and subnet to 0 to switch a kind off", kind))
		}
	}
	return errors.Join(errs...)
}
