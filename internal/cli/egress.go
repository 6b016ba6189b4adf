package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type egressCmd struct {
	Init        egressInitCmd     `cmd:"" help:"Write a policy to begin with: strict, commented, without rules."`
	Status      egressStatusCmd   `cmd:"" help:"Show how the gateway, the policy and the kill switch stand."`
	List        egressListCmd     `cmd:"" help:"List the rules of the policy."`
	Add         egressAddCmd      `cmd:"" help:"Let programs reach a host."`
	Remove      egressRemoveCmd   `cmd:"" help:"Remove a rule."`
	Enable      egressEnableCmd   `cmd:"" help:"Let out what the policy allows (global.network_enabled)."`
	Disable     egressDisableCmd  `cmd:"" help:"Let nothing out but to this machine."`
	Mode        egressModeCmd     `cmd:"" help:"Set how hard the policy is: strict, audit or permissive."`
	Killswitch  egressSwitchCmd   `cmd:"" help:"Stop everything at once, or let it go on."`
	CA          egressCACmd       `cmd:"" name:"ca" help:"The certificate that programs trust when TLS is looked into."`
	MCP         egressMCPCmd      `cmd:"" name:"mcp" help:"Start an MCP server for an agent and judge what they say to each other over its standard input and output."`
	Blocked     egressBlockedCmd  `cmd:"" help:"List what was denied last."`
	Review      egressReviewCmd   `cmd:"" help:"List the endpoints that were first seen, or judge one: allow it or not."`
	Programs    egressProgramsCmd `cmd:"" help:"List the programs that asked, and what for."`
	Leaks       egressLeaksCmd    `cmd:"" help:"List the secrets that were found in what was to leave."`
	Stats       egressStatsCmd    `cmd:"" help:"Count decisions by day and reason."`
	Test        egressTestCmd     `cmd:"" help:"Run a policy's own tests; exit code 1 when one fails."`
	DryRun      egressDryRunCmd   `cmd:"" help:"Say what a policy would change about what was decided."`
	Policy      egressPolicyCmd   `cmd:"" help:"Show, compare and bring back versions of the policy."`
	Doctor      egressDoctorCmd   `cmd:"" help:"Say what is not right with all of this, this shell included, and what to do; exit code 1 when something fails."`
	Report      egressReportCmd   `cmd:"" help:"Sum up what was decided: as text, JSON, or a page with charts."`
	VerifyAudit egressVerifyCmd   `cmd:"" help:"Prove that this node's audit.log was not tampered with; exit code 1 when it was."`
}

type egressStatusCmd struct{}

func (egressStatusCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		st, err := cl.Egress(ctx)
		if err != nil {
			return err
		}
		return emit(s, st, func(w io.Writer) error { return showEgress(sentences(w), st) })
	})
}

func showEgress(w io.Writer, st api.EgressStatus) error {
	gateway, stopped := "not running", "off"
	if st.Listen != "" {
		gateway = fmt.Sprintf("http://%s (HTTP and SOCKS5), %s", st.Listen, plural(st.Flows, "open connection", "open connections"))
	}
	if st.KillSwitch.Active {
		stopped = "ON: " + st.KillSwitch.Reason
	}
	current := fmt.Sprintf("version %d, %s, default %s, %s", st.Version, st.Mode, st.Default, plural(st.Rules, "rule", "rules"))
	if st.Version == 0 {
		current = "none, so everything is denied; begin with: cordon egress init"
	}
	facts := [][2]string{{"gateway", gateway}, {"names", st.DNS}, {"redirected", st.Transparent}, {"policy", current}, {"network", network(st)}, {"kill switch", stopped}, {"problem", st.Problem}, {"recording", st.Recording}}
	for _, u := range st.Unsupported {
		facts = append(facts, [2]string{"note", fmt.Sprintf("line %d: %s: %s", u.Line, u.Key, u.Meaning)})
	}
	for _, f := range facts {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-12s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	return nil
}

func network(st api.EgressStatus) string {
	switch {
	case st.Version == 0:
		return ""
	case st.LocalOnly:
		return "this machine only"
	case !st.Network:
		return "disabled; cordon egress enable lets out what rules allow"
	}
	return "enabled"
}

type egressBlockedCmd struct {
	Host    string `help:"Only to this host."`
	Program string `help:"Only of this executable."`
	Limit   int    `default:"50" help:"At most so many, newest first."`
}

func (c *egressBlockedCmd) Run(ctx context.Context, s *session) error {
	q := client.EgressQuery{Verdict: string(policy.Deny), Host: c.Host, Program: c.Program}
	return showList(ctx, s, c.Limit, decisions(ctx, q), decisionTable)
}

// decisions reads a page of the decisions that q asks for.
func decisions(ctx context.Context, q client.EgressQuery) func(*client.Client, int, string) ([]api.EgressDecision, *string, error) {
	return func(cl *client.Client, size int, cursor string) ([]api.EgressDecision, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.EgressDecisions(ctx, q)
		return p.Items, p.NextCursor, err
	}
}

func decisionTable(w io.Writer, all []api.EgressDecision) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "nothing was refused")
		return err
	}
	rows := make([][]string, len(all))
	for i, d := range all {
		rows[i] = []string{day(&d.Time), target(d.Host, d.Port), d.Protocol, d.Reason, d.Exe, d.Detail}
	}
	return table(w, []string{"TIME", "TARGET", "PROTOCOL", "REASON", "PROGRAM", "WHY"}, rows)
}

type egressLeaksCmd struct {
	Host  string `help:"Only to this host."`
	Limit int    `default:"50" help:"At most so many decisions, newest first."`
}

func (c *egressLeaksCmd) Run(ctx context.Context, s *session) error {
	q := client.EgressQuery{Leaks: true, Host: c.Host}
	return showList(ctx, s, c.Limit, decisions(ctx, q), leakTable)
}

// leakTable has a row for each secret.
func leakTable(w io.Writer, all []api.EgressDecision) error {
	var rows [][]string
	for _, d := range all {
		for _, f := range d.Findings {
			rows = append(rows, []string{day(&d.Time), target(d.Host, d.Port), d.Decision, f.Rule, f.Redacted, d.Exe, f.Fingerprint})
		}
	}
	return table(w, []string{"TIME", "TARGET", "DECISION", "DETECTED BY", "SECRET", "PROGRAM", "FINGERPRINT"}, rows)
}

func target(host string, port uint16) string {
	if port == 0 {
		return host
	}
	return host + ":" + strconv.Itoa(int(port))
}

type egressStatsCmd struct {
	Days int `default:"7" help:"How many days back, today included (UTC)."`
}

func (c *egressStatsCmd) Run(ctx context.Context, s *session) error {
	if c.Days < 1 || c.Days > 366 {
		return usageError("--days %d: give a number from 1 to 366", c.Days)
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		st, err := cl.EgressStats(ctx, c.Days)
		if err != nil {
			return err
		}
		return emit(s, st, func(w io.Writer) error {
			rows := make([][]string, len(st.Days))
			for i, d := range st.Days {
				rows[i] = []string{d.Day, d.Decision, d.Reason, strconv.FormatInt(d.Total, 10)}
			}
			fmt.Fprintf(w, "%d allowed, %d denied\n", st.Allowed, st.Denied)
			return table(w, []string{"DAY", "DECISION", "REASON", "TOTAL"}, rows)
		})
	})
}

type egressVerifyCmd struct{}

func (egressVerifyCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		r, err := cl.EgressVerify(ctx)
		if err != nil {
			return err
		}
		if err := emit(s, r, func(w io.Writer) error { return printEgressReport(w, r) }); err != nil {
			return err
		}
		if !r.OK {
			return codeError{code: exitFindings}
		}
		return nil
	})
}

func printEgressReport(w io.Writer, r api.EgressAuditReport) error {
	verdict := "ok: the egress audit log is whole"
	if !r.OK {
		verdict = "TAMPERED: the egress audit log is not what was written"
	}
	fmt.Fprintf(w, "%s\n  lines        %d in %s, from %d to %d %s\n  checkpoints  %d, signed up to line %d\n",
		verdict, r.Lines, plural(r.Files, "file", "files"), r.First, r.Last, r.LastHash, r.Checkpoints, r.SignedUpTo)
	for _, p := range r.Problems {
		fmt.Fprintf(w, "  problem      %s: %s\n", p.Kind, oneLine(p.Detail))
	}
	if r.More > 0 {
		fmt.Fprintf(w, "  and %s\n", plural(r.More, "problem more", "problems more"))
	}
	if r.Torn > 0 {
		fmt.Fprintf(w, "  torn         %d bytes at the end that a crash left half written\n", r.Torn)
	}
	return nil
}

type egressSwitchCmd struct {
	On     egressOnCmd           `cmd:"" help:"Sever every connection and refuse new ones; stays on over a restart."`
	Off    egressOffCmd          `cmd:"" help:"Let the policy decide again; needs the role admin."`
	Status egressSwitchStatusCmd `cmd:"" help:"Show whether it is on, why and since when."`
}

type egressOnCmd struct{ why }

func (c *egressOnCmd) Run(ctx context.Context, s *session) error {
	return c.turn(ctx, s, true, "turned on from the command line")
}

type egressOffCmd struct{ why }

func (c *egressOffCmd) Run(ctx context.Context, s *session) error {
	return c.turn(ctx, s, false, "turned off from the command line")
}

// why is a reason in plain words behind the command, or by its flag: in an
// emergency both must do.
type why struct {
	Why    []string `arg:"" optional:"" help:"Why; kept in the audit log."`
	Reason string   `help:"The same."`
}

func (c why) turn(ctx context.Context, s *session, on bool, unsaid string) error {
	reason := strings.Join(c.Why, " ")
	switch {
	case reason != "" && c.Reason != "":
		return usageError("two reasons were given; give one, as an argument or as --reason")
	case reason == "":
		reason = cmp.Or(c.Reason, unsaid)
	}
	return turn(ctx, s, api.EgressKillSwitchRequest{Active: on, Reason: reason})
}

// turn needs a server: there is nothing to stop without one.
func turn(ctx context.Context, s *session, r api.EgressKillSwitchRequest) error {
	return s.withClient(ctx, false, func(cl *client.Client) error {
		k, err := cl.EgressTurn(ctx, r)
		if err != nil {
			return err
		}
		if err := emit(s, k, func(w io.Writer) error { return showSwitch(sentences(w), k) }); err != nil {
			return err
		}
		if k.Active != r.Active { // a sentinel file holds it
			return codeError{exitRuntime, "the kill switch stays on: " + k.Reason}
		}
		return nil
	})
}

type egressSwitchStatusCmd struct{}

func (egressSwitchStatusCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, false, func(cl *client.Client) error {
		k, err := cl.EgressKillSwitch(ctx)
		if err != nil {
			return err
		}
		return emit(s, k, func(w io.Writer) error { return showSwitch(w, k) })
	})
}

func showSwitch(w io.Writer, k api.EgressKillSwitch) (err error) {
	if !k.Active {
		_, err = fmt.Fprintln(w, "the kill switch is off")
		return err
	}
	_, err = fmt.Fprintf(w, "the kill switch is ON since %s, by %s: %s\n", day(k.Since), oneLine(k.By), oneLine(k.Reason))
	return err
}
