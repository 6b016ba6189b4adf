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
	records []event.SecurityRecord
}

func (k *taker) Take(_ context.Context, key string, events []event.Event) (bool, error) {
	k.key, k.got = key, events
	return k.spooled, k.err
}

func (k *taker) TakeRecords(_ context.Context, key string, records []event.SecurityRecord) (bool, error) {
	k.key, k.records = key, records
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

func TestRecordsAreTaken(t *testing.T) {
	for _, spooled := range []bool{false, true} {
		k := &taker{spooled: spooled}
		n := populate(t, newNode(t, func(d *Deps) { d.Intake = k }))
		body := ` [{"kind":"auth_failed","time":"2026-03-14T12:00:00.123456Z","source_ip":"203.0.113.9","user":"` + strings.Repeat("x", 500_000) + `","attributes":{}},
			{"id":"line 7","kind":"http_request","attributes":{"path":"/a/..%2f..","status":"404"}}]`
		w := n.call(t, request{method: "POST", path: "/api/v1/events", body: body, key: n.keys[auth.Responder], headers: map[string]string{"Idempotency-Key": "b1"}})
		if got := decode[EventsTaken](t, w); w.Code != http.StatusAccepted || got != (EventsTaken{2, spooled}) {
			t.Errorf("answer %d %s", w.Code, w.Body)
		}
		if len(k.records) != 2 || k.key != "api-key:key-responder b1" {
			t.Fatalf("taken with key %q: %d records", k.key, len(k.records))
		}
		a, b := k.records[0], k.records[1]
		if a.Kind != "auth_failed" || a.SourceIP != "203.0.113.9" || len(a.User) != 500_000 || a.Time.Nanosecond() != 123456000 || b.ID != "api-key:key-responder/line 7" || b.Attributes["path"] != "/a/..%2f.." || !b.Time.IsZero() {
			t.Errorf("taken: %.200v", k.records)
		}
	}
}

// Two programs may number their records alike, and whoever has a key must not be able to
// make another's records look as if they had come before.
func TestRecordsOfTwoSendersAreTwo(t *testing.T) {
	k := &taker{}
	n := populate(t, newNode(t, func(d *Deps) { d.Intake = k }))
	for _, id := range []string{"1", strings.Repeat("x", ingest.MaxRecordID)} {
		known := map[string]bool{}
		for _, sender := range []auth.Role{auth.Responder, auth.Admin, auth.Responder} {
			if w := n.as(t, sender, "POST", "/api/v1/events", `[{"kind":"auth_failed","id":"`+id+`"}]`); w.Code != http.StatusAccepted {
				t.Fatal(w.Code, w.Body)
			}
			known[k.records[0].ID] = true
			if len(k.records[0].ID) > ingest.MaxRecordID {
				t.Errorf("%s is too long", k.records[0].ID)
			}
		}
		if len(known) != 2 {
			t.Errorf("%.9s: known by %v", id, known)
		}
	}
}

func TestRecordsThatCannotBeTaken(t *testing.T) {
	one := func(more string) string { return `[{"kind":"auth_failed"},{"kind":"auth_failed"` + more + `}]` }
	tests := map[string]struct {
		err  error
		body string
		code int
		want string
	}{
		"a bad record":    {&ingest.Refused{Index: 1, Why: "what is wrong"}, one(""), 422, "body[1]: what is wrong"},
		"a bad batch":     {&ingest.Refused{Index: -1, Why: "what is wrong"}, one(""), 422, "body: what is wrong"},
		"no room":         {fmt.Errorf("x: %w", spool.ErrFull), one(""), 503, "send them again later"},
		"none":            {nil, `[]`, 422, "body: expected array length >= 1"},
		"too many":        {nil, "[" + strings.Repeat(`{"kind":"auth_failed"},`, 1000) + `{"kind":"auth_failed"}]`, 422, "body: expected array length <= 1000"},
		"kind":            {nil, `[{"kind":"weather"}]`, 422, "body[0].kind"},
		"no kind":         {nil, `[{"user":"anna"}]`, 422, "kind"},
		"a time in words": {nil, one(`,"time":"noon"`), 422, "body[1].time"},
		"another field":   {nil, one(`,"severity":"high"`), 422, "body[1].severity: unexpected property"},
		"capital letters": {nil, one(`,"User":"anna"`), 400, "names of fields are lower case"},
		"a number":        {nil, one(`,"attributes":{"status":404}`), 422, "body[1].attributes.status"},
		"no records":      {nil, `["auth_failed"]`, 422, "body[0]: expected object"},
		"half":            {nil, `[{"kind":`, 400, "the body is not the JSON that is expected"},
		"no JSON":         {nil, `kind=auth_failed`, 400, "the body is not the JSON that is expected"},
		"too large":       {nil, one(`,"user":"` + strings.Repeat("x", maxEventsBody) + `"`), 413, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := populate(t, newNode(t, func(d *Deps) { d.Intake = &taker{err: tt.err} }))
			w := n.as(t, auth.Responder, "POST", "/api/v1/events", tt.body)
			if w.Code != tt.code || !strings.Contains(w.Body.String(), strings.ReplaceAll(strings.ReplaceAll(tt.want, ">", `\u003e`), "<", `\u003c`)) {
				t.Errorf("answer %d %s", w.Code, w.Body)
			}
		})
	}
}
