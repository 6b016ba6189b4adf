package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/store"
)

// Deckies keeps the fleet of all nodes.
type Deckies struct{ store *store.Store }

var _ deception.Store = (*Deckies)(nil)

// NewDeckies returns the deckies in s.
func NewDeckies(s *store.Store) *Deckies { return &Deckies{s} }

// WantedDeckies implements deception.Store.
func (d *Deckies) WantedDeckies(ctx context.Context, node string) ([]deception.Spec, error) {
	var rows []deckyRow
	if err := d.store.Reader().NewSelect().Model(&rows).Where("node = ? AND spec IS NOT NULL", keyText(node)).OrderExpr("id").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]deception.Spec, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal([]byte(*r.Spec), &out[i]); err != nil {
			return nil, fmt.Errorf("decky %q: %w", r.Name, err)
		}
	}
	return out, nil
}

// ReportDeckies implements deception.Store.
func (d *Deckies) ReportDeckies(ctx context.Context, node string, all []deception.Status, configured func(string) bool) error {
	return d.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var rows []deckyRow
		if err := tx.NewSelect().Model(&rows).Where("node = ?", keyText(node)).Scan(ctx); err != nil {
			return err
		}
		gens, err := generationsOf(ctx, tx, node)
		if err != nil {
			return err
		}
		for _, s := range all {
			i := slices.IndexFunc(rows, func(r deckyRow) bool { return r.Name == s.Name })
			if i < 0 && !configured(s.Name) {
				continue // it was removed a moment ago
			}
			var before *deckyRow
			if i >= 0 {
				before = &rows[i]
			}
			if err := d.tell(ctx, tx, node, s, before, gens, configured(s.Name)); err != nil {
				return err
			}
		}
		return d.forget(ctx, tx, rows, all)
	})
}

// tell stores how one decky fares; before is nil when it has no row.
func (d *Deckies) tell(ctx context.Context, tx *store.Tx, node string, s deception.Status, before *deckyRow, gens []generationRow, configured bool) error {
	now := d.store.Now()
	row := deckyRow{ID: id.New(), Identity: deckyIdentity(node, s.Name), Node: keyText(node), Name: keyText(s.Name), Services: "[]"}
	if before != nil {
		row = *before
	}
	old := row
	if configured { // somebody added one, then the configuration took its name
		row.Spec, row.AddedBy = nil, ""
	}
	if err := row.tell(s, now); err != nil {
		return err
	}
	if err := store.Put(ctx, tx, &row); err != nil {
		return err
	}
	if err := tellGeneration(ctx, tx, s, old, row, gens, now); err != nil {
		return err
	}
	if before != nil && before.State == row.State && before.Detail == row.Detail {
		return nil
	}
	e, err := row.event(node+"/deception", now)
	if err != nil {
		return err
	}
	return tx.Emit(e)
}

// forget removes the rows of deckies that the configuration no longer has.
func (d *Deckies) forget(ctx context.Context, tx *store.Tx, rows []deckyRow, all []deception.Status) error {
	for _, r := range rows {
		if r.Spec != nil || slices.ContainsFunc(all, func(s deception.Status) bool { return s.Name == r.Name }) {
			continue
		}
		if err := d.remove(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

func (d *Deckies) remove(ctx context.Context, tx *store.Tx, row deckyRow) error {
	if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model(&generationRow{ID: row.Identity}).WherePK().Exec(ctx); err != nil {
		return err
	}
	row.State, row.Detail, row.Since = string(deception.Removed), "", d.store.Now()
	e, err := row.event(row.Node+"/deception", d.store.Now())
	if err != nil {
		return err
	}
	return tx.Emit(e)
}

// AddDecky stores that somebody wants a decky on a node, with the audit entry.
// The error is deception.ErrExists when the node has one of that name.
func (d *Deckies) AddDecky(ctx context.Context, node string, s deception.Spec, by audit.Entry) error {
	spec, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("adding decky %q: %w", s.Name, err)
	}
	now, said := d.store.Now(), string(spec)
	row := deckyRow{
		ID: id.New(), Identity: deckyIdentity(node, s.Name), Node: keyText(node), Name: keyText(s.Name), Spec: &said, AddedBy: keyText(by.Actor.Name),
	}
	if err := row.tell(deception.Status{Name: s.Name, Archetype: s.Archetype, Hostname: s.Hostname, Address: s.Address, State: deception.Stopped, Detail: "not opened yet", Services: []deception.ServiceStatus{}}, now); err != nil {
		return err
	}
	by.After = spec
	var refused error
	err = d.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		added, err := store.Insert(ctx, tx, &row)
		if err != nil {
			return err
		}
		if !added {
			refused = deception.ErrExists
			return refused
		}
		e, err := row.event(node+"/api", now)
		if err != nil {
			return err
		}
		return errors.Join(appendAudit(ctx, tx, by), tx.Emit(e))
	})
	if refused != nil {
		return refused
	}
	if err != nil {
		return fmt.Errorf("adding decky %q: %w", s.Name, err)
	}
	return nil
}

// RemoveDecky removes a decky that somebody added. The errors are
// deception.ErrNotFound and ErrConfigured.
func (d *Deckies) RemoveDecky(ctx context.Context, node, name string, by audit.Entry) error {
	var refused error
	err := d.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var row deckyRow
		if row, refused = deckyOf(ctx, tx, node, name); refused != nil {
			return refused
		}
		if row.Spec == nil {
			refused = deception.ErrConfigured
			return refused
		}
		by.Before = json.RawMessage(*row.Spec)
		return errors.Join(d.remove(ctx, tx, row), appendAudit(ctx, tx, by))
	})
	if errors.Is(refused, deception.ErrNotFound) || errors.Is(refused, deception.ErrConfigured) {
		return refused
	}
	if err != nil {
		return fmt.Errorf("removing decky %q: %w", name, err)
	}
	return nil
}

func deckyOf(ctx context.Context, db bun.IDB, node, name string) (row deckyRow, err error) {
	err = db.NewSelect().Model(&row).Where("identity = ?", deckyIdentity(node, name)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, deception.ErrNotFound
	}
	return row, err
}

// ListDeckies returns at most limit deckies that pass the filter, oldest first,
// those behind the id after; empty begins with the first.
func (d *Deckies) ListDeckies(ctx context.Context, f deception.Filter, after string, limit int) ([]deception.Row, error) {
	var rows []deckyRow
	q := d.store.Reader().NewSelect().Model(&rows)
	if f.Node != "" {
		q = q.Where("node = ?", keyText(f.Node))
	}
	if f.State != "" {
		q = q.Where("state = ?", keyText(string(f.State)))
	}
	if after != "" {
		q = q.Where("id > ?", text(after))
	}
	if err := q.OrderExpr("id").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing deckies: %w", err)
	}
	out := make([]deception.Row, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, withGenerations(ctx, d.store.Reader(), out)
}

// Decky returns one. The error is deception.ErrNotFound when there is none.
func (d *Deckies) Decky(ctx context.Context, node, name string) (deception.Row, error) {
	row, err := deckyOf(ctx, d.store.Reader(), node, name)
	if err != nil {
		if !errors.Is(err, deception.ErrNotFound) {
			err = fmt.Errorf("reading decky %q: %w", name, err)
		}
		return deception.Row{}, err
	}
	out, err := row.value()
	if err != nil {
		return out, err
	}
	all := []deception.Row{out}
	err = withGenerations(ctx, d.store.Reader(), all)
	return all[0], err
}
