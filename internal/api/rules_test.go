package api

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/rules/rulestest"
)

// newRules makes the manager of a test's rules: those of rulestest.Builtin.
func newRules(t *testing.T, n *node) *rules.Manager {
	t.Helper()
	m, err := rules.New(rules.Deps{Store: &n.rules, Builtin: rulestest.Builtin, Node: "node-1/rules", Clock: n.clock})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// acmeToken is a secret of the rule acme-token.
func acmeToken() string { return "ACME" + "-" + "a1B2c3D4e5F6g7H8i9J0" }

func TestRulesAreListedAndShown(t *testing.T) {
	n := populate(t, newNode(t))
	n.rules.Hits = map[string]int64{"acme-token": 3}
	list := decode[RuleList](t, n.as(t, auth.Viewer, "GET", "/api/v1/rules", nil))
	if len(list.Items) != 2 || list.Items[0].ID != "acme-token" || list.Items[0].Hits != 3 || list.Items[0].Origin != "builtin" ||
		!list.Items[0].Active || list.Items[1].Active || list.Items[0].Family != "acme" || list.Items[0].UpdatedAt != nil {
		t.Errorf("%+v", list)
	}
	w := n.as(t, auth.Viewer, "GET", "/api/v1/rules/acme-token", nil)
	d := decode[RuleDetail](t, w)
	if d.Regex != `ACME-[A-Za-z0-9]{20}` || d.Positives != 1 || d.Negatives != 1 || d.SecretType != "ACME_TOKEN" || len(d.History) != 0 || d.Recommendation == "" {
		t.Errorf("%+v", d)
	}
	again := n.call(t, request{path: "/api/v1/rules/acme-token", key: n.keys[auth.Viewer], headers: map[string]string{"If-None-Match": w.Header().Get("ETag")}})
	if again.Code != 304 {
		t.Errorf("got %d", again.Code)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/rules/none", nil), 404, "there is no such rule")
}

func TestOfTwoWhoChangeARuleOneIsTold(t *testing.T) {
	n := populate(t, newNode(t, func(d *Deps) {
		d.Redact = func(text string) string { return strings.ReplaceAll(text, acmeToken(), "[redacted]") }
	}))
	tag := n.as(t, auth.Admin, "GET", "/api/v1/rules/acme-token", nil).Header().Get("ETag")
	change := func(body string) (int, string) {
		w := n.call(t, request{method: "PUT", path: "/api/v1/rules/acme-token", key: n.keys[auth.Admin], body: body, headers: map[string]string{"If-Match": tag}})
		return w.Code, w.Body.String()
	}
	if code, body := change(`{"active":false,"severity":"critical","reason":"quotes ` + acmeToken() + `"}`); code != 200 || !strings.Contains(body, `"active":false`) {
		t.Fatalf("%d %s", code, body)
	}
	if code, body := change(`{"active":true}`); code != 412 || !strings.Contains(body, "read it again") {
		t.Errorf("%d %s", code, body)
	}
	d := decode[RuleDetail](t, n.as(t, auth.Viewer, "GET", "/api/v1/rules/acme-token", nil))
	if h := d.History; len(h) != 1 || h[0].DecisionReason != "disabled, severity high -> critical: quotes [redacted]" || *h[0].ApprovedBy != "api-key:key-admin" || !d.Changed || *d.UpdatedBy != "api-key:key-admin" {
		t.Errorf("%+v", d)
	}
}

func TestWhatIsWrongWithARuleIsNamed(t *testing.T) {
	n := populate(t, newNode(t))
	for name, c := range map[string]struct {
		method, path string
		body         any
		status       int
		where        string
	}{
		"regex":        {"PUT", "acme-token", `{"regex":"ACME-("}`, 422, "body.regex: "},
		"severity":     {"PUT", "acme-token", `{"severity":"awful"}`, 422, "body.severity"},
		"unknown":      {"PUT", "acme-token", `{"colour":"red"}`, 422, "body.colour"},
		"not its own":  {"PUT", "acme-token", `{"tags":["x"]}`, 422, "body.tags: "},
		"no such rule": {"PUT", "none", `{"active":true}`, 404, "no such rule"},
		"id taken":     {"POST", "", RuleRequest{ID: "acme-token", RuleDraft: RuleDraft{Regex: "XX-[0-9]{9}"}}, 409, "taken"},
		"no fire":      {"POST", "", RuleRequest{ID: "x", RuleDraft: RuleDraft{Regex: "XX-[0-9]{9}"}, Positives: []string{"XX-1"}}, 422, "body.positives[0]: the rule does not fire on it"},
		"a bad id":     {"POST", "", RuleRequest{ID: "a b", RuleDraft: RuleDraft{Regex: "XX-[0-9]{9}"}}, 422, "body.id: "},
		"builtin":      {"DELETE", "acme-token", nil, 409, "disable this one"},
		"draft":        {"POST", "test", RuleTestRequest{Text: "x", Rule: &RuleDraft{Regex: "("}}, 422, "body.rule.regex: "},
		"long text":    {"POST", "test", RuleTestRequest{Text: strings.Repeat("ä", 40_000)}, 422, "body.text: is longer than 64 KiB"},
		"no rule file": {"POST", "import", RuleImportRequest{Content: "hello"}, 422, "body.content: content:1: "},
		"bad toml":     {"POST", "import", RuleImportRequest{Name: "a.toml", Content: "[[rules]]\nid = "}, 422, "body.content: a.toml:2: "},
	} {
		w := n.as(t, auth.Admin, c.method, strings.TrimSuffix("/api/v1/rules/"+c.path, "/"), c.body)
		p := decode[Problem](t, w)
		if w.Code != c.status || !strings.Contains(p.Detail, c.where) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if audits, _ := n.rules.Told(); len(audits) > 0 {
		t.Errorf("told %v", audits)
	}
}

func TestACustomRuleIsAddedAndRemoved(t *testing.T) {
	n := populate(t, newNode(t))
	w := n.as(t, auth.Admin, "POST", "/api/v1/rules", `{"id":"acme-key","regex":"KEY/[0-9]{12}","description":"Acme key","positives":["KEY/123456789012"]}`)
	d := decode[RuleDetail](t, w)
	if w.Code != 201 || d.Origin != "custom" || d.Severity != "high" || d.Confidence != 0.7 || !d.Active || d.SecretType != "ACME_KEY" || w.Header().Get("ETag") == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	d = decode[RuleDetail](t, n.as(t, auth.Admin, "PUT", "/api/v1/rules/acme-key", `{"tags":["ours"],"allowlist":{"stopwords":["000"]}}`))
	if len(d.Tags) != 1 || len(d.Allowlist.Stopwords) != 1 || d.Regex != "KEY/[0-9]{12}" {
		t.Errorf("%+v", d)
	}
	if w := n.as(t, auth.Admin, "DELETE", "/api/v1/rules/acme-key?reason=done", nil); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	audits, _ := n.rules.Told()
	if len(audits) != 3 || audits[2].Action != "rule.remove" || audits[2].Reason != "done" {
		t.Errorf("%+v", audits)
	}
}

func TestATextIsTriedAndForgotten(t *testing.T) {
	log := &bytes.Buffer{}
	n := populate(t, newNode(t, func(d *Deps) {
		d.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}))
	text := "ä😀 " + acmeToken() + " \u00e4"
	w := n.as(t, auth.Reviewer, "POST", "/api/v1/rules/test", RuleTestRequest{Text: text})
	got := decode[RuleTest](t, w)
	if len(got.Findings) != 1 || len(got.NotScanned) != 0 {
		t.Fatalf("%s", w.Body)
	}
	f := got.Findings[0]
	if f.Rule != "acme-token" || f.Offset != 7 || f.Length != 25 || f.Start != 4 || f.End != 29 || f.Redacted != "ACME****J0" {
		t.Errorf("%+v", f)
	}
	draft := decode[RuleTest](t, n.as(t, auth.Reviewer, "POST", "/api/v1/rules/test", RuleTestRequest{Text: text, Rule: &RuleDraft{Regex: "ACME"}}))
	if len(draft.Findings) != 1 || draft.Findings[0].Rule != "draft" || draft.Findings[0].Severity != "high" || draft.Findings[0].Redacted != "****" {
		t.Errorf("%+v", draft)
	}
	audits, _ := n.rules.Told()
	if strings.Contains(w.Body.String()+log.String(), acmeToken()) || len(audits) > 0 {
		t.Error("the text was kept or sent back")
	}
}

func TestAnImportTellsBeforeItActs(t *testing.T) {
	n := populate(t, newNode(t))
	body := RuleImportRequest{Content: "patterns:\n  A_KEY: {regex: 'AK-[0-9]{12}', severity: HIGH, confidence: 0.9}\n  B_KEY: {regex: '(', severity: LOW, confidence: 0.9}\n", DryRun: true}
	dry := decode[RuleImport](t, n.as(t, auth.Admin, "POST", "/api/v1/rules/import", body))
	if !dry.DryRun || dry.Format != "shhh" || dry.Added != 1 || dry.Refused != 1 || len(dry.Items) != 2 || dry.Items[1].Line != 3 || !strings.Contains(dry.Items[1].Detail, "missing closing )") {
		t.Errorf("%+v", dry)
	}
	if list := decode[RuleList](t, n.as(t, auth.Viewer, "GET", "/api/v1/rules", nil)); len(list.Items) != 2 {
		t.Errorf("a dry run left %d rules", len(list.Items))
	}
	body.DryRun = false
	if res := decode[RuleImport](t, n.as(t, auth.Admin, "POST", "/api/v1/rules/import", body)); res.Added != 1 || res.DryRun {
		t.Errorf("%+v", res)
	}
	if d := decode[RuleDetail](t, n.as(t, auth.Viewer, "GET", "/api/v1/rules/A_KEY", nil)); d.Origin != "imported" || d.Family != "shhh" {
		t.Errorf("%+v", d)
	}
}

// The names of the sentinel's plan lead to the same rules.
func TestPatternsAreRules(t *testing.T) {
	n := populate(t, newNode(t))
	if list := decode[PatternList](t, n.as(t, auth.Viewer, "GET", "/api/v1/patterns", nil)); len(list.Items) != 2 || list.Items[0].Name != "acme-token" {
		t.Errorf("%+v", list)
	}
	p := decode[Pattern](t, n.as(t, auth.Admin, "POST", "/api/v1/patterns/acme-token/update", `{"severity":"CRITICAL","confidence":0.5,"active":false}`))
	if p.Severity != "critical" || p.Confidence != 0.5 || p.Active {
		t.Errorf("%+v", p)
	}
	if p = decode[Pattern](t, n.as(t, auth.Viewer, "GET", "/api/v1/patterns/ACME_TOKEN", nil)); p.Name != "acme-token" { // by its secret type
		t.Errorf("%+v", p)
	}
	w := n.as(t, auth.Admin, "POST", "/api/v1/patterns", `{"name":"TOKEN_2","regex":"T2-[0-9]{12}","severity":"HIGH","confidence":0.9}`)
	if p = decode[Pattern](t, w); w.Code != 201 || p.Name != "TOKEN_2" || !p.Active || p.Confidence != 0.9 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	n.as(t, auth.Admin, "POST", "/api/v1/rules", `{"id":"other","regex":"T3-[0-9]{12}","secret_type":"ACME_TOKEN","description":"x"}`)
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/patterns/ACME_TOKEN", nil), 409, "acme-token, other; name one of them")
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/patterns/none", nil), 404, "no pattern of that name")
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/patterns/none/update", "{}"), 404, "no pattern of that name")
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/patterns/TOKEN_2/update", `{"severity":"awful"}`), 422, "body.severity")
	if w := n.as(t, auth.Admin, "DELETE", "/api/v1/patterns/TOKEN_2", nil); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
