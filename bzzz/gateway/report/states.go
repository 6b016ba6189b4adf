package report

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"go.cordon.dev/cordon/bzzz/gateway/withheld"
)

// How often the server hears of the gateway: at once when something changed, but
// not more often than stateEvery; and at least every stateAtLeast, since one
// that was silent for a minute counts as lost.
const (
	stateEvery   = 10 * time.Second
	stateAtLeast = 30 * time.Second
	feedEvery    = 2 * time.Second
)

// States tells the server how the gateway is, until ctx ends, and then that it
// stops. A state that does not get through is not kept: the next is truer.
func States(ctx context.Context, s *Server, gateway string, log *slog.Logger, now func(state string) State) {
	m := maker{gateway}
	var said []byte
	var at time.Time
	for {
		state := now("running")
		if text, _ := json.Marshal(state); !bytes.Equal(text, said) || time.Since(at) >= stateAtLeast { // never fails
			if err := tell(ctx, s, m, state); err != nil {
				log.Warn("the server does not hear how the gateway is", "error", err)
			} else {
				said, at = text, time.Now()
			}
		}
		if !wait(ctx, stateEvery) {
			break
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
	defer cancel()
	if err := tell(last, s, m, now("stopping")); err != nil {
		log.Warn("the server does not hear that the gateway stops", "error", err)
	}
}

func tell(ctx context.Context, s *Server, m maker, state State) error {
	e, err := m.event("leak.gateway."+m.gateway+".state", "info", m.gateway, time.Now(), state)
	if err != nil {
		return err
	}
	return s.Post(ctx, []Event{e})
}

// Follow keeps the list as the server has it, until ctx ends. While the server
// is away, the list holds as it is.
func Follow(ctx context.Context, s *Server, list *withheld.List, log *slog.Logger) {
	failing := false
	for {
		more, err := pull(ctx, s, list)
		if err != nil && !failing && ctx.Err() == nil {
			log.Warn("the withheld list is not renewed; it holds as it is", "error", err)
		}
		if failing = err != nil; more && !failing {
			continue
		}
		if !wait(ctx, feedEvery) {
			return
		}
	}
}

func pull(ctx context.Context, s *Server, list *withheld.List) (more bool, err error) {
	before := list.Cursor()
	page, err := s.Withheld(ctx, before)
	if err != nil {
		return false, err
	}
	err = list.Apply(page.Items, page.NextCursor)
	return len(page.Items) > 0 && list.Cursor() != before, err
}
