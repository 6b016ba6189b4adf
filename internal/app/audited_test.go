package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/config"
)

// changing lists the operations of the API that are no GET.
func changing(t *testing.T) map[string]bool {
	t.Helper()
	b, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for path, methods := range doc.Paths {
		for method := range methods {
			if method != "get" {
				all[strings.ToUpper(method)+" "+strings.TrimPrefix(path, "/api/v1")] = true
			}
		}
	}
	return all
}

// unaudited are the operations that are no GET and leave no record of their
// own, and why.
func unaudited() map[string]string {
	return map[string]string{
		"POST /rules/test":        "it stores nothing",
		"POST /anomaly/rules/try": "it stores nothing",
		"POST /events":            "a program reports what happened to it: the events are the record",

		"POST /egress/policy/check": "it stores nothing",
		"POST /egress/decide":       "a program asks what it may send: the answers are in the egress audit log",
		"POST /egress/hear":         "a message is to be passed on: the answers are in the egress audit log",
	}
}

// step is one operation and what it is called with. A function gives what only
// the running node knows.
type step struct {
	op   string
	body any
	with func(p *probe) (values []string) // for the braces of the path, in order
	do   func(p *probe, path string) int  // instead of a call by the local administrator
}

const (
	first  = "correct horse battery"
	second = "staple of another kind"
)

// steps call every operation so that it succeeds.
func steps(hook string, spare int) []step {
	is := func(values ...string) func(*probe) []string { return func(*probe) []string { return values } }
	why := map[string]any{"reason": "drill"}
	return []step{
		{op: "POST /setup", do: func(p *probe, path string) int {
			return p.browse(http.MethodPost, path, map[string]any{"token": p.token(), "name": "ada", "password": first})
		}},
		{op: "POST /login", do: func(p *probe, path string) int {
			return p.browse(http.MethodPost, path, map[string]any{"name": "ada", "password": first})
		}},
		{op: "DELETE /me/sessions/{id}", with: func(p *probe) []string { return []string{p.otherSession()} }, do: func(p *probe, path string) int { return p.browse(http.MethodDelete, path, nil) }},
		{op: "POST /logout", do: func(p *probe, path string) int { return p.browse(http.MethodPost, path, nil) }},
		{op: "POST /users", body: map[string]any{"name": "bob", "role": "viewer", "password": first}},
		{op: "PUT /users/{name}", with: is("bob"), body: map[string]any{"role": "reviewer"}},
		{op: "PUT /users/{name}/password", with: is("bob"), body: map[string]any{"password": second}},
		{op: "DELETE /users/{name}", with: is("bob")},
		{op: "POST /api-keys", body: map[string]any{"name": "ci", "role": "viewer"}},
		{op: "DELETE /api-keys/{name}", with: is("ci")},
		{op: "POST /audit/verify", body: map[string]any{}},
		{op: "POST /audit/checkpoint"},
		{op: "POST /backup", body: map[string]any{}},
		{op: "POST /quarantine/{id}/review", with: func(p *probe) []string { return []string{p.entry()} }, body: map[string]any{"action": "confirmed"}},
		{op: "POST /incidents/{id}/act", with: func(p *probe) []string { return []string{p.incident()} }, body: map[string]any{"action": "note", "reason": "drill"}},
		{op: "POST /fingerprints/lookup", body: map[string]any{"secret": "is this one known?"}},
		{op: "POST /rules", body: map[string]any{"id": "drill-rule", "description": "A drill.", "regex": "drill-[0-9]{8}", "severity": "low", "confidence": 0.9, "secret_type": "DRILL"}},
		{op: "PUT /rules/{id}", with: is("drill-rule"), body: map[string]any{"active": false, "reason": "drill"}},
		{op: "DELETE /rules/{id}", with: is("drill-rule")},
		{op: "POST /rules/import", body: map[string]any{"content": "patterns:\n  DRILL_TOKEN:\n    regex: \"drill-[a-f]{8}\"\n    severity: LOW\n    confidence: 0.9\n    active: true\n", "name": "patterns.yaml"}},
		{op: "POST /anomaly/rules", body: map[string]any{"text": "id: drill\non: [auth_failed]\nthreshold: 50000", "reason": "drill"}},
		{op: "PUT /anomaly/rules/{id}", with: is("drill"), body: map[string]any{"enabled": false, "reason": "drill"}},
		{op: "DELETE /anomaly/rules/{id}", with: is("drill")},
		{op: "POST /patterns", body: map[string]any{"name": "drill-pattern", "regex": "drill-[g-k]{8}", "severity": "LOW", "confidence": 0.9}},
		{op: "POST /patterns/{name}/update", with: is("drill-pattern"), body: map[string]any{"active": false}},
		{op: "DELETE /patterns/{name}", with: is("drill-pattern")},
		{op: "POST /webhooks", body: map[string]any{"id": "drill", "url": hook, "topics": []string{"leak.>"}, "allow_private": true}},
		{op: "PUT /webhooks/{id}", with: is("drill"), body: map[string]any{"url": hook, "topics": []string{"system.>"}, "allow_private": true}},
		{op: "POST /webhooks/{id}/test", with: is("drill"), body: why},
		{op: "POST /webhooks/{id}/pause", with: is("drill"), body: why},
		{op: "POST /webhooks/{id}/enable", with: is("drill"), body: why},
		{op: "POST /webhooks/{id}/deliveries/{delivery}/redeliver", with: func(p *probe) []string { return []string{"alerts", p.delivery("alerts")} }, body: why},
		{op: "POST /webhooks/{id}/redeliver", with: is("alerts"), body: why},
		{op: "DELETE /webhooks/{id}", with: is("drill")},
		{op: "POST /silences", body: map[string]any{"topics": []string{"leak.>"}, "minutes": 5, "reason": "drill"}},
		{op: "POST /silences/{id}/end", with: func(p *probe) []string { return []string{p.silence()} }, body: why},
		{op: "POST /gossip/blocks", body: map[string]any{"message_id": "drill-1", "reason": "drill"}},
		{op: "DELETE /gossip/blocks/{message_id}", with: is("drill-1?reason=drill")},
		{op: "POST /decisions", body: map[string]any{"network": "203.0.113.9", "minutes": 5, "reason": "drill"}},
		{op: "POST /decisions/{id}/end", with: func(p *probe) []string { return []string{p.block()} }, body: why},
		{op: "POST /playbooks/actions/{id}/approve", with: func(p *probe) []string { return []string{p.action("yes")} }, body: why},
		{op: "POST /playbooks/actions/{id}/reject", with: func(p *probe) []string { return []string{p.action("no")} }, body: why},
		{op: "POST /playbooks/actions/{id}/undo", with: func(p *probe) []string { return []string{p.actionIn("done", "back")} }, body: why},
		{op: "POST /workers/{name}/stop", with: is("leak-chat"), body: why},
		{op: "POST /workers/{name}/start", with: is("leak-chat"), body: why},
		{op: "POST /egress/endpoints/{id}/review", with: func(p *probe) []string { return []string{p.endpoint()} }, body: map[string]any{"verdict": "deny", "reason": "drill"}},
		{op: "PUT /egress/policy", body: map[string]any{"document": "mode: strict\ndefault_policy: deny\n", "reason": "drill"}},
		{op: "POST /egress/policy/edit", body: map[string]any{"action": "mode", "mode": "audit", "reason": "drill"}},
		{op: "POST /egress/policy/rollback", body: map[string]any{"version": 1, "reason": "drill"}},
		{op: "POST /egress/policy/dry-run", body: map[string]any{"document": "mode: strict\n"}},
		{op: "POST /egress/killswitch", body: map[string]any{"active": true, "reason": "drill"}},
		{op: "POST /egress/ca/rotate", body: why},
		{op: "POST /egress/audit/verify"},
		{op: "POST /config/reload", body: why},
		{op: "POST /deckies", body: map[string]any{"name": "drill", "archetype": "linux-server", "address": "127.0.0.1", "services": []any{map[string]any{"kind": "redis", "port": spare}}}},
		{op: "POST /deckies/{name}/mutate", with: is("drill"), body: why},
		{op: "DELETE /deckies/{name}", with: is("drill")},
		{op: "POST /credentials/{id}/reveal", with: func(p *probe) []string { return []string{p.tried()} }, body: why},
		{op: "POST /logs/{id}/reveal", with: func(p *probe) []string { return []string{p.command()} }, body: why},
	}
}

// Every operation that changes something leaves a record in the audit log. The
// operations come from the API's document: a new one fails here until it is
// called, and recorded.
func TestEveryOperationIsAudited(t *testing.T) {
	server := httptest.NewServer(&receiver{})
	t.Cleanup(server.Close)
	p := newProbe(t, server.URL)
	left := changing(t)
	for op, why := range unaudited() {
		if !left[op] || why == "" {
			t.Errorf("%s is no operation, or has no reason", op)
		}
		delete(left, op)
	}
	for _, s := range steps(server.URL, deckyPort(t)) {
		if !left[s.op] {
			t.Errorf("%s is no operation that is still to be called", s.op)
			continue
		}
		delete(left, s.op)
		path := p.path(s)
		before := p.records()
		if status := p.run(s, path); status >= 300 {
			t.Errorf("%s: %d %s", s.op, status, p.said)
		} else if p.records() == before {
			t.Errorf("%s left no audit record", s.op)
		}
	}
	if len(left) > 0 {
		t.Errorf("not called, so nobody knows whether they are audited: %v", slices.Sorted(maps.Keys(left)))
	}
}

// probe calls a running node as the local administrator and as a browser.
type probe struct {
	*house
	cli    *client.Client
	socket *http.Client
	cookie string
	said   string // the last answer
}

func newProbe(t *testing.T, hook string) *probe {
	t.Helper()
	h := newHouse(t, `
leak: {sources: [{id: chat, kind: bzzz-log, path: DIR/chat.log}]}
egress: {listen: "127.0.0.1:0"}
deception: {deckies: [{name: cache, archetype: database-server, address: 127.0.0.1, services: [{kind: redis, port: `+strconv.Itoa(deckyPort(t))+`}]}]}
respond: {playbooks: ["`+drills(t)+`"]}
notify: {webhooks: [{id: alerts, url: "`+hook+`", topics: [leak.message.quarantined], allow_private: true}]}
`)
	h.load = func() (*config.Config, error) { same := *h.cfg; return &same, nil }
	utter(t, filepath.Join(h.dir, "chat.log"), 0)
	p := &probe{house: h, cli: h.start()}
	p.socket = client.OverSocket(filepath.Join(h.data, socketName))
	h.caught(p.cli, 1)
	return p
}

// path fills in the braces of an operation's path.
func (p *probe) path(s step) string {
	_, path, _ := strings.Cut(s.op, " ")
	if s.with != nil {
		for _, value := range s.with(p) {
			from, rest, _ := strings.Cut(path, "{")
			_, rest, _ = strings.Cut(rest, "}")
			path = from + value + rest
		}
	}
	return path
}

func (p *probe) run(s step, path string) int {
	method, _, _ := strings.Cut(s.op, " ")
	if s.do != nil {
		return s.do(p, path)
	}
	return p.call(p.socket, client.LocalURL, method, path, s.body)
}

// browse calls over TCP with the session's cookie.
func (p *probe) browse(method, path string, body any) int {
	return p.call(http.DefaultClient, "http://"+p.listens(), method, path, body)
}

func (p *probe) call(c *http.Client, base, method, path string, body any) int {
	p.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, base+"/api/v1"+path, in)
	if err != nil {
		p.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.cookie != "" && c == http.DefaultClient {
		r.AddCookie(&http.Cookie{Name: auth.SessionCookie, Value: p.cookie})
		r.Header.Set("X-Cordon-Request", "1")
	}
	res, err := c.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for _, k := range res.Cookies() {
		p.cookie = k.Value
	}
	said, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.said = fmt.Sprintf("%.300s", said)
	return res.StatusCode
}

// records is the number of the newest audit record.
func (p *probe) records() int64 {
	p.t.Helper()
	page, err := p.cli.AuditList(p.t.Context(), client.AuditQuery{Limit: 1})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(page.Items) == 0 {
		return 0
	}
	return page.Items[0].Seq
}

func (p *probe) token() string {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.data, auth.SetupFile))
	if err != nil {
		p.t.Fatal(err)
	}
	_, token, _ := strings.Cut(strings.TrimSpace(string(b)), "#token=")
	return token
}

// otherSession logs in once more and names the session from before.
func (p *probe) otherSession() string {
	p.t.Helper()
	old := p.cookie
	p.cookie = ""
	p.browse(http.MethodPost, "/login", map[string]any{"name": "ada", "password": first})
	var list api.SessionList
	p.get("/me/sessions", &list)
	for _, s := range list.Items {
		if !s.Current {
			return s.ID
		}
	}
	p.t.Fatalf("one session, of the cookie %.4s", old)
	return ""
}

// get reads over TCP with the session's cookie.
func (p *probe) get(path string, into any) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+p.listens()+"/api/v1"+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: auth.SessionCookie, Value: p.cookie})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		p.t.Fatal(err)
	}
}

func (p *probe) entry() string { return p.caught(p.cli, 1)[0].ID }

// delivery waits for one of a webhook.
func (p *probe) delivery(webhook string) (id string) {
	p.t.Helper()
	p.until("a delivery of "+webhook, func() bool {
		res, err := p.socket.Get(client.LocalURL + "/api/v1/webhooks/" + webhook + "/deliveries")
		if err != nil {
			p.t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var page api.DeliveryPage
		if err := json.NewDecoder(res.Body).Decode(&page); err != nil {
			p.t.Fatal(err)
		}
		if len(page.Items) == 0 || page.Items[0].State != "delivered" {
			return false
		}
		id = page.Items[0].ID
		return true
	})
	return id
}

// incident waits for one of what was caught.
func (p *probe) incident() (id string) {
	p.t.Helper()
	p.entry()
	p.until("an incident", func() bool {
		page, err := p.cli.Incidents(p.t.Context(), client.IncidentQuery{Limit: 1})
		if err != nil {
			p.t.Fatal(err)
		}
		if len(page.Items) > 0 {
			id = page.Items[0].ID
		}
		return id != ""
	})
	return id
}

// silence is the one in force.
func (p *probe) silence() string {
	p.t.Helper()
	page, err := p.cli.Silences(p.t.Context(), 0, "")
	if err != nil || len(page.Items) == 0 {
		p.t.Fatalf("%d silences, %v", len(page.Items), err)
	}
	return page.Items[0].ID
}
