package detect

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestALimitedScannerDecodesNoMoreInAllItsScans(t *testing.T) {
	whole := NewScanner(compileBuiltin(t, Options{}))
	text := gzipped(bytes.Repeat([]byte("no secret here "), 100_000)) // 1.5 MB
	const limit = 4_000_000
	s := whole.Limited(limit)
	complete := 0
	for range 10 {
		if report := s.Scan(text, func(Finding) bool { return true }); report.Complete() {
			complete++
		} else if report.NotScanned[0].Reason != ReasonBudget {
			t.Fatalf("%+v", report)
		}
	}
	if complete != 2 || s.Decoded() > limit || s.Decoded() < 3_000_000 {
		t.Errorf("%d scans complete with %d bytes decoded; want 2 within %d", complete, s.Decoded(), limit)
	}
	if report := whole.Scan(text, func(Finding) bool { return true }); !report.Complete() || report.Decoded < 1_500_000 {
		t.Errorf("the scanner it was made of is limited too: %+v", report)
	}
}

func TestALimitedScannerKeepsItsRules(t *testing.T) {
	none, err := Compile(nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole := NewScanner(compileBuiltin(t, Options{}))
	s := whole.Limited(1 << 20)
	whole.Swap(none)
	if found, _ := s.FindAll([]byte(expand(t, "{{github:ghp}}"))); len(found) != 1 {
		t.Errorf("%d findings, want that of the rules it was made with", len(found))
	}
	if whole.RuleSet() != none || whole.Decoded() != 0 {
		t.Error("the scanner it was made of is not what it was")
	}
}

// Whoever stops a scan gets no report that reads as clean, wherever it was.
func TestAStoppedScanSaysSo(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	text := []byte(expand(t, "{{github:ghp:1}} {{github:ghp:2}} end"))
	stop := func(Finding) bool { return false }
	report := scanner.Scan(text, stop)
	streamed, err := scanner.ScanReader(context.Background(), bytes.NewReader(text), stop)
	if err != nil {
		t.Fatal(err)
	}
	want := NotScanned{Start: 40, End: int64(len(text)), Reason: ReasonStopped}
	for _, r := range []Report{report, streamed} {
		if r.Findings != 1 || len(r.NotScanned) != 1 || r.NotScanned[0] != want {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
}

// Of two secrets that overlap, the end of one being the beginning of the next,
// both are found; a stretch within another is the same secret.
func TestSecretsThatRunIntoEachOtherAreBothFound(t *testing.T) {
	rule := func(id, regex string, confidence float64) Rule {
		return Rule{ID: id, Regex: regex, Severity: SeverityHigh, Confidence: confidence, Active: true}
	}
	for name, c := range map[string]struct {
		rules []Rule
		text  string
		want  string
	}{
		"of one rule":         {[]Rule{rule("a", `TOK-[a-zA-Z0-9-]{8}`, 0.9)}, "xTOK-abcdTOK-12345678", "TOK-abcdTOK- TOK-12345678"},
		"three in a row":      {[]Rule{rule("a", `TOK[a-zA-Z0-9]{8}`, 0.9)}, "TOKabcdTOKefghTOK12345678", "TOKabcdTOKe TOKefghTOK1 TOK12345678"},
		"of two rules":        {[]Rule{rule("a", `AAA_[a-z]{8}`, 0.9), rule("b", `bbb[a-z0-9_]{9}`, 0.5)}, "AAA_xxxxxbbb123456789", "AAA_xxxxxbbb bbb123456789"},
		"one within another":  {[]Rule{rule("a", `AAA_[a-z]{12}`, 0.9), rule("b", `bbb[a-z]{3}`, 0.5)}, "AAA_xxxbbbyyyzzz ", "AAA_xxxbbbyyyzzz"},
		"the surer within":    {[]Rule{rule("a", `AAA_[a-z]{12}`, 0.5), rule("b", `bbb[a-z]{3}`, 0.9)}, "AAA_xxxbbbyyyzzz ", "bbbyyy"},
		"seen from two names": {[]Rule{rule("a", `(?:key|token)[_=a-z]{0,9}=([0-9]{8})`, 0.9)}, "key_token=12345678", "12345678"},
	} {
		set, err := Compile(c.rules, Options{})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("abcd", "aQcd").Replace(c.text)
		want := strings.NewReplacer("abcd", "aQcd").Replace(c.want)
		found, report := NewScanner(set).FindAll([]byte(text))
		var got []string
		for _, f := range found {
			got = append(got, string(f.Secret.Reveal()))
		}
		if strings.Join(got, " ") != want || !report.Complete() {
			t.Errorf("%s: found %q, want %q", name, got, want)
		}
	}
}

func TestARegexIsBounded(t *testing.T) {
	long := Rule{ID: "a", Regex: "key" + strings.Repeat("x", 8<<10), Severity: SeverityLow, Confidence: 1}
	wide := long
	wide.Regex = "key" + strings.Repeat("[a-z]{900}", 30)
	for name, r := range map[string]Rule{"bytes": long, "steps": wide} {
		key, err := CheckRule(r)
		if err == nil || key != "regex" || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: key %q, error %v", name, key, err)
		}
	}
	if key, err := CheckRule(Rule{ID: "a", Regex: "key[0-9]{9}", Severity: SeverityLow, Confidence: 1}); key != "" || err != nil {
		t.Errorf("a sound rule: key %q, error %v", key, err)
	}
}

func TestRulesThatAreTriedEverywhereAreNamed(t *testing.T) {
	rules := []Rule{
		{ID: "anchored", Regex: `key-[0-9]{9}`, Severity: SeverityLow, Confidence: 1, Active: true},
		{ID: "everywhere", Regex: `[0-9a-f]{33}`, Severity: SeverityLow, Confidence: 1, Active: true},
		{ID: "inactive", Regex: `[0-9a-f]{34}`, Severity: SeverityLow, Confidence: 1},
	}
	set, err := Compile(rules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(set.TriedEverywhere(), " "); got != "everywhere" {
		t.Errorf("%q", got)
	}
}

func TestMatchRegexesLookAtTheWholeMatch(t *testing.T) {
	rule := Rule{ID: "a", Regex: `(?:test|live)_key=([0-9a-z]{12})`, Severity: SeverityHigh, Confidence: 0.9, Active: true}
	rule.Allowlist.MatchRegexes = []string{"^test_"}
	set, err := Compile([]Rule{rule}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, _ := NewScanner(set).FindAll([]byte("test_key=abcdef123456 live_key=abcdef123457"))
	if len(found) != 1 || string(found[0].Secret.Reveal()) != "abcdef123457" {
		t.Errorf("found %v", found)
	}
}

func TestAPrivateKeyIsRedactedToItsLabel(t *testing.T) {
	for in, want := range map[string]string{
		"{{pem:RSA PRIVATE KEY}}":             "RSA PRIVATE KEY ****",
		"{{pem:PGP PRIVATE KEY BLOCK}}":       "PGP PRIVATE KEY BLOCK ****",
		"-----BEGIN OPENSSH PRIVATE KEY-----": "OPENSSH PRIVATE KEY ****",
	} {
		if got := Redact([]byte(expand(t, in)), "PRIVATE_KEY"); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	odd := expand(t, "-----BEGIN AKIA{{base32:16}} PRIVATE KEY-----")
	if got := Redact([]byte(odd), "PRIVATE_KEY"); got != "PRIVATE KEY ****" {
		t.Errorf("a label that nobody uses is shown as %q", got)
	}
}

// A rule can be looked for by a literal that its matches hold, and by another that
// some begin with. What the second finds must not hide what the first has yet to.
func TestAMatchDoesNotHideAnEarlierOneOfItsRule(t *testing.T) {
	rule := Rule{ID: "both", Regex: `\bkq[a-z]{4,40}XYZW[0-9]{4}|\bvzt_[0-9]{8}`, Severity: SeverityHigh, Confidence: 0.9, Active: true}
	set, err := Compile([]Rule{rule}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, _ := NewScanner(set).FindAll([]byte("kqabcdefXYZW1234 and vzt_12345678"))
	if len(found) != 2 || found[0].Start != 0 || found[1].Start != 21 {
		t.Errorf("%v, want both", found)
	}
}
