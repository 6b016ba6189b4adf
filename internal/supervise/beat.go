package supervise

import (
	"context"
	"errors"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// beat says how every worker fares, again and again, and when another node has
// begun to listen.
func (s *Supervisor) beat(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.clock.After(BeatInterval):
		case <-s.nudge:
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
	e, err := event.New(h, event.WorkerBeat{
		Worker: w.Name, State: string(w.State), Detail: w.Detail, Since: w.Since, Restarts: w.Restarts,
	})
	if err == nil {
		err = s.bus.Publish(context.Background(), e) // also while stopping, when every other context has ended
	}
	if err != nil && !errors.Is(err, bus.ErrClosed) {
		s.log.Debug("health beat not published", "worker", w.Name, "error", err)
	}
}
