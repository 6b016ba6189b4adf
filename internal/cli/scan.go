package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/config/keys"
	"go.cordon.dev/cordon/internal/redact"
)

// scanCmd looks for secrets in what is given and writes one finding per place.
type scanCmd struct {
	Paths  []string `arg:"" optional:"" name:"path" help:"Files or folders; - is standard input." default:"."`
	Rules  []string `sep:"none" placeholder:"FILE" help:"Rule file beside the builtin rules: .gitleaks.toml, patterns.yaml or one of Cordon. May repeat."`
	Strict bool     `help:"Exit 3 when something could not be scanned."`
	Stats  bool     `help:"Say what was read, also when nothing was found." negatable:"" default:"true"`
}

// scanFinding is the shape of a finding in JSON: a contract with scripts.
type scanFinding struct {
	Rule        string          `json:"rule"`
	Severity    detect.Severity `json:"severity"`
	Confidence  float64         `json:"confidence"`
	File        string          `json:"file"`
	Line        int             `json:"line"`
	Column      int             `json:"column"`
	Offset      int64           `json:"offset"`
	Length      int64           `json:"length"`
	Redacted    string          `json:"redacted"`
	Fingerprint *string         `json:"fingerprint"` // null without an installation key
	Decoded     []string        `json:"decoded"`
	ID          string          `json:"id"` // of the place, for baselines: rule, file, line, column
}

func (c *scanCmd) Run(ctx context.Context, s *session) error {
	sc, err := newScan(s, c.Rules)
	if err != nil {
		return err
	}
	started := time.Now()
	err = sc.paths(ctx, c.Paths)
	sc.progress.done()
	if err != nil {
		return err
	}
	if err := sc.finish(); err != nil {
		return err
	}
	if c.Stats {
		fmt.Fprintln(s.Stderr, sc.summary(time.Since(started)))
	}
	return sc.verdict(c.Strict)
}

// scan is the state of one run.
type scan struct {
	session  *session
	scanner  *detect.Scanner
	ring     *redact.Keyring // nil: no fingerprints
	progress *progress
	all      []scanFinding // kept only for --format json
	findings int
	files    int
	bytes    int64
	skipped  int
}

func newScan(s *session, files []string) (*scan, error) {
	sc := &scan{session: s, progress: newProgress(s.Stderr)}
	rules, err := detect.BuiltinRules()
	if err != nil {
		return nil, fmt.Errorf("loading rules: %w", err)
	}
	if rules, err = sc.addRules(rules, files); err != nil {
		return nil, err
	}
	set, err := detect.Compile(rules, detect.Options{InlineAllow: true})
	if err != nil {
		return nil, fmt.Errorf("compiling rules: %w", err)
	}
	sc.scanner = detect.NewScanner(set)
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	if sc.ring, err = keys.Ring(cfg.Fingerprint); err != nil {
		return nil, fmt.Errorf("fingerprint.key: %w", err)
	}
	return sc, nil
}

// read scans one input.
func (sc *scan) read(ctx context.Context, name string, r io.Reader) error {
	var failed error
	report, err := sc.scanner.ScanReader(ctx, sc.progress.reader(r), func(f detect.Finding) bool {
		failed = sc.found(name, f)
		return failed == nil
	})
	sc.files++
	sc.bytes += report.Bytes
	if failed != nil {
		return failed
	}
	for _, n := range report.NotScanned {
		sc.skip("%s: bytes %d to %d: %s", name, n.Start, n.End, n.Reason)
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("scanning %s: %w", name, err)
	}
	return nil
}

func (sc *scan) found(name string, f detect.Finding) error {
	sc.findings++
	out := scanFinding{
		Rule: f.Rule.ID, Severity: f.Severity, Confidence: f.Confidence, File: name, Line: f.Line, Column: f.Column,
		Offset: f.Start, Length: f.End - f.Start, Redacted: f.Redacted, Decoded: f.Decoders, ID: placeID(f, name),
	}
	if out.Decoded == nil {
		out.Decoded = []string{}
	}
	if sc.ring != nil {
		print := sc.ring.Fingerprint(f.Secret.Reveal())
		out.Fingerprint = &print
	}
	f.Secret.Wipe()
	return sc.write(out)
}

// placeID names a place, not a secret, so that a baseline can be kept without
// the installation key.
func placeID(f detect.Finding, name string) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d", f.Rule.ID, name, f.Line, f.Column))
	return hex.EncodeToString(h[:8])
}

func (sc *scan) write(f scanFinding) error {
	switch sc.session.global.Format {
	case "json":
		sc.all = append(sc.all, f)
		return nil
	case "jsonl":
		return writeJSON(sc.session.Stdout, f, "")
	}
	sc.progress.clear()
	_, err := fmt.Fprintln(sc.session.Stdout, sc.line(f))
	return err
}

func (sc *scan) line(f scanFinding) string {
	text := fmt.Sprintf("%-8s  %s:%d:%d  %s  %s", f.Severity, f.File, f.Line, f.Column, f.Rule, f.Redacted)
	if len(f.Decoded) > 0 {
		text += fmt.Sprintf("  (in %s)", join(f.Decoded, " in "))
	}
	return oneLine(text)
}

func (sc *scan) finish() error {
	if sc.session.global.Format != "json" {
		return nil
	}
	if sc.all == nil {
		sc.all = []scanFinding{}
	}
	return writeJSON(sc.session.Stdout, sc.all, "  ")
}

func (sc *scan) skip(format string, args ...any) {
	sc.skipped++
	sc.progress.clear()
	fmt.Fprintln(sc.session.Stderr, "not scanned:", printable(fmt.Sprintf(format, args...)))
}

func (sc *scan) summary(took time.Duration) string {
	what := fmt.Sprintf("%s, %s in %s", plural(sc.files, "file", "files"), size(sc.bytes), took.Round(time.Millisecond))
	switch {
	case sc.findings > 0 && sc.skipped > 0:
		return fmt.Sprintf("%s, and %d not scanned (%s)", plural(sc.findings, "finding", "findings"), sc.skipped, what)
	case sc.findings > 0:
		return fmt.Sprintf("%s (%s)", plural(sc.findings, "finding", "findings"), what)
	case sc.skipped > 0:
		return fmt.Sprintf("clean except %d not scanned (%s)", sc.skipped, what)
	}
	return fmt.Sprintf("clean (%s)", what)
}

func (sc *scan) verdict(strict bool) error {
	switch {
	case sc.findings > 0:
		return codeError{code: exitFindings}
	case sc.skipped > 0 && strict:
		return codeError{code: exitRuntime}
	}
	return nil
}
