package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/playbook"
	"go.cordon.dev/cordon/internal/store"
)

var (
	_ respond.ActionLog   = (*Responses)(nil)
	_ respond.ActionStore = (*Responses)(nil)
)

type actionRow struct {
	bun.BaseModel `bun:"table:actions"`

	ID            string     `bun:"id,pk"`
	Cause         string     `bun:"cause"`
	Playbook      string     `bun:"playbook"`
	Kind          string     `bun:"kind"`
	Target        string     `bun:"target"`
	Lasts         int64      `bun:"lasts_s"`
	Message       string     `bun:"message"`
	EventID       string     `bun:"event_id"`
	Topic         string     `bun:"topic"`
	CorrelationID string     `bun:"correlation_id"`
	Severity      int        `bun:"severity"`
	State         string     `bun:"state"`
	CreatedAt     time.Time  `bun:"created_at"`
	ExpiresAt     time.Time  `bun:"expires_at"`
	DecidedAt     *time.Time `bun:"decided_at"`
	DecidedBy     string     `bun:"decided_by"`
	Reason        string     `bun:"reason"`
	Result        string     `bun:"result"`
}

// dropRow counts the actions of a playbook that were too many.
type dropRow struct {
	bun.BaseModel `bun:"table:action_drops"`

	Playbook string `bun:"playbook,pk"`
	Dropped  int64  `bun:"dropped"`
}

func newActionRow(a respond.Action) actionRow {
	return actionRow{
		ID: a.ID, Cause: identity(a.Playbook, a.EventID, string(a.Kind), a.Target), Playbook: a.Playbook, Kind: string(a.Kind), Target: keyText(a.Target),
		Lasts: int64(a.For / time.Second), Message: text(a.Text), EventID: text(a.EventID), Topic: text(a.Topic), CorrelationID: text(a.CorrelationID),
		Severity: int(a.Severity), State: string(a.State), CreatedAt: stamp(a.CreatedAt), ExpiresAt: stamp(a.Expires), DecidedAt: stampOrNil(a.DecidedAt),
		DecidedBy: keyText(a.DecidedBy), Reason: text(a.Reason), Result: text(a.Result),
	}
}

func (r actionRow) value() respond.Action {
	return respond.Action{
		ID: r.ID, Playbook: r.Playbook, Kind: playbook.Kind(r.Kind), Target: r.Target, For: time.Duration(r.Lasts) * time.Second, Text: r.Message,
		EventID: r.EventID, Topic: r.Topic, CorrelationID: r.CorrelationID, Severity: event.Severity(r.Severity), State: respond.ActionState(r.State),
		CreatedAt: r.CreatedAt.UTC(), Expires: r.ExpiresAt.UTC(), DecidedAt: utc(r.DecidedAt), DecidedBy: r.DecidedBy, Reason: r.Reason, Result: r.Result,
	}
}

// Cursor implements respond.ActionLog.
func (s *Responses) Cursor(ctx context.Context, consumer string) (event.Cursor, error) {
	return s.store.Cursor(ctx, consumer)
}

// Events implements respond.ActionLog.
func (s *Responses) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	return s.store.Events(ctx, after, limit)
}

// Propose implements respond.ActionLog.
func (s *Responses) Propose(ctx context.Context, p respond.Proposal) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		had := map[string]int64{}
		for _, a := range p.Actions {
			if err := proposeOne(ctx, tx, a, p.Since, had); err != nil {
				return fmt.Errorf("storing an action of playbook %s: %w", a.Action.Playbook, err)
			}
		}
		return advance(ctx, tx, p.Span)
	})
}

// proposeOne stores an action unless it is known or its playbook has had its share. had
// is how many each playbook has had since then.
func proposeOne(ctx context.Context, tx *store.Tx, p respond.Proposed, since time.Time, had map[string]int64) error {
	row := newActionRow(p.Action)
	known, err := tx.NewSelect().Model((*actionRow)(nil)).Where("cause = ?", row.Cause).Exists(ctx)
	if err != nil || known {
		return err
	}
	name := p.Action.Playbook
	if _, counted := had[name]; !counted {
		if had[name], err = tx.NewSelect().Model((*actionRow)(nil)).Where("playbook = ?", name).Where("created_at > ?", stamp(since)).Count(ctx); err != nil {
			return err
		}
	}
	if had[name] >= int64(p.PerHour) {
		return countDrop(ctx, tx, name)
	}
	had[name]++
	if _, err := store.Insert(ctx, tx, &row); err != nil {
		return err
	}
	return tx.Emit(p.Event)
}

func countDrop(ctx context.Context, tx *store.Tx, name string) error {
	if _, err := store.Insert(ctx, tx, &dropRow{Playbook: name}); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*dropRow)(nil)).Set("dropped = dropped + 1").Where("playbook = ?", name).Exec(ctx)
	return err
}

// ListActions implements respond.ActionStore.
func (s *Responses) ListActions(ctx context.Context, f respond.ActionFilter, before string, limit int) ([]respond.Action, error) {
	var rows []actionRow
	q := s.store.Reader().NewSelect().Model(&rows)
	if f.State != "" {
		q = q.Where("state = ?", string(f.State))
	}
	if f.Playbook != "" {
		q = q.Where("playbook = ?", keyText(f.Playbook))
	}
	if before != "" {
		q = q.Where("id < ?", text(before))
	}
	if err := q.Order("id DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing actions: %w", err)
	}
	out := make([]respond.Action, len(rows))
	for k, r := range rows {
		out[k] = r.value()
	}
	return out, nil
}

// Action implements respond.ActionStore.
func (s *Responses) Action(ctx context.Context, id string) (respond.Action, error) {
	return actionByID(ctx, s.store.Reader(), id)
}

// ChangeAction implements respond.ActionStore.
func (s *Responses) ChangeAction(ctx context.Context, id string, by audit.Entry, change func(*respond.Action) (event.Event, error)) (a respond.Action, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		was, err := actionByID(ctx, tx, id)
		if err != nil {
			return err
		}
		a = was
		e, err := change(&a)
		if err != nil {
			return err
		}
		row := newActionRow(a)
		if _, err := tx.NewUpdate().Model(&row).Column("state", "decided_at", "decided_by", "reason", "result").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("storing action %s: %w", id, err)
		}
		return tellChange(ctx, tx, was, a, by, e)
	})
	return a, err
}

func actionByID(ctx context.Context, db bun.IDB, id string) (respond.Action, error) {
	var row actionRow
	if err := only(ctx, db.NewSelect().Model(&row).Where("id = ?", text(id)), respond.ErrNoAction, fmt.Sprintf("action %q", id)); err != nil {
		return respond.Action{}, err
	}
	return row.value(), nil
}

// Dropped implements respond.ActionStore.
func (s *Responses) Dropped(ctx context.Context) (map[string]int64, error) {
	var rows []dropRow
	if err := s.store.Reader().NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("counting dropped actions: %w", err)
	}
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.Playbook] = r.Dropped
	}
	return out, nil
}

// dropActions deletes old actions. What waits for approval, or is to be done, stays: it
// ends first.
func dropActions(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	return dropWhere[actionRow](ctx, tx, "created_at < ? AND state NOT IN (?, ?)", stamp(before), string(respond.ActionPending), string(respond.ActionDue))
}
