package report

import (
	"bufio"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/scan"
)

// sarifReport is the Static Analysis Results Interchange Format 2.1.0 (OASIS
// Standard with Errata 01, 2023), which GitHub, GitLab and Azure DevOps read.
// Results are written as they come; the rules that they name follow them.
type sarifReport struct {
	out     *bufio.Writer
	version string
	used    map[string]bool
	rules   []sarifRule
	notes   []sarifNote
	more    int // notes beyond those
	begun   bool
}

// maxNotes bounds what is said of what was not scanned; the rest is counted.
const maxNotes = 10_000

const sarifHead = `{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [{
    "columnKind": "utf16CodeUnits",
    "results": [`

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Properties   map[string]any    `json:"properties"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

// sarifRegion has its place in text and in bytes (3.30). Columns count from 1 and
// end behind the last character.
type sarifRegion struct {
	StartLine   int   `json:"startLine"`
	StartColumn int   `json:"startColumn"`
	EndLine     int   `json:"endLine"`
	EndColumn   int   `json:"endColumn"`
	ByteOffset  int64 `json:"byteOffset"`
	ByteLength  int64 `json:"byteLength"`
}

type sarifRule struct {
	ID         string         `json:"id"`
	Short      sarifText      `json:"shortDescription"`
	Help       sarifText      `json:"help"`
	Properties map[string]any `json:"properties"`
}

type sarifNote struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

func (r *sarifReport) Found(f scan.Finding) error {
	before := ",\n      "
	if !r.begun {
		before = sarifHead + "\n      "
	}
	r.begun = true
	r.use(f)
	prints := map[string]string{"cordonPlace/v1": f.ID}
	if f.Fingerprint != nil {
		prints["cordonSecret/v1"] = *f.Fingerprint
	}
	return writeItem(r.out, before, sarifResult{
		RuleID: f.Rule, Level: sarifLevel(f.Severity), Message: sarifText{message(f)},
		Locations:    []sarifLocation{{sarifPhysical{sarifArtifact{fileURI(f.File)}, regionOf(f)}}},
		Fingerprints: prints, Properties: sarifProperties(f),
	}, "      ")
}

func regionOf(f scan.Finding) *sarifRegion {
	r := f.Region
	return &sarifRegion{f.Line, r.StartColumn, r.EndLine, r.EndColumn, f.Offset, f.Length}
}

// message is a finding in a sentence.
func message(f scan.Finding) string {
	what := f.Rule
	if f.Detail != nil && f.Detail.Description != "" {
		what = f.Detail.Description
	}
	text := fmt.Sprintf("%s: %s", what, f.Redacted)
	for _, d := range slices.Backward(f.Decoded) {
		text += ", in " + d
	}
	if f.Commit != "" {
		text += ", added by commit " + f.Commit[:min(len(f.Commit), 12)]
	}
	return text
}

func sarifProperties(f scan.Finding) map[string]any {
	p := map[string]any{"severity": f.Severity.String(), "confidence": f.Confidence, "column": f.Column}
	for key, value := range map[string]string{"commit": f.Commit, "author": f.Author, "verified": f.Verified} {
		if value != "" {
			p[key] = value
		}
	}
	if f.Date != nil {
		p["date"] = f.Date
	}
	if len(f.Decoded) > 0 {
		p["decoded"] = f.Decoded
	}
	return p
}

// use lists a rule once.
func (r *sarifReport) use(f scan.Finding) {
	if r.used[f.Rule] {
		return
	}
	r.used[f.Rule] = true
	rule := sarifRule{ID: f.Rule, Short: sarifText{f.Rule}, Help: sarifText{"Revoke it at its provider."},
		Properties: map[string]any{"tags": []string{"security"}, "security-severity": score(f.Severity), "precision": precision(f.Confidence)}}
	if d := f.Detail; d != nil {
		if d.Description != "" {
			rule.Short.Text = d.Description
		}
		if d.Recommendation != "" {
			rule.Help.Text = d.Recommendation
		}
	}
	r.rules = append(r.rules, rule)
}

// sarifLevel is one of SARIF's three (3.27.10).
func sarifLevel(s detect.Severity) string {
	switch {
	case s >= detect.SeverityHigh:
		return "error"
	case s == detect.SeverityMedium:
		return "warning"
	}
	return "note"
}

// score is the number by which GitHub sorts into critical (over 9), high (7 to
// 8.9), medium (4 to 6.9) and low ("SARIF support for code scanning").
func score(s detect.Severity) string {
	switch s {
	case detect.SeverityCritical:
		return "9.5"
	case detect.SeverityHigh:
		return "8.0"
	case detect.SeverityMedium:
		return "5.0"
	case detect.SeverityLow:
		return "2.0"
	}
	return "0.1"
}

// precision is GitHub's word for a confidence.
func precision(confidence float64) string {
	switch {
	case confidence >= 0.95:
		return "very-high"
	case confidence >= 0.8:
		return "high"
	case confidence >= 0.5:
		return "medium"
	}
	return "low"
}

// fileURI is a path as a reference (RFC 3986): relative ones stay so. A colon
// in the first part would be taken for a scheme.
func fileURI(name string) string {
	u := url.URL{Path: name}
	if path.IsAbs(name) {
		u.Scheme = "file"
	}
	text := u.String()
	if strings.HasPrefix(text, "./") {
		text = strings.TrimPrefix(text, "./")
		if first, _, _ := strings.Cut(text, "/"); strings.Contains(first, ":") {
			text = "./" + text
		}
	}
	return text
}

func (r *sarifReport) NotScanned(n scan.NotScanned) error {
	if len(r.notes) == maxNotes {
		r.more++
		return nil
	}
	r.notes = append(r.notes, sarifNote{"warning", sarifText{"not scanned: " + n.String()},
		[]sarifLocation{{sarifPhysical{Artifact: sarifArtifact{fileURI(n.File)}}}}})
	return nil
}

func (r *sarifReport) Close(s scan.Summary) error {
	if !r.begun {
		_, _ = r.out.WriteString(sarifHead)
	}
	if r.more > 0 {
		r.notes = append(r.notes, sarifNote{Level: "warning", Message: sarifText{fmt.Sprintf("%d more were not scanned", r.more)}})
	}
	if r.rules == nil {
		r.rules = []sarifRule{}
	}
	tool := map[string]any{"driver": map[string]any{
		"name": "Cordon", "version": r.version, "informationUri": "https://go.cordon.dev/cordon", "rules": r.rules,
	}}
	invocation := map[string]any{"executionSuccessful": !s.Nothing()}
	if len(r.notes) > 0 {
		invocation["toolExecutionNotifications"] = r.notes
	}
	if err := writeItem(r.out, "],\n    \"tool\": ", tool, "    "); err != nil {
		return err
	}
	if err := writeItem(r.out, ",\n    \"invocations\": ", []any{invocation}, "    "); err != nil {
		return err
	}
	_, _ = r.out.WriteString("\n  }]\n}\n")
	return r.out.Flush()
}
