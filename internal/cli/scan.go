package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/config/keys"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/scan"
)

// scanCmd looks for secrets in what is given and writes one finding per place.
type scanCmd struct {
	Paths         []string `arg:"" optional:"" name:"path" help:"Files or folders; - is standard input. With --git a repository and revisions such as main..topic." default:"."`
	Git           bool     `help:"Scan what the commits of a repository added, from all refs." xor:"what"`
	Staged        bool     `help:"Scan what the next commit would add, for hooks." xor:"what"`
	All           bool     `help:"With --git: also commits that only reflogs reach."`
	SinceCommit   string   `placeholder:"COMMIT" help:"With --git: only what this commit does not reach."`
	State         string   `placeholder:"FILE" help:"With --git: remember there what was scanned, and scan only what is new."`
	Rules         []string `sep:"none" placeholder:"FILE" help:"Rule file beside the builtin rules: .gitleaks.toml, patterns.yaml or one of Cordon. May repeat."`
	Baseline      string   `placeholder:"FILE" xor:"baseline" help:"Report only what this earlier report, in JSON or JSON lines, does not list."`
	WriteBaseline string   `placeholder:"FILE" xor:"baseline" help:"Write the findings there as the baseline of later scans, and exit 0."`
	Ignore        bool     `help:"Heed .cordonignore, .gitleaksignore, .gitleaks.toml and allow comments in what is scanned." negatable:"" default:"true"`
	Gitignore     bool     `help:"Leave out what .gitignore and .ignore name."`
	Exclude       []string `sep:"none" placeholder:"PATTERN" help:"Leave this out; a pattern as in .gitignore. May repeat."`
	MaxSize       string   `placeholder:"SIZE" help:"Leave out larger files, such as 100MB; they count as not scanned."`
	Archives      bool     `help:"Look into zip, tar, gzip, zstd, bzip2 and xz, PDF and office documents." negatable:"" default:"true"`
	ArchiveDepth  int      `default:"4" help:"How many archives are opened one in the other."`
	MinConfidence float64  `placeholder:"0..1" default:"${confidence}" help:"Report findings that are at least so sure; below the default is what could as well be an example."`
	VerifyWith    string   `placeholder:"PROGRAM" help:"Have this program say which secrets are alive. It gets them in the clear: see docs/scan.md."`
	Output        string   `short:"o" placeholder:"FILE" help:"Write the report there. --format: text, json, jsonl, sarif, csv, junit or html."`
	Jobs          int      `placeholder:"N" help:"Files scanned at once; one for each core if not given."`
	Strict        bool     `help:"Exit 3 when something could not be scanned."`
	Stats         bool     `help:"Say what was read, also when nothing was found." negatable:"" default:"true"`
}

func (c *scanCmd) Run(ctx context.Context, s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	p := &scanPlan{cmd: c, session: s}
	defer p.close()
	if err := p.make(ctx); err != nil {
		return err
	}
	sink, err := newScanSink(s, c, p.progress)
	if err != nil {
		return err
	}
	for _, text := range p.rules.Refused {
		if err := sink.say(text); err != nil {
			return err
		}
	}
	sum, err := scan.Run(ctx, p.opts, p.source, sink)
	p.progress.done()
	if err = errors.Join(err, p.finish(ctx, err == nil)); err != nil {
		sink.drop()
		return err
	}
	sum.NotScanned += len(p.rules.Refused)
	return c.conclude(s, sink, sum, p)
}

// check refuses flags that do not go together.
func (c *scanCmd) check() error {
	switch {
	case !c.Git && (c.All || c.SinceCommit != "" || c.State != ""):
		return usageError("--all, --since-commit and --state go with --git")
	case c.MinConfidence < 0 || c.MinConfidence > 1:
		return usageError("--min-confidence is between 0 and 1")
	case c.ArchiveDepth < 1 || c.ArchiveDepth > 64:
		return usageError("--archive-depth is between 1 and 64; --no-archives looks into none")
	case c.State != "" && c.WriteBaseline != "":
		return usageError("--write-baseline lists all findings, and --state leaves out old ones")
	}
	return nil
}

func (c *scanCmd) conclude(s *session, sink *scanSink, sum scan.Summary, p *scanPlan) error {
	if err := sink.close(sum); err != nil {
		return err
	}
	if c.Stats {
		fmt.Fprintln(sentences(onScreen(s.Stderr, false)), summaryLine(sum, p.ignored()))
	}
	switch {
	case c.WriteBaseline != "":
		fmt.Fprintf(s.Stderr, "%s: %s from now on known\n", printable(c.WriteBaseline), plural(sum.Findings, "finding is", "findings are"))
	case sum.Findings > 0:
		return codeError{code: exitFindings}
	}
	if sum.Nothing() {
		return codeError{exitRuntime, "nothing could be scanned"}
	}
	if c.Strict && sum.NotScanned > 0 {
		return codeError{code: exitRuntime}
	}
	return nil
}

// summaryLine says in a line what came out.
func summaryLine(sum scan.Summary, ignored int) string {
	what := fmt.Sprintf("%s, %s in %s", plural(sum.Files, "file", "files"), size(sum.Bytes), sum.Took.Round(time.Millisecond))
	if sum.Known > 0 {
		what += fmt.Sprintf("; %s known or allowed", plural(sum.Known, "finding", "findings"))
	}
	if sum.Unsure > 0 {
		what += fmt.Sprintf("; %d below --min-confidence", sum.Unsure)
	}
	if ignored > 0 {
		what += fmt.Sprintf("; %s ignored", plural(ignored, "path", "paths"))
	}
	switch {
	case sum.Findings > 0 && sum.NotScanned > 0:
		return fmt.Sprintf("%s, and %d not scanned (%s)", plural(sum.Findings, "finding", "findings"), sum.NotScanned, what)
	case sum.Findings > 0:
		return fmt.Sprintf("%s (%s)", plural(sum.Findings, "finding", "findings"), what)
	case sum.NotScanned > 0:
		return fmt.Sprintf("clean except %d not scanned (%s)", sum.NotScanned, what)
	}
	return fmt.Sprintf("clean (%s)", what)
}

// options are what the flags say of the run itself.
func (c *scanCmd) options(scanner *detect.Scanner, ring *redact.Keyring) (scan.Options, error) {
	most, err := parseSize(c.MaxSize)
	if err != nil {
		return scan.Options{}, usageError("--max-size: %v", err)
	}
	return scan.Options{
		Scanner: scanner, Ring: ring, Workers: c.Jobs, MaxSize: most, NoArchives: !c.Archives, Depth: c.ArchiveDepth, MinConfidence: c.MinConfidence,
	}, nil
}

// ring makes fingerprints when the configuration has a key.
func (s *session) ring() (*redact.Keyring, error) {
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	ring, err := keys.Ring(cfg.Fingerprint)
	if err != nil {
		return nil, fmt.Errorf("fingerprint.key: %w", err)
	}
	return ring, nil
}

// parseSize reads a number of bytes with an optional unit; empty is 0.
func parseSize(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	digits := strings.TrimRight(text, "bBiIkKmMgGtT")
	unit := strings.ToLower(strings.TrimSuffix(strings.ToLower(text[len(digits):]), "b"))
	factor, known := map[string]int64{
		"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30, "ti": 1 << 40,
	}[unit]
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || !known || n <= 0 || n > (1<<62)/factor {
		return 0, fmt.Errorf("%q is no size such as 500kB, 100MB or 2GiB", text)
	}
	return n * factor, nil
}
