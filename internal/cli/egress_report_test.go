package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

var reportNow = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// sample is a report of thirty days.
func sample() *egressReport {
	first := reportNow.Truncate(24*time.Hour).AddDate(0, 0, -29)
	r := newReport(reportNow, first)
	r.Mode, r.Version = "strict", 12
	st := api.EgressStats{}
	for i := range 30 {
		day := first.AddDate(0, 0, i).Format(time.DateOnly)
		n := int64(400 + 37*(i%7)*(i%5))
		st.Days = append(st.Days,
			api.EgressDayCount{Day: day, Decision: "allow", Reason: "rule", Total: n},
			api.EgressDayCount{Day: day, Decision: "deny", Reason: "default_policy", Total: n / 9},
			api.EgressDayCount{Day: day, Decision: "deny", Reason: "leak", Total: int64(i % 4)})
		st.Allowed, st.Denied = st.Allowed+n, st.Denied+n/9+int64(i%4)
	}
	r.byDay(first, 30, st)
	s := newSums()
	for i := range 3000 {
		d := api.EgressDecision{Time: reportNow.Add(-time.Duration(i) * time.Minute), Decision: "allow", Rule: "forge", Host: "api.forge.example", Port: 443, Exe: "/usr/bin/git"}
		switch {
		case i%11 == 0:
			d.Host, d.Decision, d.Reason, d.Rule, d.Exe = "tracker.example", "deny", "default_policy", "", "/opt/agent/bin/node"
		case i%5 == 0:
			d.Host, d.Exe = "registry.example", "/usr/bin/npm"
		case i%701 == 1:
			d.Host, d.Decision, d.Reason = "paste.example", "deny", "leak"
			d.Findings = []api.EgressFinding{{Rule: "github-pat", Redacted: "ghp_****9fK"}}
		}
		s.add(d)
		r.Read++
	}
	r.take(s)
	r.Unused = []reportRule{{"old-partner", 31, "the partner's old address", "last used 2025-11-02"}}
	r.Expiring = []reportRule{{"contractor", 40, "until the audit ends", "expires 2026-03-31"}}
	return r
}

func TestEveryDayIsThereAlsoOneWithoutADecision(t *testing.T) {
	first := reportNow.Truncate(24*time.Hour).AddDate(0, 0, -2)
	r := newReport(reportNow, first)
	r.byDay(first, 3, api.EgressStats{Allowed: 5, Denied: 3, Days: []api.EgressDayCount{
		{Day: "2026-03-12", Decision: "allow", Reason: "rule", Total: 5},
		{Day: "2026-03-14", Decision: "deny", Reason: "leak", Total: 1},
		{Day: "2026-03-14", Decision: "deny", Reason: "default_policy", Total: 2},
		{Day: "2026-01-01", Decision: "deny", Reason: "leak", Total: 9}, // not of these days
	}})
	if want := fmt.Sprint([]reportDay{{"2026-03-12", 5, 0, 0}, {"2026-03-13", 0, 0, 0}, {"2026-03-14", 0, 3, 1}}); fmt.Sprint(r.Days) != want {
		t.Errorf("%v, want %s", r.Days, want)
	}
	if want := fmt.Sprint([]reportCount{{"default_policy", 0, 2}, {"leak", 0, 1}}); fmt.Sprint(r.Reasons) != want {
		t.Errorf("%v, want %s", r.Reasons, want)
	}
}

func TestTheLargestComeFirstAndAreFew(t *testing.T) {
	in := map[string]*reportCount{}
	for i := range 100 {
		count(in, fmt.Sprint("host-", i)).Allowed = int64(i % 50)
	}
	got := top(in)
	if len(got) != mostRows || got[0].Name != "host-49" || got[1].Name != "host-99" || got[2].total() != 48 {
		t.Errorf("%v", got)
	}
}

func TestARuleIsUnusedAfterNinetyDays(t *testing.T) {
	r := newReport(reportNow, reportNow)
	for name, last := range map[string]time.Time{"never": {}, "long ago": reportNow.Add(-91 * 24 * time.Hour), "lately": reportNow.Add(-89 * 24 * time.Hour)} {
		before := len(r.Unused)
		r.judgeUse(reportRule{ID: name}, last)
		if unused := len(r.Unused) > before; unused != (name != "lately") {
			t.Errorf("%s: unused %t", name, unused)
		}
	}
	for range 2 * mostRuleAsked {
		r.list(&r.Unused, reportRule{}, "")
	}
	if len(r.Unused) != mostRuleAsked || r.NotListed != mostRuleAsked+2 {
		t.Errorf("%d listed, %d not", len(r.Unused), r.NotListed)
	}
}

func TestAReportWithoutAnythingHasEmptyLists(t *testing.T) {
	r := newReport(reportNow, reportNow)
	r.byDay(reportNow, 1, api.EgressStats{})
	r.take(newSums())
	text, err := json.Marshal(r)
	if err != nil || bytes.Contains(text, []byte("null")) {
		t.Errorf("%s %v", text, err)
	}
	var page bytes.Buffer
	if err := r.html(&page); err != nil || !strings.Contains(page.String(), "Nothing was asked for in this time.") {
		t.Errorf("%v\n%s", err, page.String())
	}
}

// The page loads nothing, runs nothing, and shows names that somebody else chose
// as the text they are.
func TestThePageNeedsNothingAndObeysNobody(t *testing.T) {
	r := sample()
	const hostile = `<script>alert(1)</script><img src=x onerror=alert(1)>"'` + "\u202e"
	r.Destinations[0].Name, r.Leaks[0].Program, r.Unused[0].Description, r.Reasons[0].Name = hostile, hostile, hostile, hostile
	var page bytes.Buffer
	if err := r.html(&page); err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"<script", "<img", "http://", "https://", "<link", "@import", "url(", "\u202e", "NaN", "Inf"} {
		if strings.Contains(page.String(), never) {
			t.Errorf("the page has %q", never)
		}
	}
	if strings.Count(page.String(), "<rect") != 2*30+2*(len(r.Destinations)+len(r.Programs)+len(r.Blocked)) {
		t.Errorf("%d bars", strings.Count(page.String(), "<rect"))
	}
}

func TestHowFarBackAReportGoes(t *testing.T) {
	for text, want := range map[string]int{"30d": 30, "1d": 1, "366d": 366, "0d": 0, "367d": 0, "30": 0, "d": 0, "-1d": 0, "never": 0} {
		if got, err := parseDays(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d %v", text, got, err)
		}
	}
}
