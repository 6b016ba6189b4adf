package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type anomalyRulesCmd struct {
	ID     string `arg:"" optional:"" help:"Show this one, with its text and its history."`
	Origin string `enum:"file,custom," default:"" placeholder:"file|custom" help:"Whose, when a file and an operator each have one of that id; the operator's, if it is not given."`
}

func (c *anomalyRulesCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if c.ID != "" {
			r, _, err := cl.AnomalyRule(ctx, c.ID, c.Origin)
			if err != nil {
				return err
			}
			return emit(s, r, func(w io.Writer) error { return showAnomalyRule(w, r) })
		}
		list, err := cl.AnomalyRules(ctx)
		if err != nil {
			return err
		}
		return emitList(s, list.Items, func(w io.Writer) error { return anomalyRuleTable(w, list) })
	})
}

func anomalyRuleTable(w io.Writer, list api.AnomalyRuleList) error {
	if list.Refused != "" {
		if _, err := fmt.Fprintf(w, "the files, as they are now, are not in force: %s\n", oneLine(list.Refused)); err != nil {
			return err
		}
	}
	if len(list.Items) == 0 {
		_, err := fmt.Fprintln(w, "no anomaly rules; add one with: cordon anomaly rule add FILE")
		return err
	}
	rows := make([][]string, len(list.Items))
	for k, r := range list.Items {
		rows[k] = []string{r.ID, anomalyRuleState(r), r.Severity, r.Words, strconv.FormatInt(r.Opened, 10), anomalyRuleFrom(r)}
	}
	return table(w, []string{"ID", "STATE", "SEVERITY", "TOO MUCH IS", "OPENED", "FROM"}, rows)
}

// anomalyRuleState says in a word how a rule fares.
func anomalyRuleState(r api.AnomalyRule) string {
	switch {
	case !r.Enabled:
		return "off"
	case r.Problem != "":
		return "problem"
	}
	return "on"
}

func anomalyRuleFrom(r api.AnomalyRule) string {
	if r.From != "" {
		return r.From
	}
	return "an operator"
}

func showAnomalyRule(w io.Writer, r api.AnomalyRuleDetail) error {
	opened := plural(int(r.Opened), "anomaly", "anomalies")
	if r.LastOpenedAt != nil {
		opened += ", the last at " + r.LastOpenedAt.Local().Format(time.DateTime)
	}
	for _, f := range [][2]string{
		{"id", r.ID}, {"description", r.Description}, {"state", anomalyRuleState(r.AnomalyRule)}, {"problem", r.Problem}, {"too much is", r.Words},
		{"severity", r.Severity}, {"from", anomalyRuleFrom(r.AnomalyRule)}, {"cost", strconv.FormatUint(r.Cost, 10)}, {"opened", opened},
	} {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-12s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	var text strings.Builder
	for line := range strings.Lines(r.Text) {
		fmt.Fprintf(&text, "    %s\n", printable(strings.TrimSuffix(line, "\n")))
	}
	for _, h := range r.History {
		fmt.Fprintf(&text, "%s  %-6s by %s: %s", h.Time.Local().Format(time.DateTime), h.Action, oneLine(h.Who), oneLine(h.What))
		if h.Reason != "" {
			fmt.Fprintf(&text, " (%s)", oneLine(h.Reason))
		}
		fmt.Fprintln(&text)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// anomalyRuleCmd changes rules; those of files are only switched.
type anomalyRuleCmd struct {
	Add     anomalyRuleAddCmd     `cmd:"" help:"Add the rule of a file."`
	Change  anomalyRuleChangeCmd  `cmd:"" help:"Make a rule what a file says."`
	Enable  anomalyRuleEnableCmd  `cmd:"" help:"Run a rule."`
	Disable anomalyRuleDisableCmd `cmd:"" help:"Do not run a rule."`
	Remove  anomalyRuleRemoveCmd  `cmd:"" help:"Remove a rule that an operator added."`
	Replay  anomalyReplayCmd      `cmd:"" help:"Say what a draft would have opened, of what was recorded or of a file of records."`
}

type anomalyRuleAddCmd struct {
	File   string `arg:"" help:"One rule in YAML; - for standard input."`
	Off    bool   `help:"Do not run it yet."`
	Reason string `help:"Why; kept in the rule's history and the audit log."`
}

func (c *anomalyRuleAddCmd) Run(ctx context.Context, s *session) error {
	text, err := ruleText(s, c.File)
	if err != nil {
		return err
	}
	on := !c.Off
	return s.withClient(ctx, true, func(cl *client.Client) error {
		r, err := cl.AnomalyRuleCreate(ctx, api.AnomalyRuleRequest{Text: text, Enabled: &on, Reason: c.Reason})
		return s.toldOfRule(r, err)
	})
}

func ruleText(s *session, file string) (string, error) {
	if file == "-" {
		b, err := bounded(s.Stdin, "standard input", rule.MaxText)
		return string(b), err
	}
	b, err := readBounded(file, rule.MaxText)
	return string(b), err
}

// toldOfRule says how a rule is now.
func (s *session) toldOfRule(r api.AnomalyRuleDetail, err error) error {
	if err != nil {
		return err
	}
	return emit(s, r, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s is %s: %s\n", r.ID, anomalyRuleState(r.AnomalyRule), oneLine(r.Words))
		return err
	})
}

type anomalyRuleChangeCmd struct {
	ID     string `arg:"" help:"The rule's id."`
	File   string `arg:"" help:"The rule in YAML; - for standard input."`
	Reason string `help:"Why; kept in the rule's history and the audit log."`
}

func (c *anomalyRuleChangeCmd) Run(ctx context.Context, s *session) error {
	text, err := ruleText(s, c.File)
	if err != nil {
		return err
	}
	return s.updateAnomalyRule(ctx, c.ID, api.AnomalyRuleUpdate{Text: &text, Reason: c.Reason})
}

func (s *session) updateAnomalyRule(ctx context.Context, id string, u api.AnomalyRuleUpdate) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		r, err := cl.AnomalyRuleUpdate(ctx, id, u, "")
		return s.toldOfRule(r, err)
	})
}

type anomalyRuleEnableCmd struct {
	ID     string `arg:"" help:"The rule's id."`
	Reason string `help:"Why; kept in the rule's history and the audit log."`
}

func (c *anomalyRuleEnableCmd) Run(ctx context.Context, s *session) error {
	return s.updateAnomalyRule(ctx, c.ID, api.AnomalyRuleUpdate{Enabled: new(true), Reason: c.Reason})
}

type anomalyRuleDisableCmd struct {
	ID     string `arg:"" help:"The rule's id."`
	Reason string `help:"Why; kept in the rule's history and the audit log."`
}

func (c *anomalyRuleDisableCmd) Run(ctx context.Context, s *session) error {
	return s.updateAnomalyRule(ctx, c.ID, api.AnomalyRuleUpdate{Enabled: new(false), Reason: c.Reason})
}

type anomalyRuleRemoveCmd struct {
	ID     string `arg:"" help:"The rule's id."`
	Reason string `help:"Why; kept in the rule's history and the audit log."`
}

func (c *anomalyRuleRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if err := cl.AnomalyRuleDelete(ctx, c.ID, c.Reason); err != nil {
			return err
		}
		return s.gone("removed", c.ID)
	})
}
