package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/ingest"
	"go.cordon.dev/cordon/internal/ingest/spool"
)

// taker is an Intake that answers what a test says.
type taker struct {
	spooled bool
	err     error
	key     string
	got     []event.Event
}

func (k *taker) Take(_ context.Context, key string, events []event.Event) (bool, error) {
	k.key, k.got = key, events
	return k.spooled, k.err
}

func batch(t *testing.T, n int) map[string]any {
	t.Helper()
	e := map[string]any{
		"id": rowID(1), "topic": "leak.finding.detected", "time": "2026-03-14T12:00:00.123456Z", "source": "gate-1/gossip", "severity": "high", "schema": 1,
		"data": json.RawMessage(`{"hypercore_position":18446744073709551615,"rule":"x"}`),
	}
	var all []any
	for range n {
		all = append(all, e)
	}
	return map[string]any{"events": all}
}

func TestEventsAreTaken(t *testing.T) {
	for _, spooled := range []bool{false, true} {
		k := &taker{spooled: spooled}
		n := populate(t, newNode(t, func(d *Deps) { d.Intake = k }))
		w := n.call(t, request{method: "POST", path: "/api/v1/events", body: batch(t, 2), key: n.keys[auth.Responder], headers: map[string]string{"Idempotency-Key": "b1"}})
		if got := decode[EventsTaken](t, w); w.Code != http.StatusAccepted || got != (EventsTaken{2, spooled}) {
			t.Errorf("answer %d %s", w.Code, w.Body)
		}
		e := k.got[1]
		if k.key != "api-key:key-responder b1" || e.Severity != event.High || e.Time.Nanosecond() != 123456000 || !strings.Contains(string(e.Data), "18446744073709551615") {
			t.Errorf("taken with key %q: %+v", k.key, e)
		}
	}
}

func TestEventsThatCannotBeTaken(t *testing.T) {
	tests := map[string]struct {
		err  error
		body any
		code int
		want string
	}{
		"a bad event":    {&ingest.Refused{Index: 1, Why: "what is wrong"}, nil, 422, "body.events[1]: what is wrong"},
		"a bad batch":    {&ingest.Refused{Index: -1, Why: "what is wrong"}, nil, 422, "body.events: what is wrong"},
		"no room":        {fmt.Errorf("x: %w", spool.ErrFull), nil, 503, "send them again later"},
		"another reason": {errors.New("inside"), nil, 500, "its log says why"},
		"too many":       {nil, batch(t, 257), 422, "256"},
		"none":           {nil, batch(t, 0), 422, "events"},
		"severity":       {nil, `{"events":[{"topic":"a","time":"2026-03-14T12:00:00Z","source":"a","severity":"grave","schema":1,"data":{}}]}`, 422, "severity"},
		"too large":      {nil, `{"events":[{"subject":"` + strings.Repeat("x", maxEventsBody) + `"}]}`, 413, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := populate(t, newNode(t, func(d *Deps) { d.Intake = &taker{err: tt.err} }))
			body := tt.body
			if body == nil {
				body = batch(t, 2)
			}
			w := n.as(t, auth.Responder, "POST", "/api/v1/events", body)
			if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("answer %d %s", w.Code, w.Body)
			}
			if tt.code == 503 && w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		})
	}
	n := populate(t, newNode(t))
	if w := n.as(t, auth.Responder, "POST", "/api/v1/events", batch(t, 1)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("without an intake: %d %s", w.Code, w.Body)
	}
}
