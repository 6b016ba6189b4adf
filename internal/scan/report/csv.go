package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.cordon.dev/cordon/internal/scan"
)

// csvReport is comma-separated values with a header (RFC 4180).
type csvReport struct{ w *csv.Writer }

func newCSV(out io.Writer) (*csvReport, error) {
	r := &csvReport{csv.NewWriter(out)}
	r.w.UseCRLF = true
	return r, r.w.Write([]string{
		"rule", "severity", "confidence", "file", "line", "column", "redacted", "fingerprint", "decoded",
		"commit", "author", "date", "verified", "id",
	})
}

// cell makes a value safe for a spreadsheet, which would run one that begins
// like a formula (OWASP, "CSV Injection"), and for a terminal, which would obey
// control characters.
func cell(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) {
		q := strconv.QuoteToGraphic(text)
		text = strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	}
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func (r *csvReport) Found(f scan.Finding) error {
	fingerprint, date := "", ""
	if f.Fingerprint != nil {
		fingerprint = *f.Fingerprint
	}
	if f.Date != nil {
		date = f.Date.Format(time.RFC3339)
	}
	row := []string{
		f.Rule, f.Severity.String(), strconv.FormatFloat(f.Confidence, 'f', -1, 64), f.File, strconv.Itoa(f.Line), strconv.Itoa(f.Column),
		f.Redacted, fingerprint, strings.Join(f.Decoded, " "), f.Commit, f.Author, date, f.Verified, f.ID,
	}
	for i := range row {
		row[i] = cell(row[i])
	}
	return r.w.Write(row)
}

func (*csvReport) NotScanned(scan.NotScanned) error { return nil }

func (r *csvReport) Close(scan.Summary) error {
	r.w.Flush()
	return r.w.Error()
}
