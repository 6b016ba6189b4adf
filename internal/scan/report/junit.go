package report

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"

	"go.cordon.dev/cordon/internal/scan"
)

// junitReport is the XML that Jenkins, GitLab and others show as test results:
// a finding is a failed case, what was not scanned a skipped one. The numbers
// stand before the cases, so that the cases wait in memory.
type junitReport struct {
	out      *bufio.Writer
	cases    bytes.Buffer
	failures int
	skipped  int
}

type junitCase struct {
	XMLName xml.Name      `xml:"testcase"`
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Skipped *junitSkipped `xml:"skipped"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

func (r *junitReport) Found(f scan.Finding) error {
	r.failures++
	place := fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	text := place + "\n" + f.Author
	if f.Detail != nil {
		text += "\n" + f.Detail.Recommendation
	}
	return r.add(junitCase{
		Class: f.Rule, Name: f.Rule + " at " + place, File: f.File, Line: f.Line,
		Failure: &junitFailure{message(f), f.Severity.String(), text},
	})
}

func (r *junitReport) NotScanned(n scan.NotScanned) error {
	r.skipped++
	return r.add(junitCase{Class: "not scanned", Name: n.File, File: n.File, Skipped: &junitSkipped{n.String()}})
}

func (r *junitReport) add(c junitCase) error {
	text, err := xml.MarshalIndent(c, "    ", "  ")
	if err != nil {
		return fmt.Errorf("writing junit: %w", err)
	}
	r.cases.Write(text)
	r.cases.WriteByte('\n')
	return nil
}

func (r *junitReport) Close(s scan.Summary) error {
	if r.failures+r.skipped == 0 { // a suite without a case counts as missing
		if err := r.add(junitCase{Class: "cordon", Name: "no secrets in " + strconv.Itoa(s.Files) + " files", File: "."}); err != nil {
			return err
		}
	}
	counts := fmt.Sprintf(`tests="%d" failures="%d" errors="0" skipped="%d" time="%.3f"`,
		max(1, r.failures+r.skipped), r.failures, r.skipped, s.Took.Seconds())
	fmt.Fprintf(r.out, "%s<testsuites %s>\n  <testsuite name=\"cordon scan\" %s>\n", xml.Header, counts, counts)
	_, _ = r.out.Write(r.cases.Bytes())
	_, _ = r.out.WriteString("  </testsuite>\n</testsuites>\n")
	return r.out.Flush()
}
