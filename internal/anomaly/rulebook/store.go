package rulebook

import (
	"context"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
)

// Store keeps what operators did to anomaly rules.
type Store interface {
	// AnomalyRules lists what is stored, by id.
	AnomalyRules(ctx context.Context) ([]Row, error)
	// AnomalyRuleHistory returns at most limit steps of a rule, newest first.
	AnomalyRuleHistory(ctx context.Context, ruleID string, limit int) ([]Step, error)
	// AnomaliesOf counts the stored anomalies of some kinds, by kind.
	AnomaliesOf(ctx context.Context, kinds []string) (map[string]Hits, error)
	// ChangeAnomalyRule stores a change with its history, its audit record and its event
	// in one transaction. It returns ErrConflict, and stores nothing, when the row is no
	// longer what the change began with.
	ChangeAnomalyRule(ctx context.Context, c Change) error
}

// Past is what was recorded, for a draft to be tried on.
type Past interface {
	// EachEvent calls each for the events of a topic that happened from a time on and
	// before another, in the order in which they were recorded, until it returns false.
	// size is that of the stored event in bytes.
	EachEvent(ctx context.Context, topic string, from, to time.Time, each func(e event.Event, size int) (more bool)) error
}

// Row is what is stored of one rule.
type Row struct {
	RuleID    string
	Origin    Origin
	Text      string // YAML; empty of a rule from a file
	Enabled   bool
	Version   int64 // grows by one with every change, from 1
	UpdatedAt time.Time
	UpdatedBy string
}

// Hits are the stored anomalies of a kind.
type Hits struct {
	Opened int64
	Last   time.Time // when the newest opened
}

// Change is one step of one rule.
type Change struct {
	Row    Row   // as it is to be; only RuleID counts when it goes
	Was    int64 // Version that is replaced; 0: there was no row
	Remove bool
	Step   Step
	Audit  audit.Entry
	Event  event.Event
}

// Step is a line of a rule's history.
type Step struct {
	ID      string
	RuleID  string
	Action  string  // add, update, remove
	What    string  // what is different since, for people
	OldText *string // nil: there was no rule, or it is that of a file
	NewText *string // nil: there is none any more, or likewise
	Who     string
	Reason  string
	At      time.Time
}
