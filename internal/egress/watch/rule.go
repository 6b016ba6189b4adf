package watch

import (
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Rule is the rule that a verdict adds to the policy, with who asked for it.
func (r Review) Rule(e Endpoint) (policy.Rule, error) {
	if strings.Contains(e.Program, "*") && (r.Verdict == AllowOnce || r.Verdict == AllowHost) {
		return policy.Rule{}, fmt.Errorf("the program %q has an asterisk in its name, which in a rule stands for any characters: write that rule by hand", e.Program)
	}
	rule := policy.Rule{Host: e.Host, Description: strings.Join(strings.Fields(r.Note), " ")}
	if e.Port != 0 {
		rule.Ports = []policy.PortRange{{First: e.Port, Last: e.Port}}
	}
	if r.Verdict == Denylisted {
		rule.Deny = true
		return rule, nil
	}
	rule.VerifiedBy, rule.VerifiedAt = r.By, r.At.UTC().Truncate(time.Second)
	if r.Verdict != AllowAlways && e.Program != "" {
		rule.Programs = []policy.ProgramMatch{{Exe: e.Program}}
	}
	if r.Verdict == AllowOnce {
		rule.Expires = rule.VerifiedAt.Add(OnceFor)
	}
	return rule, nil
}
