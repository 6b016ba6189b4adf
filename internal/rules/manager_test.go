package rules_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/rules/rulestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

// token is a secret of the rule acme-token.
func token() string { return "ACME" + "-" + "a1B2c3D4e5F6g7H8i9J0" }

func ada(reason string) rules.Decision {
	return rules.Decision{Who: auth.Principal{Kind: auth.KindUser, Name: "ada", Role: auth.Admin}, Reason: reason}
}

func newManager(t *testing.T, db *rulestest.Memory, change ...func(*rules.Deps)) *rules.Manager {
	t.Helper()
	d := rules.Deps{Store: db, Builtin: rulestest.Builtin, Node: "node-1/rules", Clock: clock.NewFake(noon())}
	for _, f := range change {
		f(&d)
	}
	m, err := rules.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// finds is how many secrets the rules in force find in a text.
func finds(t *testing.T, m *rules.Manager, text string) int {
	t.Helper()
	s, err := m.Scanner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, _ := s.FindAll([]byte(text))
	return len(found)
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestAChangeHoldsAtOnceInTheRunningScanner(t *testing.T) {
	m := newManager(t, &rulestest.Memory{})
	scanner := must[*detect.Scanner](t)(m.Scanner(t.Context())) // as the sensor was given it
	r := must[rules.Rule](t)(m.Update(t.Context(), "acme-token", rules.Edit{Patch: rules.Patch{Active: new(bool)}}, ada("noise")))
	if found, _ := scanner.FindAll([]byte(token())); len(found) != 0 || r.Active || !r.Changed || r.Version != 1 || r.UpdatedBy != "ada" {
		t.Errorf("%d findings, rule %+v", len(found), r)
	}
	r = must[rules.Rule](t)(m.Update(t.Context(), "acme-token", rules.Edit{Reset: true}, ada("")))
	if found, _ := scanner.FindAll([]byte(token())); len(found) != 1 || !r.Active || r.Changed || r.Version != 2 {
		t.Errorf("%d findings after the reset, rule %+v", len(found), r)
	}
}

func TestEveryChangeIsToldWithWhoAndWhy(t *testing.T) {
	db := &rulestest.Memory{}
	m := newManager(t, db)
	critical, regex := detect.SeverityCritical, `ACME-[A-Z]{20}`
	must[rules.Rule](t)(m.Update(t.Context(), "acme-token", rules.Edit{Patch: rules.Patch{Severity: &critical, Regex: &regex}}, ada("upper case only")))
	d := must[rules.Detail](t)(m.Get(t.Context(), "acme-token"))
	h := d.History[0]
	if len(d.History) != 1 || h.Action != "update" || *h.OldRegex != `ACME-[A-Za-z0-9]{20}` || *h.NewRegex != regex || h.Confidence != 0.9 ||
		h.Status != "approved" || h.SubmittedBy != "human" || h.ApprovedBy != "ada" || !h.Timestamp.Equal(noon()) ||
		h.DecisionReason != "severity high -> critical, another regex: upper case only" {
		t.Errorf("history %+v", h)
	}
	audits, events := db.Told()
	if len(audits) != 1 || audits[0].Action != "rule.update" || audits[0].Target != "acme-token" || audits[0].Actor.Name != "ada" ||
		audits[0].Reason != "upper case only" || !strings.Contains(string(audits[0].Before), `"high"`) || !strings.Contains(string(audits[0].After), `"critical"`) {
		t.Errorf("audit %+v", audits)
	}
	var p event.RuleApproved
	if len(events) != 1 || events[0].Topic != "rule.acme-token.approved" || events[0].Source != "node-1/rules" || events[0].Decode(&p) != nil ||
		p.Rule != "acme-token" || p.Severity != "critical" || !p.Active || p.ApprovedBy != "ada" || p.Reason != "upper case only" {
		t.Errorf("events %+v %+v", events, p)
	}
}

func TestWhatIsNoChangeIsNotTold(t *testing.T) {
	db := &rulestest.Memory{}
	m := newManager(t, db)
	yes := true
	must[rules.Rule](t)(m.Update(t.Context(), "acme-token", rules.Edit{Patch: rules.Patch{Active: &yes}}, ada("")))
	if audits, events := db.Told(); len(audits)+len(events) > 0 {
		t.Errorf("told %v %v", audits, events)
	}
}

func TestABadRegexIsRefusedAndTheOldOneHoldsOn(t *testing.T) {
	db := &rulestest.Memory{}
	m := newManager(t, db)
	for name, c := range map[string]struct {
		edit  rules.Edit
		field string
	}{
		"unbalanced":  {rules.Edit{Patch: rules.Patch{Regex: ptr(`ACME-(`)}}, "regex"},
		"look-ahead":  {rules.Edit{Patch: rules.Patch{Regex: ptr(`ACME-(?=x)y`)}}, "regex"},
		"too large":   {rules.Edit{Patch: rules.Patch{Regex: ptr("ACME-" + strings.Repeat("[a-z]{900}", 30))}}, "regex"},
		"confidence":  {rules.Edit{Patch: rules.Patch{Confidence: ptr(1.5)}}, "confidence"},
		"not its own": {rules.Edit{Description: ptr("mine")}, "description"},
		"a secret":    {rules.Edit{Patch: rules.Patch{Regex: ptr(token())}}, "regex"},
	} {
		_, err := m.Update(t.Context(), "acme-token", c.edit, ada(""))
		var input *rules.InputError
		if !errors.As(err, &input) || input.Field != c.field || strings.Contains(err.Error(), token()) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if audits, _ := db.Told(); len(audits) > 0 || finds(t, m, token()) != 1 {
		t.Errorf("%d changes told, %d findings", len(audits), finds(t, m, token()))
	}
}

func ptr[T any](v T) *T { return &v }

func acmeKey() detect.Rule {
	return detect.Rule{ID: "acme.key", Description: "Acme key", Regex: `KEY/[0-9]{12}`, Severity: detect.SeverityHigh, Confidence: 0.8, Active: true}
}

func TestACustomRuleComesAndGoes(t *testing.T) {
	db := &rulestest.Memory{}
	m := newManager(t, db)
	r := acmeKey()
	r.Positives, r.Negatives = []string{"KEY/123456789012"}, []string{"KEY/1"}
	added := must[rules.Rule](t)(m.Add(t.Context(), r, ada("")))
	if added.Origin != rules.Custom || added.SecretType != "ACME_KEY" || len(added.Positives) > 0 || finds(t, m, "KEY/123456789012") != 1 {
		t.Errorf("%+v", added)
	}
	rows, _ := db.Rules(t.Context())
	if len(rows) != 1 || strings.Contains(string(rows[0].Definition), "123456789012") {
		t.Errorf("the examples are stored: %s", rows[0].Definition)
	}
	if _, err := m.Add(t.Context(), acmeKey(), ada("")); !errors.Is(err, rules.ErrExists) {
		t.Errorf("a second one: %v", err)
	}
	must[rules.Rule](t)(m.Update(t.Context(), "acme.key", rules.Edit{Description: ptr("ours"), Patch: rules.Patch{Regex: ptr(`KEY/[0-9]{6}`)}}, ada("")))
	if err := m.Remove(t.Context(), "acme.key", ada("gone")); err != nil || finds(t, m, "KEY/123456789012") != 0 {
		t.Errorf("%v", err)
	}
	_, events := db.Told()
	if len(events) != 3 || events[2].Topic != "rule.acme-key.approved" { // a dot would be a separator
		t.Errorf("events %+v", events)
	}
	past, _ := db.RuleHistory(t.Context(), "acme.key", 10)
	if len(past) != 3 || past[0].Action != "remove" || past[0].NewRegex != nil || *past[0].OldRegex != `KEY/[0-9]{6}` || past[2].OldRegex != nil {
		t.Errorf("history %+v", past)
	}
}

func TestACustomRuleIsTriedOnItsExamples(t *testing.T) {
	m := newManager(t, &rulestest.Memory{})
	for field, change := range map[string]func(*detect.Rule){
		"positives[1]": func(r *detect.Rule) { r.Positives = []string{"KEY/123456789012", "KEY/1"} },
		"negatives[0]": func(r *detect.Rule) { r.Negatives = []string{"KEY/123456789012"} },
		"id":           func(r *detect.Rule) { r.ID = strings.Repeat("a", 129) },
		"keywords":     func(r *detect.Rule) { r.Keywords = []string{"k"} },
		"description":  func(r *detect.Rule) { r.Description = "finds " + token() },
	} {
		r := acmeKey()
		change(&r)
		_, err := m.Add(t.Context(), r, ada(""))
		var input *rules.InputError
		if !errors.As(err, &input) || input.Field != field {
			t.Errorf("%s: error %v", field, err)
		}
	}
}

func TestBuiltinRulesAreNotRemoved(t *testing.T) {
	m := newManager(t, &rulestest.Memory{})
	if err := m.Remove(t.Context(), "acme-token", ada("")); !errors.Is(err, rules.ErrNotOwn) {
		t.Errorf("%v", err)
	}
	if err := m.Remove(t.Context(), "none", ada("")); !errors.Is(err, rules.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// Two nodes share a store. What one changes the other has after a look; and
// what rests on an older version is refused.
func TestNodesFollowEachOther(t *testing.T) {
	db := &rulestest.Memory{}
	one, two := newManager(t, db), newManager(t, db)
	if finds(t, two, token()) != 1 {
		t.Fatal("not found before the change")
	}
	must[rules.Rule](t)(one.Update(t.Context(), "acme-token", rules.Edit{Patch: rules.Patch{Active: new(bool)}}, ada("")))
	if finds(t, two, token()) != 1 {
		t.Error("the other node knows before it looked")
	}
	if err := two.Follow(t.Context()); err != nil || finds(t, two, token()) != 0 {
		t.Errorf("%v, %d findings after the look", err, finds(t, two, token()))
	}
	must[rules.Rule](t)(one.Update(t.Context(), "acme-token", rules.Edit{Reset: true}, ada("")))
	seen := int64(-1)
	d := ada("")
	d.Check = func(now rules.Rule) error { seen = now.Version; return nil }
	must[rules.Rule](t)(two.Update(t.Context(), "acme-token", rules.Edit{Patch: rules.Patch{Confidence: ptr(0.5)}}, d))
	if seen != 2 {
		t.Errorf("the second node decided on version %d, want 2", seen)
	}
}

func TestRunFollowsWhenItIsWoken(t *testing.T) {
	db := &rulestest.Memory{}
	wake := make(chan struct{})
	left := false
	one := newManager(t, db)
	two := newManager(t, db, func(d *rules.Deps) { d.Wake = func() (<-chan struct{}, func()) { return wake, func() { left = true } } })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- two.Run(ctx) }()
	wake <- struct{}{} // Run has had its first look
	must[rules.Rule](t)(one.Update(t.Context(), "acme-token", rules.Edit{Patch: rules.Patch{Active: new(bool)}}, ada("")))
	wake <- struct{}{}
	wake <- struct{}{} // the look that the one before led to is over
	if finds(t, two, token()) != 0 {
		t.Error("the change was not followed")
	}
	cancel()
	if err := <-done; err != nil || !left {
		t.Errorf("Run ended with %v, left %v", err, left)
	}
}

func TestAStoreThatIsAwayKeepsTheOldRules(t *testing.T) {
	db, log := &rulestest.Memory{}, &bytes.Buffer{}
	m := newManager(t, db, func(d *rules.Deps) { d.Log = slog.New(slog.NewTextHandler(log, nil)) })
	if finds(t, m, token()) != 1 {
		t.Fatal("not found")
	}
	db.Fail(errors.New("store is away"))
	if _, err := m.Update(t.Context(), "acme-token", rules.Edit{Patch: rules.Patch{Active: new(bool)}}, ada("")); err == nil {
		t.Error("a change was taken that nobody stored")
	}
	if err := m.Reload(t.Context()); err == nil || finds(t, m, token()) != 1 {
		t.Errorf("reload: %v", err)
	}
	db.Fail(nil)
	if err := m.Reload(t.Context()); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const shhh = "patterns:\n  acme-token:\n    regex: 'ACME2-[0-9]{10}'\n    severity: LOW\n    confidence: 0.9\n  OTHER:\n    regex: 'OTH-[0-9]{10}'\n    severity: HIGH\n    confidence: 0.9\n"

func TestFilesOfTheConfigurationAreReadAgain(t *testing.T) {
	file := write(t, "patterns.yaml", shhh)
	m := newManager(t, &rulestest.Memory{}, func(d *rules.Deps) { d.Config = rules.Config{Files: []string{file}, Disable: []string{"OTHER"}} })
	if finds(t, m, token()) != 0 || finds(t, m, "ACME2-0123456789") != 1 || finds(t, m, "OTH-0123456789") != 0 {
		t.Error("the file's rule does not stand in for the builtin one, or the disabled one is run")
	}
	all, _, err := m.List(t.Context())
	if err != nil || len(all) != 3 || all[0].Origin != rules.File || all[0].From != file || !all[2].Held || all[2].Active {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := m.Update(t.Context(), "OTHER", rules.Edit{Patch: rules.Patch{Active: ptr(true)}}, ada("")); !errors.Is(err, rules.ErrHeld) {
		t.Errorf("enabling what the configuration disables: %v", err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(shhh, "OTH-[", "OTH-([", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), file+":7: ") || !strings.Contains(err.Error(), "missing closing )") || finds(t, m, "ACME2-0123456789") != 1 {
		t.Errorf("a bad file: %v", err)
	}
	if err := m.Configure(t.Context(), rules.Config{}); err != nil || finds(t, m, token()) != 1 {
		t.Errorf("without files: %v", err)
	}
	if err := m.Configure(t.Context(), rules.Config{Disable: []string{"no-such"}}); err == nil || !strings.Contains(err.Error(), `"no-such"`) {
		t.Errorf("disabling what is not there: %v", err)
	}
}

// What another version of the program left must not switch detection off.
func TestARowThatThisVersionDoesNotTakeIsSaidAndLeftOut(t *testing.T) {
	db := &rulestest.Memory{}
	for id, row := range map[string]rules.Row{
		"acme-token": {Origin: rules.Builtin, Definition: json.RawMessage(`{"regex":"("}`)},
		"mine":       {Origin: rules.Custom, Definition: json.RawMessage(`{"regex":"(","severity":"high","confidence":0.9,"active":true}`)},
		"gone":       {Origin: rules.Builtin, Definition: json.RawMessage(`{"active":false}`)},
	} {
		row.RuleID, row.Version, row.UpdatedAt = id, 1, noon()
		db.Put(row)
	}
	m := newManager(t, db)
	if finds(t, m, token()) != 1 {
		t.Error("the builtin rule is not run as it is built in")
	}
	for _, id := range []string{"acme-token", "mine"} {
		if d, err := m.Get(t.Context(), id); err != nil || d.Problem == "" {
			t.Errorf("%s: %+v, %v", id, d.Rule, err)
		}
	}
	if _, err := m.Get(t.Context(), "gone"); !errors.Is(err, rules.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// A rule whose own text a rule finds can be switched off all the same: what is
// new in it is looked at, not what it said before.
func TestARuleThatFindsItselfCanBeDisabled(t *testing.T) {
	m := newManager(t, &rulestest.Memory{}, func(d *rules.Deps) {
		d.Builtin = func() ([]detect.Rule, error) {
			return []detect.Rule{{ID: "fixed", Regex: "prefix-[a-z]{0,4}12345678", Severity: detect.SeverityHigh, Confidence: 0.9, Active: true},
				{ID: "prefix", Regex: `prefix-\[a-z`, Severity: detect.SeverityHigh, Confidence: 0.9, Active: true}}, nil
		}
	})
	if r, err := m.Update(t.Context(), "fixed", rules.Edit{Patch: rules.Patch{Active: new(bool)}}, ada("")); err != nil || r.Active {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := m.Update(t.Context(), "fixed", rules.Edit{Patch: rules.Patch{Regex: ptr("prefix-[a-z]{0,5}12345678")}}, ada("")); err == nil {
		t.Error("a new regex was not looked at")
	}
}
