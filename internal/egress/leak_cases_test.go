package egress

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/own"
)

// casePolicy is the policy of testdata/leaks.jsonl.
const casePolicy = leakPolicy + `
data_leak_prevention:
  sensitive_patterns: ['PRJ-[0-9]{6}']
  blocked_extensions: [.env, .key, .pem, .p12, id_rsa, kubeconfig]
`

// leakCase is a line of testdata/leaks.jsonl. Requests are templates: METHOD /path,
// fields, an empty line, the body. The last is what Want says, those before pass.
type leakCase struct {
	ID       string   `json:"id"`
	Category string   `json:"category"`
	Want     string   `json:"want"` // pass, or the reason of the denial
	Requests []string `json:"requests"`
	Miss     string   `json:"miss"` // why it passes all the same; empty: it does not
}

func leakCases(t *testing.T) (all []leakCase) {
	t.Helper()
	f, err := os.Open("testdata/leaks.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c leakCase
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			t.Fatalf("case %d: %v", len(all)+1, err)
		}
		all = append(all, c)
	}
	return all
}

// prevented is a world that does all that a policy can ask for.
func prevented(t *testing.T, m material) (*world, *mailbox) {
	t.Helper()
	p, err := policy.Parse([]byte(casePolicy))
	if err != nil {
		t.Fatal(err)
	}
	scanner, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	known, err := own.Open(own.Options{Environ: []string{"APP_SECRET=" + m.Own}, AllEnv: true})
	if err != nil {
		t.Fatal(err)
	}
	set, err := detect.Compile([]detect.Rule{{ID: p.Patterns()[0].ID, Regex: p.Patterns()[0].Regex, Severity: detect.SeverityHigh, Confidence: 0.9, Active: true}}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	patterns := detect.NewScanner(set)
	i, err := dlp.New(dlp.Options{
		Scanner: scanner, Own: known,
		Patterns: func() (*detect.Scanner, error) { return patterns, nil },
		Files: func() func(dlp.File) bool {
			return func(f dlp.File) bool { return p.BlocksFile(policy.File{Name: f.Name, As: f.As}) }
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, casePolicy, func(o *Options) { o.Inspector = func() *dlp.Inspector { return i } })
	box := &mailbox{}
	w.name("api.example", "203.0.113.9")
	w.route("203.0.113.9:80", web(t, box).addr)
	return w, box
}

// outcome is pass, or the reason of the denial, of one request on a connection of
// its own.
func outcome(w *world, text string) string {
	head, body, _ := strings.Cut(text, "\n\n")
	line, fields, _ := strings.Cut(head, "\n")
	method, path, _ := strings.Cut(line, " ")
	raw := method + " http://api.example" + path + " HTTP/1.1\r\nHost: api.example\r\n"
	if fields = strings.TrimSpace(fields); fields != "" {
		raw += strings.ReplaceAll(fields, "\n", "\r\n") + "\r\n"
	}
	if body != "" {
		raw += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	got := w.connect().say(raw + "\r\n" + body).answer(method)
	if got.StatusCode == http.StatusOK {
		return "pass"
	}
	d := w.decisions()
	return string(d[len(d)-1].Decision.Reason)
}

// Every case is judged as it says, and the page of cases says so.
func TestLeakCases(t *testing.T) {
	type score struct{ right, all int }
	scores, order, misses := map[string]*score{}, []string{}, []string{}
	m := newMaterial(t)
	cases := leakCases(t)
	for _, c := range cases {
		if scores[c.Category] == nil {
			scores[c.Category] = &score{}
			order = append(order, c.Category)
		}
		s := scores[c.Category]
		s.all++
		if as := t.Run(c.ID, func(t *testing.T) { c.run(t, m) }); as && c.Miss == "" {
			s.right++
		}
		if c.Miss != "" {
			misses = append(misses, c.ID+": "+c.Miss)
		}
	}
	var b strings.Builder
	b.WriteString("# Leaks that are tried\n\nWritten by `go test ./internal/egress -run TestLeakCases -update` from `testdata/leaks.jsonl`: requests through the gateway, with fakes made when the test runs. A leak counts as found when the request that completes it is refused, for the right reason; a benign one when it passes.\n\n| category | cases | right |\n|---|---|---|\n")
	for _, name := range order {
		_, _ = fmt.Fprintf(&b, "| %s | %d | %d |\n", name, scores[name].all, scores[name].right)
	}
	b.WriteString("\nNot found, and why:\n\n")
	for _, miss := range misses {
		b.WriteString("- " + miss + "\n")
	}
	if len(cases) < 150 || slices.ContainsFunc(order, func(c string) bool { return scores[c].right*10 < scores[c].all*8 }) {
		t.Errorf("%d cases; every category is to have eight of ten right:\n%s", len(cases), b.String())
	}
	if *update {
		if err := os.WriteFile("CASES.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("CASES.md"); err != nil || string(got) != b.String() {
		t.Errorf("CASES.md is not what is tested (%v): run with -update", err)
	}
}

func (c leakCase) run(t *testing.T, m material) {
	w, _ := prevented(t, m)
	for n, text := range c.Requests {
		want := "pass"
		if n == len(c.Requests)-1 && c.Miss == "" {
			want = c.Want
		}
		if got := outcome(w, m.fill(t, text)); got != want {
			t.Errorf("request %d: %s, want %s", n+1, got, want)
		}
	}
}
