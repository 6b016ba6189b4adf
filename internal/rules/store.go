package rules

import (
	"context"
	"encoding/json"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
)

// Store keeps what operators did to rules.
type Store interface {
	// Rules lists what is stored, by id.
	Rules(ctx context.Context) ([]Row, error)
	// RuleHistory returns at most limit records of a rule, newest first.
	RuleHistory(ctx context.Context, ruleID string, limit int) ([]History, error)
	// RuleHits counts findings by rule from a day (2006-01-02, UTC) on.
	RuleHits(ctx context.Context, fromDay string) (map[string]int64, error)
	// ChangeRules stores all changes, each with its history, its audit record and
	// its event, in one transaction. It returns ErrConflict, and stores nothing,
	// when a row is no longer what a change began with.
	ChangeRules(ctx context.Context, changes []Change) error
}

// Row is what is stored of one rule.
type Row struct {
	RuleID     string
	Origin     Origin
	Definition json.RawMessage // a Spec; of a builtin rule or one from a file a Patch
	Version    int64           // grows by one with every change, from 1
	UpdatedAt  time.Time
	UpdatedBy  string
}

// Change is one step of one rule.
type Change struct {
	Row     Row   // as it is to be; only RuleID counts when it goes
	Was     int64 // Version that is replaced; 0: there was no row
	Remove  bool
	History History
	Audit   audit.Entry
	Event   event.Event
}

// History is a row of patterns_history.
type History struct {
	ID             string
	PatternName    string
	OldRegex       *string // nil: there was no rule
	NewRegex       *string // nil: there is none any more
	Action         string  // add, update, remove
	Confidence     float64
	Status         string // approved, pending, rejected
	SubmittedBy    string // human, meta_curator, feedback_system
	ApprovedBy     string
	DecisionReason string
	Timestamp      time.Time
}
