package app

import (
	"context"
	"fmt"
	"maps"
	"os"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

// startLeak makes the sensor and registers a worker for each configured source.
// Without any it waits for a reload that brings one.
func (n *node) startLeak(ctx context.Context) (stopFunc, error) {
	scanner, err := n.rules.Scanner(ctx)
	if err != nil {
		return nil, err
	}
	n.sensor, err = leak.New(leak.Deps{
		Scanner: scanner, Ring: n.keys.Ring, Ledger: n.ledger(), Node: n.name + "/leak",
		Policy: policyOf(n.cfg.Leak),
		Log:    n.log, Metrics: n.metrics.Leak, Tracer: n.tracer, Emit: n.emit,
	})
	if err != nil {
		return nil, err
	}
	if err := n.countQuarantine(ctx); err != nil {
		return nil, err
	}
	for i, c := range sourcesOf(n.cfg.Leak) {
		if err := n.watch(c); err != nil {
			return nil, fmt.Errorf("leak.sources[%d] (%s): %w", i, c.ID, err)
		}
	}
	return nil, nil
}

func (n *node) watch(c config.Source) error {
	src, err := n.newSource(c)
	if err != nil {
		return err
	}
	if c.ID == config.DropID && !n.fromCfg {
		n.makeDrop(c.Path)
	}
	run, err := n.sensor.Add(leak.Watch{
		ID: c.ID, Kind: c.Kind, Path: c.Path, Source: src,
		Types:    leak.Filter{Include: c.MessageTypes.Include, Exclude: c.MessageTypes.Exclude},
		Override: overrideOf(c.Policy),
	})
	if err != nil {
		return err
	}
	return n.add(workerOf(c.ID), n.leased(sqlstore.SourceLease(c.ID), run, n.standbyOf(c.ID)))
}

// makeDrop makes the folder that is watched without a configuration. Where the data
// directory is all that this user may write to, the folder beside it cannot be: it is
// waited for like any other source.
func (n *node) makeDrop(path string) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		n.log.Warn("the drop folder cannot be made; make it for this user, or give another one as --watch dir:PATH", "path", path, "error", err.Error())
	}
}

// ledger is the sensor's memory. Where other nodes share it, a commit is held to
// the source's lease.
func (n *node) ledger() leak.Ledger {
	l := sqlstore.NewLeak(n.store)
	if n.shared() {
		return l.Under(n.owner)
	}
	return l
}

// standbyOf returns what says that another node watches a source.
func (n *node) standbyOf(sourceID string) func(context.Context) {
	return func(ctx context.Context) {
		detail := "another node watches it"
		if owner, err := n.store.LeaseHolder(ctx, sqlstore.SourceLease(sourceID)); err == nil && owner != "" {
			detail = fmt.Sprintf("node %s watches it", holderName(owner))
		}
		n.sensor.Standby(sourceID, detail)
	}
}

// policyOf is the policy of the leak section, with its defaults.
func policyOf(c *config.Leak) leak.Policy {
	if c == nil {
		c = &config.Leak{}
	}
	return leak.Policy{MinSeverity: c.Policy.SeverityBar(), MinConfidence: c.Policy.ConfidenceBar(), Confidence: c.Policy.Confidence.Bars()}
}

// overrideOf is what a source's own policy makes of the sensor's. A
// min_confidence of its own stands before all bars that are not its own.
func overrideOf(own config.Policy) func(leak.Policy) leak.Policy {
	return func(p leak.Policy) leak.Policy {
		if own.MinSeverity != nil {
			p.MinSeverity = *own.MinSeverity
		}
		if own.MinConfidence != nil {
			p.MinConfidence, p.Confidence = *own.MinConfidence, nil
		}
		bars := maps.Clone(p.Confidence)
		if bars == nil {
			bars = map[event.Severity]float64{}
		}
		maps.Copy(bars, own.Confidence.Bars())
		p.Confidence = bars
		return p
	}
}

// countQuarantine sets the gauge to what is there from earlier runs.
func (n *node) countQuarantine(ctx context.Context) error {
	totals, err := sqlstore.NewAPI(n.store).Totals(ctx)
	if err != nil {
		return fmt.Errorf("counting quarantine entries: %w", err)
	}
	n.metrics.Leak.SetQuarantine(int(totals.Quarantined))
	return nil
}

// emit stores an event that has no row of its own.
func (n *node) emit(ctx context.Context, e event.Event) error {
	return n.store.Write(ctx, func(_ context.Context, tx *store.Tx) error { return tx.Emit(e) })
}

// Sources implements api.Sources.
func (n *node) Sources() []api.Source {
	if n.sensor == nil {
		return nil
	}
	var out []api.Source
	for _, s := range n.sensor.Sources() {
		out = append(out, apiSource(s))
	}
	return out
}

func apiSource(s leak.SourceStatus) api.Source {
	detail := s.Detail
	if s.NotScanned > 0 && detail == "" {
		detail = fmt.Sprintf("%d entries or spans could not be scanned; the log says which and why", s.NotScanned)
	}
	return api.Source{
		ID: s.ID, Kind: s.Kind, Path: s.Path, State: string(s.State), Detail: detail, Position: s.Index, Lag: s.Lag,
		Messages: s.Messages, Secrets: s.Secrets, Damaged: s.Damaged, Detects: "observes", Since: s.Since,
		NotScanned: s.NotScanned, MessageTypes: api.MessageTypes{Include: s.Types.Include, Exclude: s.Types.Exclude},
	}
}

// notReady lists why the node is not ready: sources that were not tried yet. A
// path that does not exist yet was tried.
func (n *node) notReady() []string {
	if !n.started.Load() {
		return []string{"the node is starting"}
	}
	var reasons []string
	if n.egress != nil && n.egress.broken != nil {
		reasons = append(reasons, "the egress gateway stays shut: "+n.egress.broken.Error())
	}
	if n.sensor == nil {
		return reasons
	}
	for _, s := range n.sensor.Sources() {
		if !s.Tried {
			reasons = append(reasons, "source "+s.ID+" was not tried yet")
		}
	}
	return reasons
}
