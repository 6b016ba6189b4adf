package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"

	"go.cordon.dev/cordon/internal/scan"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// htmlReport is one page that needs nothing else: no script, no font, no
// picture from anywhere, and a policy in it that forbids them.
type htmlReport struct {
	out     *bufio.Writer
	version string
	page    htmlPage
}

// htmlPage is what the template shows.
type htmlPage struct {
	Version  string
	Policy   string
	Style    template.CSS
	Summary  scan.Summary
	Findings []scan.Finding
	Skipped  []scan.NotScanned
	Hidden   int // findings beyond what a browser shows well
	Unsaid   int // likewise of what was not scanned
}

// maxRows is how many rows of each table are shown; the rest is counted.
const maxRows = 5_000

func (r *htmlReport) Found(f scan.Finding) error {
	if len(r.page.Findings) == maxRows {
		r.page.Hidden++
		return nil
	}
	r.page.Findings = append(r.page.Findings, f)
	return nil
}

func (r *htmlReport) NotScanned(n scan.NotScanned) error {
	if len(r.page.Skipped) == maxRows {
		r.page.Unsaid++
		return nil
	}
	r.page.Skipped = append(r.page.Skipped, n)
	return nil
}

func (r *htmlReport) Close(s scan.Summary) error {
	page, err := template.New("page").Funcs(template.FuncMap{"backward": backward}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("reading the page: %w", err)
	}
	sum := sha256.Sum256([]byte(pageStyle))
	r.page.Version, r.page.Summary, r.page.Style = r.version, s, template.CSS(pageStyle)
	r.page.Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if err := page.Execute(r.out, r.page); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return r.out.Flush()
}

// backward lists decoders from the innermost out.
func backward(words []string) []string {
	out := slices.Clone(words)
	slices.Reverse(out)
	return out
}
