package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
)

// maxBuckets bounds one answer of QuarantineBuckets, in minutes looked at.
const maxBuckets = 366 * 24 * 60

// DetectionMetrics implements api.MetricsStore: the days from..to, both
// included, oldest first. Days on which nothing was scanned are left out.
func (a *API) DetectionMetrics(ctx context.Context, from, to string) ([]leak.DayMetrics, error) {
	var rows []metricsRow
	err := a.store.Reader().NewSelect().Model(&rows).
		Where("date >= ?", text(from)).Where("date <= ?", text(to)).Order("date").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading detection metrics: %w", err)
	}
	out := make([]leak.DayMetrics, len(rows))
	for i, r := range rows {
		out[i] = leak.DayMetrics{
			Date: r.Date, Scanned: r.Scanned, Secrets: r.Secrets, FalsePositives: r.FalsePositives,
			RulesUpdated: r.RulesUpdated, AvgLatency: r.avgLatency(),
		}
	}
	return out, nil
}

func (r metricsRow) avgLatency() time.Duration {
	if r.Scanned == 0 {
		return 0
	}
	return time.Duration(r.LatencySumUs/r.Scanned) * time.Microsecond
}

// QuarantineBuckets implements api.MetricsStore: entries from..to (to
// excluded, both cut to the minute) per bucket and severity, oldest first.
// Buckets begin at multiples of their length since 1970; a bucket is a whole
// number of minutes. Empty ones are left out.
func (a *API) QuarantineBuckets(ctx context.Context, from, to time.Time, bucket time.Duration) ([]leak.BucketCount, error) {
	if bucket < time.Minute || bucket%time.Minute != 0 {
		return nil, fmt.Errorf("bucket of %s is not a whole number of minutes", bucket)
	}
	if to.Sub(from) > maxBuckets*time.Minute {
		return nil, fmt.Errorf("buckets over %s: the longest span is %d days", to.Sub(from), maxBuckets/24/60)
	}
	var rows []minuteRow
	width := int64(bucket / time.Minute)
	err := a.store.Reader().NewSelect().Model((*minuteRow)(nil)).
		ColumnExpr("minute - minute % ? AS minute, severity, SUM(total) AS total", width).
		Where("minute >= ?", minuteOf(from)).Where("minute < ?", minuteOf(to)).
		GroupExpr("minute - minute % ?, severity", width).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("counting quarantine entries: %w", err)
	}
	return bucketCounts(rows), nil
}

func bucketCounts(rows []minuteRow) []leak.BucketCount {
	slices.SortFunc(rows, func(a, b minuteRow) int {
		return cmp.Or(cmp.Compare(a.Minute, b.Minute), cmp.Compare(a.Severity, b.Severity))
	})
	out := make([]leak.BucketCount, len(rows))
	for i, r := range rows {
		out[i] = leak.BucketCount{Start: time.Unix(r.Minute*60, 0).UTC(), Severity: event.Severity(r.Severity), Count: r.Total}
	}
	return out
}

// Totals implements api.MetricsStore.
func (a *API) Totals(ctx context.Context) (leak.Totals, error) {
	t := leak.Totals{Unreviewed: map[event.Severity]int64{}}
	var counts []countRow
	if err := a.store.Reader().NewSelect().Model(&counts).Scan(ctx); err != nil {
		return leak.Totals{}, fmt.Errorf("reading totals: %w", err)
	}
	for _, c := range counts {
		t.Quarantined += c.Total
		if !c.Reviewed {
			t.Unreviewed[event.Severity(c.Severity)] += c.Total
		}
	}
	err := a.store.Reader().NewSelect().Model((*metricsRow)(nil)).
		ColumnExpr("COALESCE(SUM(total_messages_scanned), 0), COALESCE(SUM(findings_stored), 0)").
		Scan(ctx, &t.Scanned, &t.Findings)
	if err != nil {
		return leak.Totals{}, fmt.Errorf("reading totals: %w", err)
	}
	return t, nil
}
