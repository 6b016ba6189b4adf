package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/scan/rulekit"
)

// The largest rule file and the longest text to try, in bytes.
const (
	maxRuleFile = 1 << 20
	maxTryText  = 64 << 10
)

// rulesTestCmd tries rules: those in force on a text, or those of a file on
// their own examples, for which no server is asked.
type rulesTestCmd struct {
	Path string `arg:"" optional:"" default:"-" help:"A file with a text, - for standard input, or a rule file (.yaml, .yml, .toml)."`
	Text bool   `help:"It is a text, whatever its name ends in."`
}

func (c *rulesTestCmd) Run(ctx context.Context, s *session) error {
	ext := filepath.Ext(c.Path)
	if !c.Text && (ext == ".yaml" || ext == ".yml" || ext == ".toml") {
		return c.examples(s)
	}
	text, err := c.text(s)
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		res, err := cl.RulesTest(ctx, api.RuleTestRequest{Text: string(text)})
		if err != nil {
			return err
		}
		if err := emit(s, res, func(w io.Writer) error { return showTest(w, res) }); err != nil {
			return err
		}
		if len(res.Findings) > 0 {
			return codeError{code: exitFindings}
		}
		return nil
	})
}

func (c *rulesTestCmd) text(s *session) ([]byte, error) {
	if c.Path != "-" {
		return readBounded(c.Path, maxTryText)
	}
	return bounded(s.Stdin, "standard input", maxTryText)
}

func showTest(w io.Writer, res api.RuleTest) error {
	for _, f := range res.Findings {
		in := ""
		if len(f.Decoders) > 0 {
			in = "  (in " + join(f.Decoders, " in ") + ")"
		}
		if _, err := fmt.Fprintf(w, "%-8s  %d:%d  %s  %s%s\n", f.Severity, f.Line, f.Column, oneLine(f.Rule), oneLine(f.Redacted), in); err != nil {
			return err
		}
	}
	for _, n := range res.NotScanned {
		if _, err := fmt.Fprintf(w, "not scanned: bytes %d to %d: %s\n", n.Offset, n.Offset+n.Length, n.Reason); err != nil {
			return err
		}
	}
	if len(res.Findings)+len(res.NotScanned) > 0 {
		return nil
	}
	_, err := fmt.Fprintln(w, "clean")
	return err
}

// examples runs every rule of a file over its own positives and negatives.
func (c *rulesTestCmd) examples(s *session) error {
	in, err := readRules(c.Path)
	if err != nil {
		return err
	}
	bad := 0
	for _, n := range in.Notes {
		if n.Refused && !n.Foreign {
			bad++
		}
		fmt.Fprintf(s.Stdout, "%s: %s\n", c.Path, oneLine(n.String()))
	}
	tried := 0
	for i, r := range in.Rules {
		tried += len(r.Positives) + len(r.Negatives)
		for _, why := range rulekit.Failures(r) {
			bad++
			fmt.Fprintf(s.Stdout, "%s:%d: rule %q: %s\n", c.Path, in.Lines[i], r.ID, oneLine(why))
		}
	}
	fmt.Fprintf(s.Stdout, "%s, %s, %s\n", plural(len(in.Rules), "rule", "rules"), plural(tried, "example", "examples"), plural(bad, "failure", "failures"))
	if bad > 0 {
		return codeError{code: exitFindings}
	}
	return nil
}

func readRules(path string) (detect.Import, error) {
	data, err := readBounded(path, maxRuleFile)
	if err != nil {
		return detect.Import{}, err
	}
	return detect.ImportRules(path, data)
}

func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return bounded(f, path, most)
}

func bounded(r io.Reader, name string, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, usageError("%s is larger than %d bytes", name, most)
	}
	return data, nil
}
