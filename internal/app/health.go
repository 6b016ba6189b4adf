package app

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/supervise"
)

// The statuses of a check, best first.
const (
	ok       = "ok"
	degraded = "degraded"
	failing  = "failing"
)

// health remembers since when each check has its status.
type health struct {
	mu    sync.Mutex
	since map[string]mark
	bus   event.BusHealth
}

type mark struct {
	status string
	at     time.Time
}

func newHealth() *health { return &health{since: map[string]mark{}} }

func (h *health) setBus(b event.BusHealth) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bus = b
}

func (h *health) busCheck() api.Check {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := api.Check{Name: "bus", Kind: "bus", Status: ok, Detail: h.bus.Detail}
	if !h.bus.Connected {
		c.Status = degraded // hints of other nodes come late; nothing is lost
	}
	return c
}

// stamp fills in since when each check has been as it is.
func (h *health) stamp(checks []api.Check) []api.Check {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now().UTC().Truncate(time.Second)
	for i := range checks {
		key := checks[i].Kind + "/" + checks[i].Name
		if h.since[key].status != checks[i].Status {
			h.since[key] = mark{checks[i].Status, now}
		}
		checks[i].Since = h.since[key].at
	}
	return checks
}

// Health implements api.Checker: the log of every source, the database, the
// bus, every webhook, every worker.
func (n *node) Health(ctx context.Context) []api.Check {
	checks := []api.Check{n.databaseCheck(ctx), n.health.busCheck(), n.auditCheck()}
	if n.disk != nil {
		checks = append(checks, n.disk.check())
	}
	if n.sensor != nil {
		for _, s := range n.Sources() {
			checks = append(checks, sourceCheck(s))
		}
	}
	checks = append(checks, n.egressChecks()...)
	checks = append(checks, n.webhookChecks(ctx)...)
	if n.workers != nil {
		for _, w := range n.workers.Workers() {
			checks = append(checks, workerCheck(w))
		}
	}
	return n.health.stamp(checks)
}

func (n *node) databaseCheck(ctx context.Context) api.Check {
	c := api.Check{Name: "database", Kind: "database", Status: ok}
	if err := n.store.Health(ctx); err != nil {
		c.Status, c.Detail = failing, err.Error()
	}
	return c
}

func sourceCheck(s api.Source) api.Check {
	c := api.Check{Name: s.ID, Kind: checkKind(s.Kind), Status: ok, Detail: s.Detail}
	switch state := source.State(s.State); {
	case state == source.Failing:
		c.Status = failing
	case s.Damaged:
		c.Status, c.Detail = degraded, cmp.Or(s.Detail, "a part of it could not be read or did not verify; the log says which")
	case state == source.Waiting:
		c.Status = degraded
	}
	return c
}

// checkKind names the check of a kind of source. That of a BZZZ log is called
// after the network: whether the log can be read and its chain verifies is what
// a node that takes no part in the network can tell of it.
func checkKind(source string) string {
	if source == "bzzz-log" {
		return "bzzz"
	}
	return source
}

func (n *node) webhookChecks(ctx context.Context) []api.Check {
	if n.notifier == nil {
		return nil
	}
	all, err := n.notifier.Status(ctx)
	if err != nil {
		return []api.Check{{Name: "webhooks", Kind: "alerts", Status: failing, Detail: err.Error()}}
	}
	var checks []api.Check
	for _, s := range all {
		checks = append(checks, webhookCheck(s))
	}
	return checks
}

func webhookCheck(s notify.Status) api.Check {
	c := api.Check{Name: s.ID, Kind: "alerts", Status: ok}
	switch {
	case s.State == notify.Tripped:
		c.Status = failing
		c.Detail = fmt.Sprintf("switched off after %d failures in a row; mend the endpoint at %s, then: cordon webhook enable %s", s.Failures, s.Host, s.ID)
	case s.Last != nil && !s.Last.OK:
		c.Status, c.Detail = degraded, s.Last.Error
	}
	return c
}

func workerCheck(w supervise.Worker) api.Check {
	c := api.Check{Name: w.Name, Kind: "worker", Status: ok, Detail: w.Detail}
	switch w.State {
	case supervise.Degraded:
		c.Status = degraded
	case supervise.Failed:
		c.Status = failing
	case supervise.Stopped:
		if w.Detail != supervise.Finished { // somebody stopped it
			c.Status = degraded
		}
	}
	return c
}
