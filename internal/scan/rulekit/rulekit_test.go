package rulekit

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/detect"
)

var builtin = sync.OnceValues(detect.BuiltinRules)

func rules(t testing.TB, more ...detect.Rule) []detect.Rule {
	t.Helper()
	all, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(all, more)
}

// rule is one to change in a test.
func rule(change func(*detect.Rule)) detect.Rule {
	r := detect.Rule{
		ID: "acme-key", Regex: `acme_[0-9a-f]{16}`, Severity: detect.SeverityHigh, Confidence: 0.9, Active: true,
		Positives: []string{"acme_{{hex:16}}"}, Negatives: []string{"acme_"},
	}
	change(&r)
	return r
}

func TestASkeletonPassesItsOwnExamplesAndLint(t *testing.T) {
	for _, charset := range Charsets() {
		for _, length := range []int{minLength, 20, 32, maxLength} {
			for _, f := range []Format{{Prefix: "acme_key_"}, {Prefix: "a+b.c-"}, {Name: "acme"}, {Prefix: "acme_", Provider: "Acme & Sons: # 1"}} {
				f.ID, f.Charset, f.Length, f.Severity = "acme-api-key", charset, length, detect.SeverityHigh
				if length == maxLength && f.Prefix == "" {
					f.Length = 64 // behind a name only so much is looked at
				}
				text, err := Skeleton(f)
				if err != nil {
					t.Errorf("%s of %d, prefix %q: %v", charset, length, f.Prefix, err)
					continue
				}
				made, err := detect.ParseRules("x.yaml", text)
				if err != nil || len(made) != 1 || made[0].Provider == "" {
					t.Errorf("%s: %v", text, err)
				}
			}
		}
	}
}

func TestASkeletonOfNothingIsRefused(t *testing.T) {
	good := Format{ID: "acme-key", Prefix: "acme_", Charset: "hex", Length: 32, Severity: detect.SeverityHigh}
	for name, change := range map[string]func(*Format){
		"no id":           func(f *Format) { f.ID = "" },
		"a bad id":        func(f *Format) { f.ID = "acme key" },
		"no charset":      func(f *Format) { f.Charset = "runes" },
		"too short":       func(f *Format) { f.Length = 4 },
		"too long":        func(f *Format) { f.Length = 5000 },
		"neither":         func(f *Format) { f.Prefix = "" },
		"both":            func(f *Format) { f.Name = "acme" },
		"a quote":         func(f *Format) { f.Prefix = "a'b" },
		"a line end":      func(f *Format) { f.Provider = "a\nb: c" },
		"a placeholder":   func(f *Format) { f.Prefix = "{{hex:4}}" },
		"no severity":     func(f *Format) { f.Severity = 0 },
		"a short literal": func(f *Format) { f.Prefix = "x" },
	} {
		f := good
		change(&f)
		if text, err := Skeleton(f); err == nil {
			t.Errorf("%s is taken:\n%s", name, text)
		}
	}
}

func TestFailuresNameTheExampleAndNotItsText(t *testing.T) {
	r := rule(func(r *detect.Rule) {
		r.Positives, r.Negatives = []string{"acme_{{hex:16}}", "acme_none", "{{nonsense}}"}, []string{"acme_{{hex:16}}"}
	})
	got := strings.Join(Failures(r), "\n")
	for _, want := range []string{"positive 2: is not found", "positive 3: placeholder", "negative 1: is found"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

func TestLintFindsWhatIsWeak(t *testing.T) {
	tests := []struct {
		name, want string
		rule       detect.Rule
	}{
		{"nothing", "", rule(func(*detect.Rule) {})},
		{"no positives", "has no positives", rule(func(r *detect.Rule) { r.Positives = nil })},
		{"no negatives", "has no negatives", rule(func(r *detect.Rule) { r.Negatives = nil })},
		{"no literal", "tried everywhere", rule(func(r *detect.Rule) { r.Regex, r.Positives = `[0-9a-f]{20}`, nil })},
		{"short and bare", "matches 8 characters", rule(func(r *detect.Rule) { r.Regex = `acme[0-9]{4}`; r.Positives = nil })},
		{"anything without an end", "without an upper bound", rule(func(r *detect.Rule) { r.Regex = `acme_key=.*[0-9]{8}` })},
		{"a twin", "has the regex of", rule(func(r *detect.Rule) { r.Regex = rules(t)[0].Regex })},
		{"ordinary text", "in ordinary text", rule(func(r *detect.Rule) { r.Regex = `sha512-[0-9A-Za-z/+]{20}` })},
		{"beaten", "positive 1 is taken by github-pat", rule(func(r *detect.Rule) {
			r.Regex, r.Generic, r.Positives = `(?:token|key)=[\w]{40}`, true, []string{"token={{github:ghp}}"}
		})},
	}
	for _, tt := range tests {
		weak, err := Lint([]detect.Rule{tt.rule}, rules(t, tt.rule))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		var text []string
		for _, w := range weak {
			text = append(text, w.Text)
		}
		if got := strings.Join(text, "; "); tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if _, err := Lint(nil, []detect.Rule{{ID: "bad", Regex: "("}}); err == nil {
		t.Error("rules that do not compile are linted")
	}
}

func TestTheSampleIsClean(t *testing.T) {
	set, err := detect.Compile(rules(t), detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, _ := detect.NewScanner(set).FindAll(sample)
	for _, f := range found {
		t.Errorf("line %d: %s finds %s", f.Line, f.Rule.ID, f.Redacted)
	}
}

func TestBenchRanksWhatItMeasured(t *testing.T) {
	few := []detect.Rule{rule(func(*detect.Rule) {}), rule(func(r *detect.Rule) { r.ID, r.Regex = "dear", `[a-z]+[0-9][a-z]{30}` })}
	steps := 0
	costs, err := Bench(few, []byte(strings.Repeat("some words in a row ", 5000)+"acme_0123456789abcdef"), func() { steps++ })
	if err != nil || len(costs.Rules) != 2 || steps != 2 || costs.Together <= 0 {
		t.Fatalf("%+v after %d steps, %v", costs, steps, err)
	}
	if costs.Rules[0].Added < costs.Rules[1].Added {
		t.Error("the dearest rule is not the first")
	}
	if i := slices.IndexFunc(costs.Rules, func(c Cost) bool { return c.Rule == "acme-key" }); costs.Rules[i].Findings != 1 {
		t.Errorf("%+v", costs.Rules)
	}
	if _, err := Bench(few, nil, nil); err == nil {
		t.Error("nothing was measured")
	}
}

func expand(t testing.TB, text string) string {
	t.Helper()
	out, err := detect.ExpandExample(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhyNamesTheReason(t *testing.T) {
	own := []detect.Rule{
		rule(func(*detect.Rule) {}),
		rule(func(r *detect.Rule) { r.ID, r.Regex, r.Entropy = "low", `low_[0-9a-f]{16}`, 3.9 }),
		rule(func(r *detect.Rule) {
			r.ID, r.Regex, r.Allowlist.Stopwords = "stop", `stop_[0-9a-f]{16}`, []string{"0123"}
		}),
		rule(func(r *detect.Rule) { r.ID, r.Regex, r.Validator = "card", `card_([0-9]{16})`, "luhn" }),
		rule(func(r *detect.Rule) { r.ID, r.Regex, r.Keywords, r.Near = "near", `[0-9a-f]{16}`, []string{"acme"}, 20 }),
		rule(func(r *detect.Rule) { r.ID, r.Regex, r.Active = "off", `off_[0-9a-f]{16}`, false }),
		rule(func(r *detect.Rule) { r.ID, r.Regex, r.Generic = "word", `word=(\S{8,40})`, true }),
		rule(func(r *detect.Rule) { r.ID, r.Regex, r.Generic = "loser", `token=(\S{8,40})`, true }),
	}
	const hex = "0123456789abcdef"
	tests := []struct {
		rule, text, want string
		found            bool
	}{
		{"acme-key", "an acme_" + hex + "!", "the regex matches at 1:4", true},
		{"acme-key", "\nsee acme_" + hex, "it stands at 2:5", true},
		{"acme-key", expand(t, "{{b64of:see acme_0123456789abcdef and more of it}}"), "in base64", true},
		{"acme-key", "see acme_ and so on", "gets as far as 1:10, where [0-9a-f]{16} would have to follow", false},
		{"acme-key", "nothing of the kind", "matches nowhere in the text as it is; it begins with acme_", false},
		{"acme-key", "acme_aaaaaaaaaaaaaaaa", "a placeholder, as documentation and templates have", false},
		{"acme-key", "acme_" + hex + " # cordon:allow", "a comment on the line allows it", true},
		{"low", "low_0011001100220033", "the rule asks for 3.9", false},
		{"stop", "stop_" + hex, "on the rule's allowlist", false},
		{"card", "card_4111111111111112", `validator "luhn" refuses it`, false},
		{"near", hex + strings.Repeat(" ", 100) + "acme", "no keyword stands close enough", false},
		{"near", hex, "holds none of the keywords acme", false},
		{"off", "off_" + hex, "it is switched off", false},
		{"word", "word=changeme1", "a placeholder, as", false},
		{"loser", "token=" + expand(t, "{{github:ghp}}"), "github-pat takes the place", false},
	}
	for _, tt := range tests {
		why, err := Why(rules(t, own...), tt.rule, []byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.rule, err)
			continue
		}
		var said []string
		for _, s := range why.Steps {
			said = append(said, s.Text)
		}
		if got := strings.Join(said, "\n"); !strings.Contains(got, tt.want) || why.Found != tt.found {
			t.Errorf("%s on %q: found %v, want %q in:\n%s", tt.rule, tt.text, why.Found, tt.want, got)
		}
	}
	if _, err := Why(own, "nobody", nil); err == nil {
		t.Error("a rule that is not there is explained")
	}
}

func FuzzWhy(f *testing.F) {
	f.Add("token=" + expand(f, "{{github:ghp}}"))
	f.Add("password = hunter2")
	f.Add("\xff\x00acme_")
	few := []detect.Rule{rule(func(*detect.Rule) {}), rule(func(r *detect.Rule) {
		r.ID, r.Regex, r.Generic, r.Validator, r.Entropy = "word", `(?i:token|password)\s{0,3}=\s{0,3}(\S{8,40})`, true, "generic", 2
	})}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range few {
			why, err := Why(few, r.ID, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			scanner, _, err := alone(r, detect.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if found, _ := scanner.FindAll([]byte(text)); len(found) == 0 && why.Found {
				t.Errorf("%s is said to find what it does not", r.ID)
			}
		}
	})
}
