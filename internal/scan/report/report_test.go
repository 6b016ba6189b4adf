package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/scan"
)

var update = flag.Bool("update", false, "write the golden files anew")

// story is a run with everything that a report can show, hostile names included.
func story() ([]scan.Finding, []scan.NotScanned, scan.Summary) {
	date, print := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 7200)), "v1:k:aa"
	rule := &detect.Rule{ID: "acme-key", Description: `Acme's "key" <b>`, Provider: "Acme", Recommendation: "Revoke it & tell."}
	return []scan.Finding{
			{Rule: "acme-key", Severity: detect.SeverityCritical, Confidence: 0.95, File: "src/a.txt", Line: 3, Column: 7, Region: scan.Region{StartColumn: 5, EndLine: 4, EndColumn: 2}, Offset: 20, Length: 40, Redacted: "acme****f00", Fingerprint: &print, Decoded: []string{}, ID: "0011223344556677", Detail: rule},
			{Rule: "acme-key", Severity: detect.SeverityMedium, Confidence: 0.5, File: "=cmd|' /C calc'!A0<script>alert(1)</script>\x1b.txt", Line: 1, Column: 1, Region: scan.Region{StartColumn: 1, EndLine: 1, EndColumn: 10}, Length: 9, Redacted: "****", Decoded: []string{"gzip", "base64"}, ID: "8899aabbccddeeff", Detail: rule, Verified: "inactive"},
			{Rule: "other", Severity: detect.SeverityInfo, Confidence: 0.2, File: "x.zip!in/a b.txt", Line: 1, Column: 1, Region: scan.Region{StartColumn: 1, EndLine: 1, EndColumn: 10}, Length: 9, Redacted: "****", Decoded: []string{}, ID: "0123456789abcdef", Commit: strings.Repeat("ab", 20), Author: "Ann <ann@acme.example>", Date: &date},
		}, []scan.NotScanned{{File: "broken.zip", Reason: "zip: not a valid zip file"}, {File: "b", Commit: strings.Repeat("cd", 20), Reason: "it is not in the repository"}},
		scan.Summary{Findings: 3, Known: 2, Files: 10, Bytes: 12345, NotScanned: 2, Took: 1500 * time.Millisecond}
}

func render(t *testing.T, format string, found []scan.Finding, skipped []scan.NotScanned, sum scan.Summary) []byte {
	t.Helper()
	var b bytes.Buffer
	r, err := New(format, &b, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if err := r.Found(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range skipped {
		if err := r.NotScanned(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(sum); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func renderStory(t *testing.T, format string) []byte {
	found, skipped, sum := story()
	return render(t, format, found, skipped, sum)
}

func TestReportsLookAsAgreed(t *testing.T) {
	for _, format := range Formats() {
		got, file := renderStory(t, format), filepath.Join("testdata", "story."+format)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from %s:\n%s", format, file, got)
		}
	}
}

func TestEmptyReportsAreWhole(t *testing.T) {
	for _, format := range Formats() {
		text := render(t, format, nil, nil, scan.Summary{Files: 3})
		switch format {
		case "json":
			if string(text) != "[]\n" {
				t.Errorf("json: %q", text)
			}
		case "jsonl":
			if len(text) > 0 {
				t.Errorf("jsonl: %q", text)
			}
		case "csv":
			if bytes.Count(text, []byte("\n")) != 1 {
				t.Errorf("csv: %q", text)
			}
		case "junit":
			if !bytes.Contains(text, []byte(`tests="1" failures="0"`)) {
				t.Errorf("junit: %s", text)
			}
		case "sarif":
			if run := sarifRun(t, text); len(run["results"].([]any)) != 0 {
				t.Errorf("sarif: %s", text)
			}
		case "html":
			if !bytes.Contains(text, []byte("Nothing found")) {
				t.Errorf("html: %s", text)
			}
		}
	}
}

func TestJSONIsTheSameInBothForms(t *testing.T) {
	var all []scan.Finding
	if err := json.Unmarshal(renderStory(t, "json"), &all); err != nil || len(all) != 3 {
		t.Fatalf("%d findings, %v", len(all), err)
	}
	lines := json.NewDecoder(bytes.NewReader(renderStory(t, "jsonl")))
	for i := range all {
		var one scan.Finding
		if err := lines.Decode(&one); err != nil || one.ID != all[i].ID {
			t.Errorf("line %d: %v", i, err)
		}
	}
}

func sarifRun(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var log struct {
		Schema  string           `json:"$schema"`
		Version string           `json:"version"`
		Runs    []map[string]any `json:"runs"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("no SARIF log: %v\n%s", err, text)
	}
	return log.Runs[0]
}

// What SARIF 2.1.0 demands, clause by clause, of the parts that we write.
func TestSARIFHoldsToItsStandard(t *testing.T) {
	run := sarifRun(t, renderStory(t, "sarif"))
	driver := run["tool"].(map[string]any)["driver"].(map[string]any)
	rules := map[string]bool{}
	for _, r := range driver["rules"].([]any) {
		id := r.(map[string]any)["id"].(string)
		if rules[id] {
			t.Errorf("rule %s is listed twice (3.19.23)", id)
		}
		rules[id] = true
	}
	for _, r := range run["results"].([]any) {
		result := r.(map[string]any)
		if !rules[result["ruleId"].(string)] || result["message"].(map[string]any)["text"] == "" {
			t.Errorf("a result without its rule or message (3.27.5, 3.27.11): %v", result)
		}
		if level := result["level"]; level != "error" && level != "warning" && level != "note" {
			t.Errorf("level %v (3.27.10)", level)
		}
		place := result["locations"].([]any)[0].(map[string]any)["physicalLocation"].(map[string]any)
		if uri := place["artifactLocation"].(map[string]any)["uri"].(string); regexp.MustCompile("[^-A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%]").MatchString(uri) {
			t.Errorf("uri %q has characters that RFC 3986 does not allow (3.4.3)", uri)
		}
		region := place["region"].(map[string]any)
		line, column, endLine, endColumn := region["startLine"].(float64), region["startColumn"].(float64), region["endLine"].(float64), region["endColumn"].(float64)
		if line < 1 || column < 1 || endLine < line || endLine == line && endColumn <= column || endColumn < 1 {
			t.Errorf("a region from %v:%v to %v:%v (3.30.5 to 3.30.8)", line, column, endLine, endColumn)
		}
	}
	if kind := run["columnKind"]; kind != "utf16CodeUnits" {
		t.Errorf("columns are counted in %v (3.14.17)", kind)
	}
	notes := run["invocations"].([]any)[0].(map[string]any)["toolExecutionNotifications"].([]any)
	if len(notes) != 2 {
		t.Errorf("%d notifications (3.20.21)", len(notes))
	}
}

func TestFileURIs(t *testing.T) {
	for name, want := range map[string]string{
		"a/b.txt": "a/b.txt", "a b": "a%20b", "/abs/x": "file:///abs/x", "c:d": "./c:d", "x.zip!in": "x.zip%21in", "ü": "%C3%BC", "a#b?c": "a%23b%3Fc",
	} {
		if got := strings.ReplaceAll(fileURI(name), "!", "%21"); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestNoCellOfCSVIsAFormula(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(renderStory(t, "csv"))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, c := range row {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet would run %q", c)
			}
		}
	}
}

func TestJUnitIsXMLWithTrueNumbers(t *testing.T) {
	var doc struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Cases []struct {
				Failure *struct{} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(renderStory(t, "junit"), &doc); err != nil {
		t.Fatal(err)
	}
	failures, skipped := 0, 0
	for _, c := range doc.Suites[0].Cases {
		if c.Failure != nil {
			failures++
		}
		if c.Skipped != nil {
			skipped++
		}
	}
	if doc.Tests != 5 || failures != doc.Failures || skipped != doc.Skipped || failures != 3 || skipped != 2 {
		t.Errorf("%+v: %d failures and %d skipped", doc, failures, skipped)
	}
}

func TestTheHTMLPageNeedsNothingAndAllowsNothing(t *testing.T) {
	page := string(renderStory(t, "html"))
	for _, foreign := range []string{"<script", "src=", "href=", "url(", "@import", "javascript:", " onclick", " style="} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page holds %s", foreign)
		}
	}
	style := page[strings.Index(page, "<style>")+len("<style>") : strings.Index(page, "</style>")]
	sum := sha256.Sum256([]byte(style))
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
		t.Errorf("the policy does not fit the page: %s", policy)
	}
	if !strings.Contains(page, "prefers-color-scheme:dark") || !strings.Contains(page, "3 secrets found") {
		t.Error("no dark colours, or no headline")
	}
}

func TestLongReportsAreCountedNotSwallowed(t *testing.T) {
	found, _, sum := story()
	many := make([]scan.Finding, maxRows+7)
	for i := range many {
		many[i] = found[0]
	}
	if page := string(render(t, "html", many, nil, sum)); !strings.Contains(page, "7 more are not shown here") {
		t.Error("the page does not say what it leaves out")
	}
	skipped := make([]scan.NotScanned, maxNotes+9)
	if text := string(render(t, "sarif", nil, skipped, sum)); !strings.Contains(text, "9 more were not scanned") {
		t.Error("sarif does not say what it leaves out")
	}
}

// broken fails like a disk that is full.
type broken struct{}

var errFull = errors.New("no space")

func (broken) Write([]byte) (int, error) { return 0, errFull }

func TestAReportThatCannotBeWrittenFails(t *testing.T) {
	found, skipped, sum := story()
	for _, format := range Formats() {
		r, err := New(format, broken{}, "1")
		for _, f := range found {
			if err == nil {
				err = r.Found(f)
			}
		}
		for _, n := range skipped {
			if err == nil {
				err = r.NotScanned(n)
			}
		}
		if err == nil {
			err = r.Close(sum)
		}
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
	if _, err := New("docx", io.Discard, "1"); err == nil {
		t.Error("there is a report in docx")
	}
}
