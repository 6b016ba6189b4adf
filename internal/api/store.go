package api

import (
	"context"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/gossip"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/leak"
)

// QuarantineStore reads and reviews quarantine entries.
type QuarantineStore interface {
	ListQuarantine(ctx context.Context, f leak.QuarantineFilter, p leak.Page) ([]leak.Quarantine, error)
	Quarantine(ctx context.Context, id string) (leak.Quarantine, error) // leak.ErrNotFound
	// ReviewQuarantine stores the review, the event made from the row, and the
	// audit entry in one transaction, and returns the row as it is now.
	ReviewQuarantine(ctx context.Context, id string, r leak.Review, by audit.Entry, source string) (leak.Quarantine, error)
}

// FindingStore reads findings.
type FindingStore interface {
	ListFindings(ctx context.Context, f leak.FindingFilter, p leak.Page) ([]leak.Finding, error)
	// Sightings returns what has one of the fingerprints, of each kind at most
	// limit, newest first, and how many there are.
	Sightings(ctx context.Context, fingerprints []string, limit int) (leak.Sightings, error)
}

// MetricsStore reads counters.
type MetricsStore interface {
	DetectionMetrics(ctx context.Context, from, to string) ([]leak.DayMetrics, error)
	QuarantineBuckets(ctx context.Context, from, to time.Time, bucket time.Duration) ([]leak.BucketCount, error)
	Totals(ctx context.Context) (leak.Totals, error)
}

// AuditStore reads the audit log and records what changes no row.
type AuditStore interface {
	// ListAudit returns at most limit records, newest first, those before the
	// number before; 0 begins with the newest.
	ListAudit(ctx context.Context, f audit.Filter, before int64, limit int) ([]audit.Record, error)
	RecordAudit(ctx context.Context, by audit.Entry) error
}

// EventStore reads the event log: forwards for the live stream, backwards to search it.
type EventStore interface {
	Head(ctx context.Context) (event.Cursor, error)
	Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error)
	// FindEvents searches backwards, from before the number before; 0 begins with the
	// newest. Its cost is bounded: Found.Next says where to go on.
	FindEvents(ctx context.Context, f event.Filter, before int64, limit int) (event.Found, error)
	Event(ctx context.Context, id string) (event.Record, error) // event.ErrNotFound
}

// AnomalyStore reads episodes of what is more than chance.
type AnomalyStore interface {
	// ListAnomalies returns at most limit, newest first, those before the id before.
	ListAnomalies(ctx context.Context, f anomaly.Filter, before string, limit int) ([]anomaly.Episode, error)
	Anomaly(ctx context.Context, id string) (anomaly.Episode, error) // anomaly.ErrNotFound
}

// IncidentStore reads and changes incidents.
type IncidentStore interface {
	// ListIncidents returns at most limit in the filter's order, those behind the place
	// before; empty begins with the first.
	ListIncidents(ctx context.Context, f incident.Filter, before string, limit int) ([]incident.Incident, error)
	// OpenIncidents counts what is open and not put aside.
	OpenIncidents(ctx context.Context) (map[event.Severity]int64, error)
	Incident(ctx context.Context, id string) (incident.Incident, error) // incident.ErrNotFound
	// Timeline returns at most limit lines, newest first, those before the id before.
	Timeline(ctx context.Context, id, before string, limit int) ([]incident.Entry, error)
	// Digest returns at most limit lines, a share of each sensor and kind, and counts the
	// others.
	Digest(ctx context.Context, id string, limit int) (incident.Digest, error)
	// ActOnIncident stores the act, its event and the audit entry in one transaction.
	// Its errors are incident.ErrNotFound and those of incident.Incident.Do.
	ActOnIncident(ctx context.Context, id string, a incident.Act, by audit.Entry, source string) (incident.Incident, error)
}

// GossipStore knows what gateways withhold, and how they fare.
type GossipStore interface {
	Gateways(ctx context.Context) ([]gossip.Gateway, error)
	// Withheld returns the changes behind a number, in their order.
	Withheld(ctx context.Context, after int64, limit int) ([]gossip.Withheld, error)
	// Blocks returns what operators decided, the latest first, of what comes before a
	// number; 0 begins with the latest.
	Blocks(ctx context.Context, all bool, before int64, limit int) ([]gossip.Withheld, error)
	// Block and Unblock store an operator's decision, its event and the audit entry in one
	// transaction: gossip.ErrBlocked, gossip.ErrNotBlocked.
	Block(ctx context.Context, messageID, who string, by audit.Entry, source string) (gossip.Withheld, error)
	Unblock(ctx context.Context, messageID, who string, by audit.Entry, source string) (gossip.Withheld, error)
}
