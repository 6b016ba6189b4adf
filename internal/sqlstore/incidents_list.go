package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// ListIncidents returns at most limit incidents that pass the filter, in its order,
// those behind the place before; empty begins with the first.
func (s *Incidents) ListIncidents(ctx context.Context, f incident.Filter, before string, limit int) (page []incident.Incident, err error) {
	list := listing{filter: f, before: before, limit: max(limit, 1), now: s.store.Now()}
	err = s.store.Snapshot(ctx, func(ctx context.Context, snap *store.Snapshot) error {
		list.db = snap.Reader()
		rows, err := list.rows(ctx)
		if err != nil {
			return err
		}
		page = rowsFor(rows, incidentRow.value)
		return shown(ctx, list.db, page)
	})
	if err != nil {
		return nil, fmt.Errorf("listing incidents: %w", err)
	}
	return page, nil
}

// listing is a page of a list being read: from one view of the database, so that what
// moves meanwhile is in it once.
type listing struct {
	db     bun.IDB
	filter incident.Filter
	before string
	limit  int
	now    time.Time
}

func (l listing) rows(ctx context.Context) (rows []incidentRow, err error) {
	if l.filter.Order == incident.Gravest {
		return l.gravest(ctx)
	}
	q := filterIncidents(l.db.NewSelect().Model(&rows), l.filter, l.now)
	err = pageOfIncidents(q, l.before, l.limit).Scan(ctx)
	return rows, err
}

// gravest reads one rank after the other until the page is full: no database finds such
// an order in an index by itself.
func (l listing) gravest(ctx context.Context) (rows []incidentRow, err error) {
	from, within, err := incident.Gravest.ReadPlace(l.before)
	if err != nil {
		return nil, err
	}
	for _, r := range l.filter.Ranks() {
		if r > from {
			continue
		}
		before := ""
		if r == from {
			before = within
		}
		some, err := l.ofRank(ctx, r, before, l.limit-len(rows))
		if rows = append(rows, some...); err != nil || len(rows) == l.limit {
			return rows, err
		}
	}
	return rows, nil
}

// ofRank reads incidents of one rank, newest first. Each state is asked for by itself:
// its rows lie in this order in the index.
func (l listing) ofRank(ctx context.Context, r incident.Rank, before string, limit int) (rows []incidentRow, err error) {
	for _, state := range r.States() {
		if len(l.filter.States) > 0 && !slices.Contains(l.filter.States, state) {
			continue
		}
		var some []incidentRow
		if err := l.lane(&some, state, r.Severity(), before, limit).Scan(ctx); err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	slices.SortFunc(rows, func(a, b incidentRow) int { return cmp.Compare(b.ID, a.ID) })
	return rows[:min(len(rows), limit)], nil
}

func (l listing) lane(rows *[]incidentRow, state incident.State, severity event.Severity, before string, limit int) *bun.SelectQuery {
	rest := l.filter
	rest.States, rest.Severities = nil, nil
	q := l.db.NewSelect().Model(rows).Where("state = ?", string(state)).Where("severity = ?", int(severity))
	return pageOfIncidents(filterIncidents(q, rest, l.now), before, limit)
}

func pageOfIncidents(q *bun.SelectQuery, before string, limit int) *bun.SelectQuery {
	if before != "" {
		q = q.Where("id < ?", text(before))
	}
	return q.OrderExpr("id DESC").Limit(int64(limit))
}

// openRow is how many incidents of a severity are open.
type openRow struct {
	Severity int   `bun:"severity"`
	Total    int64 `bun:"total"`
}

// OpenIncidents implements api.IncidentStore.
func (s *Incidents) OpenIncidents(ctx context.Context) (map[event.Severity]int64, error) {
	f := incident.Filter{States: []incident.State{incident.Triggered, incident.Acknowledged}, Snoozed: new(false)}
	var rows []openRow
	q := filterIncidents(s.store.Reader().NewSelect().Model((*incidentRow)(nil)), f, s.store.Now())
	if err := q.ColumnExpr("severity, COUNT(*) AS total").GroupExpr("severity").Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("counting open incidents: %w", err)
	}
	out := map[event.Severity]int64{}
	for _, r := range rows {
		out[event.Severity(r.Severity)] = r.Total
	}
	return out, nil
}

func filterIncidents(q *bun.SelectQuery, f incident.Filter, now time.Time) *bun.SelectQuery {
	if len(f.States) > 0 {
		q = q.Where("state IN (?)", bun.In(f.States))
	}
	if len(f.Severities) > 0 {
		ranks := make([]int, len(f.Severities))
		for k, s := range f.Severities {
			ranks[k] = int(s)
		}
		q = q.Where("severity IN (?)", bun.In(ranks))
	}
	if f.Assignee != "" {
		q = q.Where("assignee = ?", keyText(f.Assignee))
	}
	if f.Snoozed != nil {
		not := map[bool]string{true: "", false: "NOT "}[*f.Snoozed]
		q = q.Where("id "+not+"IN (SELECT id FROM incident_snoozes WHERE snoozed_until > ?)", stamp(now))
	}
	if f.Fingerprint != "" {
		q = ofKey(q, incident.Key{Kind: incident.Secret, Value: f.Fingerprint})
	}
	if f.Address != "" {
		key, _ := incident.AddressKey(f.Address) // what is no address, or everybody's, has no incident
		q = ofKey(q, key)
	}
	return q
}

// ofKey narrows to the incident of a key, and to those that it was merged into.
func ofKey(q *bun.SelectQuery, k incident.Key) *bun.SelectQuery {
	key := joinKey(k)
	return q.Where("(join_key = ? OR id IN (SELECT l.into_id FROM incident_links AS l JOIN incidents AS p ON p.id = l.id WHERE p.join_key = ?))", key, key)
}
