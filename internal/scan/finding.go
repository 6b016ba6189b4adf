package scan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/redact"
)

// Finding is one place that holds a secret, as reports show it: nothing of the
// secret but its redacted form. The JSON is a contract with scripts.
type Finding struct {
	Rule       string          `json:"rule"`
	Severity   detect.Severity `json:"severity"`
	Confidence float64         `json:"confidence"`
	File       string          `json:"file"`
	// Line and Column count from 1, a column in bytes; Offset and Length are in
	// bytes. In a compressed file they are of what it holds.
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Offset   int64  `json:"offset"`
	Length   int64  `json:"length"`
	Redacted string `json:"redacted"`
	// Fingerprint is keyed; null without an installation key.
	Fingerprint *string  `json:"fingerprint"`
	Decoded     []string `json:"decoded"`
	// ID names the place for baselines. It holds no line, so that it survives
	// when lines are added above, and nothing of the secret that Redacted and
	// Length do not show: an unkeyed hash of a secret can be guessed.
	ID string `json:"id"`
	// Commit, Author and Date say who added it, in the history of a repository.
	Commit string     `json:"commit,omitempty"`
	Author string     `json:"author,omitempty"`
	Date   *time.Time `json:"date,omitempty"`
	// Verified is the answer of the program for live checks: active, inactive or
	// unknown; empty when none was asked.
	Verified string `json:"verified,omitempty"`
	// Region is the place as editors count.
	Region Region `json:"-"`
	// Detail is the rule. It belongs to the rule set: read only.
	Detail *detect.Rule `json:"-"`

	rel    string
	secret detect.Secret
}

// newFinding takes what a report needs; the secret stays until wipe.
func newFinding(name, rel, commit string, f detect.Finding, ring *redact.Keyring) Finding {
	out := Finding{
		Rule: f.Rule.ID, Severity: f.Severity, Confidence: f.Confidence, File: name, Line: f.Line, Column: f.Column,
		Offset: f.Start, Length: f.End - f.Start, Redacted: f.Redacted, Decoded: f.Decoders, Commit: commit,
		Detail: f.Rule, rel: rel, secret: f.Secret,
	}
	if out.Decoded == nil {
		out.Decoded = []string{}
	}
	if ring != nil {
		print := ring.Fingerprint(f.Secret.Reveal())
		out.Fingerprint = &print
	}
	return out
}

// places numbers findings that look alike within one input.
type places map[string]int

// name gives a finding its ID: a hash of what a reader of the report sees, and
// its number among those that look the same.
func (p places) name(f *Finding) {
	look := fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%d", f.Commit, f.Rule, f.File, f.Redacted, f.Length)
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", look, p[look]))
	p[look]++
	f.ID = hex.EncodeToString(h[:8])
}

// NotScanned is something that was not, or not wholly, looked at.
type NotScanned struct {
	File   string `json:"file"`
	Commit string `json:"commit,omitempty"`
	Reason string `json:"reason"`
}

func (n NotScanned) String() string {
	if n.Commit != "" {
		return fmt.Sprintf("%s in %s: %s", n.File, short(n.Commit), n.Reason)
	}
	return n.File + ": " + n.Reason
}

// short is a commit's id for people.
func short(commit string) string { return commit[:min(len(commit), 12)] }

// Summary is what a run did.
type Summary struct {
	// Findings were reported; Known were let through by an allowlist, an ignore
	// file or the baseline.
	Findings int `json:"findings"`
	Known    int `json:"known"`
	// Unsure were less sure than was asked for.
	Unsure int `json:"unsure"`
	// Files and Bytes were scanned; a member of an archive is a file, too.
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
	// NotScanned counts what was not, or not wholly, looked at.
	NotScanned int `json:"not_scanned"`
	// Took is how long it took.
	Took time.Duration `json:"-"`
}

// Nothing says whether nothing at all could be scanned.
func (s Summary) Nothing() bool { return s.Files == 0 && s.NotScanned > 0 }
