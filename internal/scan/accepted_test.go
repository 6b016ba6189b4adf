package scan

import (
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
)

const someCommit = "0123456789abcdef0123456789abcdef01234567"

func known(rule string) bool { return rule == "github-pat" || rule == "aws-access-key-id" }

func TestIgnoredPlaces(t *testing.T) {
	here := Finding{Rule: "github-pat", File: "src/a/b.txt", rel: "a/b.txt", Line: 7}
	committed := here
	committed.Commit = someCommit
	tests := []struct {
		entry  string
		f      Finding
		allows bool
	}{
		{"a/b.txt:github-pat:7", here, true},
		{"src/a/b.txt:github-pat:7", here, true},
		{"./a/b.txt:github-pat:7", here, true},
		{"a/b.txt:github-pat:8", here, false},
		{"a/b.txt:aws-access-key-id:7", here, false},
		{"a/b.txt:a-rule-of-gitleaks:7", here, true},
		{"a/b.txt:github-pat:7", committed, true},
		{someCommit + ":a/b.txt:github-pat:7", committed, true},
		{someCommit + ":a/b.txt:github-pat:7", here, false},
		{strings.Repeat("f", 40) + ":a/b.txt:github-pat:7", committed, false},
		{"a/b.txt:github-pat", here, false},
		{"a/b.txt:github-pat:x", here, false},
		{"c:d:github-pat:7", Finding{Rule: "github-pat", File: "c:d", rel: "c:d", Line: 7}, true},
	}
	for _, tt := range tests {
		l := NewIgnoredPlaces(known)
		l.Add(tt.entry)
		if got := l.Allows(&tt.f); got != tt.allows {
			t.Errorf("%q allows %+v: %v", tt.entry, tt.f.File, got)
		}
	}
}

func TestAGitleaksignoreIsReadWithItsComments(t *testing.T) {
	dir := plant(t, map[string]string{".gitleaksignore": "# why\n\na.txt:github-pat:1\r\nnonsense\n"})
	l := NewIgnoredPlaces(known)
	bad, err := l.Read(filepath.Join(dir, ".gitleaksignore"))
	if err != nil || len(bad) != 1 || bad[0] != "nonsense" || len(l.places) != 1 {
		t.Errorf("%d places, bad %q, %v", len(l.places), bad, err)
	}
}

func fingerprint(key, hex string) *string {
	text := "v1:" + key + ":" + hex
	return &text
}

func TestBaseline(t *testing.T) {
	const plainEntry = `{"id":"1","rule":"r","file":"f","fingerprint":null}`
	const keyed = `{"id":"1","rule":"r","file":"f","fingerprint":"v1:k:aa"}`
	tests := []struct {
		name, baseline string
		f              Finding
		known          bool
	}{
		{"the same place", "[" + plainEntry + "]", Finding{ID: "1", Rule: "r", File: "f"}, true},
		{"as JSON lines", plainEntry + "\n" + `{"id":"2","rule":"r","file":"f"}`, Finding{ID: "2"}, true},
		{"another place", "[" + plainEntry + "]", Finding{ID: "2", Rule: "r", File: "f"}, false},
		{"a key that came later", "[" + plainEntry + "]", Finding{ID: "1", Rule: "r", File: "f", Fingerprint: fingerprint("k", "bb")}, true},
		{"another secret in the place", "[" + keyed + "]", Finding{ID: "1", Rule: "r", File: "f", Fingerprint: fingerprint("k", "bb")}, false},
		{"the same secret elsewhere in the file", "[" + keyed + "]", Finding{ID: "9", Rule: "r", File: "f", Fingerprint: fingerprint("k", "aa")}, true},
		{"the same secret in another file", "[" + keyed + "]", Finding{ID: "9", Rule: "r", File: "g", Fingerprint: fingerprint("k", "aa")}, false},
		{"under another key the place decides", "[" + keyed + "]", Finding{ID: "1", Rule: "r", File: "f", Fingerprint: fingerprint("other", "bb")}, true},
		{"without a key the place decides", "[" + keyed + "]", Finding{ID: "1", Rule: "r", File: "f"}, true},
		{"of gitleaks", `[{"RuleID":"github-pat","Fingerprint":"a.txt:github-pat:3"}]`, Finding{Rule: "github-pat", File: "a.txt", rel: "a.txt", Line: 3}, true},
		{"nothing", "[]", Finding{ID: "1"}, false},
	}
	for _, tt := range tests {
		b := &Baseline{map[string]string{}, map[print]bool{}, NewIgnoredPlaces(known)}
		if err := b.parse([]byte(tt.baseline)); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := b.Allows(&tt.f); got != tt.known {
			t.Errorf("%s: known %v", tt.name, got)
		}
	}
}

func TestABadBaselineIsRefused(t *testing.T) {
	for _, text := range []string{"", "  ", "nonsense", "{", "[1]", "[{}]", `[{"rule":"r"}]`, `[{"id":"1"}] more`, `[{"id":"1"}`, "[]]"} {
		b := &Baseline{map[string]string{}, map[print]bool{}, NewIgnoredPlaces(known)}
		if err := b.parse([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := ReadBaseline(filepath.Join(t.TempDir(), "missing"), known); err == nil {
		t.Error("a file that is not there is taken")
	}
}

func FuzzBaseline(f *testing.F) {
	f.Add([]byte(`[{"id":"1","rule":"r","file":"f","fingerprint":"v1:k:aa"}]`))
	f.Add([]byte(`{"Fingerprint":"a:b:1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := &Baseline{map[string]string{}, map[print]bool{}, NewIgnoredPlaces(known)}
		if err := b.parse(data); err == nil && b.Allows(&Finding{ID: "an id that nothing has", Rule: "r", File: "\x00"}) {
			t.Error("an unknown finding is known")
		}
	})
}

func FuzzIgnoredPlaces(f *testing.F) {
	f.Add("a.txt:github-pat:1")
	f.Add(someCommit + ":a:b:c:2")
	f.Fuzz(func(t *testing.T, entry string) {
		l := NewIgnoredPlaces(known)
		if l.Add(entry) != (len(l.places) == 1) {
			t.Errorf("%q: %d places", entry, len(l.places))
		}
	})
}

const config = `
[extend]
useDefault = true
disabledRules = ["aws-access-key-id"]

[[allowlists]]
paths = ['''(^|/)vendor/''']
commits = ["` + someCommit + `"]

[[allowlists]]
condition = "AND"
paths = ['''_test\.go$''']
regexes = ['''^ghp_''']

[[allowlists]]
targetRules = ["github-pat"]
stopwords = ["zzzzzz"]

[[rules]]
id = "acme-token"
regex = '''ACMETOK-[0-9a-f]{16}'''
path = '''\.conf$'''
keywords = ["acmetok"]

[[rules.allowlists]]
paths = ['''^examples/''']

[[rules]]
id = "slack-webhook-url"
[[rules.allowlists]]
paths = ['''^docs/''']

[[rules]]
id = "look-ahead"
regex = '''(?=x)y'''
`

func TestAGitleaksTomlHoldsForFilesToo(t *testing.T) {
	dir := plant(t, map[string]string{GitleaksConfig: config})
	rules, err := BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	if found, err := rules.FindConfig(dir); !found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	if rules.Has("aws-access-key-id") || !rules.Has("acme-token") {
		t.Error("a disabled rule is there, or an added one is not")
	}
	if len(rules.Refused) != 1 || !strings.Contains(rules.Refused[0], "look-ahead") {
		t.Errorf("refused: %q", rules.Refused)
	}
	for _, remark := range rules.Remarks {
		if strings.Contains(remark, "no effect") {
			t.Errorf("what has an effect here is said to have none: %s", remark)
		}
	}
	tests := []struct {
		rule, rel, commit, secret string
		allows                    bool
	}{
		{"github-pat", "src/a.go", "", "ghp_x", false},
		{"github-pat", "vendor/a.go", "", "ghp_x", true},
		{"github-pat", "src/vendor/a.go", "", "ghp_x", true},
		{"github-pat", "src/a.go", someCommit, "ghp_x", true},
		{"github-pat", "src/a_test.go", "", "ghp_x", true},
		{"github-pat", "src/a_test.go", "", "gho_x", false},
		{"acme-token", "a.conf", "", "x", false},
		{"acme-token", "a.txt", "", "x", true},
		{"acme-token", "examples/a.conf", "", "x", true},
		{"slack-webhook-url", "docs/a.md", "", "x", true},
		{"slack-webhook-url", "src/a.md", "", "x", false},
	}
	for _, tt := range tests {
		f := &Finding{Rule: tt.rule, rel: tt.rel, Commit: tt.commit, secret: detect.NewSecret([]byte(tt.secret))}
		if got := rules.Policy.Allows(f); got != tt.allows {
			t.Errorf("%s in %s of %q: allowed %v", tt.rule, tt.rel, tt.commit, got)
		}
	}
	if !rules.Policy.Skip("vendor/x") || rules.Policy.Skip("examples/x") || rules.Policy.Skip("x_test.go") {
		t.Error("a file is left out unread when all rules would let it through, and only then")
	}
	if _, err := rules.Compile(detect.Options{}); err != nil {
		t.Error(err)
	}
}

func TestAllowlistsOfAllRulesHoldForBuiltinOnes(t *testing.T) {
	leak := token(t, "global")
	dir := plant(t, map[string]string{GitleaksConfig: "[allowlist]\nregexes = ['''^" + leak[:12] + "''']\n"})
	rules, err := BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rules.FindConfig(dir); err != nil {
		t.Fatal(err)
	}
	set, err := rules.Compile(detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := detect.NewScanner(set).FindAll([]byte("see " + leak + " and " + token(t, "not global"))); len(found) != 1 {
		t.Errorf("%d findings, want the one that is not allowed", len(found))
	}
}

func FuzzGitleaksConfig(f *testing.F) {
	f.Add([]byte(config))
	f.Add([]byte("[allowlist]\npaths = ['(']\ncondition = 'AND'"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rules := &Rules{Policy: &Policy{only: map[string]pattern{}}}
		if err := rules.addGitleaks("x.toml", data); err != nil {
			return
		}
		rules.Policy.Skip("a/b")
		rules.Policy.Allows(&Finding{Rule: "x", rel: "a/b"})
	})
}
