package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

// metricsRow is a day of detection_metrics, with the plan's column names and
// the sums they are made of.
type metricsRow struct {
	bun.BaseModel `bun:"table:detection_metrics"`

	ID             string `bun:"id,pk"`
	Date           string `bun:"date"`
	Scanned        int64  `bun:"total_messages_scanned"`
	Secrets        int64  `bun:"secrets_detected"`
	FalsePositives int64  `bun:"false_positives"`
	RulesUpdated   int64  `bun:"patterns_updated"`
	AvgLatencyMs   int64  `bun:"avg_detection_latency_ms"`
	LatencySumUs   int64  `bun:"detection_latency_sum_us"`
	FindingsStored int64  `bun:"findings_stored"`
}

// countRow is how many quarantine rows there are of a kind.
type countRow struct {
	bun.BaseModel `bun:"table:quarantine_counts"`

	Severity int   `bun:"severity,pk"`
	Reviewed bool  `bun:"reviewed,pk"`
	Total    int64 `bun:"total"`
}

// minuteRow is how many quarantine rows fell into a minute since 1970.
type minuteRow struct {
	bun.BaseModel `bun:"table:quarantine_minutes"`

	Minute   int64 `bun:"minute,pk"`
	Severity int   `bun:"severity,pk"`
	Total    int64 `bun:"total"`
}

// tally adds a batch to its day.
func (b *batch) tally(ctx context.Context, t leak.Tally) error {
	if t.Messages == 0 && t.Secrets == 0 && t.Latency == 0 && b.found == 0 {
		return nil
	}
	if err := ensureDay(ctx, b.tx, t.Day); err != nil {
		return err
	}
	_, err := b.tx.NewUpdate().Model((*metricsRow)(nil)).Where("date = ?", t.Day).
		Set("total_messages_scanned = total_messages_scanned + ?", t.Messages).
		Set("secrets_detected = secrets_detected + ?", t.Secrets).
		Set("detection_latency_sum_us = detection_latency_sum_us + ?", t.Latency.Microseconds()).
		Set("findings_stored = findings_stored + ?", b.found).Exec(ctx)
	if err != nil {
		return fmt.Errorf("detection metrics: %w", err)
	}
	return average(ctx, b.tx, t.Day)
}

// average is a statement of its own: databases differ in whether an UPDATE
// sees the columns it has just set. They differ in what a division of integers
// leaves, too, so nothing is left to divide.
func average(ctx context.Context, tx *store.Tx, day string) error {
	_, err := tx.NewUpdate().Model((*metricsRow)(nil)).
		Set("avg_detection_latency_ms = (detection_latency_sum_us - detection_latency_sum_us % (1000 * total_messages_scanned)) / (1000 * total_messages_scanned)").
		Where("date = ?", day).Where("total_messages_scanned > 0").Exec(ctx)
	if err != nil {
		return fmt.Errorf("detection metrics: %w", err)
	}
	return nil
}

// ensureDay makes sure that the day has its row.
func ensureDay(ctx context.Context, tx *store.Tx, day string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return fmt.Errorf("detection metrics: day %q is not of the form 2006-01-02", day)
	}
	if _, err := store.Insert(ctx, tx, &metricsRow{ID: id.New(), Date: day}); err != nil {
		return fmt.Errorf("detection metrics: %w", err)
	}
	return nil
}

// countFalsePositive adds to the day on which the entry was detected, so that
// the rate of a day stays within 0..1.
func countFalsePositive(ctx context.Context, tx *store.Tx, detected time.Time, by int) error {
	day := detected.UTC().Format(time.DateOnly)
	if by == 0 {
		return nil
	}
	if err := ensureDay(ctx, tx, day); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*metricsRow)(nil)).
		Set("false_positives = false_positives + ?", by).Where("date = ?", day).Exec(ctx)
	return err
}

// countQuarantine counts new rows, each counter once for all of them.
func countQuarantine(ctx context.Context, tx *store.Tx, rows []quarantineRow) error {
	kinds, minutes := map[countRow]int{}, map[minuteRow]int{}
	for _, r := range rows {
		kinds[countRow{Severity: r.Severity, Reviewed: r.Reviewed}]++
		minutes[minuteRow{Minute: minuteOf(r.Timestamp), Severity: r.Severity}]++
	}
	for k, n := range kinds {
		if err := addCount(ctx, tx, k.Severity, k.Reviewed, n); err != nil {
			return err
		}
	}
	for m, n := range minutes {
		if err := addTo(ctx, tx, &m, n); err != nil {
			return err
		}
	}
	return nil
}

func addCount(ctx context.Context, tx *store.Tx, severity int, reviewed bool, n int) error {
	return addTo(ctx, tx, &countRow{Severity: severity, Reviewed: reviewed}, n)
}

// addTo adds n to the total of a counter, which is made at its first use.
func addTo(ctx context.Context, tx *store.Tx, counter any, n int) error {
	if _, err := store.Insert(ctx, tx, counter); err != nil {
		return fmt.Errorf("counters: %w", err)
	}
	if _, err := tx.NewUpdate().Model(counter).Set("total = total + ?", n).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("counters: %w", err)
	}
	return nil
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }
