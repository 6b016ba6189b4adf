package sqlstore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/sqlstore/sqlstoretest"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

const (
	benchRows = 1_000_000
	benchStep = 50_000
)

// fillSQLite inserts rows by SQL: 4 sources, 3 rules, 4 severities, one in five
// reviewed, ids in order of time. Those of servers_bench_test.go do the same.
const fillSQLite = `WITH RECURSIVE n(i) AS (SELECT ?0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
	INSERT INTO quarantine SELECT printf('019%08x-0000-7000-8000-%012x', i, i), '2026-03-01 12:00:00+00:00', 'log-' || (i % 4), i,
		'c0ffee', 0, 'msg-' || i, 'chat', 'agent', '', CASE i / 4 % 3 WHEN 0 THEN 'aws' WHEN 1 THEN 'github' ELSE 'pem' END, 'GITHUB_TOKEN', 1 + i / 12 % 4, 0.9,
		'a message of ordinary length around ghp_****abc, which was found in it', 'v1:aabbccdd:' || i, 'v1:aabbccdd:' || i, 1,
		'observed', '', i / 48 % 5 = 0, NULL, '', NULL, NULL, printf('%064x', i) FROM n`

// BenchmarkListQuarantine reads pages of 50 of a million rows, with every
// combination of filters in turn, at the top and in the middle. It reports the
// 95th percentile; the goal is 20 ms.
func BenchmarkListQuarantine(b *testing.B) {
	s := storetest.Open(b, store.Options{URL: storetest.SQLiteURL(b)})
	fill(b, s, fillSQLite)
	listPages(b, s)
}

// fill makes the rows by a statement that is given the first number and the one
// behind the last.
func fill(b *testing.B, s *store.Store, statement string) {
	b.Helper()
	for from := 0; from < benchRows; from += benchStep {
		if err := s.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, statement, from, from+benchStep)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func listPages(b *testing.B, s *store.Store) {
	b.Helper()
	a, filters := sqlstore.NewAPI(s), sqlstoretest.QuarantineFilters()
	pages := []leak.Page{{Limit: 50}, {Limit: 50, After: fmt.Sprintf("019%08x", benchRows/2)}}
	var took []time.Duration
	for b.Loop() {
		for _, f := range filters {
			for _, p := range pages {
				start := time.Now()
				qs, err := a.ListQuarantine(context.Background(), f, p)
				if err != nil || f.Fingerprint == "" && len(qs) != p.Limit { // few have one fingerprint
					b.Fatalf("%d rows, %v", len(qs), err)
				}
				took = append(took, time.Since(start))
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(mean(took), "mean-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}

// mean is in milliseconds.
func mean(took []time.Duration) float64 {
	var sum time.Duration
	for _, t := range took {
		sum += t
	}
	return float64(sum.Microseconds()) / 1000 / float64(len(took))
}

// BenchmarkCommit stores batches of the sensor in which every entry holds a
// secret: a quarantine row, a finding and two events each.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 64} {
		b.Run(fmt.Sprintf("entries=%d", size), func(b *testing.B) {
			s := storetest.Open(b, store.Options{URL: storetest.SQLiteURL(b)})
			l, next := sqlstore.NewLeak(s), uint64(0)
			for b.Loop() {
				var all leak.Commit
				for range size {
					c, err := crashBatch("log-1", next)
					if err != nil {
						b.Fatal(err)
					}
					next++
					c.Quarantine, c.Findings = append(all.Quarantine, c.Quarantine...), append(all.Findings, c.Findings...)
					all = c
				}
				if _, err := l.Commit(context.Background(), all); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(next)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// fillAttackers inserts attackers by SQL: last seen and scores all over.
const fillAttackers = `WITH RECURSIVE n(i) AS (SELECT ?0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
	INSERT INTO attackers SELECT printf('00000000-0000-7000-8000-%012x', i * 7919 % 1000003), printf('%d.%d.%d.%d', 11 + i / 16777216, i / 65536 % 256, i / 256 % 256, i % 256),
		'2026-03-01 12:00:00+00:00', strftime('%Y-%m-%d %H:%M:%f+00:00', 1772366400 + i * 37 % 604800, 'unixepoch'), '2026-03-01', 1, 3, 2, 2, 1, 0, 0, 0,
		'{"connected":3,"login_attempt":12}', i * 31 % 101 FROM n`

// BenchmarkListAttackers reads pages of 50 of a million attackers in both orders,
// the first and one far behind. The goal is a 95th percentile of 20 ms.
func BenchmarkListAttackers(b *testing.B) {
	s := storetest.Open(b, store.Options{URL: storetest.SQLiteURL(b)})
	fill(b, s, fillAttackers)
	a := sqlstore.NewAttackers(s)
	var took []time.Duration
	for b.Loop() {
		for _, f := range []attacker.Filter{{}, {Order: attacker.ByScore}, {Order: attacker.ByScore, MinScore: 50}} {
			for _, before := range []string{"", map[attacker.Order]string{attacker.ByScore: "60_", "": "1772600000000000_"}[f.Order] + "00000000-0000-7000-8000-000000080000"} {
				start := time.Now()
				page, _, err := a.Attackers(context.Background(), f, before, 50)
				if err != nil || len(page) != 50 {
					b.Fatalf("%d attackers, %v", len(page), err)
				}
				took = append(took, time.Since(start))
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(mean(took), "mean-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}
