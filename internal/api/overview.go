package api

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
)

type overviewInput struct {
	Hours int `query:"hours" minimum:"1" maximum:"2160" default:"24" doc:"How far back the buckets reach."`
}

type overviewOutput struct{ Body Overview }

func (s *server) overview(ctx context.Context, in *overviewInput) (*overviewOutput, error) {
	totals, err := s.Metrics.Totals(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading totals: %w", err)
	}
	width := bucketWidth(in.Hours)
	now := s.Clock.Now().UTC()
	from := now.Add(-time.Duration(in.Hours) * time.Hour).Truncate(width)
	buckets, err := s.Metrics.QuarantineBuckets(ctx, from, now.Truncate(width).Add(width), width)
	if err != nil {
		return nil, fmt.Errorf("counting quarantine: %w", err)
	}
	return &overviewOutput{Overview{
		Scanned: totals.Scanned, Findings: totals.Findings, Quarantined: totals.Quarantined, Unreviewed: unreviewed(totals),
		Buckets: convert(buckets, bucket), BucketHours: int(width / time.Hour), From: from,
		Sources: s.sources(), Version: s.Version, StartedAt: s.startedAt,
	}}, nil
}

// bucketWidth keeps a chart below a hundred bars.
func bucketWidth(hours int) time.Duration {
	switch {
	case hours <= 72:
		return time.Hour
	case hours <= 14*24:
		return 6 * time.Hour
	}
	return 24 * time.Hour
}

func unreviewed(t leak.Totals) Unreviewed {
	return Unreviewed{
		Low: t.Unreviewed[event.Low], Medium: t.Unreviewed[event.Medium],
		High: t.Unreviewed[event.High], Critical: t.Unreviewed[event.Critical],
	}
}

func bucket(b leak.BucketCount) Bucket {
	return Bucket{Start: utc(b.Start), Severity: b.Severity.String(), Count: b.Count}
}

type sourceListOutput struct{ Body SourceList }

func (s *server) listSources(context.Context, *struct{}) (*sourceListOutput, error) {
	return &sourceListOutput{SourceList{Items: s.sources()}}, nil
}

func (s *server) sources() []Source {
	if s.Sources == nil {
		return []Source{}
	}
	return convert(s.Sources.Sources(), func(src Source) Source {
		src.Since = utc(src.Since)
		src.MessageTypes.Include = append([]string{}, src.MessageTypes.Include...)
		src.MessageTypes.Exclude = append([]string{}, src.MessageTypes.Exclude...)
		return src
	})
}

type detectionInput struct {
	From string `query:"from" format:"date" doc:"First day, YYYY-MM-DD."`
	To   string `query:"to" format:"date" doc:"Last day, YYYY-MM-DD."`
}

type detectionOutput struct{ Body DetectionMetrics }

// maxDays is the longest span of one request.
const maxDays = 366

func (s *server) detectionMetrics(ctx context.Context, in *detectionInput) (*detectionOutput, error) {
	from, to, err := s.days(in)
	if err != nil {
		return nil, err
	}
	rows, err := s.Metrics.DetectionMetrics(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("reading detection metrics: %w", err)
	}
	return &detectionOutput{DetectionMetrics{Items: convert(rows, day)}}, nil
}

func (s *server) days(in *detectionInput) (from, to string, err error) {
	last := s.Clock.Now().UTC().Truncate(24 * time.Hour)
	if in.To != "" {
		if last, err = time.Parse(time.DateOnly, in.To); err != nil {
			return "", "", invalid("query.to", "is not a day such as 2026-03-14")
		}
	}
	first := last.AddDate(0, 0, -29)
	if in.From != "" {
		if first, err = time.Parse(time.DateOnly, in.From); err != nil {
			return "", "", invalid("query.from", "is not a day such as 2026-03-14")
		}
	}
	if first.After(last) || last.Sub(first) >= maxDays*24*time.Hour {
		return "", "", invalid("query.from", fmt.Sprintf("must not be after to, nor more than %d days before it", maxDays-1))
	}
	return first.Format(time.DateOnly), last.Format(time.DateOnly), nil
}

func day(d leak.DayMetrics) DetectionDay {
	return DetectionDay{
		Date: d.Date, Scanned: d.Scanned, Secrets: d.Secrets, FalsePositives: d.FalsePositives,
		PatternsUpdated: d.RulesUpdated, AvgLatencyMS: float64(d.AvgLatency) / float64(time.Millisecond),
	}
}

type healthOutput struct{ Body Health }

func (s *server) health(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	h := Health{Status: "ok", Checks: []Check{}}
	if s.Checks == nil {
		return &healthOutput{h}, nil
	}
	for _, c := range s.Checks.Health(ctx) {
		c.Since = utc(c.Since)
		h.Checks = append(h.Checks, c)
		h.Status = worse(h.Status, c.Status)
	}
	return &healthOutput{h}, nil
}

// worse returns the worse of two statuses; one it does not know is failing.
func worse(a, b string) string {
	rank := map[string]int{"ok": 1, "degraded": 2}
	switch {
	case rank[a] == 0 || rank[b] == 0:
		return "failing"
	case rank[b] > rank[a]:
		return b
	}
	return a
}
