package detect

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func zlibbed(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// escaped writes every character as \uXXXX.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

func TestTheThreeRulesOfThePlan(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	pem := expand(t, "{{pem:RSA PRIVATE KEY}}")
	for _, c := range []struct {
		name, text, secretType, secret string
		severity                       Severity
		least, most                    float64
	}{
		{"key id", "AKIA{{base32:16}}", "AWS_ACCESS_KEY", "AKIA{{base32:16}}", SeverityHigh, 0.95, 0.95},
		{"key id no vendor would give", "AKIA0189{{upper:12}}", "AWS_ACCESS_KEY", "AKIA0189{{upper:12}}", SeverityHigh, 0.5, 0.9},
		{"GitHub token with a right checksum", "{{github:ghp}}", "GITHUB_TOKEN", "{{github:ghp}}", SeverityHigh, 0.98, 1},
		{"GitHub token with a wrong checksum", "ghp_{{alnum:36}}", "GITHUB_TOKEN", "ghp_{{alnum:36}}", SeverityHigh, 0.7, 0.9},
		{"whole private key", "a\n" + pem + "b", "PRIVATE_KEY", strings.TrimSuffix(pem, "\n"), SeverityCritical, 0.98, 1},
		{"first line of a private key", "-----BEGIN EC PRIVATE KEY-----", "PRIVATE_KEY", "-----BEGIN EC PRIVATE KEY-----", SeverityCritical, 0.5, 0.98},
		{"cut private key", pem[:200], "PRIVATE_KEY", pem[:200], SeverityCritical, 0.9, 0.98},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := expand(t, c.text)
			found, report := scanner.FindAll([]byte(text))
			if len(found) != 1 || !report.Complete() {
				t.Fatalf("found %v, %+v", found, report)
			}
			f := found[0]
			if f.Rule.SecretType != c.secretType || f.Severity != c.severity || f.Confidence < c.least || f.Confidence > c.most {
				t.Errorf("got %s %v %v", f.Rule.SecretType, f.Severity, f.Confidence)
			}
			if got := string(f.Secret.Reveal()); got != expand(t, c.secret) || text[f.Start:f.End] != got {
				t.Errorf("secret %q at %q", got, text[f.Start:f.End])
			}
		})
	}
}

func TestEncodedSecretsAreFoundWhereTheyStand(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	secret := expand(t, "{{github:ghp}}")
	plain := `{"note":"hello","token":"` + secret + `"}`
	b64 := base64.StdEncoding.EncodeToString
	for _, c := range []struct {
		name, before, encoded, after string
		decoders                     string
	}{
		{"plain", "a ", secret, " b", ""},
		{"key of an object", `{"`, secret, `":1}`, ""},
		{"deep key with an escape", `{"a":[{"b":{"`, `\u0067` + secret[1:], `":[1]}}]}`, "escape"},
		{"one escape", `{"k":"`, `\u0067` + secret[1:], `"}`, "escape"},
		{"all escaped", `{"k":"`, escaped(secret), `"}`, "escape"},
		{"\\x escapes", `"`, `\x67\x68\x70` + secret[3:], `"`, "escape"},
		{"JSON in JSON", `{"k":"{\"a\":\"`, secret, `\"}"}`, ""},
		{"behind a line end", `{"k":"line\n`, secret, `"}`, ""},
		{"percent", "u?q=", "%67" + secret[1:], "&x=1", "percent"},
		{"all percent", "u?q=", "%67%68%70" + url.QueryEscape(secret[3:]), "&x=1", "percent"},
		{"base64", "x ", b64([]byte(secret)), " y", "base64"},
		{"base64 without padding", "x ", base64.RawStdEncoding.EncodeToString([]byte("a" + secret)), " y", "base64"},
		{"base64url", "x ", base64.URLEncoding.EncodeToString([]byte("\xff\xfe?>?>??" + secret)), " y", "base64url"},
		{"base64 twice", "x ", b64([]byte(b64([]byte(secret)))), " y", "base64 base64"},
		{"hex", "x ", hex.EncodeToString([]byte(secret)), " y", "hex"},
		{"HEX", "0x", strings.ToUpper(hex.EncodeToString([]byte(secret))), " y", "hex"},
		{"gzip", "", string(gzipped([]byte(plain))), "", "gzip"},
		{"gzip in the middle", "head ", string(gzipped([]byte(plain))), "tail", "gzip"},
		{"zlib", "", string(zlibbed([]byte(plain))), "", "zlib"},
		{"gzip in base64", `{"z":"`, b64(gzipped([]byte(plain))), `"}`, "base64 gzip"},
		{"zlib in base64", `{"z":"`, b64(zlibbed([]byte(plain))), `"}`, "base64 zlib"},
		{"escape in gzip in base64", `{"z":"`, b64(gzipped([]byte(escaped(secret)))), `"}`, "base64 gzip escape"},
		{"four deep", "", b64([]byte(b64([]byte(b64([]byte(hex.EncodeToString([]byte(secret)))))))), "", "base64 base64 base64 hex"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := c.before + c.encoded + c.after
			found, report := scanner.FindAll([]byte(text))
			if len(found) != 1 {
				t.Fatalf("%d findings %v %+v", len(found), found, report)
			}
			f := found[0]
			if string(f.Secret.Reveal()) != secret || f.Rule.ID != "github-pat" {
				t.Errorf("secret %q by %s", f.Secret.Reveal(), f.Rule.ID)
			}
			if got := strings.Join(f.Decoders, " "); got != c.decoders {
				t.Errorf("decoders %q, want %q", got, c.decoders)
			}
			if c.decoders != "" && !strings.Contains(c.name, "base64 without") && !strings.Contains(c.name, "base64url") && text[f.Start:f.End] != c.encoded {
				t.Errorf("stands at %q, want %q", text[f.Start:f.End], c.encoded)
			}
			if !report.Complete() {
				t.Errorf("not complete: %+v", report)
			}
		})
	}
}

func TestBase64BrokenIntoLinesIsJoined(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	secret := expand(t, "{{github:ghp}}")
	whole := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("some words to fill lines ", 4) + secret + " and more"))
	var lines strings.Builder
	for i := 0; i < len(whole); i += 64 {
		lines.WriteString("  " + whole[i:min(len(whole), i+64)] + "\r\n")
	}
	found, _ := scanner.FindAll([]byte("data: |\r\n" + lines.String()))
	if len(found) != 1 || string(found[0].Secret.Reveal()) != secret {
		t.Errorf("found %v", found)
	}
}

func TestTwoSecretsInOneCompressedTextAreTwoFindings(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	text := gzipped([]byte(expand(t, "a={{github:ghp}} b={{github:ghp:two}}")))
	if found, _ := scanner.FindAll(text); len(found) != 2 {
		t.Errorf("found %d", len(found))
	}
}

func TestBenignEncodedTextGivesNothing(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	for _, text := range []string{
		base64.StdEncoding.EncodeToString([]byte("The quick brown fox jumps over the lazy dog, and nothing is secret.")),
		hex.EncodeToString([]byte("The quick brown fox jumps over the lazy dog.")),
		string(gzipped([]byte("nothing to see here"))), `{"a":"line\nline \u00e9t\u00e9"}`, "https://example.org/?q=a%20b%20c",
		// A digest that looks like deflate for its first 282 bytes of text, by chance.
		`"integrity": "sha512-S8KoZgRZN+a5rNwqTxlZZePjT/4cnm0ROV70LedRHZ0p8u9fRID0hJUZQpkKLzro8LfmC8sx23bY6tVNxv8pQA=="`,
		"", " ", "\x00\x01\x02", "\xff\xfe\xfd", strings.Repeat("A", 10000), strings.Repeat("=", 10000),
	} {
		if found, report := scanner.FindAll([]byte(text)); len(found) != 0 || !report.Complete() {
			t.Errorf("%.40q: found %v, %+v", text, found, report)
		}
	}
}

func TestAStoppedScanSaysWhatItLeft(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	text := []byte(expand(t, "{{github:ghp:1}} {{github:ghp:2}} ") + strings.Repeat("x ", segmentSize))
	calls := 0
	report := scanner.Scan(text, func(Finding) bool { calls++; return false })
	if calls != 1 || report.Findings != 1 || report.Complete() || report.NotScanned[0].Reason != ReasonStopped {
		t.Errorf("%d calls, %+v", calls, report)
	}
}

func TestReportIsBounded(t *testing.T) {
	var r Report
	for i := range int64(1000) {
		r.note(NotScanned{Start: i, End: i + 1, Reason: ReasonDepth})
	}
	last := r.NotScanned[len(r.NotScanned)-1]
	if len(r.NotScanned) != maxNotScanned || last.Reason != ReasonMore || last.End != 1000 {
		t.Errorf("%d entries, last %+v", len(r.NotScanned), last)
	}
}

func TestLineAndColumn(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	text := expand(t, "first\nsecond {{github:ghp:1}}\n\n{{github:ghp:2}} {{github:ghp:3}}")
	found, _ := scanner.FindAll([]byte(text))
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%d:%d", f.Line, f.Column))
	}
	if strings.Join(got, " ") != "2:8 4:1 4:42" {
		t.Errorf("places %v", got)
	}
}

func TestAllowlists(t *testing.T) {
	rule := Rule{ID: "acme", Regex: `acme_[0-9a-f]{12}`, Severity: SeverityHigh, Confidence: 0.9, Active: true}
	with := func(a Allowlist) Rule { r := rule; r.Allowlist = a; return r }
	const text = "key: acme_0123456789ab # fixture"
	for name, c := range map[string]struct {
		rule  Rule
		opts  Options
		text  string
		found int
	}{
		"none":                   {rule, Options{}, text, 1},
		"regex":                  {with(Allowlist{Regexes: []string{"^acme_0123"}}), Options{}, text, 0},
		"line regex":             {with(Allowlist{LineRegexes: []string{"# fixture"}}), Options{}, text, 0},
		"line regex, other line": {with(Allowlist{LineRegexes: []string{"# fixture"}}), Options{}, "# fixture\n" + text[:22], 1},
		"stopword, any case":     {with(Allowlist{Stopwords: []string{"456789AB"}}), Options{}, text, 0},
		"for every rule":         {rule, Options{Allowlist: Allowlist{Regexes: []string{"ab$"}}}, text, 0},
		"comment not asked for":  {rule, Options{}, text + " cordon:allow", 1},
		"comment":                {rule, Options{InlineAllow: true}, text + " cordon:allow", 0},
		"gitleaks' comment":      {rule, Options{InlineAllow: true}, text + " gitleaks:allow", 0},
		"comment on other line":  {rule, Options{InlineAllow: true}, text + "\ncordon:allow", 1},
		"not sure enough":        {rule, Options{MinConfidence: 0.95}, text, 0},
		"not active":             {Rule{ID: "acme", Regex: rule.Regex, Severity: SeverityHigh, Confidence: 0.9}, Options{}, text, 0},
		"AWS's documented key":   {Rule{ID: "aws", Regex: `AKIA[0-9A-Z]{16}`, Severity: SeverityHigh, Confidence: 0.9, Active: true}, Options{}, "AKIAIOSFODNN7EXAMPLE", 0},
		"filler":                 {Rule{ID: "f", Regex: `tok_\w{20}`, Severity: SeverityHigh, Confidence: 0.9, Active: true}, Options{}, "tok_xxxxxxxxxxxxxxxxxxxx", 0},
	} {
		set, err := Compile([]Rule{c.rule}, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := NewScanner(set).FindAll([]byte(c.text)); len(found) != c.found {
			t.Errorf("%s: %d findings, want %d", name, len(found), c.found)
		}
	}
}

func TestTheBetterOfTwoOverlappingFindingsIsKept(t *testing.T) {
	rule := func(id, regex string, confidence float64, generic bool) Rule {
		return Rule{ID: id, Regex: regex, Severity: SeverityHigh, Confidence: confidence, Active: true, Generic: generic}
	}
	for name, c := range map[string]struct {
		rules []Rule
		want  string
	}{
		"specific beats generic": {[]Rule{rule("g", `key=(\w+)`, 0.99, true), rule("s", `acme_\w{8}`, 0.5, false)}, "s"},
		"surer beats less sure":  {[]Rule{rule("a", `acme_\w{8}`, 0.5, false), rule("b", `acme_\w{6}`, 0.6, false)}, "b"},
		"longer beats shorter":   {[]Rule{rule("a", `acme_\w{6}`, 0.5, false), rule("b", `acme_\w{8}`, 0.5, false)}, "b"},
		"id decides last":        {[]Rule{rule("b", `acme_\w{8}`, 0.5, false), rule("a", `acme_\w{8}`, 0.5, false)}, "a"},
	} {
		set, err := Compile(c.rules, Options{})
		if err != nil {
			t.Fatal(err)
		}
		found, _ := NewScanner(set).FindAll([]byte("key=acme_a1b2c3d4 "))
		if len(found) != 1 || found[0].Rule.ID != c.want {
			t.Errorf("%s: found %v, want %s", name, found, c.want)
		}
	}
}

func TestSwapHoldsForTheNextScan(t *testing.T) {
	one := compileBuiltin(t, Options{})
	none, err := Compile(nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	scanner := NewScanner(one)
	text := []byte(expand(t, "{{github:ghp}}"))
	before, _ := scanner.FindAll(text)
	if old := scanner.Swap(none); old != one || scanner.RuleSet() != none {
		t.Error("Swap doesn't give the set before, or doesn't set the new one")
	}
	after, _ := scanner.FindAll(text)
	if len(before) != 1 || len(after) != 0 {
		t.Errorf("%d before, %d after", len(before), len(after))
	}
}

func TestManyGoroutinesShareAScannerWhileRulesAreSwapped(t *testing.T) {
	one, two := compileBuiltin(t, Options{}), compileBuiltin(t, Options{MaxDepth: 2})
	scanner := NewScanner(one)
	text := []byte(expand(t, "{{github:ghp}} and "+base64.StdEncoding.EncodeToString([]byte(expand(t, "{{github:ghp:b}}")))))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				if found, report := scanner.FindAll(text); len(found) != 2 || !report.Complete() {
					t.Errorf("found %d, %+v", len(found), report)
				}
			}
		})
	}
	for i := range 50 {
		scanner.Swap([]*RuleSet{one, two}[i%2])
	}
	group.Wait()
}

func TestAScanMayScanFromItsEmit(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	text := []byte(expand(t, "a {{github:ghp:1}} b {{github:ghp:2}} c"))
	n := 0
	scanner.Scan(text, func(f Finding) bool {
		if out := scanner.RedactText(text, []Finding{f}); strings.Contains(out, string(f.Secret.Reveal())) {
			t.Errorf("shows the secret: %s", out)
		}
		n++
		return true
	})
	if n != 2 {
		t.Errorf("%d findings", n)
	}
}

func TestExpandExample(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "{{ .Go }}": "{{ .Go }}", "{{b64of:a:b}}": "YTpi", "x{{b64of:}}y": "xy",
	} {
		if got, err := ExpandExample(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if a, b := expand(t, "{{alnum:36}}"), expand(t, "{{alnum:36:other}}"); len(a) != 36 || a == b || a != expand(t, "{{alnum:36}}") {
		t.Errorf("%q and %q", a, b)
	}
	for _, bad := range []string{"{{alnum}}", "{{alnum:x}}", "{{alnum:0}}", "{{alnum:99999}}", "{{nothing:3}}"} {
		if _, err := ExpandExample(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: error %v", bad, err)
		}
	}
}

func TestACleanMessageAllocatesNothing(t *testing.T) {
	sess := newSession(compileBuiltin(t, Options{}))
	text := []byte(`{"from":"agent-7","status":"done","note":"the key and its token are with anna, see path a/b"}`)
	emit := func(Finding) bool { return true }
	allocations := testing.AllocsPerRun(100, func() {
		w := sess.start(emit)
		w.segment(view{text: text, hi: len(text), last: true})
		sess.release()
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

// What one scan left in the scratch space does not reach the next, and is gone.
func TestASessionForgetsItsInput(t *testing.T) {
	sess := newSession(compileBuiltin(t, Options{}))
	for range 2 {
		found := 0
		w := sess.start(func(Finding) bool { found++; return true })
		text := []byte(expand(t, "{{github:ghp:1}} and {{github:ghp:2}}, key = {{alnum:32}}"))
		w.segment(view{text: text, hi: len(text), last: true})
		report := w.finish(int64(len(text)))
		sess.release()
		if found != 3 || report.Findings != 3 || !report.Complete() {
			t.Errorf("%d findings, %+v", found, report)
		}
		for _, h := range slices.Concat(sess.hits[:cap(sess.hits)], sess.walk.pending[:cap(sess.walk.pending)]) {
			if h.layer != nil || len(h.finding.Secret.Reveal()) != 0 {
				t.Error("a hit is still there")
			}
		}
	}
}
