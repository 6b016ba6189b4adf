package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

// API is what the HTTP face reads and changes: api.QuarantineStore,
// FindingStore, MetricsStore and EventStore. (That it implements them is
// asserted in a test: api is on this package's own level.)
type API struct{ store *store.Store }

// NewAPI returns the HTTP face's stores in s.
func NewAPI(s *store.Store) *API { return &API{s} }

// Head implements api.EventStore.
func (a *API) Head(ctx context.Context) (event.Cursor, error) { return a.store.Head(ctx) }

// Events implements api.EventStore.
func (a *API) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	return a.store.Events(ctx, after, limit)
}

// FindEvents implements api.EventStore.
func (a *API) FindEvents(ctx context.Context, f event.Filter, before int64, limit int) (event.Found, error) {
	return a.store.FindEvents(ctx, f, before, limit)
}

// Event implements api.EventStore.
func (a *API) Event(ctx context.Context, id string) (event.Record, error) {
	return a.store.Event(ctx, id)
}

// ListQuarantine implements api.QuarantineStore.
func (a *API) ListQuarantine(ctx context.Context, f leak.QuarantineFilter, p leak.Page) ([]leak.Quarantine, error) {
	var ids []string
	if err := quarantineIDs(a.store.Reader(), f, p).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("listing quarantine: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []quarantineRow
	if err := a.store.Reader().NewSelect().Model(&rows).Where("id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing quarantine: %w", err)
	}
	slices.SortFunc(rows, func(x, y quarantineRow) int { return strings.Compare(y.ID, x.ID) })
	out := make([]leak.Quarantine, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

// quarantineIDs selects a page. Without a filter the primary key is in order
// already.
func quarantineIDs(db bun.IDB, f leak.QuarantineFilter, p leak.Page) *bun.SelectQuery {
	lanes := []lane{nil}
	if f.Source != "" || f.Rule != "" || len(f.Severities) > 0 || f.Reviewed != nil || f.Fingerprint != "" {
		lanes = withText(lanes, "fingerprint", f.Fingerprint)
		lanes = withText(lanes, "source", f.Source)
		lanes = withText(lanes, "rule", f.Rule)
		lanes = withSeverities(lanes, f.Severities)
		lanes = with(lanes, "reviewed", reviewStates(f.Reviewed)...)
	}
	return idsIn(db, (*quarantineRow)(nil), lanes, p)
}

func reviewStates(only *bool) []bool {
	if only != nil {
		return []bool{*only}
	}
	return []bool{false, true}
}

// Quarantine implements api.QuarantineStore.
func (a *API) Quarantine(ctx context.Context, id string) (leak.Quarantine, error) {
	row, err := quarantineByID(ctx, a.store.Reader(), id)
	return row.value(), err
}

func quarantineByID(ctx context.Context, db bun.IDB, id string) (quarantineRow, error) {
	row := quarantineRow{ID: text(id)}
	if err := only(ctx, db.NewSelect().Model(&row).WherePK(), fmt.Errorf("quarantine entry %q: %w", id, leak.ErrNotFound), fmt.Sprintf("quarantine entry %q", id)); err != nil {
		return quarantineRow{}, err
	}
	return row, nil
}

// ListFindings implements api.FindingStore.
func (a *API) ListFindings(ctx context.Context, f leak.FindingFilter, p leak.Page) ([]leak.Finding, error) {
	var ids []string
	if err := findingIDs(a.store.Reader(), f, p).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("listing findings: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []findingRow
	if err := a.store.Reader().NewSelect().Model(&rows).Where("id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing findings: %w", err)
	}
	slices.SortFunc(rows, func(x, y findingRow) int { return strings.Compare(y.ID, x.ID) })
	return findingValues(rows)
}

func findingIDs(db bun.IDB, f leak.FindingFilter, p leak.Page) *bun.SelectQuery {
	lanes := []lane{nil}
	if f.Source != "" || f.Rule != "" || len(f.Severities) > 0 || f.Fingerprint != "" || f.Quarantine != "" {
		lanes = withText(lanes, "quarantine_id", f.Quarantine)
		lanes = withText(lanes, "fingerprint", f.Fingerprint)
		lanes = withText(lanes, "source", f.Source)
		lanes = withText(lanes, "rule", f.Rule)
		lanes = withSeverities(lanes, f.Severities)
	}
	return idsIn(db, (*findingRow)(nil), lanes, p)
}

func findingValues(rows []findingRow) ([]leak.Finding, error) {
	out := make([]leak.Finding, len(rows))
	for i, r := range rows {
		f, err := r.value()
		if err != nil {
			return nil, err
		}
		out[i] = f
	}
	return out, nil
}
