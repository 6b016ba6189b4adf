package sqlstoretest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func ruleScenarios() []scenario {
	return []scenario{
		{"a change is stored with its history, audit record, event and count", testRuleChange},
		{"what rests on an older version is refused whole", testRuleConflict},
		{"a removed rule leaves its history", testRuleRemoved},
		{"texts come back as they were", testRuleTexts},
		{"findings are counted by rule and day", testRuleHits},
	}
}

// ruleChange is a change of one rule to a version.
func ruleChange(t testing.TB, ruleID string, version int64, regex string) rules.Change {
	t.Helper()
	e, err := event.New(event.Header{Time: noon, Source: "node/rules", Severity: event.Info, Subject: ruleID},
		event.RuleApproved{Rule: ruleID, Action: "update", Severity: "high", Active: true, SubmittedBy: "human", ApprovedBy: "ada"})
	must(t, err)
	definition, err := json.Marshal(map[string]string{"regex": regex})
	must(t, err)
	action := "update"
	if version == 1 {
		action = "add"
	}
	return rules.Change{
		Row: rules.Row{RuleID: ruleID, Origin: rules.Custom, Definition: definition, Version: version, UpdatedAt: noon, UpdatedBy: "ada"},
		Was: version - 1,
		History: rules.History{
			ID: id.New(), PatternName: ruleID, NewRegex: &regex, Action: action, Confidence: 0.92, Status: "approved",
			SubmittedBy: "human", ApprovedBy: "ada", DecisionReason: "because", Timestamp: noon,
		},
		Audit: entry("rule." + action), Event: e,
	}
}

func testRuleChange(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, ctx := sqlstore.NewRules(s), storetest.Context(t)
	one := ruleChange(t, "acme", 1, "ACME-[0-9]{9}")
	must(t, r.ChangeRules(ctx, []rules.Change{one}))
	two := ruleChange(t, "acme", 2, "ACME2-[0-9]{9}")
	two.History.OldRegex = one.History.NewRegex
	must(t, r.ChangeRules(ctx, []rules.Change{two}))

	rows, err := r.Rules(ctx)
	must(t, err)
	same(t, "definition", `ACME2-[0-9]{9}`, regexIn(t, rows[0].Definition))
	rows[0].Definition, two.Row.Definition = nil, nil
	same(t, "rows", []rules.Row{two.Row}, rows)
	past, err := r.RuleHistory(ctx, "acme", 10)
	must(t, err)
	same(t, "history", []rules.History{two.History, one.History}, past)
	same(t, "audit log", []string{"rule.add", "rule.update"}, actions(t, s))
	es := events(t, s)
	same(t, "events", []string{"rule.acme.approved", "rule.acme.approved"}, []string{es[0].Topic, es[1].Topic})
	same(t, "patterns updated", int64(2), updated(t, s))
}

func regexIn(t testing.TB, definition json.RawMessage) string {
	t.Helper()
	var d map[string]string
	must(t, json.Unmarshal(definition, &d))
	return d["regex"]
}

func updated(t testing.TB, s *store.Store) (n int64) {
	t.Helper()
	days, err := sqlstore.NewAPI(s).DetectionMetrics(storetest.Context(t), "2026-01-01", "2026-12-31")
	must(t, err)
	for _, d := range days {
		n += d.RulesUpdated
	}
	return n
}

func testRuleConflict(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, ctx := sqlstore.NewRules(s), storetest.Context(t)
	must(t, r.ChangeRules(ctx, []rules.Change{ruleChange(t, "acme", 1, "ACME-[0-9]{9}")}))
	stale := []rules.Change{
		ruleChange(t, "acme", 1, "again"), // there is one already
		ruleChange(t, "acme", 3, "too new"),
		ruleChange(t, "none", 2, "never was"),
	}
	gone := ruleChange(t, "acme", 3, "")
	gone.Remove = true
	for _, c := range append(stale, gone) {
		err := r.ChangeRules(ctx, []rules.Change{ruleChange(t, "other", 1, "OTHER"), c})
		if !errors.Is(err, rules.ErrConflict) {
			t.Errorf("version %d of %s: %v, want ErrConflict", c.Row.Version, c.Row.RuleID, err)
		}
	}
	rows, err := r.Rules(ctx)
	must(t, err)
	if len(rows) != 1 || regexIn(t, rows[0].Definition) != "ACME-[0-9]{9}" {
		t.Errorf("rows %+v", rows)
	}
	same(t, "audit log", []string{"rule.add"}, actions(t, s))
	same(t, "events", 1, len(events(t, s)))
	same(t, "patterns updated", int64(1), updated(t, s))
}

func testRuleRemoved(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, ctx := sqlstore.NewRules(s), storetest.Context(t)
	must(t, r.ChangeRules(ctx, []rules.Change{ruleChange(t, "acme", 1, "ACME-[0-9]{9}")}))
	gone := ruleChange(t, "acme", 2, "")
	gone.Remove, gone.History.Action, gone.History.OldRegex, gone.History.NewRegex = true, "remove", gone.History.NewRegex, nil
	must(t, r.ChangeRules(ctx, []rules.Change{gone}))
	rows, err := r.Rules(ctx)
	must(t, err)
	same(t, "rows", 0, len(rows))
	past, err := r.RuleHistory(ctx, "acme", 1)
	must(t, err)
	same(t, "newest of its history", []rules.History{gone.History}, past)
	must(t, r.ChangeRules(ctx, []rules.Change{ruleChange(t, "acme", 1, "ACME-[0-9]{9}")})) // the id is free again
}

func testRuleTexts(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, ctx := sqlstore.NewRules(s), storetest.Context(t)
	const regex = `(?i)"a\\b'?0 \b\x00[^\s"']{1,9}(?P<secret>\d+)$ 'ä😀` + "`"
	c := ruleChange(t, "acme", 1, regex)
	c.History.DecisionReason = hostile
	must(t, r.ChangeRules(ctx, []rules.Change{c}))
	rows, err := r.Rules(ctx)
	must(t, err)
	same(t, "definition", regex, regexIn(t, rows[0].Definition))
	past, err := r.RuleHistory(ctx, "acme", 1)
	must(t, err)
	same(t, "regex", regex, *past[0].NewRegex)
	same(t, "reason", fitted, past[0].DecisionReason)
	none, err := r.RuleHistory(ctx, hostile, 1)
	must(t, err)
	same(t, "history of nothing", 0, len(none))
}

func testRuleHits(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, ctx := sqlstore.NewRules(s), storetest.Context(t)
	qs := []leak.Quarantine{newQuarantine(1), newQuarantine(2), newQuarantine(3)}
	qs[2].Rule = "aws"
	seed(t, s, qs...)
	seed(t, s, qs[0]) // read twice, counted once
	for from, want := range map[time.Time]map[string]int64{
		noon:                  {"github-pat": 2, "aws": 1},
		noon.AddDate(0, 0, 1): {},
	} {
		hits, err := r.RuleHits(ctx, from.Format(time.DateOnly))
		must(t, err)
		same(t, "hits since "+from.Format(time.DateOnly), want, hits)
	}
}
