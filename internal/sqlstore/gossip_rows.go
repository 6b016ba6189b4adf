package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/gossip"
	"go.cordon.dev/cordon/internal/store"
)

type gatewayRow struct {
	bun.BaseModel `bun:"table:gossip_gateways"`

	ID         string    `bun:"id,pk"`
	State      string    `bun:"state"`
	Report     string    `bun:"report"` // an event.GatewayReported
	SinceAt    time.Time `bun:"since_at"`
	FirstAt    time.Time `bun:"first_at"`
	ReportedAt time.Time `bun:"reported_at"`
	SeenAt     time.Time `bun:"seen_at"`
}

func (r gatewayRow) value() (gossip.Gateway, error) {
	g := gossip.Gateway{Since: r.SinceAt.UTC(), FirstAt: r.FirstAt.UTC(), ReportedAt: r.ReportedAt.UTC(), SeenAt: r.SeenAt.UTC()}
	if err := json.Unmarshal([]byte(r.Report), &g.GatewayReported); err != nil {
		return g, fmt.Errorf("decoding gossip gateway %q: %w", r.ID, err)
	}
	g.State = r.State
	return g, nil
}

type bypassRow struct {
	bun.BaseModel `bun:"table:gossip_bypasses"`

	ID        string    `bun:"id,pk"` // hash of gateway and peers
	GatewayID string    `bun:"gateway_id"`
	PeerA     string    `bun:"peer_a"`
	PeerB     string    `bun:"peer_b"`
	Topic     string    `bun:"topic"`
	MessageID string    `bun:"message_id"`
	Evidence  string    `bun:"evidence"`
	FirstAt   time.Time `bun:"first_at"`
	LastAt    time.Time `bun:"last_at"`
}

func (r bypassRow) value() gossip.Bypass {
	return gossip.Bypass{PeerA: r.PeerA, PeerB: r.PeerB, Topic: r.Topic, MessageID: r.MessageID, Evidence: r.Evidence, FirstAt: r.FirstAt.UTC(), LastAt: r.LastAt.UTC()}
}

// Gateways implements api.GossipStore.
func (g *Gossip) Gateways(ctx context.Context) ([]gossip.Gateway, error) {
	var rows []gatewayRow
	if err := g.store.Reader().NewSelect().Model(&rows).Order("id").Limit(gossip.MaxGateways).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing gossip gateways: %w", err)
	}
	out := make([]gossip.Gateway, len(rows))
	for k, r := range rows {
		var err error
		if out[k], err = r.value(); err != nil {
			return nil, err
		}
		if out[k].Bypasses, err = g.bypasses(ctx, r.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g *Gossip) bypasses(ctx context.Context, gateway string) ([]gossip.Bypass, error) {
	var rows []bypassRow
	err := g.store.Reader().NewSelect().Model(&rows).Where("gateway_id = ?", gateway).OrderExpr("last_at DESC, id").Limit(gossip.MaxBypasses).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing bypasses of gossip gateway %q: %w", gateway, err)
	}
	out := make([]gossip.Bypass, len(rows))
	for k, r := range rows {
		out[k] = r.value()
	}
	return out, nil
}

// storeReport keeps what a gateway says of itself, and the event if it is news. A
// report that comes late does not undo a newer one.
func storeReport(ctx context.Context, tx *store.Tx, e event.Event, now time.Time) error {
	var p event.GatewayReported
	if err := e.Decode(&p); err != nil {
		return err
	}
	row, known, err := gatewayByID(ctx, tx, p.GatewayID)
	if err != nil {
		return err
	}
	if known && e.Time.Before(row.ReportedAt) {
		return nil
	}
	if !known {
		row.FirstAt = now
		if err := forgetGateway(ctx, tx); err != nil {
			return err
		}
	}
	return keepReport(ctx, tx, row, known, e, p, now)
}

func keepReport(ctx context.Context, tx *store.Tx, row gatewayRow, known bool, e event.Event, p event.GatewayReported, now time.Time) error {
	news := !known
	if known {
		before, err := row.value()
		if err != nil {
			return err
		}
		news = gossip.News(before.GatewayReported, p)
	}
	if row.State != p.State {
		row.SinceAt = now
	}
	row.ID, row.State, row.Report, row.ReportedAt, row.SeenAt = p.GatewayID, p.State, text(string(e.Data)), stamp(e.Time), now
	if err := store.Put(ctx, tx, &row); err != nil {
		return fmt.Errorf("storing the report of gossip gateway %q: %w", p.GatewayID, err)
	}
	if !news {
		return nil
	}
	return tx.Emit(e)
}

func gatewayByID(ctx context.Context, tx *store.Tx, id string) (row gatewayRow, known bool, err error) {
	err = tx.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return gatewayRow{}, false, nil
	case err != nil:
		return row, false, fmt.Errorf("reading gossip gateway %q: %w", id, err)
	}
	return row, true, nil
}

// forgetGateway makes room for a new gateway: the one that was silent longest goes.
func forgetGateway(ctx context.Context, tx *store.Tx) error {
	var ids []string
	err := tx.NewSelect().Model((*gatewayRow)(nil)).Column("id").OrderExpr("seen_at DESC, id").Limit(gossip.MaxGateways+1).Scan(ctx, &ids)
	if err != nil || len(ids) < gossip.MaxGateways {
		return err
	}
	gone := bun.In(ids[gossip.MaxGateways-1:])
	if _, err := tx.NewDelete().Model((*bypassRow)(nil)).Where("gateway_id IN (?)", gone).Exec(ctx); err != nil {
		return fmt.Errorf("forgetting a gossip gateway: %w", err)
	}
	if _, err := tx.NewDelete().Model((*gatewayRow)(nil)).Where("id IN (?)", gone).Exec(ctx); err != nil {
		return fmt.Errorf("forgetting a gossip gateway: %w", err)
	}
	return nil
}

// storeBypass keeps that two nodes reach each other without a gateway.
func storeBypass(ctx context.Context, tx *store.Tx, e event.Event) error {
	var p event.GatewayBypassed
	if err := e.Decode(&p); err != nil {
		return err
	}
	row := bypassRow{ID: identity(p.GatewayID, min(p.PeerA, p.PeerB), max(p.PeerA, p.PeerB)), FirstAt: stamp(e.Time), LastAt: stamp(e.Time)}
	var before bypassRow
	switch err := tx.NewSelect().Model(&before).Where("id = ?", row.ID).Scan(ctx); {
	case errors.Is(err, sql.ErrNoRows):
		if err := forgetBypass(ctx, tx, p.GatewayID); err != nil {
			return err
		}
	case err != nil:
		return fmt.Errorf("reading a bypass of gossip gateway %q: %w", p.GatewayID, err)
	case row.LastAt.Before(before.LastAt):
		return nil
	default:
		row.FirstAt = before.FirstAt
	}
	row.GatewayID, row.PeerA, row.PeerB, row.Topic, row.MessageID, row.Evidence = p.GatewayID, text(p.PeerA), text(p.PeerB), text(p.MessageTopic), text(p.MessageID), text(p.Evidence)
	if err := store.Put(ctx, tx, &row); err != nil {
		return fmt.Errorf("storing a bypass of gossip gateway %q: %w", p.GatewayID, err)
	}
	return nil
}

// forgetBypass makes room for a new pair of nodes.
func forgetBypass(ctx context.Context, tx *store.Tx, gateway string) error {
	var ids []string
	err := tx.NewSelect().Model((*bypassRow)(nil)).Column("id").Where("gateway_id = ?", gateway).OrderExpr("last_at DESC, id").Limit(gossip.MaxBypasses+1).Scan(ctx, &ids)
	if err != nil || len(ids) < gossip.MaxBypasses {
		return err
	}
	if _, err = tx.NewDelete().Model((*bypassRow)(nil)).Where("id IN (?)", bun.In(ids[gossip.MaxBypasses-1:])).Exec(ctx); err != nil {
		return fmt.Errorf("forgetting a bypass: %w", err)
	}
	return nil
}

// loseGateways marks who is silent since a time as lost, and says so.
func loseGateways(ctx context.Context, tx *store.Tx, silentSince time.Time, source string, now time.Time) (lost []string, err error) {
	var rows []gatewayRow
	if err := tx.NewSelect().Model(&rows).Where("state = ? AND seen_at < ?", event.GatewayRunning, silentSince).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading silent gossip gateways: %w", err)
	}
	for _, r := range rows {
		g, err := r.value()
		if err != nil {
			return nil, err
		}
		r.State, r.SinceAt = event.GatewayLost, now
		if err := store.Put(ctx, tx, &r); err != nil {
			return nil, fmt.Errorf("storing that gossip gateway %q is lost: %w", r.ID, err)
		}
		e, err := gossip.Lost(g.GatewayReported, source, now)
		if err != nil {
			return nil, err
		}
		if err := tx.Emit(e); err != nil {
			return nil, err
		}
		lost = append(lost, r.ID)
	}
	return lost, nil
}
