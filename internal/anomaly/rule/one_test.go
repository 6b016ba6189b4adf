package rule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/anomaly/rule"
)

func TestARuleByItself(t *testing.T) {
	for _, c := range []struct{ text, words string }{
		{"id: a\non: [auth_failed]\nthreshold: 5\nwindow: 10m", "5 auth_failed from one address within 10 minutes"},
		{"# spraying\nid: a\non: [auth_failed]\nby: subnet\ndistinct: {of: user, count: 8}\nwindow: 90s\ncooldown: 24h", "8 different values of user from one network within 90 seconds; over after 1 day of quiet"},
		{"id: a\nby: user\nwindow: 1h\nsequence:\n- {on: [auth_failed, rate_limited], count: 5}\n- {on: [http_request], when: 'attributes.status == \"200\"'}",
			"5 auth_failed or rate_limited, then 1 http_request about one user within 1 hour"},
	} {
		r, err := rule.One([]byte(c.text))
		if err != nil || r.Words() != c.words {
			t.Errorf("%s: %v\n got  %s\n want %s", c.text, err, r.Words(), c.words)
			continue
		}
		text, err := r.Text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := rule.One([]byte(text))
		if err != nil || again.Words() != c.words || again.Steps[len(again.Steps)-1].When != r.Steps[len(r.Steps)-1].When {
			t.Errorf("written as\n%s\nit is %v %v", text, again, err)
		}
	}
}

func TestWhatIsWrongWithARuleByItself(t *testing.T) {
	for text, want := range map[string]string{
		"": "line 1: id: give 1 to 64",
		"id: a\non: [auth_failed]\nthreshold: 5\ncolour: red":  `line 4: unknown field "colour"`,
		"id: a\non: [auth_failed]\nthreshold: 5\nwhen: nobody": "line 4: when: column 1: undeclared",
		"id: a\non: [auth_failed\nthreshold: 5":                "line 3: ",
		"id: a\nwindow: 3h\non: [auth_failed]\nthreshold: 5":   "line 2: window: 3h0m0s",
		"rules:\n- id: a": `line 1: unknown field "rules"`,
		"id: a\nsequence:\n- {on: [auth_failed]}\n- {on: [x]}":                                "line 4: sequence[1].on:",
		"id: a\non: [auth_failed]\nthreshold: 5\ndescription: " + strings.Repeat("x", 16<<10): "line 1: the document has more than 16384 bytes",
	} {
		_, err := rule.One([]byte(text))
		var m *rule.Mistake
		if !errors.As(err, &m) || !strings.HasPrefix(err.Error(), want) || m.Line < 1 {
			t.Errorf("%.60q\n got  %v\n want %s", text, err, want)
		}
	}
}

// Rules of several documents share what conditions may cost.
func TestABudgetIsSpentOnce(t *testing.T) {
	var b rule.Budget
	taken := 0
	for ; taken < 1_000; taken++ {
		r, err := rule.One(fmt.Appendf(nil, "id: r%d\non: [http_request]\nthreshold: 2\nwhen: attributes.path.contains('abcdefgh') || attributes.path.contains('ijklmnop')", taken))
		if err != nil {
			t.Fatal(err)
		}
		if b.Take(r) != nil {
			break
		}
	}
	cheap, err := rule.One([]byte("id: other\non: [auth_failed]\nthreshold: 2\nwhen: user == 'root'"))
	if taken == 0 || taken == 1_000 || err != nil || b.Take(cheap) != nil {
		t.Errorf("%d rules were taken, and one about another kind: %v", taken, err)
	}
	if cheap.Cost() == 0 || cheap.Cost() > rule.MaxCost {
		t.Errorf("it costs %d", cheap.Cost())
	}
}

func FuzzOne(f *testing.F) {
	f.Add("id: a\non: [auth_failed]\nthreshold: 5\nwindow: 10m")
	f.Add("id: a\nsequence:\n- {on: [auth_failed], count: 2}\n- {on: [http_request]}")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := rule.One([]byte(text))
		var m *rule.Mistake
		if err != nil && (!errors.As(err, &m) || m.Line < 1) {
			t.Fatalf("%v names no line", err)
		}
		if err != nil {
			return
		}
		written, err := r.Text()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rule.One([]byte(written)); err != nil {
			t.Errorf("%q was written as %q: %v", text, written, err)
		}
	})
}
