package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// egressDoctorCmd looks at all that has to be right for egress to be kept in, the
// calling shell included, and says of each what to do.
type egressDoctorCmd struct{}

// The outcomes of a check. Only a failed one makes the exit code 1.
const (
	fine   = "ok"
	hollow = "warn"
	failed = "fail"
)

// egressCheck is one thing that was looked at.
type egressCheck struct {
	Status string `json:"status"` // ok, warn, fail
	Name   string `json:"name"`
	Detail string `json:"detail"`
	Do     string `json:"do"` // empty when nothing is to be done
}

// Bounds of the doctor's patience and foresight.
const (
	doctorDial   = 2 * time.Second
	expiresSoon  = 14 * 24 * time.Hour
	clockMayDrag = time.Minute
)

func (egressDoctorCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		f, err := gatherFacts(ctx, s, cl)
		if err != nil {
			return err
		}
		checks := f.checks()
		if err := emitList(s, checks, func(w io.Writer) error { return doctorTable(w, checks) }); err != nil {
			return err
		}
		if slices.ContainsFunc(checks, func(c egressCheck) bool { return c.Status == failed }) {
			return codeError{code: exitFindings}
		}
		return nil
	})
}

func doctorTable(w io.Writer, checks []egressCheck) error {
	rows := make([][]string, len(checks))
	for i, c := range checks {
		rows[i] = []string{c.Status, c.Name, c.Detail, c.Do}
	}
	return table(w, []string{"STATUS", "CHECK", "DETAIL", "WHAT TO DO"}, rows)
}

// facts is what the checks judge.
type facts struct {
	now     time.Time
	remote  bool // the server is another machine's
	status  api.EgressStatus
	dial    error             // of the gateway's address
	rules   []policy.Rule     // of the policy in force
	changed time.Time         // when that came into force
	last    time.Time         // of the newest decision; zero: there is none
	env     map[string]string // the proxy variables of the calling shell
	record  api.EgressAuditReport
	ca      caFacts
	dns     nameFacts
}

func gatherFacts(ctx context.Context, s *session, cl *client.Client) (f facts, err error) {
	f = facts{now: time.Now(), remote: s.global.Server != "", env: proxyVariables(s.Lookup)}
	if f.status, err = cl.Egress(ctx); err != nil {
		return f, err
	}
	if f.status.Version > 0 {
		v, _, err := cl.EgressPolicy(ctx)
		if err != nil {
			return f, err
		}
		p, err := parsePolicy("the policy in force", []byte(v.Document))
		if err != nil {
			return f, err
		}
		f.rules, f.changed, f.ca.needed = p.Rules(), v.Time, looksInto(p)
	}
	page, err := cl.EgressDecisions(ctx, client.EgressQuery{Limit: 1})
	if err != nil {
		return f, err
	}
	if len(page.Items) > 0 {
		f.last = page.Items[0].Time
	}
	if err := f.gatherChecks(ctx, s, cl); err != nil {
		return f, err
	}
	f.record, err = cl.EgressVerify(ctx)
	return f, err
}

// gatherChecks connects to what listens, and asks the node what only it can look at.
func (f *facts) gatherChecks(ctx context.Context, s *session, cl *client.Client) error {
	if f.status.Listen != "" && !f.remote {
		f.dial = reachable(ctx, f.status.Listen)
	}
	if f.status.DNS != "" && !f.remote {
		f.dns.probe = answering(ctx, f.status.DNS)
	}
	c, err := cl.EgressChecks(ctx)
	if err != nil {
		return err
	}
	f.ca.EgressCAState, f.dns.asks = c.Authority, c.NameServers
	return f.ca.trusted(s.Lookup)
}

// reachable connects, and says nothing.
func reachable(ctx context.Context, address string) error {
	d := net.Dialer{Timeout: doctorDial}
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return c.Close()
}

// proxyNames are the variables by which programs find a proxy. Most read the small
// ones; some the large ones, too.
var proxyNames = [...]string{"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}

func proxyVariables(lookup func(string) (string, bool)) map[string]string {
	env := map[string]string{}
	for _, name := range proxyNames {
		if v, ok := lookup(name); ok && v != "" {
			env[name] = v
		}
	}
	return env
}

// checks judges the facts, what matters most first.
func (f facts) checks() []egressCheck {
	all := []egressCheck{f.gateway(), f.killSwitch(), f.policy(), f.mode(), f.network()}
	all = append(all, f.expiry()...)
	for _, u := range f.status.Unsupported {
		all = append(all, egressCheck{hollow, "policy key", fmt.Sprintf("line %d: %s: %s", u.Line, u.Key, u.Meaning), "take the key out, or do without what it asks for"})
	}
	all = append(all, f.authority(), f.names())
	all = append(all, f.upstream()...)
	return append(all, f.recording(), f.audit(), f.shell(), f.clock())
}

func (f facts) gateway() egressCheck {
	switch {
	case f.status.Listen == "":
		return egressCheck{failed, "gateway", "it does not run, so no program is kept in", "start it: cordon serve"}
	case f.dial != nil:
		return egressCheck{failed, "gateway", f.status.Listen + " does not answer: " + f.dial.Error(), "look into the log of cordon serve; another egress.listen may help"}
	case f.remote:
		return egressCheck{fine, "gateway", "listens on " + f.status.Listen + " of the server's machine", ""}
	}
	return egressCheck{fine, "gateway", "listens on " + f.status.Listen + ", " + plural(f.status.Flows, "open connection", "open connections"), ""}
}

func (f facts) killSwitch() egressCheck {
	if f.status.KillSwitch.Active {
		return egressCheck{failed, "kill switch", "ON, so nothing goes out: " + f.status.KillSwitch.Reason, "when the danger is over: cordon egress killswitch off WHY"}
	}
	return egressCheck{fine, "kill switch", "off", ""}
}

func (f facts) policy() egressCheck {
	switch {
	case f.status.Version == 0 && f.status.Problem == "":
		return egressCheck{failed, "policy", "there is none, so everything is denied", "write one to begin with: cordon egress init"}
	case f.status.Problem != "":
		return egressCheck{failed, "policy", "the file is not in force: " + f.status.Problem, fmt.Sprintf("mend it, or: cordon egress policy rollback %d", f.status.Version)}
	}
	return egressCheck{fine, "policy", fmt.Sprintf("version %d, %s", f.status.Version, plural(len(f.rules), "rule", "rules")), ""}
}

func (f facts) mode() egressCheck {
	switch {
	case f.status.Version == 0:
		return egressCheck{fine, "mode", "strict, as without a policy", ""}
	case f.status.Mode == string(policy.Audit):
		return egressCheck{hollow, "mode", "audit: everything passes and is noted", "when its rules are complete: cordon egress mode strict"}
	case f.status.Mode == string(policy.Permissive):
		return egressCheck{hollow, "mode", "permissive: secrets that leave are only reported", "cordon egress mode strict"}
	case f.status.Default == string(policy.Allow):
		return egressCheck{hollow, "mode", "strict, but default_policy allows what no rule speaks of", "set default_policy: deny in the policy"}
	}
	return egressCheck{fine, "mode", "strict, default deny", ""}
}

func (f facts) network() egressCheck {
	switch {
	case f.status.Version == 0:
		return egressCheck{fine, "network", "nothing is reached without a policy", ""}
	case f.status.LocalOnly:
		return egressCheck{hollow, "network", "emergency.localhost_only: only this machine is reached", "take the key out of the policy when the emergency is over"}
	case !f.status.Network:
		return egressCheck{hollow, "network", "global.network_enabled is false: only this machine is reached", "cordon egress enable"}
	}
	return egressCheck{fine, "network", "enabled", ""}
}

// expiry has a check for each rule that has ended or soon does, and one when all
// is well.
func (f facts) expiry() (all []egressCheck) {
	for _, r := range f.rules {
		on := r.Expires.Format(time.DateOnly)
		switch left := r.Expires.Sub(f.now); {
		case r.Expires.IsZero() || left > expiresSoon:
		case left <= 0:
			all = append(all, egressCheck{hollow, "rule", fmt.Sprintf("%s (line %d) expired on %s", r.ID, r.Line, on), "renew its expires, or: cordon egress remove " + r.Host})
		default:
			all = append(all, egressCheck{hollow, "rule", fmt.Sprintf("%s (line %d) expires on %s", r.ID, r.Line, on), "verify it again and renew its expires"})
		}
	}
	if len(all) == 0 {
		all = []egressCheck{{fine, "rules", "none has expired or does within two weeks", ""}}
	}
	return all
}

func (f facts) recording() egressCheck {
	if f.status.Recording != "" {
		return egressCheck{failed, "recording", f.status.Recording, "make room or mend the disk of egress.log_dir; in strict nothing leaves until then"}
	}
	return egressCheck{fine, "recording", "decisions are recorded", ""}
}

func (f facts) audit() egressCheck {
	if !f.record.OK {
		return egressCheck{failed, "record", fmt.Sprintf("TAMPERED: %s", plural(len(f.record.Problems)+f.record.More, "problem", "problems")), "cordon egress verify-audit says where; keep a copy of egress.log_dir before anything else"}
	}
	return egressCheck{fine, "record", fmt.Sprintf("%d lines, whole, signed up to line %d", f.record.Lines, f.record.SignedUpTo), ""}
}

// shell judges whether programs of the calling shell find the gateway.
func (f facts) shell() egressCheck {
	if f.status.Listen == "" || f.remote {
		return egressCheck{fine, "this shell", "not looked at: the gateway is not on this machine, or does not run", ""}
	}
	export := fmt.Sprintf("export http_proxy=http://%[1]s https_proxy=http://%[1]s", f.status.Listen)
	var around []string
	for _, name := range proxyNames {
		if v, set := f.env[name]; set && !leadsTo(v, f.status.Listen) {
			around = append(around, name)
		}
	}
	_, one := f.env["http_proxy"]
	_, other := f.env["https_proxy"]
	_, all := f.env["all_proxy"]
	switch {
	case len(around) > 0:
		return egressCheck{hollow, "this shell", strings.Join(around, ", ") + " lead elsewhere, so programs go around the gateway", export}
	case !all && (!one || !other):
		return egressCheck{hollow, "this shell", "http_proxy and https_proxy are not both set, so programs go around the gateway", export}
	}
	return egressCheck{fine, "this shell", "programs that heed proxy variables use the gateway", ""}
}

// leadsTo reports whether a proxy variable names that address.
func leadsTo(value, address string) bool {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil {
		return false
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil || u.Port() != port {
		return false
	}
	host, _, _ := net.SplitHostPort(address)
	named := u.Hostname()
	return named == host || isLoopback(named) && isLoopback(host)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// clock compares the machine's time with what was recorded: rules that expire and
// windows rest on it.
func (f facts) clock() egressCheck {
	newest := f.last
	if f.changed.After(newest) {
		newest = f.changed
	}
	if ahead := newest.Sub(f.now); ahead > clockMayDrag {
		return egressCheck{hollow, "clock", fmt.Sprintf("what was recorded last is %v ahead of this machine's clock", ahead.Round(time.Second)), "set the clock; rules that expire and windows rest on it"}
	}
	return egressCheck{fine, "clock", "not behind what was recorded", ""}
}
