package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func TestBudgetsAreRead(t *testing.T) {
	for _, tt := range []struct{ written, want string }{
		{"10MB/day", "10MB/day"}, {"1.5MB/day", ""}, {"512KiB/hour", "512KiB/hour"}, {"1500/hour", "1500B/hour"}, {"3 gb / day", "3GB/day"},
		{"{bytes: 10MB, per: day}", "10MB/day"}, {"{bytes: 2000, per: hour, scope: program}", "2KB/hour for each program"},
		{"10MB", ""}, {"10MB/week", ""}, {"0/day", ""}, {"-1/day", ""}, {"9999999999TB/day", ""}, {"{bytes: 10MB}", ""}, {"[]", ""}, {"{bytes: 1, per: day, scope: user}", ""},
	} {
		p, err := policy.Parse([]byte("allowlist:\n  rules:\n    - host: a.example\n      data_budget: " + tt.written))
		if tt.want == "" {
			if err == nil || !strings.Contains(err.Error(), "line 4: allowlist.rules[0].data_budget") {
				t.Errorf("%s: %v", tt.written, err)
			}
			continue
		}
		if err != nil || p.Rules()[0].Budget.String() != tt.want {
			t.Errorf("%s: %v, %v", tt.written, p.Rules(), err)
		}
	}
	if _, err := policy.Parse([]byte("denylist: {rules: [{host: a.example, data_budget: 1MB/day}]}")); err == nil {
		t.Error("a rule of the denylist has a budget")
	}
}

// Who counts says that a rule's budget is used up; the mode says what that means.
func TestABudgetThatIsUsedUp(t *testing.T) {
	for _, tt := range []struct{ mode, spent, want string }{
		{"strict", "", "allow rule "}, {"strict", "up", "deny data_budget "}, {"strict", "other", "allow rule "},
		{"permissive", "up", "deny data_budget "}, {"audit", "up", "allow data_budget deny"},
	} {
		p := parse(t, "mode: "+tt.mode+"\nallowlist: {rules: [{id: up, host: a.example, data_budget: 1MB/day}, {host: '*.example'}]}")
		d := p.Decide(policy.Request{Host: "a.example", Port: 443, Spent: tt.spent})
		if got := fmt.Sprintf("%s %s %s", d.Result, d.Reason, d.Would); got != tt.want || d.RuleID != "up" || d.Budget.Bytes != 1_000_000 {
			t.Errorf("%s, %q spent: %s %+v, want %s", tt.mode, tt.spent, got, d, tt.want)
		}
	}
}

func TestBudgetsInEditsTestsAndDifferences(t *testing.T) {
	doc, err := policy.Edit([]byte("tests: [{request: 'a.example:443', expect: allow}, {request: 'a.example:443', spent: true, expect: deny, reason: data_budget}]\n"),
		policy.AddRule(policy.Rule{Host: "a.example", Budget: policy.Budget{Bytes: 10_000_000, Per: policy.Day, Scope: policy.PerProgram}}))
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, string(doc))
	for _, r := range p.Test() {
		if !r.Passed {
			t.Errorf("%+v", r)
		}
	}
	less := parse(t, strings.ReplaceAll(string(doc), "10000000", "5000000"))
	if d := policy.Diff(p, less); len(d) != 1 || d[0].Text != "budget from 10MB/day for each program to 5MB/day for each program" {
		t.Errorf("%+v", d)
	}
}

// A dry run counts what was sent, by the hour, in the order in which it was.
func TestADryRunCountsBudgets(t *testing.T) {
	p := parse(t, "allowlist: {rules: [{host: a.example, data_budget: 1000/hour}]}")
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var recorded []policy.Recorded
	for minute, sent := range map[int]int64{0: 400, 10: 500, 20: 200, 30: 0, 70: 900} {
		recorded = append(recorded, policy.Recorded{Request: policy.Request{Time: at.Add(time.Duration(minute) * time.Minute), Host: "a.example", Port: 1}, Result: policy.Allow, Sent: sent})
	}
	o := policy.DryRun(p, recorded)
	var minutes []int
	for _, c := range o.NewlyBlocked {
		minutes = append(minutes, int(c.Recorded.Request.Time.Sub(at).Minutes()))
	}
	if slices.Sort(minutes); !slices.Equal(minutes, []int{20, 30}) || len(o.NewlyAllowed) != 0 || len(o.Notes) != 1 {
		t.Errorf("blocked at %v, %+v", minutes, o)
	}
	if o := policy.DryRun(nil, recorded); len(o.NewlyBlocked) != 5 || o.Notes != nil {
		t.Errorf("without a policy: %+v", o)
	}
}
