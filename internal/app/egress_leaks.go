package app

import (
	"context"
	"fmt"
	"os"
	"sync"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/own"
)

// inspector is who looks for secrets in what is sent, as long as the policy wants
// that.
func (n *node) inspector(e *egressSensor) (func() *dlp.Inspector, error) {
	scanner, err := n.rules.Scanner(context.Background())
	if err != nil {
		return nil, fmt.Errorf("looking at what leaves: %w", err)
	}
	known, err := own.Open(own.Options{
		Environ: os.Environ(), AllEnv: e.cfg.Own.AllEnv(), Names: e.cfg.Own.Names, Files: e.cfg.Own.Files, Scanner: scanner, Log: n.log,
	})
	if err != nil {
		return nil, fmt.Errorf("egress.own_secrets: %w", err)
	}
	if err := n.add("egress-own-secrets", known.Run); err != nil {
		return nil, err
	}
	patterns := &policyPatterns{e: e}
	e.hidden = &hidden{own: known, patterns: patterns.scanner}
	i, err := dlp.New(dlp.Options{
		Scanner: scanner, Own: known, Patterns: patterns.scanner, Personal: e.scansPersonal, Files: e.keepsFiles, Fingerprint: n.keys.Ring.Fingerprint,
	})
	if err != nil {
		return nil, err
	}
	return func() *dlp.Inspector {
		if e.policies.ScansLeaks() {
			return i
		}
		return nil
	}, nil
}

// hidden finds what the detection rules do not, and so would not redact either.
type hidden struct {
	own      *own.Keeper
	patterns func() (*detect.Scanner, error)
}

// in reports whether there is such a secret in a text, or may be.
func (h *hidden) in(text []byte) (found bool) {
	h.own.Find(text, func(int, int, string) bool {
		found = true
		return false
	})
	if found {
		return true
	}
	scanner, err := h.patterns()
	if err != nil || scanner == nil {
		return err != nil
	}
	scanner.Scan(text, func(detect.Finding) bool {
		found = true
		return false
	})
	return found
}

// spotless makes a text fit for the record: a program's arguments and its method hold
// what the request does.
func (e *egressSensor) spotless(words func(string) string) func(string) string {
	return func(text string) string {
		if e.hidden != nil && e.hidden.in([]byte(text)) {
			return "(left out: a secret that no rule would hide)"
		}
		return words(text)
	}
}

func (e *egressSensor) scansPersonal() bool { return e.policies.Policy().Settings().ScanPersonal }

// keepsFiles says which files the policy keeps in; nil: none.
func (e *egressSensor) keepsFiles() func(dlp.File) bool {
	p := e.policies.Policy()
	if !p.BlocksFiles() {
		return nil
	}
	return func(f dlp.File) bool { return p.BlocksFile(policy.File{Name: f.Name, As: f.As}) }
}

// policyPatterns makes the patterns of the policy in force into rules, once for
// each policy.
type policyPatterns struct {
	e *egressSensor

	mu   sync.Mutex
	of   *policy.Policy
	made *detect.Scanner // nil: there are none
	err  error
}

func (c *policyPatterns) scanner() (*detect.Scanner, error) {
	p := c.e.policies.Policy()
	c.mu.Lock()
	defer c.mu.Unlock()
	if p != c.of {
		c.of = p
		c.made, c.err = patternScanner(p.Patterns())
	}
	return c.made, c.err
}

func patternScanner(patterns []policy.Pattern) (*detect.Scanner, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	rules := make([]detect.Rule, 0, len(patterns))
	for _, p := range patterns {
		rules = append(rules, detect.Rule{
			ID: p.ID, Description: "pattern of the egress policy", Family: "policy", Regex: p.Regex, Severity: detect.SeverityHigh, Confidence: 0.9, Active: true,
		})
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		return nil, fmt.Errorf("data_leak_prevention.sensitive_patterns: %w", err)
	}
	return detect.NewScanner(set), nil
}
