package leak

import (
	"errors"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// ErrNotFound is returned by stores for a row that is not there.
var ErrNotFound = errors.New("not found")

// QuarantineFilter narrows a list; zero fields do not.
type QuarantineFilter struct {
	Source     string
	Rule       string
	Severities []event.Severity
	Reviewed   *bool
	// Fingerprint is of the entry's secret.
	Fingerprint string
}

// Page asks for one page of a list, newest first.
type Page struct {
	Limit int    // rows, > 0
	After string // id of the last row of the page before; empty: the first page
}

// Review is a person's judgement of a quarantine entry.
type Review struct {
	Action   string // false_positive, confirmed, uncertain
	Reason   string
	Reviewer string
	At       time.Time
}

// FindingFilter narrows a list of findings; zero fields do not.
type FindingFilter struct {
	Source      string
	Rule        string
	Severities  []event.Severity
	Fingerprint string
	Quarantine  string // quarantine id
}

// Sightings is where a secret was seen: how often, and the ids of the newest.
type Sightings struct {
	Findings, Quarantine      int64
	FindingIDs, QuarantineIDs []string // newest first
}

// DayMetrics is one day of detection_metrics.
type DayMetrics struct {
	Date           string // 2006-01-02, UTC
	Scanned        int64
	Secrets        int64
	FalsePositives int64
	RulesUpdated   int64
	AvgLatency     time.Duration
}

// BucketCount is how many quarantine entries of a severity fell into an hour.
type BucketCount struct {
	Start    time.Time
	Severity event.Severity
	Count    int64
}

// Totals are the counters of the overview.
type Totals struct {
	Quarantined int64
	Unreviewed  map[event.Severity]int64
	Findings    int64
	Scanned     int64
}
