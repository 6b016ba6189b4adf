package sqlstoretest

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func quarantineScenarios() []scenario {
	return []scenario{
		{"every combination of filters gives what it says, newest first", testQuarantineFilters},
		{"pages follow each other without gap or repeat", testQuarantinePages},
		{"an entry that is not there", testNoEntry},
		{"a review changes the row, tells of it and is audited", testReview},
		{"a refused review changes nothing", testReviewRefused},
		{"a second review replaces the first", testReviewAgain},
	}
}

func listQuarantine(t testing.TB, s *store.Store, f leak.QuarantineFilter) []leak.Quarantine {
	t.Helper()
	qs, err := sqlstore.NewAPI(s).ListQuarantine(storetest.Context(t), f, leak.Page{Limit: 500})
	must(t, err)
	return qs
}

// mixed seeds 48 entries of all kinds: 2 sources, 3 rules, 4 severities, every
// third reviewed.
func mixed(t testing.TB, s *store.Store) []leak.Quarantine {
	t.Helper()
	var qs []leak.Quarantine
	for i := range uint64(48) {
		q := newQuarantine(i)
		q.SourceID, q.Rule = []string{"log-1", "log-2"}[i%2], []string{"aws", "github", "pem"}[i/2%3]
		q.Severity = event.Severity(1 + i/6%4)
		qs = append(qs, q)
	}
	seed(t, s, qs...)
	for i := range qs {
		if i%3 == 0 {
			qs[i] = review(t, s, qs[i].ID, "confirmed")
		}
	}
	return qs
}

func review(t testing.TB, s *store.Store, id, action string) leak.Quarantine {
	t.Helper()
	q, err := sqlstore.NewAPI(s).ReviewQuarantine(storetest.Context(t), id,
		leak.Review{Action: action, Reason: "seen", Reviewer: "ada", At: noon}, entry("quarantine.review"), "node/api")
	must(t, err)
	return q
}

// QuarantineFilters are all combinations of filters.
func QuarantineFilters() []leak.QuarantineFilter {
	var fs []leak.QuarantineFilter
	for _, source := range []string{"", "log-1"} {
		for _, rule := range []string{"", "github"} {
			for _, sev := range [][]event.Severity{nil, {event.High}, {event.High, event.Low, event.High}} {
				for _, rev := range []*bool{nil, ptr(false), ptr(true)} {
					for _, print := range []string{"", newQuarantine(7).Fingerprint} {
						fs = append(fs, leak.QuarantineFilter{Source: source, Rule: rule, Severities: sev, Reviewed: rev, Fingerprint: print})
					}
				}
			}
		}
	}
	return fs
}

func testQuarantineFilters(t *testing.T, s *store.Store, _ *clock.Fake) {
	all := mixed(t, s)
	for _, f := range QuarantineFilters() {
		var want []leak.Quarantine
		for _, q := range slices.Backward(all) {
			if (f.Source == "" || f.Source == q.SourceID) && (f.Rule == "" || f.Rule == q.Rule) &&
				(f.Severities == nil || slices.Contains(f.Severities, q.Severity)) && (f.Reviewed == nil || *f.Reviewed == q.Reviewed) &&
				(f.Fingerprint == "" || f.Fingerprint == q.Fingerprint) {
				want = append(want, q)
			}
		}
		same(t, "filtered", want, listQuarantine(t, s, f))
	}
}

func testQuarantinePages(t *testing.T, s *store.Store, _ *clock.Fake) {
	mixed(t, s)
	a := sqlstore.NewAPI(s)
	for _, f := range []leak.QuarantineFilter{{}, {Severities: []event.Severity{event.Low, event.High}}} {
		var got []leak.Quarantine
		for p := (leak.Page{Limit: 5}); ; p.After = got[len(got)-1].ID {
			page, err := a.ListQuarantine(storetest.Context(t), f, p)
			must(t, err)
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
		}
		same(t, "pages together", listQuarantine(t, s, f), got)
	}
}

func testNoEntry(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAPI(s), storetest.Context(t)
	if _, err := a.Quarantine(ctx, hostile); !errors.Is(err, leak.ErrNotFound) {
		t.Errorf("Quarantine = %v, want ErrNotFound", err)
	}
	_, err := a.ReviewQuarantine(ctx, "no such id", leak.Review{Action: "confirmed", At: noon}, entry("quarantine.review"), "node/api")
	if !errors.Is(err, leak.ErrNotFound) {
		t.Errorf("ReviewQuarantine = %v, want ErrNotFound", err)
	}
	same(t, "audit log", nil, actions(t, s))
}

func testReview(t *testing.T, s *store.Store, _ *clock.Fake) {
	want := seed(t, s, newQuarantine(3))[0]
	got := review(t, s, want.ID, "false_positive")
	want.Reviewed, want.ReviewAction, want.ReviewReason = true, "false_positive", "seen"
	want.Reviewer, want.ReviewTimestamp = "ada", ptr(noon)
	same(t, "answer", want, got)
	stored, err := sqlstore.NewAPI(s).Quarantine(storetest.Context(t), want.ID)
	must(t, err)
	same(t, "row", want, stored)
	wantReviewEvent(t, s, want)
	wantReviewAudited(t, s)
}

func wantReviewEvent(t *testing.T, s *store.Store, q leak.Quarantine) {
	t.Helper()
	es := events(t, s)
	e := es[len(es)-1]
	same(t, "event", []any{event.TopicQuarantineReviewed, event.Info, q.CorrelationID, "node/api", noon},
		[]any{e.Topic, e.Severity, e.CorrelationID, e.Source, e.Time})
	var p event.QuarantineReviewed
	must(t, e.Decode(&p))
	same(t, "payload", event.QuarantineReviewed{
		QuarantineID: q.ID, Fingerprint: q.Fingerprint, Rule: q.Rule, Action: "false_positive", Reviewer: "ada", Reason: "seen",
	}, p)
}

func wantReviewAudited(t *testing.T, s *store.Store) {
	t.Helper()
	rs, err := sqlstore.NewAudit(s).AuditRecords(storetest.Context(t), 0, 10)
	must(t, err)
	if len(rs) != 1 {
		t.Fatalf("%d audit records, want 1", len(rs))
	}
	same(t, "before", `{"reviewed":false}`, string(rs[0].Before))
	var after map[string]any
	must(t, json.Unmarshal(rs[0].After, &after))
	same(t, "after", map[string]any{
		"reviewed": true, "review_action": "false_positive", "review_reason": "seen", "reviewer": "ada",
	}, after)
}

func testReviewRefused(t *testing.T, s *store.Store, _ *clock.Fake) {
	q := seed(t, s, newQuarantine(3))[0]
	before := len(events(t, s))
	_, err := sqlstore.NewAPI(s).ReviewQuarantine(storetest.Context(t), q.ID, leak.Review{Action: "delete", At: noon}, entry("x"), "n")
	if err == nil {
		t.Error("an unknown action was stored")
	}
	same(t, "rows", []leak.Quarantine{q}, listQuarantine(t, s, leak.QuarantineFilter{}))
	same(t, "audit log", nil, actions(t, s))
	same(t, "events", before, len(events(t, s)))
}

func testReviewAgain(t *testing.T, s *store.Store, _ *clock.Fake) {
	q := seed(t, s, newQuarantine(3))[0]
	review(t, s, q.ID, "false_positive")
	review(t, s, q.ID, "false_positive")
	same(t, "false positives", int64(1), falsePositives(t, s))
	review(t, s, q.ID, "confirmed")
	same(t, "false positives after a correction", int64(0), falsePositives(t, s))
	same(t, "audit log", []string{"quarantine.review", "quarantine.review", "quarantine.review"}, actions(t, s))
	totals, err := sqlstore.NewAPI(s).Totals(storetest.Context(t))
	must(t, err)
	same(t, "unreviewed", int64(0), totals.Unreviewed[q.Severity])
}

func falsePositives(t testing.TB, s *store.Store) int64 {
	t.Helper()
	days, err := sqlstore.NewAPI(s).DetectionMetrics(storetest.Context(t), "2026-01-01", "2026-12-31")
	must(t, err)
	var n int64
	for _, d := range days {
		n += d.FalsePositives
	}
	return n
}
