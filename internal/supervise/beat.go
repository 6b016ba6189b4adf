package supervise

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// beat says how every worker fares, again and again.
func (s *Supervisor) beat(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.clock.After(BeatInterval):
		}
		for _, w := range s.sorted() {
			w.repeat()
		}
	}
}

// severity of a worker's beat.
func severity(s State) event.Severity {
	switch s {
	case Degraded:
		return event.Medium
	case Failed:
		return event.High
	}
	return event.Info
}

// say publishes a worker's health. It is a hint for whoever looks; the truth
// is Workers, so a failure is only logged.
func (s *Supervisor) say(w Worker) {
	if s.bus == nil {
		return
	}
	h := event.Header{Time: s.clock.Now(), Source: s.source, Severity: severity(w.State), Subject: w.Name}
	e, err := event.New(h, event.WorkerBeat{Worker: w.Name, State: string(w.State), Detail: w.Detail, Since: w.Since})
	if err == nil {
		err = s.bus.Publish(context.Background(), e) // also while stopping, when every other context has ended
	}
	if err != nil && !errors.Is(err, bus.ErrClosed) {
		s.log.Debug("health beat not published", "worker", w.Name, "error", err)
	}
}

// obey listens for commands to workers.
func (s *Supervisor) obey() error {
	if s.bus == nil {
		return nil
	}
	sub, err := s.bus.Subscribe("system.*.control", s.command)
	if err != nil {
		return fmt.Errorf("listening for commands: %w", err)
	}
	s.control = sub
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
	name := strings.TrimSuffix(strings.TrimPrefix(e.Topic, "system."), ".control")
	if c.Action != event.ActionStop {
		s.log.Debug("unknown command to a worker is ignored", "worker", name)
		return
	}
	by := c.RequestedBy
	if by == "" {
		by = e.Source
	}
	if err := s.StopWorker(name, shorten(by)); err != nil && !errors.Is(err, ErrUnknown) {
		s.log.Warn("cannot stop a worker", "worker", name, "error", err)
	}
}
