package sqlstore

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/gossip"
	"go.cordon.dev/cordon/internal/store"
)

// Gossip keeps how gossip gateways fare, and what they are to withhold.
type Gossip struct{ store *store.Store }

var _ gossip.Store = (*Gossip)(nil)

// NewGossip returns what is kept of gossip in s.
func NewGossip(s *store.Store) *Gossip { return &Gossip{s} }

// Withheld implements api.GossipStore.
func (g *Gossip) Withheld(ctx context.Context, after int64, limit int) ([]gossip.Withheld, error) {
	newest, err := g.newest(ctx)
	if err != nil {
		return nil, err
	}
	if after > newest { // a number of another store, such as that of before a restore
		after = 0
	}
	var rows []withheldRow
	err = g.store.Reader().NewSelect().Model(&rows).Where("seq > ?", after).Order("seq").Limit(int64(min(max(limit, 1), gossip.MaxFeed))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what is withheld: %w", err)
	}
	return withheldValues(rows), nil
}

// newest is the number of the last change, also of one whose row is gone.
func (g *Gossip) newest(ctx context.Context) (int64, error) {
	var heads []withheldHead
	if err := g.store.Reader().NewSelect().Model(&heads).Scan(ctx); err != nil {
		return 0, fmt.Errorf("counting what is withheld: %w", err)
	}
	if len(heads) > 0 {
		return heads[0].Seq, nil
	}
	var newest int64
	if err := g.store.Reader().NewSelect().Model((*withheldRow)(nil)).ColumnExpr("COALESCE(MAX(seq), 0)").Scan(ctx, &newest); err != nil {
		return 0, fmt.Errorf("counting what is withheld: %w", err)
	}
	return newest, nil
}

// Blocks implements api.GossipStore.
func (g *Gossip) Blocks(ctx context.Context, all bool, before int64, limit int) ([]gossip.Withheld, error) {
	var rows []withheldRow
	q := g.store.Reader().NewSelect().Model(&rows).Where("origin = ?", string(gossip.ByPerson))
	if !all {
		q = q.Where("blocked = ?", true)
	}
	if before > 0 {
		q = q.Where("seq < ?", before)
	}
	if err := q.Order("seq DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing blocked messages: %w", err)
	}
	return withheldValues(rows), nil
}

func withheldValues(rows []withheldRow) []gossip.Withheld {
	out := make([]gossip.Withheld, len(rows))
	for k, r := range rows {
		out[k] = r.value()
	}
	return out
}

// Block implements api.GossipStore.
func (g *Gossip) Block(ctx context.Context, messageID, who string, by audit.Entry, source string) (gossip.Withheld, error) {
	return g.decide(ctx, messageID, true, who, by, source)
}

// Unblock implements api.GossipStore.
func (g *Gossip) Unblock(ctx context.Context, messageID, who string, by audit.Entry, source string) (gossip.Withheld, error) {
	return g.decide(ctx, messageID, false, who, by, source)
}

// decide stores what a person wants of a message, with the event and the audit entry.
func (g *Gossip) decide(ctx context.Context, messageID string, blocked bool, who string, by audit.Entry, source string) (now gossip.Withheld, err error) {
	err = g.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		w, err := openWithholding(ctx, tx, g.store.Now(), []string{withheldID(gossip.MessageID, text(messageID))})
		if err != nil {
			return err
		}
		before, known := w.row(gossip.MessageID, messageID)
		if err := refusal(before, known, blocked); err != nil {
			return err
		}
		set := w.set(gossip.Withheld{Kind: gossip.MessageID, Value: messageID, Blocked: blocked, Origin: gossip.ByPerson, Reason: by.Reason, ChangedBy: who})
		if err := w.store(ctx); err != nil {
			return err
		}
		now = w.rows[set.ID].value()
		if known {
			if by.Before, err = before.value().Story(); err != nil {
				return err
			}
		}
		return tellOfWithheld(ctx, tx, now, by, source)
	})
	return now, err
}

// refusal says why a decision changes nothing. A person's word counts more than that of
// a quarantine entry, and is taken although the message is withheld already.
func refusal(before withheldRow, known, blocked bool) error {
	switch {
	case blocked && known && before.Blocked && before.Origin == string(gossip.ByPerson):
		return gossip.ErrBlocked
	case !blocked && (!known || !before.Blocked):
		return gossip.ErrNotBlocked
	}
	return nil
}

func tellOfWithheld(ctx context.Context, tx *store.Tx, now gossip.Withheld, by audit.Entry, source string) (err error) {
	if by.After, err = now.Story(); err != nil {
		return err
	}
	if err := appendAudit(ctx, tx, by); err != nil {
		return err
	}
	e, err := now.Event(source)
	if err != nil {
		return err
	}
	return tx.Emit(e)
}

// Lose implements gossip.Store.
func (g *Gossip) Lose(ctx context.Context, silentSince time.Time, source string) (lost []string, err error) {
	silent, err := g.store.Reader().NewSelect().Model((*gatewayRow)(nil)).Where("state = ? AND seen_at < ?", event.GatewayRunning, stamp(silentSince)).Count(ctx)
	if err != nil || silent == 0 {
		return nil, err
	}
	err = g.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		lost, err = loseGateways(ctx, tx, stamp(silentSince), source, g.store.Now())
		return err
	})
	return lost, err
}
