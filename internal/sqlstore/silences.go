package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/store"
)

type silenceRow struct {
	bun.BaseModel `bun:"table:silences"`

	ID          string     `bun:"id,pk"`
	Scope       string     `bun:"scope"` // a silenceScope
	MaxSeverity int        `bun:"max_severity"`
	Reason      string     `bun:"reason"`
	MadeBy      string     `bun:"made_by"`
	CreatedAt   time.Time  `bun:"created_at"`
	UntilAt     time.Time  `bun:"until_at"`
	EndedAt     *time.Time `bun:"ended_at"`
	EndedBy     string     `bun:"ended_by"`
}

// silenceScope is what a silence hides, and from whom.
type silenceScope struct {
	Topics   []string `json:"topics"`
	Webhooks []string `json:"webhooks,omitempty"`
	Rules    []string `json:"rules,omitempty"`
	Sources  []string `json:"sources,omitempty"`
	Secrets  []string `json:"fingerprints,omitempty"`
}

func newSilenceRow(s notify.Silence) (silenceRow, error) {
	scope, err := json.Marshal(silenceScope{s.Topics, s.Webhooks, s.Rules, s.Sources, s.Secrets})
	if err != nil {
		return silenceRow{}, fmt.Errorf("encoding silence %s: %w", s.ID, err)
	}
	return silenceRow{
		ID: text(s.ID), Scope: text(string(scope)), MaxSeverity: int(s.MaxSeverity), Reason: text(s.Reason), MadeBy: text(s.By),
		CreatedAt: stamp(s.CreatedAt), UntilAt: stamp(s.Until), EndedAt: stampOrNil(s.EndedAt), EndedBy: text(s.EndedBy),
	}, nil
}

func (r silenceRow) value() (notify.Silence, error) {
	var scope silenceScope
	if err := json.Unmarshal([]byte(r.Scope), &scope); err != nil {
		return notify.Silence{}, fmt.Errorf("decoding silence %s: %w", r.ID, err)
	}
	return notify.Silence{
		ID: r.ID, Topics: scope.Topics, Webhooks: scope.Webhooks, Rules: scope.Rules, Sources: scope.Sources, Secrets: scope.Secrets,
		MaxSeverity: event.Severity(r.MaxSeverity), Reason: r.Reason, By: r.MadeBy,
		CreatedAt: r.CreatedAt.UTC(), Until: r.UntilAt.UTC(), EndedAt: utc(r.EndedAt), EndedBy: r.EndedBy,
	}, nil
}

func silenceValues(rows []silenceRow) ([]notify.Silence, error) {
	out := make([]notify.Silence, len(rows))
	for i, r := range rows {
		s, err := r.value()
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

// SilencesAt implements notify.Silences.
func (n *Notify) SilencesAt(ctx context.Context, at time.Time) ([]notify.Silence, error) {
	var rows []silenceRow
	err := inForce(n.store.Reader().NewSelect().Model(&rows), at).Order("id").Limit(notify.MaxSilences).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading silences: %w", err)
	}
	return silenceValues(rows)
}

func inForce(q *bun.SelectQuery, at time.Time) *bun.SelectQuery {
	return q.Where("until_at > ?", stamp(at)).Where("ended_at IS NULL")
}

// ListSilences implements notify.Silences.
func (n *Notify) ListSilences(ctx context.Context, before string, limit int) ([]notify.Silence, error) {
	var rows []silenceRow
	q := n.store.Reader().NewSelect().Model(&rows)
	if before != "" {
		q = q.Where("id < ?", text(before))
	}
	if err := q.Order("id DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing silences: %w", err)
	}
	return silenceValues(rows)
}

// AddSilence implements notify.Silences.
func (n *Notify) AddSilence(ctx context.Context, s notify.Silence, by audit.Entry, e event.Event) error {
	row, err := newSilenceRow(s)
	if err != nil {
		return err
	}
	return n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := inForce(tx.NewSelect().Model((*silenceRow)(nil)), s.CreatedAt).Count(ctx)
		if err != nil {
			return fmt.Errorf("counting silences: %w", err)
		}
		if now >= notify.MaxSilences {
			return notify.ErrTooManySilences
		}
		if _, err := store.Insert(ctx, tx, &row); err != nil {
			return fmt.Errorf("storing silence %s: %w", s.ID, err)
		}
		return tellChange(ctx, tx, nil, s, by, e)
	})
}

// EndSilence implements notify.Silences.
func (n *Notify) EndSilence(ctx context.Context, id, who string, at time.Time, by audit.Entry, tell func(notify.Silence) (event.Event, error)) (s notify.Silence, err error) {
	err = n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		was, err := silenceByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if !was.ActiveAt(at) {
			return notify.ErrEnded
		}
		s = was
		s.EndedAt, s.EndedBy = new(stamp(at)), who
		_, err = tx.NewUpdate().Model(&silenceRow{ID: was.ID, EndedAt: s.EndedAt, EndedBy: text(who)}).
			Column("ended_at", "ended_by").WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("storing silence %s: %w", id, err)
		}
		e, err := tell(s)
		if err != nil {
			return err
		}
		return tellChange(ctx, tx, was, s, by, e)
	})
	return s, err
}

func silenceByID(ctx context.Context, db bun.IDB, id string) (notify.Silence, error) {
	var row silenceRow
	if err := only(ctx, db.NewSelect().Model(&row).Where("id = ?", text(id)), notify.ErrNotFound, fmt.Sprintf("silence %q", id)); err != nil {
		return notify.Silence{}, err
	}
	return row.value()
}
