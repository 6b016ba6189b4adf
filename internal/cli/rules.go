package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type rulesCmd struct {
	List    rulesListCmd    `cmd:"" help:"List the detection rules."`
	Show    rulesShowCmd    `cmd:"" help:"Show a rule with its history."`
	New     rulesNewCmd     `cmd:"" help:"Write a rule file to begin with."`
	Test    rulesTestCmd    `cmd:"" help:"Try the rules on a text, or a rule file on its own examples."`
	Lint    rulesLintCmd    `cmd:"" help:"Find what is weak about rules."`
	Bench   rulesBenchCmd   `cmd:"" help:"Measure what each rule costs."`
	Why     rulesWhyCmd     `cmd:"" help:"Explain why a rule finds a text, or does not."`
	Import  rulesImportCmd  `cmd:"" help:"Take over a .gitleaks.toml, SHHH's patterns.yaml or a rule file."`
	Enable  rulesEnableCmd  `cmd:"" help:"Run a rule."`
	Disable rulesDisableCmd `cmd:"" help:"Do not run a rule."`
}

type rulesListCmd struct {
	Family   string   `help:"Only of this family."`
	Origin   string   `enum:",builtin,file,imported,custom" default:"" help:"Only from there: builtin, file, imported or custom."`
	Severity []string `enum:"info,low,medium,high,critical" help:"Only of these severities."`
	Disabled bool     `help:"Only those that are not run."`
}

func (c *rulesListCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		all, err := cl.Rules(ctx)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(r api.Rule) bool { return !c.wants(r) })
		return emitList(s, all, func(w io.Writer) error { return rulesTable(w, all) })
	})
}

func (c *rulesListCmd) wants(r api.Rule) bool {
	return (c.Family == "" || c.Family == r.Family) && (c.Origin == "" || c.Origin == r.Origin) &&
		(len(c.Severity) == 0 || slices.Contains(c.Severity, r.Severity)) && (!c.Disabled || !r.Active)
}

func rulesTable(w io.Writer, all []api.Rule) error {
	rows := make([][]string, len(all))
	for i, r := range all {
		rows[i] = []string{r.ID, r.Severity, strconv.FormatFloat(r.Confidence, 'f', 2, 64), ruleState(r), r.Origin, strconv.FormatInt(r.Hits, 10), r.Description}
	}
	return table(w, []string{"ID", "SEVERITY", "CONFIDENCE", "STATE", "ORIGIN", "HITS 7D", "DESCRIPTION"}, rows)
}

// ruleState says in a word or two how a rule fares.
func ruleState(r api.Rule) string {
	state := "on"
	switch {
	case r.Problem != "":
		return "problem"
	case r.Held:
		return "off (configuration)"
	case !r.Active:
		state = "off"
	}
	if r.Changed {
		state += ", changed"
	}
	return state
}

type rulesShowCmd struct {
	ID string `arg:"" help:"The rule's id."`
}

func (c *rulesShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		r, _, err := cl.RuleGet(ctx, c.ID)
		if err != nil {
			return err
		}
		return emit(s, r, func(w io.Writer) error { return showRule(w, r) })
	})
}

func showRule(w io.Writer, r api.RuleDetail) error {
	entropy := ""
	if r.Entropy > 0 {
		entropy = strconv.FormatFloat(r.Entropy, 'f', -1, 64)
	}
	facts := [][2]string{
		{"id", r.ID}, {"description", r.Description}, {"state", ruleState(r.Rule)}, {"problem", r.Problem},
		{"severity", r.Severity}, {"confidence", strconv.FormatFloat(r.Confidence, 'f', 2, 64)}, {"secret type", r.SecretType},
		{"origin", strings.TrimSuffix(r.Origin+" "+r.From, " ")}, {"family", r.Family}, {"provider", r.Provider},
		{"tags", strings.Join(r.Tags, ", ")}, {"regex", r.Regex}, {"keywords", strings.Join(r.Keywords, ", ")}, {"entropy", entropy},
		{"validator", r.Validator}, {"findings", fmt.Sprintf("%d in the last seven days", r.Hits)},
		{"examples", fmt.Sprintf("%d it finds, %d it does not", r.Positives, r.Negatives)},
	}
	for _, f := range facts {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-12s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	for _, h := range r.History {
		if _, err := fmt.Fprintf(w, "%s  %-6s by %s: %s\n", h.Timestamp.Local().Format(time.DateTime), h.Action, oneLine(valueOf(h.ApprovedBy)), oneLine(h.DecisionReason)); err != nil {
			return err
		}
	}
	return nil
}

func valueOf(s *string) string {
	if s == nil {
		return "nobody"
	}
	return *s
}

type rulesEnableCmd struct {
	ID     string `arg:"" help:"The rule's id."`
	Reason string `help:"Why; kept in the rule's history and the audit log."`
}

func (c *rulesEnableCmd) Run(ctx context.Context, s *session) error {
	return setActive(ctx, s, c.ID, true, c.Reason)
}

type rulesDisableCmd struct {
	ID     string `arg:"" help:"The rule's id."`
	Reason string `help:"Why; kept in the rule's history and the audit log."`
}

func (c *rulesDisableCmd) Run(ctx context.Context, s *session) error {
	return setActive(ctx, s, c.ID, false, c.Reason)
}

func setActive(ctx context.Context, s *session, id string, active bool, reason string) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		r, err := cl.RuleUpdate(ctx, id, api.RuleUpdate{Active: &active, Reason: reason}, "")
		if err != nil {
			return err
		}
		return emit(s, r, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s is %s\n", r.ID, ruleState(r.Rule))
			return err
		})
	})
}

type rulesImportCmd struct {
	File   string `arg:"" help:"The rule file."`
	DryRun bool   `help:"Only say what would change and what is refused."`
	Reason string `help:"Why; kept in the rules' history and the audit log."`
}

func (c *rulesImportCmd) Run(ctx context.Context, s *session) error {
	content, err := readBounded(c.File, maxRuleFile)
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		res, err := cl.RulesImport(ctx, api.RuleImportRequest{Name: filepath.Base(c.File), Content: string(content), DryRun: c.DryRun, Reason: c.Reason})
		if err != nil {
			return err
		}
		if err := emit(s, res, func(w io.Writer) error { return showImport(w, c.File, res) }); err != nil {
			return err
		}
		if res.Refused > 0 {
			return codeError{code: exitFindings}
		}
		return nil
	})
}

func showImport(w io.Writer, file string, res api.RuleImport) error {
	for _, i := range res.Items {
		if i.Action == "unchanged" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s:%d: %s %s\n", file, i.Line, i.Action, oneLine(strings.TrimSuffix(i.Rule+": "+i.Detail, ": "))); err != nil {
			return err
		}
	}
	for _, n := range res.Notes {
		if _, err := fmt.Fprintf(w, "%s:%d: note %s\n", file, n.Line, oneLine(strings.TrimPrefix(n.Rule+": "+n.Reason, ": "))); err != nil {
			return err
		}
	}
	verb := ""
	if res.DryRun {
		verb = "would be "
	}
	_, err := fmt.Fprintf(w, "%s%d added, %d updated, %d unchanged, %d refused\n", verb, res.Added, res.Updated, res.Unchanged, res.Refused)
	return err
}
