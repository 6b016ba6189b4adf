package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/store"
)

// Anomalies keeps the episodes of the anomaly sensor.
type Anomalies struct{ store *store.Store }

var (
	_ follow.Log    = (*Anomalies)(nil)
	_ anomaly.Store = (*Anomalies)(nil)
)

// NewAnomalies returns the episodes in s.
func NewAnomalies(s *store.Store) *Anomalies { return &Anomalies{s} }

// The states of an episode, in its row.
const (
	anomalyOpen   = "open"
	anomalyClosed = "closed"
)

type anomalyRow struct {
	bun.BaseModel `bun:"table:anomalies"`

	ID        string     `bun:"id,pk"`
	OpenKey   string     `bun:"open_key"`
	State     string     `bun:"state"`
	Kind      string     `bun:"kind"`
	KeyKind   string     `bun:"key_kind"`
	Key       string     `bun:"key_value"`
	Severity  int        `bun:"severity"`
	SourceIP  string     `bun:"source_ip"`
	User      string     `bun:"user_name"`
	Detail    string     `bun:"detail"`
	Count     int64      `bun:"events"`
	Told      int64      `bun:"told"`
	Threshold int        `bun:"threshold"`
	Window    int64      `bun:"window_ms"`
	OpenedAt  time.Time  `bun:"opened_at"`
	SeenAt    time.Time  `bun:"seen_at"`
	ClosedAt  *time.Time `bun:"closed_at"`
}

func newAnomalyRow(e anomaly.Episode) anomalyRow {
	r := anomalyRow{
		ID: e.ID, OpenKey: e.ID, State: anomalyClosed, Kind: keyText(e.Kind), KeyKind: keyText(e.KeyKind), Key: keyText(e.Key), Severity: int(e.Severity),
		SourceIP: keyText(e.SourceIP), User: text(e.User), Detail: text(e.Detail), Count: e.Count, Told: e.Told, Threshold: e.Threshold,
		Window: e.Window.Milliseconds(), OpenedAt: stamp(e.OpenedAt), SeenAt: stamp(e.SeenAt), ClosedAt: stampOrNil(e.ClosedAt),
	}
	if e.ClosedAt == nil {
		r.State, r.OpenKey = anomalyOpen, identity(e.Kind, e.KeyKind, e.Key)
	}
	return r
}

func (r anomalyRow) value() anomaly.Episode {
	return anomaly.Episode{
		ID: r.ID, Kind: r.Kind, KeyKind: r.KeyKind, Key: r.Key, Severity: event.Severity(r.Severity), SourceIP: r.SourceIP, User: r.User, Detail: r.Detail,
		Count: r.Count, Told: r.Told, Threshold: r.Threshold, Window: time.Duration(r.Window) * time.Millisecond,
		OpenedAt: r.OpenedAt.UTC(), SeenAt: r.SeenAt.UTC(), ClosedAt: utc(r.ClosedAt),
	}
}

func episodes(rows []anomalyRow) []anomaly.Episode {
	out := make([]anomaly.Episode, len(rows))
	for k, r := range rows {
		out[k] = r.value()
	}
	return out
}

// Cursor implements follow.Log.
func (s *Anomalies) Cursor(ctx context.Context, consumer string) (event.Cursor, error) {
	return s.store.Cursor(ctx, consumer)
}

// Events implements follow.Log.
func (s *Anomalies) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	return s.store.Events(ctx, after, limit)
}

// OpenEpisodes implements anomaly.Store.
func (s *Anomalies) OpenEpisodes(ctx context.Context) ([]anomaly.Episode, error) {
	var rows []anomalyRow
	if err := s.store.Reader().NewSelect().Model(&rows).Where("state = ?", anomalyOpen).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading open anomalies: %w", err)
	}
	return episodes(rows), nil
}

// EndedEpisode implements anomaly.Store.
func (s *Anomalies) EndedEpisode(ctx context.Context, p anomaly.Past) (time.Time, error) {
	var row anomalyRow
	err := s.store.Reader().NewSelect().Model(&row).
		Where("key_value = ?", keyText(p.Key)).Where("kind = ?", keyText(p.Kind)).Where("key_kind = ?", keyText(p.KeyKind)).Where("state = ?", anomalyClosed).
		Where("opened_at <= ?", stamp(p.At.Add(p.Window))).Where("closed_at >= ?", stamp(p.At)).OrderExpr("closed_at DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading an anomaly that is over: %w", err)
	}
	return row.ClosedAt.UTC(), nil
}

// Commit implements anomaly.Store.
func (s *Anomalies) Commit(ctx context.Context, c anomaly.Commit) error {
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		at, err := tx.Cursor(ctx, anomaly.Consumer)
		if err != nil {
			return err
		}
		if at != c.From {
			return follow.ErrMoved
		}
		// What has ended makes room for what begins with the same key.
		for _, fresh := range []bool{false, true} {
			for _, change := range c.Changes {
				if change.Fresh != fresh {
					continue
				}
				if err := saveAnomaly(ctx, tx, change); err != nil {
					return fmt.Errorf("anomaly %s: %w", change.Episode.ID, err)
				}
			}
		}
		for _, e := range c.Events {
			if err := tx.Emit(e); err != nil {
				return err
			}
		}
		if err := tx.SaveCursor(ctx, anomaly.WindowConsumer, c.Window); err != nil {
			return err
		}
		return tx.SaveCursor(ctx, anomaly.Consumer, c.Next)
	})
	if err != nil {
		return fmt.Errorf("storing anomalies: %w", err)
	}
	return nil
}

func saveAnomaly(ctx context.Context, tx *store.Tx, c anomaly.Change) error {
	row := newAnomalyRow(c.Episode)
	done, err := false, error(nil)
	if c.Fresh {
		done, err = store.Insert(ctx, tx, &row)
	} else {
		done, err = store.Touched(tx.NewUpdate().Model(&row).WherePK().Where("state = ?", anomalyOpen).Exec(ctx))
	}
	if err == nil && !done {
		err = follow.ErrMoved // somebody else has opened it, or closed it: that it is quiet moves no place in the log
	}
	return err
}

// Anomaly returns an episode. The error is anomaly.ErrNotFound when there is none.
func (s *Anomalies) Anomaly(ctx context.Context, episodeID string) (anomaly.Episode, error) {
	var row anomalyRow
	if err := only(ctx, s.store.Reader().NewSelect().Model(&row).Where("id = ?", text(episodeID)), anomaly.ErrNotFound, "anomaly"); err != nil {
		return anomaly.Episode{}, err
	}
	return row.value(), nil
}

// ListAnomalies returns at most limit episodes that pass the filter, newest first,
// those before the id before; empty begins with the newest.
func (s *Anomalies) ListAnomalies(ctx context.Context, f anomaly.Filter, before string, limit int) ([]anomaly.Episode, error) {
	var rows []anomalyRow
	q := filterAnomalies(s.store.Reader().NewSelect().Model(&rows), f)
	if before != "" {
		q = q.Where("id < ?", text(before))
	}
	if err := q.OrderExpr("id DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing anomalies: %w", err)
	}
	return episodes(rows), nil
}

func filterAnomalies(q *bun.SelectQuery, f anomaly.Filter) *bun.SelectQuery {
	if f.Open != nil {
		state := anomalyClosed
		if *f.Open {
			state = anomalyOpen
		}
		q = q.Where("state = ?", state)
	}
	if len(f.Kinds) > 0 {
		q = q.Where("kind IN (?)", bun.In(f.Kinds))
	}
	if f.KeyKind != "" {
		q = q.Where("key_kind = ?", keyText(f.KeyKind))
	}
	if f.Key != "" {
		q = q.Where("key_value = ?", keyText(f.Key))
	}
	if len(f.Severities) > 0 {
		q = q.Where("severity IN (?)", bun.In(ranks(f.Severities)))
	}
	return q
}

func ranks(all []event.Severity) []int {
	out := make([]int, len(all))
	for k, s := range all {
		out[k] = int(s)
	}
	return out
}

// dropAnomalies deletes episodes that ended before a time. Open ones stay.
func dropAnomalies(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	var ids []string
	err := tx.NewSelect().Model((*anomalyRow)(nil)).Column("id").Where("closed_at < ?", stamp(before)).Order("closed_at").Limit(dropSize).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	_, err = tx.NewDelete().Model((*anomalyRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx)
	return len(ids), err
}
