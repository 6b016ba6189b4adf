package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/event"
)

const entryID = "01936d2c-5f8e-7abc-9def-0123456789ab"

// seen is what a server saw of a request.
type seen struct {
	Call    string // method and path with query, as sent
	Body    string
	Headers map[string]string // those that matter
}

// recording answers every request with the same text and records it.
func recording(t *testing.T, status int, answer string) (*client.Client, *seen) {
	t.Helper()
	got := &seen{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		*got = seen{Call: r.Method + " " + r.RequestURI, Body: string(b), Headers: map[string]string{}}
		for _, h := range []string{"Authorization", "If-Match", "Idempotency-Key", "Last-Event-Id"} {
			if v := r.Header.Get(h); v != "" {
				got.Headers[h] = v
			}
		}
		w.Header().Set("ETag", `W/"v1"`) // as a proxy that compresses passes "v1" on
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(s.Close)
	c, err := client.New(client.Options{BaseURL: s.URL, APIKey: "cdn_key"})
	if err != nil {
		t.Fatal(err)
	}
	return c, got
}

func TestCalls(t *testing.T) {
	yes := true
	key := map[string]string{"Authorization": "Bearer cdn_key"}
	tests := map[string]struct {
		call func(ctx context.Context, c *client.Client) error
		want seen
	}{
		"me":       {func(ctx context.Context, c *client.Client) error { _, err := c.Me(ctx); return err }, seen{"GET /api/v1/me", "", key}},
		"overview": {func(ctx context.Context, c *client.Client) error { _, err := c.Overview(ctx, 48); return err }, seen{"GET /api/v1/overview?hours=48", "", key}},
		"quarantine": {func(ctx context.Context, c *client.Client) error {
			_, err := c.QuarantineList(ctx, client.QuarantineQuery{Limit: 5, Cursor: "abc", Source: "a b&c", Rule: "r", Severities: []string{"high", "low"}, Reviewed: &yes})
			return err
		}, seen{"GET /api/v1/quarantine?cursor=abc&limit=5&reviewed=true&rule=r&severity=high&severity=low&source=a+b%26c", "", key}},
		"quarantine, all": {func(ctx context.Context, c *client.Client) error {
			_, err := c.QuarantineList(ctx, client.QuarantineQuery{})
			return err
		}, seen{"GET /api/v1/quarantine", "", key}},
		"entry": {func(ctx context.Context, c *client.Client) error {
			_, etag, err := c.QuarantineGet(ctx, entryID)
			if etag != `"v1"` {
				t.Errorf("ETag %q", etag)
			}
			return err
		}, seen{"GET /api/v1/quarantine/" + entryID, "", key}},
		"hostile id": {func(ctx context.Context, c *client.Client) error {
			_, _, err := c.QuarantineGet(ctx, "../users?x=1#y")
			return err
		}, seen{"GET /api/v1/quarantine/..%2Fusers%3Fx=1%23y", "", key}},
		"review": {func(ctx context.Context, c *client.Client) error {
			_, err := c.QuarantineReview(ctx, entryID, client.Review{Action: "confirmed", Reason: "real", IfMatch: `"v1"`, Key: "k"})
			return err
		}, seen{"POST /api/v1/quarantine/" + entryID + "/review", `{"action":"confirmed","reason":"real"}`,
			map[string]string{"Authorization": "Bearer cdn_key", "If-Match": `"v1"`, "Idempotency-Key": "k"}}},
		"findings": {func(ctx context.Context, c *client.Client) error {
			_, err := c.FindingList(ctx, client.FindingQuery{Limit: 1, Cursor: "c", Source: "s", Rule: "r", Severities: []string{"info"}, Fingerprint: "v1:a:b"})
			return err
		}, seen{"GET /api/v1/findings?cursor=c&fingerprint=v1%3Aa%3Ab&limit=1&rule=r&severity=info&source=s", "", key}},
		"sources": {func(ctx context.Context, c *client.Client) error { _, err := c.Sources(ctx); return err }, seen{"GET /api/v1/sources", "", key}},
		"metrics": {func(ctx context.Context, c *client.Client) error {
			_, err := c.DetectionMetrics(ctx, "2026-03-01", "")
			return err
		}, seen{"GET /api/v1/metrics/detection?from=2026-03-01", "", key}},
		"health": {func(ctx context.Context, c *client.Client) error { _, err := c.Health(ctx); return err }, seen{"GET /api/v1/health", "", key}},
		"incidents": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Incidents(ctx, client.IncidentQuery{States: []string{"triggered", "resolved"}, Assignee: "@me"})
			return err
		}, seen{"GET /api/v1/incidents?assignee=%40me&state=triggered&state=resolved", "", key}},
		"incident": {func(ctx context.Context, c *client.Client) error { _, err := c.Incident(ctx, "i/1"); return err }, seen{"GET /api/v1/incidents/i%2F1", "", key}},
		"act on an incident": {func(ctx context.Context, c *client.Client) error {
			_, err := c.IncidentAct(ctx, "i1", api.IncidentAct{Action: "resolve", Reason: "revoked"})
			return err
		}, seen{"POST /api/v1/incidents/i1/act", `{"action":"resolve","reason":"revoked"}`, key}},
		"anomalies": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Anomalies(ctx, client.AnomalyQuery{Open: "true", Kinds: []string{"brute_force"}, KeyKind: "ip", Key: "203.0.113.9", Severities: []string{"high"}})
			return err
		}, seen{"GET /api/v1/anomalies?key=203.0.113.9&key_kind=ip&kind=brute_force&open=true&severity=high", "", key}},
		"anomaly": {func(ctx context.Context, c *client.Client) error { _, err := c.Anomaly(ctx, "i/1"); return err }, seen{"GET /api/v1/anomalies/i%2F1", "", key}},
		"deckies": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Deckies(ctx, client.DeckyQuery{Limit: 5, Node: "n1", State: "failed"})
			return err
		}, seen{"GET /api/v1/deckies?limit=5&node=n1&state=failed", "", key}},
		"decky": {func(ctx context.Context, c *client.Client) error { _, err := c.Decky(ctx, "", "web-1"); return err }, seen{"GET /api/v1/deckies/web-1", "", key}},
		"add a decky": {func(ctx context.Context, c *client.Client) error {
			_, err := c.AddDecky(ctx, api.NewDecky{Name: "a", Archetype: "web-server", Address: "127.0.0.1", Services: []api.NewDeckyService{{Kind: "ssh", Port: 22}}})
			return err
		}, seen{"POST /api/v1/deckies", `{"name":"a","archetype":"web-server","address":"127.0.0.1","services":[{"kind":"ssh","port":22}]}`, key}},
		"mutate a decky": {func(ctx context.Context, c *client.Client) error { return only(c.MutateDecky(ctx, "n2", "a", "b")) }, seen{"POST /api/v1/deckies/a/mutate?node=n2", `{"reason":"b"}`, key}},
		"remove a decky": {func(ctx context.Context, c *client.Client) error { return c.RemoveDecky(ctx, "n2", "a", "moved") }, seen{"DELETE /api/v1/deckies/a?node=n2&reason=moved", "", key}},
		"logs": {func(ctx context.Context, c *client.Client) error {
			_, err := c.DeckyLogs(ctx, client.EvidenceQuery{Session: "s", Type: "command", Attacker: "203.0.113.9"})
			return err
		}, seen{"GET /api/v1/logs?attacker_ip=203.0.113.9&event_type=command&session=s", "", key}},
		"reveal a log": {func(ctx context.Context, c *client.Client) error {
			_, err := c.RevealLog(ctx, "i", "case 7")
			return err
		}, seen{"POST /api/v1/logs/i/reveal", `{"reason":"case 7"}`, key}},
		"deckies' sessions": {func(ctx context.Context, c *client.Client) error {
			_, err := c.DeckySessions(ctx, client.EvidenceQuery{Limit: 2, Recorded: true, Decky: "web-1"})
			return err
		}, seen{"GET /api/v1/sessions?decky=web-1&limit=2&recorded=true", "", key}},
		"a decky's session": {func(ctx context.Context, c *client.Client) error { _, err := c.DeckySession(ctx, "i"); return err }, seen{"GET /api/v1/sessions/i", "", key}},
		"transcript": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Transcript(ctx, "web-1", "i", 40)
			return err
		}, seen{"GET /api/v1/transcripts/web-1/i?offset=40", "", key}},
		"artifacts": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Artifacts(ctx, client.EvidenceQuery{SHA256: "ab", Service: "ftp"})
			return err
		}, seen{"GET /api/v1/artifacts?service=ftp&sha256=ab", "", key}},
		"credentials": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Credentials(ctx, client.EvidenceQuery{Kind: "plaintext", Fingerprint: "v1:a"})
			return err
		}, seen{"GET /api/v1/credentials?fingerprint=v1%3Aa&kind=plaintext", "", key}},
		"reveal a credential": {func(ctx context.Context, c *client.Client) error {
			_, err := c.RevealCredential(ctx, "i", "")
			return err
		}, seen{"POST /api/v1/credentials/i/reveal", `{}`, key}},
		"attackers": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Attackers(ctx, client.AttackerQuery{Order: "score", MinScore: 25})
			return err
		}, seen{"GET /api/v1/attackers?min_score=25&order=score", "", key}},
		"attacker": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Attacker(ctx, "203.0.113.9")
			return err
		}, seen{"GET /api/v1/attackers/203.0.113.9", "", key}},
		"traversal": {func(ctx context.Context, c *client.Client) error { _, err := c.Traversal(ctx, "i"); return err }, seen{"GET /api/v1/attackers/i/traversal", "", key}},
		"reuse":     {func(ctx context.Context, c *client.Client) error { _, err := c.CredentialReuse(ctx, 5, ""); return err }, seen{"GET /api/v1/credential-reuse?limit=5", "", key}},
		"webhooks":  {func(ctx context.Context, c *client.Client) error { _, err := c.Webhooks(ctx); return err }, seen{"GET /api/v1/webhooks", "", key}},
		"webhook": {func(ctx context.Context, c *client.Client) error {
			_, etag, err := c.Webhook(ctx, "soc")
			if etag != `"v1"` {
				t.Errorf("ETag %q", etag)
			}
			return err
		}, seen{"GET /api/v1/webhooks/soc", "", key}},
		"new webhook": {func(ctx context.Context, c *client.Client) error {
			_, err := c.WebhookCreate(ctx, api.WebhookRequest{ID: "soc", URL: "https://h.example/x", WebhookSettings: api.WebhookSettings{Presets: []string{"Leaks"}, MinConfidence: 0.5}})
			return err
		}, seen{"POST /api/v1/webhooks", `{"id":"soc","url":"https://h.example/x","presets":["Leaks"],"min_confidence":0.5}`, key}},
		"changed webhook": {func(ctx context.Context, c *client.Client) error {
			_, err := c.WebhookUpdate(ctx, "soc", `"v1"`, api.WebhookUpdate{NewSecret: true, WebhookSettings: api.WebhookSettings{Topics: []string{"leak.>"}}})
			return err
		}, seen{"PUT /api/v1/webhooks/soc", `{"new_secret":true,"topics":["leak.\u003e"]}`, map[string]string{"Authorization": "Bearer cdn_key", "If-Match": `"v1"`}}},
		"removed webhook": {func(ctx context.Context, c *client.Client) error { return c.WebhookRemove(ctx, "soc", "moved") }, seen{"DELETE /api/v1/webhooks/soc?reason=moved", "", key}},
		"tested webhook": {func(ctx context.Context, c *client.Client) error {
			_, err := c.WebhookTest(ctx, "soc", api.WebhookAction{})
			return err
		}, seen{"POST /api/v1/webhooks/soc/test", `{}`, key}},
		"enabled webhook": {func(ctx context.Context, c *client.Client) error {
			_, err := c.WebhookEnable(ctx, "soc", api.WebhookAction{Reason: "mended"})
			return err
		}, seen{"POST /api/v1/webhooks/soc/enable", `{"reason":"mended"}`, key}},
		"paused webhook": {func(ctx context.Context, c *client.Client) error {
			_, err := c.WebhookPause(ctx, "soc", api.WebhookAction{})
			return err
		}, seen{"POST /api/v1/webhooks/soc/pause", `{}`, key}},
		"deliveries": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Deliveries(ctx, "soc", client.DeliveryQuery{Limit: 5, Cursor: "c", State: "dead"})
			return err
		}, seen{"GET /api/v1/webhooks/soc/deliveries?cursor=c&limit=5&state=dead", "", key}},
		"redelivered": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Redeliver(ctx, "soc", "msg_1", api.WebhookAction{})
			return err
		}, seen{"POST /api/v1/webhooks/soc/deliveries/msg_1/redeliver", `{}`, key}},
		"redelivered all": {func(ctx context.Context, c *client.Client) error {
			_, err := c.RedeliverDead(ctx, "soc", api.WebhookRedeliver{})
			return err
		}, seen{"POST /api/v1/webhooks/soc/redeliver", `{}`, key}},
		"silences": {func(ctx context.Context, c *client.Client) error { _, err := c.Silences(ctx, 5, "c"); return err }, seen{"GET /api/v1/silences?cursor=c&limit=5", "", key}},
		"new silence": {func(ctx context.Context, c *client.Client) error {
			_, err := c.SilenceCreate(ctx, api.SilenceRequest{Topics: []string{"leak.message.*"}, Minutes: 5, Reason: "x"})
			return err
		}, seen{"POST /api/v1/silences", `{"topics":["leak.message.*"],"minutes":5,"reason":"x"}`, key}},
		"ended silence": {func(ctx context.Context, c *client.Client) error {
			_, err := c.SilenceEnd(ctx, "i", api.SilenceEnd{Reason: "x"})
			return err
		}, seen{"POST /api/v1/silences/i/end", `{"reason":"x"}`, key}},
		"users": {func(ctx context.Context, c *client.Client) error { _, err := c.Users(ctx); return err }, seen{"GET /api/v1/users", "", key}},
		"new user": {func(ctx context.Context, c *client.Client) error {
			_, err := c.UserCreate(ctx, api.UserRequest{Name: "ada", Role: "viewer", Password: "a long enough one"})
			return err
		}, seen{"POST /api/v1/users", `{"name":"ada","role":"viewer","password":"a long enough one"}`, key}},
		"password": {func(ctx context.Context, c *client.Client) error {
			return c.UserSetPassword(ctx, "ada", api.PasswordRequest{Password: "a long enough one"})
		}, seen{"PUT /api/v1/users/ada/password", `{"password":"a long enough one"}`, key}},
		"keys": {func(ctx context.Context, c *client.Client) error { _, err := c.Keys(ctx); return err }, seen{"GET /api/v1/api-keys", "", key}},
		"new key": {func(ctx context.Context, c *client.Client) error {
			_, err := c.KeyCreate(ctx, api.APIKeyRequest{Name: "ci", Role: "viewer"})
			return err
		}, seen{"POST /api/v1/api-keys", `{"name":"ci","role":"viewer"}`, key}},
		"revoke": {func(ctx context.Context, c *client.Client) error { return c.KeyRevoke(ctx, "ci") }, seen{"DELETE /api/v1/api-keys/ci", "", key}},
		"stream": {func(ctx context.Context, c *client.Client) error {
			return c.Stream(ctx, client.StreamQuery{After: event.Cursor{Day: "2026-03-14", Seq: 7}, Topics: []string{"leak.>"}}, nil)
		}, seen{"GET /api/v1/stream?topics=leak.%3E", "", map[string]string{"Authorization": "Bearer cdn_key", "Last-Event-Id": "2026-03-14/7"}}},
	}
	templates := operations(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, got := recording(t, 200, `{}`)
			if err := tt.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			path, _, _ := strings.Cut(got.Call, "?")
			if !templates.MatchString(path) {
				t.Errorf("%s is no operation of the API", path)
			}
		})
	}
}

// operations matches the calls of the OpenAPI document.
func operations(t *testing.T) *regexp.Regexp {
	t.Helper()
	b, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	var all []string
	for path, methods := range doc.Paths {
		for method := range methods {
			all = append(all, strings.ToUpper(method)+" "+regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "[^/]+"))
		}
	}
	return regexp.MustCompile("^(?:" + strings.Join(all, "|") + ")$")
}

func TestAnswersThatSayNo(t *testing.T) {
	tests := map[string]struct {
		status int
		answer string
		want   string
	}{
		"a problem":   {404, `{"title":"Not Found","status":404,"detail":"there is no such entry"}`, "there is no such entry"},
		"a proxy":     {502, "<html>bad gateway</html>", "the server answered 502 Bad Gateway"},
		"nothing":     {500, "", "the server answered 500 Internal Server Error"},
		"a redirect":  {301, "", "the server answered 301 Moved Permanently"},
		"not problem": {403, `[1,2]`, "the server answered 403 Forbidden"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := recording(t, tt.status, tt.answer)
			_, err := c.Me(t.Context())
			if err == nil || err.Error() != tt.want || client.StatusOf(err) != tt.status {
				t.Errorf("got %v (%d)", err, client.StatusOf(err))
			}
		})
	}
}

func TestAnAnswerThatIsNotJSONIsAnError(t *testing.T) {
	c, _ := recording(t, 200, "<html>")
	if _, err := c.Me(t.Context()); err == nil || client.StatusOf(err) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestAKeyDoesNotFollowARedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer s.Close()
	c, err := client.New(client.Options{BaseURL: s.URL, APIKey: "cdn_key"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Me(t.Context()); client.StatusOf(err) != http.StatusTemporaryRedirect {
		t.Errorf("got %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for url, ok := range map[string]bool{
		"http://127.0.0.1:8420": true, "https://cordon.example/": true, "https://proxy.example/cordon": true,
		"": false, "127.0.0.1:8420": false, "ftp://x": false, "http://": false, "http://ada:pw@x": false, "http://x?y": false, "http://x/#y": false, "http://[::1": false,
	} {
		_, err := client.New(client.Options{BaseURL: url})
		if (err == nil) != ok {
			t.Errorf("New(%q) = %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("error %q shows the password", err)
		}
	}
}

func TestAPathBeforeTheAPIIsKept(t *testing.T) {
	got := ""
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.URL.Path; fmt.Fprint(w, "{}") })
	c, err := client.New(client.Options{BaseURL: "http://proxy.example/cordon/", HTTP: client.OverHandler(h)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Me(t.Context()); err != nil || got != "/cordon/api/v1/me" {
		t.Errorf("called %s, %v", got, err)
	}
}

func TestStreamDeliversEventsInOrder(t *testing.T) {
	line := func(n int) string {
		return fmt.Sprintf("id: 2026-03-14/%d\nevent: leak.finding.detected\ndata: {\"id\":\"%s\",\"topic\":\"leak.finding.detected\",\"time\":\"2026-03-14T12:00:00Z\",\"source\":\"n\",\"severity\":\"high\",\"schema\":1,\"data\":{}}\n\n", n, entryID)
	}
	c, _ := recording(t, 200, "retry: 2000\nid: 2026-03-14/4\n\n"+line(5)+": still here\n\n"+line(6))
	var got []int64
	err := c.Stream(t.Context(), client.StreamQuery{}, func(r event.Record) error {
		got = append(got, r.Cursor.Seq)
		return nil
	})
	if err != nil || !cmp.Equal(got, []int64{5, 6}) {
		t.Errorf("got %v, %v", got, err)
	}
	stop := fmt.Errorf("enough")
	if err := c.Stream(t.Context(), client.StreamQuery{}, func(event.Record) error { return stop }); err != stop {
		t.Errorf("got %v", err)
	}
	for _, bad := range []string{"id: x\ndata: {}\n\n", "id: 2026-03-14/1\ndata: {\n\n"} {
		c, _ := recording(t, 200, bad)
		if err := c.Stream(t.Context(), client.StreamQuery{}, func(event.Record) error { return nil }); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestTransports(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"x"`)
		w.WriteHeader(200)
		w.Header().Set("ETag", `"too late"`)
		fmt.Fprintf(w, `{"id":%q}`, r.Host)
	})
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go s.Serve(l)
	defer s.Close()
	for name, transport := range map[string]*http.Client{"handler": client.OverHandler(h), "socket": client.OverSocket(socket)} {
		t.Run(name, func(t *testing.T) {
			c, err := client.New(client.Options{BaseURL: client.LocalURL, HTTP: transport})
			if err != nil {
				t.Fatal(err)
			}
			q, etag, err := c.QuarantineGet(t.Context(), entryID)
			if err != nil || etag != `"x"` || q.ID != "localhost" {
				t.Errorf("got %+v %s %v", q.ID, etag, err)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := c.Me(ended); err == nil {
				t.Error("a call after its end")
			}
		})
	}
}

func only[T any](_ T, err error) error { return err }
