package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/supervise"
)

// add registers a worker; all start together in startWorkers.
func (n *node) add(name string, run func(context.Context) error) error {
	if n.workers == nil {
		n.workers = supervise.New(supervise.Options{Source: n.name + "/supervise", Bus: n.bus, Log: n.log})
	}
	return n.workers.Add(name, run)
}

func (n *node) startWorkers(ctx context.Context) (stopFunc, error) {
	if n.workers == nil {
		return nil, nil
	}
	n.metrics.Watch(n.live())
	n.metrics.WatchIngest(n.incoming)
	n.metrics.WatchDisk(n.diskSample)
	return n.workers.Stop, n.workers.Start(ctx)
}

// How long the answer to a command waits for the worker, and how often it
// looks.
const (
	commandWait = 3 * time.Second
	commandLook = 20 * time.Millisecond
)

// Workers implements api.Workers.
func (n *node) Workers() []api.Worker {
	if n.workers == nil {
		return nil
	}
	var out []api.Worker
	for _, w := range n.workers.Cluster() {
		out = append(out, apiWorker(w))
	}
	return out
}

func apiWorker(w supervise.Worker) api.Worker {
	return api.Worker{Name: w.Name, Node: w.Node, State: string(w.State), Detail: w.Detail, Since: w.Since, Restarts: w.Restarts}
}

// CommandWorker implements api.Workers. The command is an event: it is stored
// with the audit entry, and every node hears it on the bus, this one too.
func (n *node) CommandWorker(ctx context.Context, w api.Worker, action string, by audit.Entry) (api.Worker, error) {
	e, err := event.New(event.Header{Time: by.Time, Source: n.name + "/api", Severity: event.Info, Subject: by.Target},
		event.WorkerCommand{Worker: w.Name, Action: action, RequestedBy: by.Actor.Name, TS: by.Time.Unix(), Node: w.Node})
	if err != nil {
		return w, err
	}
	by.Before, by.After = workerFacts(w.State), workerFacts(action)
	if err := sqlstore.NewOperations(n.store).Record(ctx, by, e); err != nil {
		return w, err
	}
	return n.awaitWorker(ctx, w, action), nil
}

// workerFacts is what the audit log keeps of a worker.
func workerFacts(state string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"state":%q}`, state))
}

// awaitWorker returns the worker once the command has led to something, or as
// it is when that takes too long.
func (n *node) awaitWorker(ctx context.Context, w api.Worker, action string) api.Worker {
	ctx, cancel := context.WithTimeout(ctx, commandWait)
	defer cancel()
	for {
		now := n.findWorker(w)
		if (now.State == string(supervise.Stopped)) == (action == event.ActionStop) {
			return now
		}
		select {
		case <-ctx.Done():
			return now
		case <-time.After(commandLook):
		}
	}
}

func (n *node) findWorker(w api.Worker) api.Worker {
	for _, now := range n.Workers() {
		if now.Name == w.Name && now.Node == w.Node {
			return now
		}
	}
	return w
}
