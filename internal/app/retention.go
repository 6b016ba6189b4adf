package app

import (
	"context"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// How retention goes about its work.
const (
	retentionEvery = time.Hour
	retentionPause = 20 * time.Millisecond // between two batches, for those who write meanwhile
	retentionLease = 2 * retentionEvery    // one node does it for all
	scrubTimeout   = 10 * time.Second
)

// keptKeyUses is how long it is remembered from where an API key was used.
const keptKeyUses = 90 * 24 * time.Hour

// forever is a time to keep rows that no row outlives.
const forever = 100 * 366 * 24 * time.Hour

// kept is how long one kind of row is kept; 0: for ever.
type kept struct {
	what   sqlstore.Kept
	action string // in the audit log
	age    time.Duration
}

// startRetention registers the worker that deletes what was kept long enough.
func (n *node) startRetention(context.Context) (stopFunc, error) {
	r := n.cfg.Store.Retention
	all := []kept{
		{sqlstore.KeptEvents, "event.expire", config.Keep(r.Events, config.DefaultEventDays)},
		{sqlstore.KeptFindings, "finding.expire", config.Keep(r.Findings, config.DefaultFindingDays)},
		{sqlstore.KeptQuarantine, "quarantine.expire", config.Keep(r.Quarantine, config.DefaultQuarantineDays)},
		{sqlstore.KeptWithheld, "gossip.withheld.expire", config.Keep(r.Quarantine, config.DefaultQuarantineDays)},
		{sqlstore.KeptIncidents, "incident.expire", config.Keep(r.Quarantine, config.DefaultQuarantineDays)},
		{sqlstore.KeptAnomalies, "anomaly.expire", config.Keep(r.Findings, config.DefaultFindingDays)},
		{sqlstore.KeptBlocks, "block.expire", config.Keep(r.Findings, config.DefaultFindingDays)},
		{sqlstore.KeptActions, "action.expire", config.Keep(r.Findings, config.DefaultFindingDays)},
		{sqlstore.KeptWaiting, "incident.waiting.expire", incident.Within},
		{sqlstore.KeptKeyUses, "api_key.use.expire", keptKeyUses},
	}
	all = append(all, keptEvidence(n.cfg.Deception)...)
	if n.egress != nil {
		all = append(all, kept{sqlstore.KeptDecisions, "egress.decision.expire", n.egress.cfg.Retention.Keep()})
	}
	return nil, n.add("retention", func(ctx context.Context) error { return n.retain(ctx, all) })
}

// keepDeliveries is how long the notifier, which deletes them itself, keeps
// deliveries that are done with.
func keepDeliveries(days *int) time.Duration {
	if age := config.Keep(days, config.DefaultDeliveryDays); age > 0 {
		return age
	}
	return forever
}

// retain deletes now and every hour. What fails is tried again the next time:
// rows that stay too long are a nuisance, a stopped node is worse.
func (n *node) retain(ctx context.Context, all []kept) error {
	for {
		if err := n.retainOnce(ctx, all); err != nil && ctx.Err() == nil {
			n.log.Warn("deleting what was kept long enough", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retentionEvery):
		}
	}
}

// retainOnce deletes what is too old, if no other node does.
func (n *node) retainOnce(ctx context.Context, all []kept) error {
	mine, err := n.store.AcquireLease(ctx, "retention", n.name, retentionLease)
	if err != nil || !mine {
		return err
	}
	total := 0
	for _, k := range all {
		dropped, err := n.expire(ctx, k)
		if total += dropped; err != nil {
			return err
		}
	}
	if total == 0 {
		return nil
	}
	if err := n.countQuarantine(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, scrubTimeout)
	defer cancel()
	return sqlstore.NewRetention(n.store).Scrub(ctx)
}

// expire deletes the rows of one kind from before a whole day, batch by batch.
// The first batch carries the entry of the audit log.
func (n *node) expire(ctx context.Context, k kept) (total int, err error) {
	if k.age == 0 {
		return 0, nil
	}
	before := n.store.Now().Add(-k.age).Truncate(24 * time.Hour)
	by := n.expiry(k)
	for more := true; more; {
		var dropped int
		if dropped, more, err = sqlstore.NewRetention(n.store).Drop(ctx, k.what, before, by); err != nil {
			return total, err
		}
		if total += dropped; dropped > 0 {
			by = nil
			n.metrics.Store.Dropped(string(k.what), dropped)
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(retentionPause):
		}
	}
	if total > 0 {
		n.log.Info("deleted what was kept long enough", "kind", k.what, "rows", total, "before", before)
	}
	return total, nil
}

func (n *node) expiry(k kept) *audit.Entry {
	return &audit.Entry{
		ID: id.New(), Time: n.store.Now(), Action: k.action, Target: string(k.what), Reason: "kept as long as store.retention says",
		Actor: audit.Actor{Kind: "system", Name: "retention"},
	}
}
