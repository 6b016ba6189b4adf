package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/store"
)

// generationRow is how often a decky has mutated. Wanted, Cause and RequestedAt are
// written by who wants a mutation, the rest by the decky's node: neither overwrites the
// other.
type generationRow struct {
	bun.BaseModel `bun:"table:decky_generations"`

	ID          string     `bun:"id,pk"` // deckyIdentity
	Node        string     `bun:"node"`
	Name        string     `bun:"name"`
	Generation  int        `bun:"generation"`
	Wanted      int        `bun:"wanted"`
	Cause       string     `bun:"cause"`
	RequestedAt time.Time  `bun:"requested_at"`
	SinceAt     time.Time  `bun:"since_at"`
	MutatedAt   *time.Time `bun:"mutated_at"`
	Every       int64      `bun:"every_seconds"`
	NextAt      *time.Time `bun:"next_at"`
}

// mutationRow is one mutation.
type mutationRow struct {
	bun.BaseModel `bun:"table:decky_mutations"`

	ID          string    `bun:"id,pk"`
	Node        string    `bun:"node"`
	Decky       string    `bun:"decky"`
	Generation  int       `bun:"generation"`
	Cause       string    `bun:"cause"`
	OldServices string    `bun:"old_services"` // JSON
	NewServices string    `bun:"new_services"` // JSON
	RequestedAt time.Time `bun:"requested_at"`
	At          time.Time `bun:"at"`
}

// Generations implements deception.Store.
func (d *Deckies) Generations(ctx context.Context, node string) (map[string]deception.Generation, error) {
	rows, err := generationsOf(ctx, d.store.Reader(), node)
	if err != nil {
		return nil, err
	}
	out := make(map[string]deception.Generation, len(rows))
	for _, r := range rows {
		out[r.Name] = deception.Generation{Is: r.Generation, Wanted: r.Wanted, Since: r.SinceAt.UTC()}
	}
	return out, nil
}

func generationsOf(ctx context.Context, db bun.IDB, node string) (rows []generationRow, err error) {
	return rows, db.NewSelect().Model(&rows).Where("node = ?", keyText(node)).Scan(ctx)
}

// MutateScheduled implements deception.Store.
func (d *Deckies) MutateScheduled(ctx context.Context, node, name string) error {
	err := d.wantMutation(ctx, node, name, deception.BySchedule, nil)
	if errors.Is(err, deception.ErrMutating) {
		return nil
	}
	return err
}

// MutateDecky stores that an operator wants a decky to mutate, with the audit entry.
// The errors are deception.ErrNotFound, and ErrMutating when it is to anyhow.
func (d *Deckies) MutateDecky(ctx context.Context, node, name string, by audit.Entry) error {
	return d.wantMutation(ctx, node, name, deception.ByOperator, &by)
}

func (d *Deckies) wantMutation(ctx context.Context, node, name string, why deception.Trigger, by *audit.Entry) error {
	var refused error
	err := d.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := d.store.Now()
		row, err := raiseGeneration(ctx, tx, node, name, why, now)
		if errors.Is(err, deception.ErrNotFound) || errors.Is(err, deception.ErrMutating) {
			refused = err
		}
		if err != nil {
			return err
		}
		if by != nil {
			by.Before, by.After = generationJSON(row.Generation), generationJSON(row.Generation+1)
			if err := appendAudit(ctx, tx, *by); err != nil {
				return err
			}
		}
		e, err := event.New(event.Header{Time: now, Source: row.Node + "/deception", Severity: event.Info, Subject: row.Name}, event.DeckyMutateRequested{
			DeckyID: row.Name, Node: row.Node, Trigger: string(why), Generation: row.Generation + 1, OccurredAt: now,
		})
		if err != nil {
			return err
		}
		return tx.Emit(e)
	})
	if refused != nil {
		return refused
	}
	if err != nil {
		return fmt.Errorf("wanting decky %q to mutate: %w", name, err)
	}
	return nil
}

func generationJSON(n int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"generation":%d}`, n))
}

// raiseGeneration wants the next generation of a decky, and returns what it is now.
func raiseGeneration(ctx context.Context, tx *store.Tx, node, name string, why deception.Trigger, now time.Time) (generationRow, error) {
	if _, err := deckyOf(ctx, tx, node, name); err != nil {
		return generationRow{}, err
	}
	row := newGeneration(node, name, 0, now)
	if _, err := store.Insert(ctx, tx, &row); err != nil {
		return row, err
	}
	changed, err := tx.NewUpdate().Model(&row).Set("wanted = generation + 1").Set("cause = ?", string(why)).Set("requested_at = ?", stamp(now)).
		WherePK().Where("wanted = generation").Exec(ctx)
	if err != nil {
		return row, err
	}
	if n, err := changed.RowsAffected(); err != nil || n == 0 {
		return row, errors.Join(err, deception.ErrMutating)
	}
	return row, tx.NewSelect().Model(&row).WherePK().Scan(ctx)
}

func newGeneration(node, name string, n int, now time.Time) generationRow {
	return generationRow{
		ID: deckyIdentity(node, name), Node: keyText(node), Name: keyText(name), Generation: n, Wanted: n, Cause: string(deception.ByCreation),
		RequestedAt: stamp(now), SinceAt: stamp(now),
	}
}

// tellGeneration stores which generation a decky is, with an event when it is another
// than before. old is its row from before.
func tellGeneration(ctx context.Context, tx *store.Tx, s deception.Status, old, row deckyRow, known []generationRow, now time.Time) error {
	i := slices.IndexFunc(known, func(g generationRow) bool { return g.ID == row.Identity })
	g := newGeneration(row.Node, row.Name, s.Generation, now)
	if i >= 0 {
		g = known[i]
	}
	from := g.Generation
	g.Generation, g.Every, g.NextAt = s.Generation, int64(s.MutateEvery/time.Second), stampUnlessZero(s.NextMutation)
	if i < 0 {
		if err := store.Put(ctx, tx, &g); err != nil {
			return err
		}
		return tellMutation(ctx, tx, g, deckyRow{Services: "[]"}, row, now)
	}
	if from != s.Generation {
		g.SinceAt, g.MutatedAt = stamp(now), stampUnlessZero(now)
	}
	if _, err := tx.NewUpdate().Model(&g).Column("generation", "since_at", "mutated_at", "every_seconds", "next_at").WherePK().Exec(ctx); err != nil || from == s.Generation {
		return err
	}
	return errors.Join(keepMutation(ctx, tx, g, old, row, now), tellMutation(ctx, tx, g, old, row, now))
}

func stampUnlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return stampOrNil(&t)
}

func keepMutation(ctx context.Context, tx *store.Tx, g generationRow, old, now deckyRow, at time.Time) error {
	m := mutationRow{ID: id.New(), Node: g.Node, Decky: g.Name, Generation: g.Generation, Cause: g.Cause, RequestedAt: g.RequestedAt, At: stamp(at)}
	for _, v := range []struct {
		row deckyRow
		to  *string
	}{{old, &m.OldServices}, {now, &m.NewServices}} {
		ports, err := v.row.ports()
		if err != nil {
			return err
		}
		b, err := json.Marshal(ports)
		if err != nil {
			return err
		}
		*v.to = string(b)
	}
	return store.Put(ctx, tx, &m)
}

func tellMutation(ctx context.Context, tx *store.Tx, g generationRow, old, row deckyRow, now time.Time) error {
	before, err := old.ports()
	if err != nil {
		return err
	}
	after, err := row.ports()
	if err != nil {
		return err
	}
	e, err := event.New(event.Header{Time: now, Source: row.Node + "/deception", Severity: event.Info, Subject: row.Name}, event.DeckyMutated{
		DeckyID: row.Name, Node: row.Node, Trigger: g.Cause, Generation: g.Generation, OldHostname: old.Hostname, Hostname: row.Hostname,
		OldServices: before, NewServices: after, RequestedAt: g.RequestedAt.UTC(), OccurredAt: now,
	})
	if err != nil {
		return err
	}
	return tx.Emit(e)
}

// withGenerations adds to rows of deckies how often they have mutated.
func withGenerations(ctx context.Context, db bun.IDB, rows []deception.Row) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = deckyIdentity(r.Node, r.Name)
	}
	var gens []generationRow
	if err := db.NewSelect().Model(&gens).Where("id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return fmt.Errorf("reading the generations of deckies: %w", err)
	}
	for i := range rows {
		if j := slices.IndexFunc(gens, func(g generationRow) bool { return g.ID == ids[i] }); j >= 0 {
			gens[j].into(&rows[i])
		}
	}
	return nil
}

func (g generationRow) into(r *deception.Row) {
	r.Generation, r.Mutating, r.MutateEvery = g.Generation, g.Wanted != g.Generation, time.Duration(g.Every)*time.Second
	if g.MutatedAt != nil {
		r.MutatedAt = g.MutatedAt.UTC()
	}
	if g.NextAt != nil {
		r.NextMutation = g.NextAt.UTC()
	}
}
