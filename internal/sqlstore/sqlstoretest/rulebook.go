package sqlstoretest

import (
	"errors"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func rulebookScenarios() []scenario {
	return []scenario{
		{"a change is stored with its history, audit record and event", testAnomalyRuleChange},
		{"what rests on an older version is refused whole", testAnomalyRuleConflict},
		{"a removed rule leaves its history", testAnomalyRuleRemoved},
		{"anomalies are counted by rule", testAnomalyRuleHits},
		{"what was recorded is read in a stretch of time", testAnomalyRulePast},
	}
}

// anomalyRuleChange is a change of one rule to a version.
func anomalyRuleChange(t testing.TB, ruleID string, version int64, text string) rulebook.Change {
	t.Helper()
	e, err := event.New(event.Header{Time: noon, Source: "node/anomaly", Severity: event.Info, Subject: ruleID},
		event.AnomalyRuleChanged{Rule: ruleID, Action: "update", Change: "other details", Enabled: true, Severity: "high", ChangedBy: "ada"})
	must(t, err)
	return rulebook.Change{
		Row: rulebook.Row{RuleID: ruleID, Origin: rulebook.Custom, Text: text, Enabled: version%2 == 1, Version: version, UpdatedAt: noon, UpdatedBy: "ada"},
		Was: version - 1, Audit: entry("anomaly_rule.update"), Event: e,
		Step: rulebook.Step{ID: id.New(), RuleID: ruleID, Action: "update", What: "other details", NewText: &text, Who: "ada", Reason: hostile, At: noon},
	}
}

func testAnomalyRuleChange(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, ctx := sqlstore.NewRulebook(s), storetest.Context(t)
	one := anomalyRuleChange(t, "vpn", 1, "id: vpn\n# 'ä😀\"\non: [auth_failed]\n")
	must(t, r.ChangeAnomalyRule(ctx, one))
	two := anomalyRuleChange(t, "vpn", 2, "id: vpn\n")
	two.Step.OldText = one.Step.NewText
	must(t, r.ChangeAnomalyRule(ctx, two))
	off := anomalyRuleChange(t, "filed", 1, "")
	off.Row.Origin, off.Row.Enabled, off.Step.NewText = rulebook.File, false, nil
	must(t, r.ChangeAnomalyRule(ctx, off))

	rows, err := r.AnomalyRules(ctx)
	must(t, err)
	same(t, "rows", []rulebook.Row{off.Row, two.Row}, rows)
	past, err := r.AnomalyRuleHistory(ctx, "vpn", 10)
	must(t, err)
	one.Step.Reason, two.Step.Reason = fitted, fitted
	same(t, "history", []rulebook.Step{two.Step, one.Step}, past)
	same(t, "audit log", 3, len(actions(t, s)))
	es := events(t, s)
	same(t, "topics", []string{"rule.vpn.changed", "rule.vpn.changed", "rule.filed.changed"}, []string{es[0].Topic, es[1].Topic, es[2].Topic})
}

func testAnomalyRuleConflict(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, ctx := sqlstore.NewRulebook(s), storetest.Context(t)
	must(t, r.ChangeAnomalyRule(ctx, anomalyRuleChange(t, "vpn", 1, "first")))
	gone := anomalyRuleChange(t, "vpn", 3, "")
	gone.Remove = true
	for _, c := range []rulebook.Change{
		anomalyRuleChange(t, "vpn", 1, "again"), anomalyRuleChange(t, "vpn", 3, "too new"), anomalyRuleChange(t, "none", 2, "never was"), gone,
	} {
		if err := r.ChangeAnomalyRule(ctx, c); !errors.Is(err, rulebook.ErrConflict) {
			t.Errorf("version %d of %s: %v, want ErrConflict", c.Row.Version, c.Row.RuleID, err)
		}
	}
	rows, err := r.AnomalyRules(ctx)
	must(t, err)
	if len(rows) != 1 || rows[0].Text != "first" {
		t.Errorf("rows %+v", rows)
	}
	same(t, "audit log", 1, len(actions(t, s)))
	same(t, "events", 1, len(events(t, s)))
}

func testAnomalyRuleRemoved(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, ctx := sqlstore.NewRulebook(s), storetest.Context(t)
	must(t, r.ChangeAnomalyRule(ctx, anomalyRuleChange(t, "vpn", 1, "first")))
	gone := anomalyRuleChange(t, "vpn", 2, "")
	gone.Remove, gone.Step.Action, gone.Step.NewText = true, "remove", nil
	must(t, r.ChangeAnomalyRule(ctx, gone))
	rows, err := r.AnomalyRules(ctx)
	must(t, err)
	same(t, "rows", 0, len(rows))
	past, err := r.AnomalyRuleHistory(ctx, "vpn", 1)
	must(t, err)
	gone.Step.Reason = fitted
	same(t, "newest of its history", []rulebook.Step{gone.Step}, past)
	must(t, r.ChangeAnomalyRule(ctx, anomalyRuleChange(t, "vpn", 1, "the id is free again")))
}

func testAnomalyRuleHits(t *testing.T, s *store.Store, _ *clock.Fake) {
	r, db := sqlstore.NewRulebook(s), sqlstore.NewAnomalies(s)
	var all []anomaly.Change
	for n := 1; n <= 5; n++ {
		e := episode(n, "203.0.113.9")
		e.Kind, e.OpenedAt = "vpn", noon.Add(time.Duration(n)*time.Minute)
		all = append(all, anomaly.Change{Episode: over(e, noon.Add(time.Hour)), Fresh: true})
	}
	all[4].Episode.Kind = "other"
	must(t, commitFrom(t, db, 0, all...))
	got, err := r.AnomaliesOf(storetest.Context(t), []string{"vpn", "quiet", hostile})
	must(t, err)
	same(t, "hits", map[string]rulebook.Hits{"vpn": {Opened: 4, Last: noon.Add(4 * time.Minute)}}, got)
	none, err := r.AnomaliesOf(storetest.Context(t), nil)
	must(t, err)
	same(t, "of no rule", 0, len(none))
}

func testAnomalyRulePast(t *testing.T, s *store.Store, now *clock.Fake) {
	ctx := storetest.Context(t)
	for range 4 {
		e, err := event.New(event.Header{Time: now.Now(), Source: "n/ingest", Subject: "1 record"},
			event.RecordsReceived{Records: []event.SecurityRecord{{Kind: event.RecordAuthFailed, Time: now.Now(), SourceIP: "203.0.113.9"}}})
		must(t, err)
		must(t, storetest.Emit(ctx, s, e))
		now.Advance(24 * time.Hour)
	}
	var got []time.Time
	must(t, sqlstore.NewRulebook(s).EachEvent(ctx, event.TopicRecordsReceived, noon.Add(24*time.Hour), noon.Add(72*time.Hour), func(e event.Event, _ int) bool {
		got = append(got, e.Time)
		return true
	}))
	same(t, "times", []time.Time{noon.Add(24 * time.Hour), noon.Add(48 * time.Hour)}, got)
}
