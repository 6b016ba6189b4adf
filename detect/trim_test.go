package detect

import (
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

// What many literals begin with takes their place where it is rare; a word does not.
func TestFewestLiterals(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"zqj_key zqj-key zqj_secret zqjkey zqj.key", "zqj"},
		{"sk_0 sk_1 sk_2 sk_f", "sk_"},
		{"acme acme_key acme-token", "acme"},
		{"ghp_ gho_ ghs_", "gho_ ghp_ ghs_"},
		{"key= token=", "key= token="},
		{"password=a password=b", "password=a password=b"},
	} {
		if got := strings.Join(fewest(strings.Fields(c.set)), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.set, got, c.want)
		}
	}
}

func TestEveryLiteralBeginsWithOneOfTheFewest(t *testing.T) {
	for _, c := range compileBuiltin(t, Options{}).active {
		for _, p := range c.parts {
			again := fewest(p.literals)
			for _, lit := range p.literals {
				if !slices.ContainsFunc(again, func(s string) bool { return strings.HasPrefix(lit, s) }) {
					t.Errorf("%s: %q begins with none of %q", c.rule.ID, lit, again)
				}
			}
		}
	}
}

// A plan of another version of the engine has other literals. What could stand
// behind those is not known then, and nothing is missed.
func TestAPlanWithOtherLiteralsHasNoOutlook(t *testing.T) {
	rule := Rule{ID: "acme", Regex: `\bacme_[0-9]{8}`, Severity: SeverityHigh, Confidence: 0.9, Active: true}
	tree, err := syntax.Parse(rule.Regex, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	p := planOf(rule.Regex, tree)
	p.parts[0].literals, p.parts[0].firsts = []string{"acm", "acme"}, "aa"
	set, err := compile([]Rule{rule}, Options{}, &pack{plans: map[string]*plan{rule.Regex: p}})
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := NewScanner(set).FindAll([]byte("acme_12345678")); len(found) != 1 {
		t.Errorf("%d findings", len(found))
	}
}
