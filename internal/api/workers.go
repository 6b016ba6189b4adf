package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
)

// Workers tells how the workers of all nodes fare, and commands them.
type Workers interface {
	// Workers lists those of this node first.
	Workers() []Worker
	// CommandWorker stops or starts (event.ActionStop, event.ActionStart) the
	// worker and stores the audit entry with the command. It returns the worker
	// as it is afterwards, which may be as before when it takes its time.
	CommandWorker(ctx context.Context, w Worker, action string, by audit.Entry) (Worker, error)
}

// Reloader reads the configuration again.
type Reloader interface {
	// Reload puts the configuration file into force and stores the audit entry.
	// A *ConfigError says why the old one stays.
	Reload(ctx context.Context, by audit.Entry) (Reloaded, error)
}

// ConfigError says why a configuration was not put into force. It names the
// place and holds no value of the file.
type ConfigError struct{ Why string }

// Error implements error.
func (e *ConfigError) Error() string { return e.Why }

type workerListOutput struct{ Body WorkerList }

func (s *server) listWorkers(context.Context, *struct{}) (*workerListOutput, error) {
	return &workerListOutput{WorkerList{Items: s.workers()}}, nil
}

func (s *server) workers() []Worker {
	if s.Workers == nil {
		return []Worker{}
	}
	return convert(s.Workers.Workers(), workerOut)
}

func workerOut(w Worker) Worker {
	w.Since = utc(w.Since)
	return w
}

type workerInput struct {
	Name string `path:"name" maxLength:"128" doc:"The worker's name."`
	Body WorkerRequest
}

type workerOutput struct{ Body Worker }

func (s *server) stopWorker(ctx context.Context, in *workerInput) (*workerOutput, error) {
	return s.commandWorker(ctx, event.ActionStop, in)
}

func (s *server) startWorker(ctx context.Context, in *workerInput) (*workerOutput, error) {
	return s.commandWorker(ctx, event.ActionStart, in)
}

func (s *server) commandWorker(ctx context.Context, action string, in *workerInput) (*workerOutput, error) {
	reason, err := s.reason(in.Body.Reason)
	if err != nil {
		return nil, err
	}
	w, err := s.worker(in.Name, in.Body.Node)
	if err != nil {
		return nil, err
	}
	if stopped := w.State == "stopped"; stopped != (action == event.ActionStart) {
		return nil, problem(http.StatusConflict, "worker %s of node %s is %s: there is nothing to %s", w.Name, w.Node, w.State, action)
	}
	who, _ := auth.PrincipalFrom(ctx)
	after, err := s.Workers.CommandWorker(ctx, w, action, who.Act(s.Clock.Now(), "worker."+action, w.Node+"/"+w.Name, reason))
	if err != nil {
		return nil, fmt.Errorf("commanding worker %s: %w", w.Name, err)
	}
	return &workerOutput{workerOut(after)}, nil
}

// reason is what a person gives as why, fit to be kept.
func (s *server) reason(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", invalid("body.reason", "is empty; say why, it is kept in the audit log")
	}
	return s.fit(text), nil
}

// fit makes what a person wrote fit to be kept.
func (s *server) fit(text string) string {
	text = strings.TrimSpace(text)
	if s.Redact == nil || text == "" {
		return text
	}
	return s.Redact(text)
}

// worker finds the worker that is meant.
func (s *server) worker(name, node string) (Worker, error) {
	found := slices.DeleteFunc(s.workers(), func(w Worker) bool { return w.Name != name || node != "" && w.Node != node })
	own, _, _ := strings.Cut(s.Node, "/")
	switch {
	case len(found) == 0 && node != "":
		return Worker{}, problem(http.StatusNotFound, "node %s has no worker %s; GET /api/v1/workers lists all", node, name)
	case len(found) == 0:
		return Worker{}, problem(http.StatusNotFound, "there is no worker %s; GET /api/v1/workers lists all", name)
	case len(found) > 1 && found[0].Node != own:
		return Worker{}, problem(http.StatusConflict, "several nodes have a worker %s: say which in body.node", name)
	}
	return found[0], nil
}

type reloadInput struct {
	Body *ReloadRequest `required:"false"`
}

type reloadOutput struct{ Body Reloaded }

func (s *server) reloadConfig(ctx context.Context, in *reloadInput) (*reloadOutput, error) {
	if s.Reloader == nil {
		return nil, problem(http.StatusConflict, "no server runs here: the configuration is read when one starts")
	}
	reason := ""
	if in.Body != nil {
		reason = s.fit(in.Body.Reason)
	}
	who, _ := auth.PrincipalFrom(ctx)
	out, err := s.Reloader.Reload(ctx, who.Act(s.Clock.Now(), "config.reload", "", reason))
	var bad *ConfigError
	if errors.As(err, &bad) {
		return nil, problem(http.StatusUnprocessableEntity, "the old configuration stays in force: %s", bad.Why)
	}
	if err != nil {
		return nil, fmt.Errorf("reloading the configuration: %w", err)
	}
	return &reloadOutput{Reloaded{
		Changed: append([]string{}, out.Changed...), NeedsRestart: append([]string{}, out.NeedsRestart...), Warnings: append([]string{}, out.Warnings...),
	}}, nil
}
