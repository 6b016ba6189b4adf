package sqlstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/notify"
)

// The queries that choose a page, for the tests of their plans.
var (
	QuarantineIDs = quarantineIDs
	FindingIDs    = findingIDs
	Letters       = letters
	Backlogs      = backlogs
)

// Hold makes n deliveries the most that may wait for a disabled webhook.
func (n *Notify) Hold(most int) { n.maxWaiting = most }

// What may wait for a disabled webhook.
const (
	MaxWaiting = maxWaiting
	MaxWait    = maxWait
)

// Held is the most that may wait for a disabled webhook.
func (n *Notify) Held() int { return n.maxWaiting }

// LogIDs selects the ids of a page of deckies' logs.
func LogIDs(ctx context.Context, db bun.IDB, f capture.LogFilter, p leak.Page) (*bun.SelectQuery, error) {
	lanes, err := logLanes(ctx, db, f)
	if err != nil {
		return nil, err
	}
	return idsIn(db, (*deckyLogRow)(nil), lanes, p), nil
}

// IncidentLane selects the incidents of a page that have one state and one severity.
func IncidentLane(db bun.IDB, f incident.Filter, now time.Time) *bun.SelectQuery {
	return listing{db: db, filter: f, now: now}.lane(new([]incidentRow), incident.Triggered, event.High, "01936d2c", 50)
}

// Settling is the statement that writes an outcome.
func Settling(db bun.IDB, o notify.Outcome) *bun.UpdateQuery { return settling(db, o) }
