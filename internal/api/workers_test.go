package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
)

// gang is workers of several nodes, in memory.
type gang struct {
	workers []Worker
	audit   []audit.Entry
	actions []string
	reload  Reloaded
	err     error
}

func newGang() *gang {
	return &gang{workers: []Worker{
		{Name: "leak-chat", Node: "node-1", State: "running", Since: noon()},
		{Name: "notify", Node: "node-1", State: "stopped", Since: noon()},
		{Name: "leak-chat", Node: "node-2", State: "running", Since: noon()},
		{Name: "leak-far", Node: "node-2", State: "running", Since: noon()},
		{Name: "leak-two", Node: "node-2", State: "running", Since: noon()},
		{Name: "leak-two", Node: "node-3", State: "running", Since: noon()},
	}}
}

func (g *gang) Workers() []Worker { return append([]Worker{}, g.workers...) }

func (g *gang) CommandWorker(_ context.Context, w Worker, action string, by audit.Entry) (Worker, error) {
	g.audit, g.actions = append(g.audit, by), append(g.actions, action+" "+w.Node+"/"+w.Name)
	w.State = map[string]string{event.ActionStop: "stopped", event.ActionStart: "running"}[action]
	return w, g.err
}

func (g *gang) Reload(_ context.Context, by audit.Entry) (Reloaded, error) {
	g.audit = append(g.audit, by)
	return g.reload, g.err
}

func withGang(t *testing.T) (*node, *gang) {
	g := newGang()
	return populate(t, newNode(t, func(d *Deps) {
		d.Workers, d.Reloader = g, g
		d.Redact = func(s string) string { return strings.ReplaceAll(s, "hunter2", "[redacted]") }
	})), g
}

func TestWorkersOfAllNodesAreListed(t *testing.T) {
	n, _ := withGang(t)
	list := decode[WorkerList](t, n.as(t, auth.Viewer, "GET", "/api/v1/workers", nil))
	if len(list.Items) != 6 || list.Items[0].Name != "leak-chat" || list.Items[0].Node != "node-1" {
		t.Errorf("workers are %+v", list.Items)
	}
}

func TestAWorkerIsStoppedAndStartedWithAReason(t *testing.T) {
	n, g := withGang(t)
	w := n.as(t, auth.Admin, "POST", "/api/v1/workers/leak-chat/stop", WorkerRequest{Reason: " disk; hunter2 "})
	if got := decode[Worker](t, w); w.Code != http.StatusOK || got.State != "stopped" || got.Node != "node-1" {
		t.Errorf("got %d %+v", w.Code, got)
	}
	n.as(t, auth.Admin, "POST", "/api/v1/workers/notify/start", WorkerRequest{Reason: "mended"})
	n.as(t, auth.Admin, "POST", "/api/v1/workers/leak-far/stop", WorkerRequest{Reason: "x"})
	n.as(t, auth.Admin, "POST", "/api/v1/workers/leak-two/stop", WorkerRequest{Reason: "x", Node: "node-3"})
	want := "stop node-1/leak-chat, start node-1/notify, stop node-2/leak-far, stop node-3/leak-two"
	if got := strings.Join(g.actions, ", "); got != want {
		t.Errorf("done: %s\nwant: %s", got, want)
	}
	a := g.audit[0]
	if a.Action != "worker.stop" || a.Target != "node-1/leak-chat" || a.Reason != "disk; [redacted]" || a.Actor.Name != "key-admin" {
		t.Errorf("audit entry %+v", a)
	}
}

func TestCommandsToWorkersThatCannotBe(t *testing.T) {
	n, g := withGang(t)
	for _, c := range []struct {
		path   string
		body   WorkerRequest
		status int
		detail string
	}{
		{"nobody/stop", WorkerRequest{Reason: "x"}, 404, "there is no worker nobody"},
		{"leak-far/stop", WorkerRequest{Reason: "x", Node: "node-1"}, 404, "node node-1 has no worker leak-far"},
		{"leak-two/stop", WorkerRequest{Reason: "x"}, 409, "several nodes"},
		{"notify/stop", WorkerRequest{Reason: "x"}, 409, "is stopped: there is nothing to stop"},
		{"leak-chat/start", WorkerRequest{Reason: "x"}, 409, "is running: there is nothing to start"},
		{"leak-chat/stop", WorkerRequest{}, 422, "body.reason"},
		{"leak-chat/stop", WorkerRequest{Reason: "  "}, 422, "say why"},
	} {
		wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/workers/"+c.path, c.body), c.status, c.detail)
	}
	if len(g.actions) > 0 {
		t.Errorf("done all the same: %v", g.actions)
	}
}

func TestReloadAnswersWhatChanged(t *testing.T) {
	n, g := withGang(t)
	g.reload = Reloaded{Changed: []string{"log.level"}, NeedsRestart: []string{"api.listen"}}
	w := n.as(t, auth.Admin, "POST", "/api/v1/config/reload", ReloadRequest{Reason: "hunter2"})
	got := decode[Reloaded](t, w)
	if w.Code != 200 || len(got.Changed) != 1 || got.NeedsRestart[0] != "api.listen" || got.Warnings == nil {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if a := g.audit[0]; a.Action != "config.reload" || a.Reason != "[redacted]" {
		t.Errorf("audit entry %+v", a)
	}
	if w := n.as(t, auth.Admin, "POST", "/api/v1/config/reload", nil); w.Code != 200 {
		t.Errorf("without a body: %d %s", w.Code, w.Body)
	}
}

func TestABadConfigurationIsExplained(t *testing.T) {
	n, g := withGang(t)
	g.err = &ConfigError{"cordon.yaml: [3:5] unknown field"}
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/config/reload", nil), 422, "stays in force: cordon.yaml: [3:5]")
	g.err = errors.New("inside")
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/config/reload", nil), 500, "its log says why")
}

func TestWithoutAServerThereIsNothingToReload(t *testing.T) {
	n := populate(t, newNode(t))
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/config/reload", nil), 409, "no server runs here")
	if list := decode[WorkerList](t, n.as(t, auth.Viewer, "GET", "/api/v1/workers", nil)); list.Items == nil || len(list.Items) != 0 {
		t.Errorf("workers %+v", list.Items)
	}
}
