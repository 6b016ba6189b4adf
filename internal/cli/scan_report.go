package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/scan"
	"go.cordon.dev/cordon/internal/scan/report"
)

// scanSink writes findings as the flags say, and on standard error what was not
// scanned.
type scanSink struct {
	stderr   io.Writer
	progress *scanProgress
	report   report.Report
	file     *scan.OutFile // if nil, standard output
}

func newScanSink(s *session, c *scanCmd, p *scanProgress) (*scanSink, error) {
	k := &scanSink{stderr: s.Stderr, progress: p}
	path, format, out := c.Output, s.global.Format, s.Stdout
	if c.WriteBaseline != "" {
		if c.Output != "" {
			return nil, usageError("--output and --write-baseline both write the findings; give one")
		}
		path, format = c.WriteBaseline, "json"
	}
	if path != "" {
		f, err := scan.CreateFile(path)
		if err != nil {
			return nil, err
		}
		k.file, out = f, f
	}
	if format == "text" {
		k.report = textReport{out}
		return k, nil
	}
	var err error
	k.report, err = report.New(format, out, s.Version)
	return k, err
}

func (k *scanSink) Found(f scan.Finding) error {
	if k.file == nil {
		k.progress.clear()
	}
	return k.report.Found(f)
}

func (k *scanSink) NotScanned(n scan.NotScanned) error {
	k.warn(n.String())
	return k.report.NotScanned(n)
}

// say tells of what was not scanned without belonging to a file.
func (k *scanSink) say(text string) error {
	k.warn(text)
	name, why, _ := strings.Cut(text, ": ")
	return k.report.NotScanned(scan.NotScanned{File: name, Reason: why})
}

func (k *scanSink) warn(text string) {
	k.progress.clear()
	fmt.Fprintln(k.stderr, "not scanned:", oneLine(text))
}

// close ends the report; a file appears whole or not at all.
func (k *scanSink) close(sum scan.Summary) error {
	if err := k.report.Close(sum); err != nil {
		k.drop()
		return fmt.Errorf("writing the report: %w", err)
	}
	if k.file == nil {
		return nil
	}
	return k.file.Commit()
}

// drop takes a report back that did not come to its end.
func (k *scanSink) drop() {
	if k.file != nil {
		k.file.Drop()
	}
}

// textReport is for people: a line each.
type textReport struct{ w io.Writer }

func (r textReport) Found(f scan.Finding) error {
	text := fmt.Sprintf("%-8s  %s:%d:%d  %s  %s", f.Severity, f.File, f.Line, f.Column, f.Rule, f.Redacted)
	if len(f.Decoded) > 0 {
		text += fmt.Sprintf("  (in %s)", join(f.Decoded, " in "))
	}
	if f.Commit != "" {
		text += "  " + f.Commit[:min(len(f.Commit), 12)]
	}
	if f.Date != nil {
		text += fmt.Sprintf("  %s  %s", f.Date.Format(time.DateOnly), f.Author)
	}
	if f.Verified != "" {
		text += "  " + f.Verified
	}
	_, err := fmt.Fprintln(r.w, oneLine(text))
	return err
}

func (textReport) NotScanned(scan.NotScanned) error { return nil }

func (textReport) Close(scan.Summary) error { return nil }

// size writes a number of bytes for people, in powers of ten.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + units[i]
}

// join lists decoders from the innermost out: "base64 in gzip".
func join(words []string, sep string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[len(words)-1-i] = w
	}
	return strings.Join(out, sep)
}
