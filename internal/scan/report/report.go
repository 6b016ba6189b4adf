// Package report writes what a scan found in the formats that other programs
// and people read. No format has a field for a secret: a report shows the
// redacted form only.
//
// To add a format: a file with a type that has Found, NotScanned and Close, a
// line in New and in Formats, and a golden file in testdata.
//
// Level 2: it may import scan, and the public libraries.
package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"go.cordon.dev/cordon/internal/scan"
)

// Report is a scan.Sink that writes one document.
type Report interface {
	scan.Sink
	// Close writes what belongs to the end. The document is whole then.
	Close(s scan.Summary) error
}

// Formats lists the formats of New.
func Formats() []string { return []string{"json", "jsonl", "sarif", "csv", "junit", "html"} }

// New returns a report that writes to w; version is that of Cordon.
func New(format string, w io.Writer, version string) (Report, error) {
	out := bufio.NewWriter(w)
	switch format {
	case "json":
		return &jsonReport{out: out}, nil
	case "jsonl":
		return &linesReport{w}, nil
	case "sarif":
		return &sarifReport{out: out, version: version, used: map[string]bool{}}, nil
	case "csv":
		return newCSV(w)
	case "junit":
		return &junitReport{out: out}, nil
	case "html":
		return &htmlReport{out: out, version: version}, nil
	}
	return nil, fmt.Errorf("there is no report format %q", format)
}

// jsonReport is one array, written as it comes.
type jsonReport struct {
	out   *bufio.Writer
	begun bool
}

func (r *jsonReport) Found(f scan.Finding) error {
	before := ",\n  "
	if !r.begun {
		before = "[\n  "
	}
	r.begun = true
	return writeItem(r.out, before, f, "  ")
}

func (*jsonReport) NotScanned(scan.NotScanned) error { return nil }

func (r *jsonReport) Close(scan.Summary) error {
	end := "\n]\n"
	if !r.begun {
		end = "[]\n"
	}
	_, _ = r.out.WriteString(end)
	return r.out.Flush()
}

// linesReport is one object a line, each written at once for whoever follows.
type linesReport struct{ w io.Writer }

func (r *linesReport) Found(f scan.Finding) error { return encode(r.w, f, "", "") }

func (*linesReport) NotScanned(scan.NotScanned) error { return nil }

func (*linesReport) Close(scan.Summary) error { return nil }

// writeItem writes an element of an array that stands in a larger document.
func writeItem(w *bufio.Writer, before string, v any, prefix string) error {
	if _, err := w.WriteString(before); err != nil {
		return err
	}
	text, err := marshal(v, prefix)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// marshal is JSON as people read it, without a line end.
func marshal(v any, prefix string) ([]byte, error) {
	var b buffer
	if err := encode(&b, v, prefix, "  "); err != nil {
		return nil, err
	}
	return b[:len(b)-1], nil
}

type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

func encode(w io.Writer, v any, prefix, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, indent)
	return e.Encode(v)
}
