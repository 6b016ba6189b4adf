package detect

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

const goodRule = `rules:
  - id: acme-token
    description: Acme token
    regex: 'acme_[0-9a-f]{32}'
    severity: HIGH
    confidence: 0.9
`

func TestLoadRulesNamesFileLineAndReason(t *testing.T) {
	for name, c := range map[string]struct {
		yaml string
		want []string
	}{
		"unknown key":        {goodRule + "    colour: red\n", []string{"a.yaml:7:", "colour"}},
		"unknown file key":   {"author: me\n" + goodRule, []string{"a.yaml:1:", "author"}},
		"not YAML":           {"rules: [\n", []string{"a.yaml:"}},
		"look-ahead":         {strings.Replace(goodRule, "acme_", "(?=x)acme_", 1), []string{"a.yaml:4:", `"acme-token"`, "regex:", "look-around"}},
		"unbalanced":         {strings.Replace(goodRule, "acme_", "acme_(", 1), []string{"a.yaml:4:", "missing closing )"}},
		"matches nothing":    {strings.Replace(goodRule, "acme_[0-9a-f]{32}", "a*", 1), []string{"a.yaml:4:", "empty string"}},
		"no regex":           {strings.Replace(goodRule, "    regex: 'acme_[0-9a-f]{32}'\n", "", 1), []string{"a.yaml:", "regex: is missing"}},
		"bad severity":       {strings.Replace(goodRule, "HIGH", "fatal", 1), []string{"a.yaml:5:", "fatal", "critical"}},
		"no severity":        {strings.Replace(goodRule, "    severity: HIGH\n", "", 1), []string{"a.yaml:", "severity:"}},
		"bad confidence":     {strings.Replace(goodRule, "0.9", "1.5", 1), []string{"a.yaml:6:", "confidence: 1.5"}},
		"not a confidence":   {strings.Replace(goodRule, "0.9", ".nan", 1), []string{"a.yaml:6:", "confidence"}},
		"bad entropy":        {goodRule + "    entropy: 9\n", []string{"a.yaml:7:", "entropy: 9"}},
		"no id":              {strings.Replace(goodRule, "id: acme-token", "id: ''", 1), []string{"a.yaml:2:", "id: is missing"}},
		"id with a space":    {strings.Replace(goodRule, "id: acme-token", "id: acme token", 1), []string{"a.yaml:2:", "may hold letters"}},
		"used twice":         {goodRule + strings.TrimPrefix(goodRule, "rules:\n"), []string{"a.yaml:7:", "already used at a.yaml:2"}},
		"unknown validator":  {goodRule + "    validator: magic\n", []string{"a.yaml:7:", `"magic" is none of`, "github"}},
		"regex and assign":   {goodRule + "    assign: {names: acme, value: 'x{9}'}\n", []string{"a.yaml:7:", "not both"}},
		"regex and mention":  {goodRule + "    mention: {names: acme, value: 'x{9}'}\n", []string{"a.yaml:7:", "not two"}},
		"group out of range": {goodRule + "    secret_group: 2\n", []string{"a.yaml:7:", "has 0 groups"}},
		"bad allowlist":      {goodRule + "    allowlist: {regexes: ['(']}\n", []string{"a.yaml:7:", "missing closing )"}},
		"one-letter keyword": {goodRule + "    keywords: [a]\n", []string{"a.yaml:7:", "at least 2 characters"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LoadRules(fstest.MapFS{"a.yaml": {Data: []byte(c.yaml)}})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

func TestLoadRulesReadsFilesInOrderWithTheirDefaults(t *testing.T) {
	other := "provider: Other\nrecommendation: revoke it\n" + strings.Replace(goodRule, "acme-token", "other.token", 1) + "    active: false\n"
	rules, err := LoadRules(fstest.MapFS{"b.yml": {Data: []byte(other)}, "a.yaml": {Data: []byte(goodRule)}, "README.md": {Data: []byte("no rules")}})
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) != 2 || rules[0].ID != "acme-token" || rules[1].ID != "other.token" {
		t.Fatalf("rules: %+v", rules)
	}
	if r := rules[0]; !r.Active || r.SecretType != "ACME_TOKEN" || r.Severity != SeverityHigh {
		t.Errorf("defaults: %+v", r)
	}
	if r := rules[1]; r.Active || r.Provider != "Other" || r.Recommendation != "revoke it" || r.SecretType != "OTHER_TOKEN" {
		t.Errorf("file's defaults: %+v", r)
	}
}

func TestAnIDUsedInTwoFilesIsRefused(t *testing.T) {
	_, err := LoadRules(fstest.MapFS{"a.yaml": {Data: []byte(goodRule)}, "b.yaml": {Data: []byte(goodRule)}})
	if err == nil || !strings.Contains(err.Error(), "b.yaml:2") || !strings.Contains(err.Error(), "a.yaml:2") {
		t.Errorf("error: %v", err)
	}
}

// A file with four times the rules takes about four times the memory: nothing
// goes through the whole file for each.
func TestReadingRulesTakesMemoryInProportionToTheFile(t *testing.T) {
	for name, write := range map[string]func(b *strings.Builder, i int){
		"a.yaml": func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "  - {id: acme-%d, description: Acme, regex: 'acme%d_[0-9]{32}', severity: HIGH, confidence: 0.9}\n", i, i)
		},
		"patterns.yaml": func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "  ACME_%d: {regex: 'acme%d_[0-9]{32}', severity: HIGH, confidence: 0.9}\n", i, i)
		},
	} {
		used := func(rules int) uint64 {
			b := &strings.Builder{}
			b.WriteString(map[string]string{"a.yaml": "rules:\n", "patterns.yaml": "patterns:\n"}[name])
			for i := range rules {
				write(b, i)
			}
			return allocatedBy(func() {
				if got, err := ImportRules(name, []byte(b.String())); err != nil || len(got.Rules) != rules {
					t.Fatalf("%s: %d rules, %v", name, len(got.Rules), err)
				}
			})
		}
		if few, many := used(100), used(400); many > 7*few {
			t.Errorf("%s: %d bytes for 100 rules, %d for 400", name, few, many)
		}
	}
}

func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

const shhhPatterns = `patterns:
  AWS_ACCESS_KEY:
    regex: "AKIA[0-9A-Z]{16}"
    severity: "HIGH"
    confidence: 0.95
    active: true
  GITHUB_TOKEN:
    regex: "ghp_[0-9A-Za-z]{36}"
    severity: "HIGH"
    confidence: 0.92
    active: true
  PRIVATE_KEY:
    regex: "-----BEGIN [A-Z ]*PRIVATE KEY-----"
    severity: "CRITICAL"
    confidence: 0.98
    active: false
`

func TestImportSHHH(t *testing.T) {
	rules, err := ImportSHHH("patterns.yaml", []byte(shhhPatterns))
	if err != nil {
		t.Fatal(err)
	}
	set, err := Compile(rules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, _ := NewScanner(set).FindAll([]byte(expand(t, "a AKIA{{base32:16}} b ghp_{{alnum:36}} c -----BEGIN RSA PRIVATE KEY-----"))) // cordon:allow
	var got []string
	for _, f := range found {
		got = append(got, f.Rule.SecretType)
	}
	if strings.Join(got, " ") != "AWS_ACCESS_KEY GITHUB_TOKEN" {
		t.Errorf("found %v; the third pattern is not active", got)
	}
}

func TestImportSHHHRefusesBadPatterns(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"regex":    {"ghp_[", "ghp_(?!x)[", "patterns.yaml:8:"},
		"severity": {`"CRITICAL"`, `"AWFUL"`, "patterns.yaml:"},
		"key":      {"active: false", "enabled: false", "patterns.yaml:16:"},
	} {
		_, err := ImportSHHH("patterns.yaml", []byte(strings.Replace(shhhPatterns, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v lacks %q", name, err, c.want)
		}
	}
}

func TestCompileNamesTheRule(t *testing.T) {
	good := Rule{ID: "good", Regex: "acme_[a-z]{9}", Severity: SeverityLow, Confidence: 0.5, Active: true}
	for name, change := range map[string]func(*Rule){
		"regex":      func(r *Rule) { r.Regex = "(" },
		"severity":   func(r *Rule) { r.Severity = 0 },
		"confidence": func(r *Rule) { r.Confidence = 0 },
		"validator":  func(r *Rule) { r.Validator = "x" },
		"allowlist":  func(r *Rule) { r.Allowlist.LineRegexes = []string{"["} },
		"id":         func(r *Rule) { r.ID = "good" },
	} {
		bad := good
		bad.ID = "bad"
		change(&bad)
		_, err := Compile([]Rule{good, bad}, Options{})
		if err == nil || !strings.Contains(err.Error(), bad.ID) || !strings.Contains(err.Error(), name+":") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := Compile(nil, Options{MinConfidence: 2}); err == nil {
		t.Error("a minimum confidence of 2 was taken")
	}
}

func TestARegexThatMatchesNothingIsRefused(t *testing.T) {
	for expr, refused := range map[string]bool{
		`a*`: true, `^$`: true, `(?:a|b?)`: true, `(|a)b{0,3}`: true, `\B`: true, `\z`: true, `(?:a*)+`: true,
		`a+`: false, `\b`: false, `(?:a|b)c?`: false, `a{1,3}`: false, `^key$`: false, `[^a]`: false, `.`: false,
	} {
		_, err := CheckRule(Rule{ID: "a", Regex: expr, Severity: SeverityLow, Confidence: 1})
		if (err != nil) != refused {
			t.Errorf("%s: error %v, want one: %v", expr, err, refused)
		}
		if regexp.MustCompile(expr).MatchString("") != refused {
			t.Errorf("%s: package regexp thinks otherwise", expr)
		}
	}
}
