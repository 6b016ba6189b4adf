package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/scan"
	"go.cordon.dev/cordon/internal/scan/rulekit"
)

// rulesNewCmd writes a rule file to begin with.
type rulesNewCmd struct {
	ID       string `arg:"" help:"The rule's id, such as acme-api-key."`
	Prefix   string `help:"What every secret begins with, such as acme_key_."`
	Name     string `help:"Without a prefix: a word that the name of the variable holds, such as acme."`
	Charset  string `default:"alnum" enum:"alnum,hex,lower,upper,digit,base32,base64,base64url" help:"What follows: alnum, hex, lower, upper, digit, base32, base64 or base64url."`
	Length   int    `default:"32" help:"How many of them."`
	Provider string `help:"Whose secret it is."`
	Severity string `default:"high" enum:"info,low,medium,high,critical" help:"How bad a leak is."`
	Output   string `short:"o" placeholder:"FILE" help:"Write it there, where nothing may be yet; standard output if not given."`
}

func (c *rulesNewCmd) Run(s *session) error {
	severity, err := detect.ParseSeverity(c.Severity)
	if err != nil {
		return usageError("%v", err)
	}
	text, err := rulekit.Skeleton(rulekit.Format{
		ID: c.ID, Provider: c.Provider, Prefix: c.Prefix, Name: c.Name, Charset: c.Charset, Length: c.Length, Severity: severity,
	})
	if err != nil {
		return usageError("%v", err)
	}
	if c.Output == "" {
		_, err = s.Stdout.Write(text)
		return err
	}
	f, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("writing the rule: %w", err)
	}
	_, err = f.Write(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("writing the rule: %w", err)
	}
	fmt.Fprintf(s.Stderr, "%s: try it with cordon rules test, then cordon rules lint\n", printable(c.Output))
	return nil
}

// kitRules are the rules that come with Cordon and those of files over them.
// No server is asked: a rule is written before it is in force.
type kitRules struct {
	Rules []string `sep:"none" placeholder:"FILE" help:"Rule file beside the builtin rules. May repeat."`
}

func (k kitRules) load(s *session, more ...string) ([]detect.Rule, error) {
	rules, err := scan.BuiltinRules()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Concat(k.Rules, more) {
		if err := rules.AddFile(name); err != nil {
			return nil, err
		}
	}
	for _, text := range slices.Concat(rules.Refused, rules.Remarks) {
		fmt.Fprintln(s.Stderr, oneLine(text))
	}
	return rules.All(), nil
}

// rulesLintCmd finds what is weak about rules.
type rulesLintCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Rule files; the builtin rules if not given."`
}

func (c *rulesLintCmd) Run(s *session) error {
	all, err := kitRules{}.load(s, c.Files...)
	if err != nil {
		return err
	}
	rules := all
	if len(c.Files) > 0 {
		if rules, err = rulesOf(c.Files); err != nil {
			return err
		}
	}
	weak, err := rulekit.Lint(rules, all)
	if err != nil {
		return err
	}
	err = emitList(s, weak, func(w io.Writer) error {
		for _, k := range weak {
			if _, err := fmt.Fprintf(w, "%s: %s\n", oneLine(k.Rule), oneLine(k.Text)); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(w, "%s, %s\n", plural(len(rules), "rule", "rules"), plural(len(weak), "weakness", "weaknesses"))
		return err
	})
	if err == nil && len(weak) > 0 {
		err = codeError{code: exitFindings}
	}
	return err
}

func rulesOf(files []string) (all []detect.Rule, err error) {
	for _, name := range files {
		in, err := readRules(name)
		if err != nil {
			return nil, err
		}
		all = append(all, in.Rules...)
	}
	return all, nil
}

// maxCorpus is how much of a file rules are measured on, in bytes.
const maxCorpus = 16 << 20

// rulesBenchCmd measures what each rule costs.
type rulesBenchCmd struct {
	kitRules
	File string `arg:"" help:"A text like those that are scanned, such as a log; the first 16 MiB are taken."`
	Top  int    `default:"20" help:"How many rules are listed, dearest first; 0 lists all."`
}

func (c *rulesBenchCmd) Run(s *session) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxCorpus))
	if err != nil {
		return fmt.Errorf("reading %s: %w", c.File, err)
	}
	rules, err := c.load(s)
	if err != nil {
		return err
	}
	bar := newProgress(s)
	done := uint64(0)
	costs, err := rulekit.Bench(rules, text, func() {
		done++
		bar.blocks(done, uint64(len(rules)))
	})
	bar.done()
	if err != nil {
		return err
	}
	if c.Top > 0 {
		costs.Rules = costs.Rules[:min(c.Top, len(costs.Rules))]
	}
	return emit(s, costs, func(w io.Writer) error { return showCosts(w, costs, len(rules), len(text)) })
}

func showCosts(w io.Writer, costs rulekit.Costs, rules, bytes int) error {
	rows := make([][]string, len(costs.Rules))
	for i, r := range costs.Rules {
		rows[i] = []string{r.Rule, strconv.FormatFloat(r.MBs, 'f', 0, 64), strconv.FormatFloat(r.Added, 'f', 1, 64), strconv.Itoa(r.Findings)}
	}
	if err := table(w, []string{"RULE", "MB/S ALONE", "ADDED NS/KB", "FINDINGS"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s together: %.0f MB/s on %s, one core\n", plural(rules, "rule", "rules"), costs.Together, size(int64(bytes)))
	return err
}

// rulesWhyCmd explains what a rule makes of a text.
type rulesWhyCmd struct {
	kitRules
	ID   string `arg:"" name:"rule" help:"The rule's id."`
	Text string `arg:"" optional:"" default:"-" help:"The text; - is standard input, where no shell's history sees it."`
}

func (c *rulesWhyCmd) Run(_ context.Context, s *session) error {
	text := []byte(c.Text)
	if c.Text == "-" {
		var err error
		if text, err = bounded(s.Stdin, "standard input", maxTryText); err != nil {
			return err
		}
	}
	if len(text) > maxTryText {
		return usageError("the text is longer than %d bytes", maxTryText)
	}
	rules, err := c.load(s)
	if err != nil {
		return err
	}
	why, err := rulekit.Why(rules, c.ID, text)
	if err != nil {
		return err
	}
	return emit(s, why, func(w io.Writer) error { return showWhy(w, why) })
}

func showWhy(w io.Writer, why rulekit.Explanation) error {
	for _, step := range why.Steps {
		if _, err := fmt.Fprintf(w, "%-4s%s\n", map[bool]string{true: "yes", false: "no"}[step.OK], oneLine(step.Text)); err != nil {
			return err
		}
	}
	verdict := "does not find it"
	if why.Found {
		verdict = "finds it"
	}
	_, err := fmt.Fprintf(w, "%s %s\n", oneLine(why.Rule), verdict)
	return err
}
