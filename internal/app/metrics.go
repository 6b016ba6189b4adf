package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/telemetry"
)

// scrapeWait bounds what a scrape asks the store for.
const scrapeWait = 3 * time.Second

// flushWait bounds how long a stop waits for the last traces to be sent.
const flushWait = time.Second

// live is what a scrape asks the node for.
func (n *node) live() telemetry.Live {
	return telemetry.Live{
		Sources: n.sourceSamples, Workers: n.workerSamples, Deliveries: n.deliverySamples,
		Writes: n.store.Waiting, Refused: n.busRefused,
	}
}

func (n *node) sourceSamples() (out []telemetry.SourceSample) {
	for _, s := range n.Sources() {
		out = append(out, telemetry.SourceSample{ID: s.ID, State: s.State, Lag: s.Lag, Damaged: s.Damaged})
	}
	return out
}

func (n *node) workerSamples() (out []telemetry.WorkerSample) {
	for _, w := range n.workers.Workers() {
		out = append(out, telemetry.WorkerSample{Name: w.Name, State: string(w.State), Restarts: w.Restarts})
	}
	return out
}

// deliverySamples says nothing when the store does not answer: its own metrics
// say that.
func (n *node) deliverySamples() (out []telemetry.DeliverySample) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWait)
	defer cancel()
	all, err := n.notifier.Backlogs(ctx)
	if err != nil {
		n.log.Debug("counting deliveries for a scrape", "error", err)
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out = append(out, telemetry.DeliverySample{Subscription: id, Waiting: all[id].Pending, Dead: all[id].Dead})
	}
	return out
}

// refuser is a bus that other nodes can send to.
type refuser interface{ Refused() uint64 }

func (n *node) busRefused() uint64 {
	if b, ok := n.bus.(refuser); ok {
		return b.Refused()
	}
	return 0
}

// startTraces begins to tell an OpenTelemetry receiver what becomes of
// messages, when there is one.
func (n *node) startTraces(ctx context.Context) (stopFunc, error) {
	endpoint, err := resolveOptional(n.cfg.Telemetry.OTLPEndpoint)
	if err != nil {
		return nil, fmt.Errorf("telemetry.otlp_endpoint: %w", err)
	}
	if endpoint.IsZero() {
		return nil, nil
	}
	n.tracer, err = telemetry.NewTracer(ctx, telemetry.TraceOptions{Endpoint: endpoint.Reveal(), Node: n.name, Version: version, Log: n.log})
	if err != nil {
		return nil, err
	}
	return n.stopTraces, nil
}

// stopTraces sends what waits. A receiver that is away must not hold the stop
// up, nor make it a failure.
func (n *node) stopTraces(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, flushWait)
	defer cancel()
	if err := n.tracer.Close(ctx); err != nil {
		n.log.Warn("stopping traces", "error", err)
	}
	return nil
}
