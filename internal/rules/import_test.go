package rules_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/rules/rulestest"
)

const gitleaks = `
[[rules]]
id = "acme-token"
regex = '''ACME3-[0-9]{10}'''

[[rules]]
id = "new-one"
description = "new"
regex = '''NEW-[0-9]{10}'''
path = '''\.tf$'''

[[rules]]
id = "perl"
regex = '''(?!x)y'''
`

// told writes items the way a test reads them.
func told(items []rules.Item) string {
	var out []string
	for _, i := range items {
		out = append(out, fmt.Sprintf("%d %s %s", i.Line, i.Action, i.RuleID))
	}
	return strings.Join(out, ", ")
}

func TestAnImportSaysWhatItDoesAndADryRunDoesIt(t *testing.T) {
	db := &rulestest.Memory{}
	m := newManager(t, db)
	const want = "3 refused acme-token, 7 add new-one, 14 refused perl"
	dry := must[rules.ImportResult](t)(m.Import(t.Context(), "/some/where/.gitleaks.toml", []byte(gitleaks), true, ada("")))
	if audits, _ := db.Told(); told(dry.Items) != want || len(audits) > 0 || finds(t, m, "NEW-0123456789") != 0 {
		t.Errorf("dry run: %s", told(dry.Items))
	}
	res := must[rules.ImportResult](t)(m.Import(t.Context(), "/some/where/.gitleaks.toml", []byte(gitleaks), false, ada("ours")))
	if told(res.Items) != want || res.Format != detect.FormatGitleaks || len(res.Notes) != 1 || res.Notes[0].Rule != "new-one" || finds(t, m, "NEW-0123456789") != 1 {
		t.Errorf("import: %s %+v", told(res.Items), res.Notes)
	}
	d := must[rules.Detail](t)(m.Get(t.Context(), "new-one"))
	if d.Origin != rules.Imported || d.From != ".gitleaks.toml" || d.Family != "gitleaks" {
		t.Errorf("%+v", d.Rule)
	}
	if audits, events := db.Told(); len(audits) != 1 || len(events) != 1 || audits[0].Reason != "ours" {
		t.Errorf("told %v %v", audits, events)
	}
}

func TestAnImportAgainChangesWhatIsDifferent(t *testing.T) {
	db := &rulestest.Memory{}
	m := newManager(t, db)
	load := func(text string) string {
		return told(must[rules.ImportResult](t)(m.Import(t.Context(), "a.toml", []byte(text), false, ada(""))).Items)
	}
	const one = "[[rules]]\nid = \"one\"\nregex = '''ONE-[0-9]{10}'''\n"
	if got := load(one); got != "2 add one" {
		t.Error(got)
	}
	if got := load(one); got != "2 unchanged one" {
		t.Error(got)
	}
	must[rules.Rule](t)(m.Update(t.Context(), "one", rules.Edit{Patch: rules.Patch{Active: new(bool)}}, ada("noise")))
	if got := load(strings.Replace(one, "ONE-", "ONE_", 1)); got != "2 update one" || finds(t, m, "ONE_0123456789") != 0 {
		t.Errorf("%s; an import must not enable what an operator disabled", got)
	}
	d := must[rules.Detail](t)(m.Get(t.Context(), "one"))
	if len(d.History) != 3 || d.Active || d.Version != 3 {
		t.Errorf("%+v", d)
	}
}

func TestAFileThatCannotBeReadChangesNothing(t *testing.T) {
	db := &rulestest.Memory{}
	m := newManager(t, db)
	for name, text := range map[string]string{
		"a.toml": "[[rules]]\nid = ", "a.yaml": "rules: [", "a.txt": "hello", "big.yaml": "rules: " + strings.Repeat(" ", 1<<20),
	} {
		_, err := m.Import(t.Context(), name, []byte(text), false, ada(""))
		var input *rules.InputError
		if !errors.As(err, &input) || input.Field != "content" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if audits, _ := db.Told(); len(audits) > 0 {
		t.Errorf("told %v", audits)
	}
}

func TestTryFindsAndKeepsNothing(t *testing.T) {
	db := &rulestest.Memory{}
	m := newManager(t, db)
	found, report, err := m.Try(t.Context(), []byte("x "+token()), nil)
	if err != nil || len(found) != 1 || found[0].Rule.ID != "acme-token" || !report.Complete() {
		t.Errorf("%v %+v %v", found, report, err)
	}
	draft := detect.Rule{ID: "draft", Regex: `x ([A-Z]{4})`, Severity: detect.SeverityLow, Confidence: 0.5}
	found, _, err = m.Try(t.Context(), []byte("x "+token()), &draft)
	if err != nil || len(found) != 1 || found[0].Rule.ID != "draft" {
		t.Errorf("a draft alone: %v %v", found, err)
	}
	draft.Regex = "("
	var input *rules.InputError
	if _, _, err = m.Try(t.Context(), nil, &draft); !errors.As(err, &input) || input.Field != "rule.regex" {
		t.Errorf("%v", err)
	}
	if _, _, err = m.Try(t.Context(), make([]byte, rules.MaxText+1), nil); !errors.As(err, &input) || input.Field != "text" {
		t.Errorf("%v", err)
	}
	if rows, _ := db.Rules(t.Context()); len(rows) > 0 {
		t.Error("something was stored")
	}
}

func TestHitsAndRecommendations(t *testing.T) {
	m := newManager(t, &rulestest.Memory{Hits: map[string]int64{"acme-token": 7}})
	_, hits, err := m.List(t.Context())
	if err != nil || hits["acme-token"] != 7 {
		t.Errorf("%v %v", hits, err)
	}
	if d := must[rules.Detail](t)(m.Get(t.Context(), "acme-token")); d.Hits != 7 {
		t.Errorf("%+v", d)
	}
	if got := m.Recommendation("acme-token") + "|" + m.Recommendation("none"); got != "Revoke it at Acme.|" {
		t.Error(got)
	}
}
