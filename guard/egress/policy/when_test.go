package policy_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// fixed is a compiler of conditions that say one word: yes, no, later or broken.
type fixed string

func (fixed) Compile(s string) (policy.Condition, error) {
	if s == "nonsense" {
		return nil, errors.New("it is nonsense")
	}
	return fixed(s), nil
}

func (f fixed) Holds(*policy.Request) policy.Truth {
	return map[fixed]policy.Truth{"yes": policy.True, "no": policy.False, "later": policy.Undecided}[f]
}

// What a condition says, by either list: what cannot be judged is kept in.
func TestWhatConditionsSay(t *testing.T) {
	for _, tt := range []struct{ when, allowlist, denylist string }{
		{"yes", "allow rule", "deny denylist"},
		{"no", "deny when_mismatch", "allow rule"},
		{"later", "allow rule", "allow rule"},
		{"broken", "deny when_failed", "deny denylist"},
	} {
		for list, want := range map[string]string{
			"allowlist: {rules: [{host: a.example, when: " + `"` + tt.when + `"` + "}]}":                                   tt.allowlist,
			"allowlist: {rules: [{host: a.example}]}\ndenylist: {rules: [{host: '*', when: " + `"` + tt.when + `"` + "}]}": tt.denylist,
		} {
			p, err := policy.Parse([]byte(list), policy.WithConditions(fixed("")))
			if err != nil {
				t.Fatal(err)
			}
			d := p.Decide(policy.Request{Host: "a.example", Port: 443})
			if got := string(d.Result) + " " + string(d.Reason); got != want {
				t.Errorf("%s: %s, want %s", list, got, want)
			}
		}
	}
}

func TestConditionsNeedACompiler(t *testing.T) {
	doc := "allowlist:\n  rules:\n    - host: a.example\n      when: \"yes\"\n"
	_, err := policy.Parse([]byte(doc))
	if err == nil || !strings.Contains(err.Error(), "line 4: allowlist.rules[0].when: cannot be judged by this program") {
		t.Errorf("without a compiler: %v", err)
	}
	_, err = policy.Parse([]byte(strings.ReplaceAll(doc, "yes", "nonsense")), policy.WithConditions(fixed("")))
	if err == nil || !strings.Contains(err.Error(), "line 4: allowlist.rules[0].when: is no condition: it is nonsense") {
		t.Errorf("with a mistake: %v", err)
	}
}

// An edit keeps conditions as they stand, and so does a rule that is written anew.
func TestEditsKeepConditions(t *testing.T) {
	doc := "allowlist:\n  rules:\n    - host: a.example\n      when: \"yes\" # at all times\n"
	out, err := policy.Edit([]byte(doc), policy.AddRule(policy.Rule{Host: "b.example", When: "method == \"GET\" &&\n\ttrue"}), policy.SetMode(policy.Audit))
	if err != nil || !strings.HasPrefix(string(out), doc) {
		t.Fatalf("%s, %v", out, err)
	}
	p, err := policy.Parse(out, policy.WithConditions(fixed("")))
	if err != nil || p.Rules()[1].When != "method == \"GET\" &&\n\ttrue" {
		t.Fatalf("%+v, %v", p.Rules(), err)
	}
	if _, err := policy.Edit(out, policy.AddRule(policy.Rule{Host: "a.example", When: "yes"})); err == nil {
		t.Error("a rule with the same condition was added twice")
	}
	before, err := policy.Parse([]byte(doc), policy.WithConditions(fixed("")))
	if err != nil {
		t.Fatal(err)
	}
	after, err := policy.Parse([]byte(strings.ReplaceAll(doc, "yes", "no")), policy.WithConditions(fixed("")))
	if err != nil {
		t.Fatal(err)
	}
	if d := policy.Diff(before, after); len(d) != 1 || d[0].Text != "when from yes to no" {
		t.Errorf("the difference is %+v", d)
	}
}

// A request that is let through costs no memory, as long as no condition is asked.
func TestAllowingCostsNoMemory(t *testing.T) {
	p := parse(t, "allowlist: {rules: [{host: '*.a.example', ports: [443], protocols: [https]}]}")
	r := policy.Request{Time: time.Unix(1, 0), Host: "x.a.example", Port: 443, Protocol: policy.TLS, Address: netip.MustParseAddr("9.9.9.9")}
	if !p.Decide(r).Allowed() {
		t.Fatal("it is denied")
	}
	if n := testing.AllocsPerRun(100, func() { p.Decide(r) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
