package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
)

// vpnGuessing is a rule as operators write it.
const vpnGuessing = "id: vpn_guessing\n# few users\non: [auth_failed]\nwhen: attributes.service == \"vpn\"\nthreshold: 3\nwindow: 10m\nseverity: high\n"

// newRulebook makes a test's anomaly rules: vpn_guessing.
func newRulebook(t *testing.T, n *node) *rulebook.Manager {
	t.Helper()
	n.book.Put(rulebook.Row{RuleID: "vpn_guessing", Origin: rulebook.Custom, Text: vpnGuessing, Enabled: true, Version: 1, UpdatedAt: noon(), UpdatedBy: "ada"})
	m, err := rulebook.New(rulebook.Deps{Store: &n.book, Past: &n.book, Node: "node-1/anomaly", Clock: n.clock})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// vpnFailed is a failed login that vpn_guessing is about.
func vpnFailed(from string) event.SecurityRecord {
	return event.SecurityRecord{Kind: event.RecordAuthFailed, SourceIP: from, User: "root", Attributes: map[string]string{"service": "vpn"}}
}

func TestAnomalyRulesAreListedAndShown(t *testing.T) {
	n := populate(t, newNode(t))
	n.book.Hits = map[string]rulebook.Hits{"vpn_guessing": {Opened: 7, Last: noon()}}
	list := decode[AnomalyRuleList](t, n.as(t, auth.Viewer, "GET", "/api/v1/anomaly/rules", nil))
	if len(list.Items) != 1 || list.MaxCost == 0 || list.Refused != "" {
		t.Fatalf("%+v", list)
	}
	r := list.Items[0]
	if r.ID != "vpn_guessing" || r.Words != "3 auth_failed from one address within 10 minutes" || r.Steps[0].When != `attributes.service == "vpn"` || r.By != "ip" || r.Form != "threshold" ||
		r.Window != 600 || r.Severity != "high" || r.Origin != "custom" || !r.Enabled || r.Problem != "" || r.Opened != 7 || !r.LastOpenedAt.Equal(noon()) || r.Cost == 0 || *r.UpdatedBy != "ada" {
		t.Errorf("%+v", r)
	}
	w := n.as(t, auth.Viewer, "GET", "/api/v1/anomaly/rules/vpn_guessing", nil)
	if d := decode[AnomalyRuleDetail](t, w); d.Text != vpnGuessing || len(d.History) != 0 {
		t.Errorf("%+v", d)
	}
	again := n.call(t, request{path: "/api/v1/anomaly/rules/vpn_guessing", key: n.keys[auth.Viewer], headers: map[string]string{"If-None-Match": w.Header().Get("ETag")}})
	if again.Code != 304 {
		t.Errorf("got %d", again.Code)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/anomaly/rules/none", nil), 404, "no such anomaly rule")
}

func TestAnAnomalyRuleIsAddedChangedSwitchedAndRemoved(t *testing.T) {
	n := populate(t, newNode(t))
	w := n.as(t, auth.Admin, "POST", "/api/v1/anomaly/rules", AnomalyRuleRequest{Text: "id: mine\non: [rate_limited]\nthreshold: 5", Reason: "to see"})
	if d := decode[AnomalyRuleDetail](t, w); w.Code != 201 || d.ID != "mine" || !d.Enabled || len(d.History) != 1 || d.History[0].Reason != "to see" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	d := decode[AnomalyRuleDetail](t, n.as(t, auth.Admin, "PUT", "/api/v1/anomaly/rules/mine", AnomalyRuleUpdate{Text: new("id: mine\non: [rate_limited]\nthreshold: 9")}))
	if d.Count != 9 || d.History[0].What != "5 rate_limited from one address within 5 minutes -> 9 rate_limited from one address within 5 minutes" {
		t.Errorf("%+v", d)
	}
	if d = decode[AnomalyRuleDetail](t, n.as(t, auth.Admin, "PUT", "/api/v1/anomaly/rules/mine", AnomalyRuleUpdate{Enabled: new(false)})); d.Enabled || d.History[0].What != "switched off" {
		t.Errorf("%+v", d)
	}
	if w := n.as(t, auth.Admin, "DELETE", "/api/v1/anomaly/rules/mine?reason=done", nil); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	audits, events := n.book.Told()
	if len(audits) != 4 || len(events) != 4 || audits[3].Action != "anomaly_rule.remove" || audits[3].Reason != "done" || events[3].Topic != "rule.mine.changed" {
		t.Errorf("%+v %+v", audits, events)
	}
}

// Of two people who edit the same rule, the second is told.
func TestOfTwoWhoChangeAnAnomalyRuleOneIsTold(t *testing.T) {
	n := populate(t, newNode(t))
	tag := n.as(t, auth.Admin, "GET", "/api/v1/anomaly/rules/vpn_guessing", nil).Header().Get("ETag")
	change := func(method string, body any) int {
		return n.call(t, request{method: method, path: "/api/v1/anomaly/rules/vpn_guessing", key: n.keys[auth.Admin], body: body, headers: map[string]string{"If-Match": tag}}).Code
	}
	if code := change("PUT", AnomalyRuleUpdate{Text: new(strings.Replace(vpnGuessing, "3", "4", 1))}); code != 200 {
		t.Fatalf("got %d", code)
	}
	if code := change("PUT", AnomalyRuleUpdate{Text: new(strings.Replace(vpnGuessing, "3", "5", 1))}); code != 412 {
		t.Errorf("a change that rests on an older version: %d", code)
	}
	if code := change("DELETE", nil); code != 412 {
		t.Errorf("likewise of a removal: %d", code)
	}
}

func TestWhatIsWrongWithAnAnomalyRuleIsNamed(t *testing.T) {
	n := populate(t, newNode(t))
	since := func(ago time.Duration) *time.Time { return new(noon().Add(-ago)) }
	good := "id: new\non: [auth_failed]\nthreshold: 5"
	for name, c := range map[string]struct {
		method, path string
		body         any
		status       int
		where        string
	}{
		"an unknown key":          {"POST", "", AnomalyRuleRequest{Text: good + "\ncolour: red"}, 422, `body.text: line 4: unknown field "colour"`},
		"a condition":             {"POST", "", AnomalyRuleRequest{Text: good + "\nwhen: usr == ''"}, 422, "body.text: line 4: when: column 1: undeclared reference to 'usr'"},
		"too dear":                {"POST", "", AnomalyRuleRequest{Text: good + "\nwhen: attributes.exists(k, attributes[k].contains('aaaaaaaaaaaaaaaaaaaaa'))"}, 422, "body.text: line 4: when: it may cost too much"},
		"a kind":                  {"POST", "", AnomalyRuleRequest{Text: strings.Replace(good, "new", "brute_force", 1)}, 422, "body.text: id: brute_force is a kind"},
		"taken":                   {"POST", "", AnomalyRuleRequest{Text: vpnGuessing}, 409, "taken"},
		"another id":              {"PUT", "/vpn_guessing", AnomalyRuleUpdate{Text: &good}, 422, "body.text: its id is"},
		"none":                    {"PUT", "/none", AnomalyRuleUpdate{Enabled: new(true)}, 404, "no such anomaly rule"},
		"a draft":                 {"POST", "/try", AnomalyTryRequest{Text: "id: a", Since: since(time.Hour)}, 422, "body.text: line 1: id: give one of"},
		"nothing to try it on":    {"POST", "/try", AnomalyTryRequest{Text: good}, 422, "body.since: give records"},
		"both":                    {"POST", "/try", AnomalyTryRequest{Text: good, Records: "{}", Since: since(time.Hour)}, 422, "body.records: give either"},
		"a stretch too long":      {"POST", "/try", AnomalyTryRequest{Text: good, Since: since(8 * 24 * time.Hour)}, 422, "body.since: the stretch is longer than 7 days"},
		"a stretch that is empty": {"POST", "/try", AnomalyTryRequest{Text: good, Since: since(-time.Hour)}, 422, "body.since: it is not before"},
		"no record":               {"POST", "/try", AnomalyTryRequest{Text: good, Records: "\n{\"kind\": \"weather\"}"}, 422, `body.records: line 2: it is no record: kind "weather"`},
		"no address":              {"POST", "/try", AnomalyTryRequest{Text: good, Records: `{"kind": "auth_failed", "source_ip": "here"}`}, 422, `body.records: record 1: source_ip "here"`},
	} {
		w := n.as(t, auth.Admin, c.method, "/api/v1/anomaly/rules"+c.path, c.body)
		if p := decode[Problem](t, w); w.Code != c.status || !strings.Contains(p.Detail, c.where) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if audits, _ := n.book.Told(); len(audits) > 0 {
		t.Errorf("told %v", audits)
	}
}

// A draft is compared with the rule that it would replace, and nothing of it is kept.
func TestADraftIsTriedOnWhatWasRecorded(t *testing.T) {
	n := populate(t, newNode(t))
	for i := range 12 {
		at := noon().Add(time.Duration(i-60) * time.Minute)
		r := vpnFailed(fmt.Sprintf("203.0.113.%d", i%2))
		r.Time = at
		if err := n.book.Record(at, r); err != nil {
			t.Fatal(err)
		}
	}
	body := AnomalyTryRequest{Text: strings.Replace(vpnGuessing, "threshold: 3", "threshold: 6", 1), Since: new(noon().Add(-2 * time.Hour))}
	got := decode[AnomalyTry](t, n.as(t, auth.Reviewer, "POST", "/api/v1/anomaly/rules/try", body))
	if got.Rule != "vpn_guessing" || got.Records != 12 || got.Cut != "" || got.Draft.Matched != 12 || got.Draft.Opened != 0 || got.Draft.Threshold != 6 || len(got.Draft.Episodes) != 0 {
		t.Errorf("the draft: %+v", got)
	}
	now := got.Now
	if now == nil || now.Opened != 2 || !now.Runs || now.Threshold != 3 || len(now.Episodes) != 2 || now.Episodes[0].Key != "203.0.113.0" || now.Episodes[0].ClosedAt == nil {
		t.Errorf("the rule as it stands: %+v", now)
	}
	audits, events := n.book.Told()
	if d := decode[AnomalyRuleDetail](t, n.as(t, auth.Viewer, "GET", "/api/v1/anomaly/rules/vpn_guessing", nil)); len(audits)+len(events) > 0 || d.Count != 3 {
		t.Error("a try left something")
	}
}

// Records that are given may hold anything, as those that programs send.
func TestADraftIsTriedOnRecordsThatAreGiven(t *testing.T) {
	n := populate(t, newNode(t, func(d *Deps) {
		d.Redact = func(text string) string { return strings.ReplaceAll(text, acmeToken(), "[redacted]") }
	}))
	line := `{"kind": "auth_failed", "source_ip": "203.0.113.9", "user": "` + acmeToken() + `"}` + "\n"
	body := AnomalyTryRequest{Text: "id: new\non: [auth_failed]\nthreshold: 2\nby: user", Records: strings.Repeat(line, 3)}
	w := n.as(t, auth.Reviewer, "POST", "/api/v1/anomaly/rules/try", body)
	got := decode[AnomalyTry](t, w)
	if w.Code != 200 || got.Now != nil || got.Records != 3 || got.Draft.Opened != 1 || got.Draft.Episodes[0].ClosedAt != nil || got.Draft.Episodes[0].Count != 3 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), acmeToken()) {
		t.Error("the answer holds a secret")
	}
}
