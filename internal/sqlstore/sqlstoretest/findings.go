package sqlstoretest

import (
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func findingScenarios() []scenario {
	return []scenario{
		{"every combination of filters gives what it says, newest first", testFindingFilters},
		{"a secret is seen wherever it has one of its fingerprints", testSightings},
		{"a finding below the bar has no entry and no decoders", testBareFinding},
	}
}

func metricsScenarios() []scenario {
	return []scenario{
		{"a day sums its batches and averages the latency", testDayMetrics},
		{"buckets count entries by time and severity", testBuckets},
		{"buckets of odd lengths are refused", testBadBuckets},
		{"totals count what is stored, once", testTotals},
	}
}

func listFindings(t testing.TB, s *store.Store, f leak.FindingFilter) []leak.Finding {
	t.Helper()
	fs, err := sqlstore.NewAPI(s).ListFindings(storetest.Context(t), f, leak.Page{Limit: 500})
	must(t, err)
	return fs
}

func testFindingFilters(t *testing.T, s *store.Store, _ *clock.Fake) {
	qs := mixed(t, s)
	all := listFindings(t, s, leak.FindingFilter{})
	same(t, "all", len(qs), len(all))
	for _, f := range FindingFilters(qs[7]) {
		var want []leak.Finding
		for _, g := range all {
			if (f.Source == "" || f.Source == g.SourceID) && (f.Rule == "" || f.Rule == g.Rule) &&
				(f.Severities == nil || slices.Contains(f.Severities, g.Severity)) &&
				(f.Fingerprint == "" || f.Fingerprint == g.Fingerprint) && (f.Quarantine == "" || f.Quarantine == g.QuarantineID) {
				want = append(want, g)
			}
		}
		same(t, "filtered", want, listFindings(t, s, f))
	}
}

func testSightings(t *testing.T, s *store.Store, _ *clock.Fake) {
	qs := mixed(t, s)
	prints := []string{qs[0].Fingerprint, "v1:none:00", qs[3].Fingerprint}
	var entries, findings []string
	for _, p := range prints {
		for _, f := range listFindings(t, s, leak.FindingFilter{Fingerprint: p}) {
			findings = append(findings, f.ID)
		}
		for _, q := range listQuarantine(t, s, leak.QuarantineFilter{Fingerprint: p}) {
			entries = append(entries, q.ID)
		}
	}
	slices.Sort(entries)
	slices.Sort(findings)
	entries, findings = slices.Compact(entries), slices.Compact(findings)
	slices.Reverse(entries)
	slices.Reverse(findings)
	got, err := sqlstore.NewAPI(s).Sightings(storetest.Context(t), prints, 1000)
	must(t, err)
	same(t, "sightings", leak.Sightings{
		Findings: int64(len(findings)), FindingIDs: findings, Quarantine: int64(len(entries)), QuarantineIDs: entries,
	}, got)
	got, err = sqlstore.NewAPI(s).Sightings(storetest.Context(t), prints, 1)
	must(t, err)
	same(t, "the newest", leak.Sightings{
		Findings: int64(len(findings)), FindingIDs: findings[:1], Quarantine: int64(len(entries)), QuarantineIDs: entries[:1],
	}, got)
	none, err := sqlstore.NewAPI(s).Sightings(storetest.Context(t), nil, 10)
	must(t, err)
	same(t, "none", leak.Sightings{}, none)
}

// FindingFilters are all combinations of filters, each met by q.
func FindingFilters(q leak.Quarantine) []leak.FindingFilter {
	var fs []leak.FindingFilter
	for bits := range 32 {
		var f leak.FindingFilter
		for i, set := range []func(){
			func() { f.Source = q.SourceID },
			func() { f.Rule = q.Rule },
			func() { f.Severities = []event.Severity{q.Severity, event.Critical} },
			func() { f.Fingerprint = q.Fingerprint },
			func() { f.Quarantine = q.ID },
		} {
			if bits>>i&1 == 1 {
				set()
			}
		}
		fs = append(fs, f)
	}
	return fs
}

func testBareFinding(t *testing.T, s *store.Store, _ *clock.Fake) {
	f := newFinding(newQuarantine(1))
	f.QuarantineID, f.Decoders, f.Index, f.Field = "", nil, nil, ""
	_, err := sqlstore.NewLeak(s).Commit(storetest.Context(t), leak.Commit{
		SourceID: "log-1", Findings: []leak.Row[leak.Finding]{row(t, f)}, Metrics: leak.Tally{Day: "2026-03-01", Messages: 1},
	})
	must(t, err)
	same(t, "findings", []leak.Finding{f}, listFindings(t, s, leak.FindingFilter{}))
}

func testDayMetrics(t *testing.T, s *store.Store, _ *clock.Fake) {
	l, ctx := sqlstore.NewLeak(s), storetest.Context(t)
	for _, tally := range []leak.Tally{
		{Day: "2026-03-01", Messages: 3, Secrets: 1, Latency: 10 * time.Millisecond},
		{Day: "2026-03-01", Messages: 1, Secrets: 2, Latency: 6 * time.Millisecond},
		{Day: "2026-03-02", Messages: 5},
		{Day: "2026-03-09", Messages: 5},
	} {
		_, err := l.Commit(ctx, leak.Commit{SourceID: "log-1", Metrics: tally})
		must(t, err)
	}
	days, err := sqlstore.NewAPI(s).DetectionMetrics(ctx, "2026-03-01", "2026-03-08")
	must(t, err)
	same(t, "days", []leak.DayMetrics{
		{Date: "2026-03-01", Scanned: 4, Secrets: 3, AvgLatency: 4 * time.Millisecond},
		{Date: "2026-03-02", Scanned: 5},
	}, days)
}

func testBuckets(t *testing.T, s *store.Store, _ *clock.Fake) {
	at := func(sev event.Severity, minutes ...int) (qs []leak.Quarantine) {
		for _, m := range minutes {
			q := newQuarantine(uint64(m))
			q.Severity, q.Timestamp, q.Fingerprint = sev, noon.Add(time.Duration(m)*time.Minute), sev.String()
			qs = append(qs, q)
		}
		return qs
	}
	seed(t, s, append(at(event.High, 0, 59, 60, 119, 121), at(event.Low, 61)...)...)
	got, err := sqlstore.NewAPI(s).QuarantineBuckets(storetest.Context(t), noon, noon.Add(2*time.Hour), time.Hour)
	must(t, err)
	same(t, "buckets", []leak.BucketCount{
		{Start: noon, Severity: event.High, Count: 2},
		{Start: noon.Add(time.Hour), Severity: event.Low, Count: 1},
		{Start: noon.Add(time.Hour), Severity: event.High, Count: 2},
	}, got)
}

func testBadBuckets(t *testing.T, s *store.Store, _ *clock.Fake) {
	a := sqlstore.NewAPI(s)
	for _, bucket := range []time.Duration{0, -time.Hour, time.Second, 90 * time.Second} {
		if _, err := a.QuarantineBuckets(storetest.Context(t), noon, noon.Add(time.Hour), bucket); err == nil {
			t.Errorf("buckets of %s were counted", bucket)
		}
	}
}

func testTotals(t *testing.T, s *store.Store, _ *clock.Fake) {
	critical := newQuarantine(9)
	critical.Severity = event.Critical
	qs := seed(t, s, newQuarantine(1), newQuarantine(2), critical)
	seed(t, s, newQuarantine(1)) // a repeat
	review(t, s, qs[0].ID, "confirmed")
	got, err := sqlstore.NewAPI(s).Totals(storetest.Context(t))
	must(t, err)
	same(t, "totals", leak.Totals{
		Quarantined: 3, Unreviewed: map[event.Severity]int64{event.High: 1, event.Critical: 1}, Findings: 3, Scanned: 20,
	}, got)
}
