package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type egressListCmd struct{}

func (egressListCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		p, err := inForce(ctx, cl)
		if err != nil {
			return err
		}
		used, err := cl.EgressBudgets(ctx)
		if err != nil {
			return err
		}
		rules := convertAll(p.Rules(), newEgressRule)
		for i := range rules {
			rules[i].spend(used)
		}
		return emitList(s, rules, func(w io.Writer) error { return ruleTable(w, rules) })
	})
}

// egressRule is a rule as it is listed.
type egressRule struct {
	ID          string     `json:"id"`
	Decision    string     `json:"decision"`
	Host        string     `json:"host"`
	Ports       string     `json:"ports"`
	Protocols   string     `json:"protocols"`
	Methods     string     `json:"methods"`
	Paths       []string   `json:"paths"`
	Expires     *time.Time `json:"expires"`
	When        string     `json:"when"`
	Budget      string     `json:"data_budget"`
	Used        []usage    `json:"used"`
	Description string     `json:"description"`
	Line        int        `json:"line"`
}

func newEgressRule(r policy.Rule) egressRule {
	out := egressRule{
		ID: r.ID, Decision: string(policy.Allow), Host: r.Host, Ports: portList(r.Ports), Protocols: joined(r.Protocols),
		Methods: strings.Join(r.Methods, ","), Paths: r.Paths, Description: r.Description, Line: r.Line,
		When: r.When, Budget: r.Budget.String(), Used: []usage{},
	}
	if r.Deny {
		out.Decision = string(policy.Deny)
	}
	if !r.Expires.IsZero() {
		out.Expires = &r.Expires
	}
	return out
}

// usage is what has left by a rule, or by a program and it, in this hour or day.
type usage struct {
	Program string    `json:"program"`
	Bytes   int64     `json:"bytes"`
	Until   time.Time `json:"until"`
}

// spend fills in what was used of the rule's budget.
func (r *egressRule) spend(all []api.EgressBudget) {
	for _, b := range all {
		if b.Rule == r.ID && r.Budget != "" {
			r.Used = append(r.Used, usage{b.Program, b.Used, b.Until})
		}
	}
}

// budget is the rule's budget and the most that is used of it, for people.
func (r *egressRule) budget() string {
	if r.Budget == "" {
		return ""
	}
	most := int64(0)
	for _, u := range r.Used {
		most = max(most, u.Bytes)
	}
	return byteCount(most) + " of " + r.Budget
}

// byteCount writes a number of bytes with a unit of the SI.
func byteCount(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + "B"
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"KB", "MB", "GB", "TB"} {
		if value /= 1000; value < 999.95 {
			break
		}
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + unit
}

func convertAll[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

func ruleTable(w io.Writer, rules []egressRule) error {
	rows := make([][]string, len(rules))
	for i, r := range rules {
		expires := ""
		if r.Expires != nil {
			expires = day(r.Expires)
		}
		rows[i] = []string{r.ID, r.Decision, r.Host, r.Ports, r.Protocols, r.Methods, expires, r.budget(), r.When, r.Description}
	}
	return table(w, []string{"ID", "DECISION", "HOST", "PORTS", "PROTOCOLS", "METHODS", "EXPIRES", "BUDGET", "WHEN", "DESCRIPTION"}, rows)
}

func portList(ranges []policy.PortRange) string {
	var all []string
	for _, r := range ranges {
		text := strconv.Itoa(int(r.First))
		if r.Last != r.First {
			text += "-" + strconv.Itoa(int(r.Last))
		}
		all = append(all, text)
	}
	return strings.Join(all, ",")
}

func joined[T ~string](all []T) string {
	var words []string
	for _, v := range all {
		words = append(words, string(v))
	}
	return strings.Join(words, ",")
}

type egressAddCmd struct {
	Target string `arg:"" placeholder:"HOST[:PORT]" help:"A name, *.suffix, an address or a CIDR, with a port or without."`
	Why    string `arg:"" help:"What for; kept with the rule, the version and in the audit log."`
}

func (c *egressAddCmd) Run(ctx context.Context, s *session) error {
	return edit(ctx, s, api.EgressEditRequest{Action: "add", Target: c.Target, Description: c.Why, Reason: c.Why})
}

type egressRemoveCmd struct {
	Target string `arg:"" help:"The rule's id, its host or HOST:PORT."`
	Reason string `default:"removed from the command line" help:"Why; kept with the version and in the audit log."`
}

func (c *egressRemoveCmd) Run(ctx context.Context, s *session) error {
	return edit(ctx, s, api.EgressEditRequest{Action: "remove", Target: c.Target, Reason: c.Reason})
}

type egressEnableCmd struct {
	Reason string `default:"enabled from the command line" help:"Why; kept with the version and in the audit log."`
}

func (c *egressEnableCmd) Run(ctx context.Context, s *session) error {
	return edit(ctx, s, api.EgressEditRequest{Action: "network", Enabled: true, Reason: c.Reason})
}

type egressDisableCmd struct {
	Reason string `default:"disabled from the command line" help:"Why; kept with the version and in the audit log."`
}

func (c *egressDisableCmd) Run(ctx context.Context, s *session) error {
	return edit(ctx, s, api.EgressEditRequest{Action: "network", Reason: c.Reason})
}

type egressModeCmd struct {
	Mode   string `arg:"" enum:"strict,audit,permissive" help:"strict, audit or permissive."`
	Reason string `default:"set from the command line" help:"Why; kept with the version and in the audit log."`
}

func (c *egressModeCmd) Run(ctx context.Context, s *session) error {
	return edit(ctx, s, api.EgressEditRequest{Action: "mode", Mode: c.Mode, Reason: c.Reason})
}

func edit(ctx context.Context, s *session, r api.EgressEditRequest) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		p, err := cl.EgressEdit(ctx, r)
		if err != nil {
			return err
		}
		return emitVersion(s, p)
	})
}

func emitVersion(s *session, p api.EgressPolicy) error {
	return emit(s, p, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "version %d of the policy is in force\n", p.Version)
		return err
	})
}
