package supervise

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// Errors matched with errors.Is.
var (
	// ErrUnknown is the error for a name nobody has.
	ErrUnknown = errors.New("there is no such worker")
	// ErrRuns is StartWorker's error for a worker that has not stopped.
	ErrRuns = errors.New("the worker has not stopped")
)

// StopWorker stops one worker, until StartWorker, without waiting for it. by
// is who asks, for the log and the worker's detail.
func (s *Supervisor) StopWorker(name, by string) error {
	s.mu.Lock()
	w := s.workers[name]
	s.mu.Unlock()
	if w == nil {
		return fmt.Errorf("stopping worker %q: %w", name, ErrUnknown)
	}
	s.log.Info("worker is told to stop", "worker", name, "requested_by", by)
	w.askToStop(by)
	if err := s.tree.Remove(w.token); err != nil {
		return fmt.Errorf("stopping worker %s: %w", name, err)
	}
	return nil
}

// StartWorker begins again a worker that has stopped, whoever stopped it. by is
// who asks, for the log.
func (s *Supervisor) StartWorker(name, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.workers[name]
	switch {
	case w == nil:
		return fmt.Errorf("starting worker %q: %w", name, ErrUnknown)
	case s.stopped:
		return fmt.Errorf("starting worker %s: the supervisor has stopped", name)
	case w.snapshot().State != Stopped:
		return fmt.Errorf("starting worker %s: %w", name, ErrRuns)
	}
	s.log.Info("worker is told to start", "worker", name, "requested_by", by)
	s.launch(w.again())
	return nil
}

// Remove stops a worker, waits until it has returned, and forgets it. When ctx
// ends before, the worker stays in the list and the error says so.
func (s *Supervisor) Remove(ctx context.Context, name, by string) error {
	s.mu.Lock()
	w := s.workers[name]
	s.mu.Unlock()
	if err := s.StopWorker(name, by); err != nil {
		return err
	}
	select {
	case <-w.over:
	case <-ctx.Done():
		return fmt.Errorf("removing worker %s: it did not stop in time", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.workers[name] == w {
		delete(s.workers, name)
	}
	return nil
}

// listen hears commands to workers, and how those of other nodes fare.
func (s *Supervisor) listen() error {
	if s.bus == nil {
		return nil
	}
	control, err := s.bus.Subscribe("system.*.control", s.command)
	if err != nil {
		return fmt.Errorf("listening for commands: %w", err)
	}
	beats, err := s.bus.Subscribe("system.*.health", s.hear)
	if err != nil {
		control.Unsubscribe()
		return fmt.Errorf("listening to other nodes: %w", err)
	}
	s.subs = append(s.subs, control, beats)
	return nil
}

// command carries one out. Commands for workers of other nodes and actions
// that this version does not know are ignored.
func (s *Supervisor) command(e event.Event) {
	var c event.WorkerCommand
	if err := e.Decode(&c); err != nil {
		s.log.Warn("cannot read a command to a worker", "topic", e.Topic, "error", "payload is not a command")
		return
	}
	if c.Node != "" && c.Node != nodeOf(s.source) {
		return
	}
	name := strings.TrimSuffix(strings.TrimPrefix(e.Topic, "system."), ".control")
	by := c.RequestedBy
	if by == "" {
		by = e.Source
	}
	if err := s.carryOut(c.Action, name, shorten(by)); err != nil && !errors.Is(err, ErrUnknown) {
		s.log.Warn("cannot carry out a command to a worker", "worker", name, "error", err)
	}
}

func (s *Supervisor) carryOut(action, name, by string) error {
	switch action {
	case event.ActionStop:
		return s.StopWorker(name, by)
	case event.ActionStart:
		return s.StartWorker(name, by)
	}
	s.log.Debug("unknown command to a worker is ignored", "worker", name)
	return nil
}
