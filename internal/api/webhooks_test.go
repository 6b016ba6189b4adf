package api

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/notify/notifytest"
)

// newWebhooks is a notifier over memory with the managed webhook "soc".
func newWebhooks(t *testing.T, n *node) *notify.Notifier {
	t.Helper()
	n.hooks = notifytest.NewMemory()
	n.hooks.Put(notifytest.Subscription("soc", "https://hooks.example/T000/hunter2?key=hunter2"))
	w, err := notify.New(notify.Deps{
		Queue: n.hooks, Waiting: n.hooks, Subscriptions: n.hooks, Letters: n.hooks, Silences: n.hooks, Formats: []notify.Format{generic.New()}, Sealer: mask{}, Node: "node-1/notify", Clock: n.clock,
		Guard: func(string, string, syscall.RawConn) error { return errors.New("not allowed") },
	}, notify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// mask is a seal by which no value can be read with the eye.
type mask struct{}

func (mask) Seal(plain []byte) ([]byte, error) { return mask{}.Open(plain) }

func (mask) Open(sealed []byte) ([]byte, error) {
	out := slices.Clone(sealed)
	for i := range out {
		out[i] ^= 0x5a
	}
	return out, nil
}

const aURL = "https://hooks.example/T000/hunter2?key=hunter2"

func newHook(id string) WebhookRequest {
	return WebhookRequest{ID: id, URL: aURL, WebhookSettings: WebhookSettings{
		Presets: []string{"Leaks"}, Topics: []string{"system.bus.health"}, MinSeverity: "high", MinConfidence: 0.5,
		Rules: []string{"github-pat"}, Sources: []string{"chat"}, Reason: "asked for by the SOC",
	}}
}

func TestAWebhookIsMadeShownChangedAndRemoved(t *testing.T) {
	n := populate(t, newNode(t))
	w := n.as(t, auth.Admin, "POST", "/api/v1/webhooks", newHook("new"))
	made := decode[WebhookSaved](t, w)
	if w.Code != 201 || made.Secret == nil || !strings.HasPrefix(*made.Secret, "whsec_") || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if made.Host != "hooks.example" || made.Format != "generic" || made.State != "active" || !made.Signed || made.Managed ||
		!slices.Equal(made.Presets, []string{"Leaks"}) || len(made.Topics) != 5 || made.MinSeverity != "high" || made.MinConfidence != 0.5 {
		t.Errorf("got %s", w.Body)
	}
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/webhooks", newHook("new")), 409, "webhook new already")

	shown := n.as(t, auth.Admin, "GET", "/api/v1/webhooks/new", nil)
	if shown.Code != 200 || strings.Contains(shown.Body.String(), "hunter2") || strings.Contains(shown.Body.String(), *made.Secret) {
		t.Errorf("shown: %d %s", shown.Code, shown.Body)
	}
	tag := shown.Header().Get("ETag")
	change := WebhookUpdate{WebhookSettings: WebhookSettings{Topics: []string{"leak.>"}}}
	put := func(match string) *httptest.ResponseRecorder {
		return n.call(t, request{method: "PUT", path: "/api/v1/webhooks/new", body: change, key: n.keys[auth.Admin], headers: map[string]string{"If-Match": match}})
	}
	if changed := decode[WebhookSaved](t, put(tag)); changed.Secret != nil || changed.MinSeverity != "info" || len(changed.Rules) > 0 || !changed.Signed || changed.Host != "hooks.example" {
		t.Errorf("changed: %+v", changed)
	}
	wantProblem(t, put(tag), 412, "read it again")
	change.NewSecret = true
	if changed := decode[WebhookSaved](t, put("")); changed.Secret == nil || *changed.Secret == *made.Secret {
		t.Errorf("no new secret: %+v", changed)
	}
	if gone := n.as(t, auth.Admin, "DELETE", "/api/v1/webhooks/new?reason=moved", nil); gone.Code != 204 {
		t.Errorf("removing: %d %s", gone.Code, gone.Body)
	}
	wantProblem(t, n.as(t, auth.Admin, "GET", "/api/v1/webhooks/new", nil), 404, "no webhook new")
}

func TestWhatIsDoneToWebhooksIsAuditedAndTold(t *testing.T) {
	n := populate(t, newNode(t))
	n.as(t, auth.Admin, "POST", "/api/v1/webhooks", newHook("new"))
	n.as(t, auth.Admin, "PUT", "/api/v1/webhooks/new", WebhookUpdate{URL: "https://other.example/hunter2", NewSecret: true, WebhookSettings: WebhookSettings{Topics: []string{">"}}})
	for _, action := range []string{"pause", "enable", "redeliver"} {
		if w := n.as(t, auth.Admin, "POST", "/api/v1/webhooks/new/"+action, WebhookAction{Reason: "why " + action}); w.Code != 200 {
			t.Fatalf("%s: %d %s", action, w.Code, w.Body)
		}
	}
	n.as(t, auth.Admin, "DELETE", "/api/v1/webhooks/new", nil)
	entries, err := n.hooks.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var said, reasons []string
	for _, e := range entries {
		said, reasons = append(said, e.Action), append(reasons, e.Reason)
		if text := string(e.Before) + string(e.After); e.Target != "new" || e.Actor.Name != "key-admin" || strings.Contains(text, "hunter2") {
			t.Errorf("%+v %s", e, text)
		}
	}
	if want := []string{"webhook.create", "webhook.update", "webhook.pause", "webhook.enable", "webhook.redeliver", "webhook.remove"}; !slices.Equal(said, want) {
		t.Errorf("audited %v, want %v", said, want)
	}
	if reasons[0] != "asked for by the SOC" || reasons[2] != "why pause" {
		t.Errorf("reasons %q", reasons)
	}
	if after := string(entries[1].After); !strings.Contains(after, `"url":"changed"`) || !strings.Contains(after, `"secret":"changed"`) || !strings.Contains(after, "other.example") {
		t.Errorf("the change is told as %s", after)
	}
	told := 0
	for _, r := range n.hooks.Log() {
		if r.Event.Topic == event.TopicSubscriptionsChanged && strings.Contains(string(r.Event.Data), `"new"`) {
			told++
		}
	}
	if told != 5 { // redelivering changes no subscription
		t.Errorf("%d events, want 5", told)
	}
}

func TestAManagedWebhookIsChangedInItsFileOnly(t *testing.T) {
	n := populate(t, newNode(t))
	for call, body := range map[string]any{
		"PUT /api/v1/webhooks/soc":        WebhookUpdate{WebhookSettings: WebhookSettings{Topics: []string{">"}}},
		"DELETE /api/v1/webhooks/soc":     nil,
		"POST /api/v1/webhooks/soc/pause": nil,
	} {
		method, path, _ := strings.Cut(call, " ")
		wantProblem(t, n.as(t, auth.Admin, method, path, body), 409, "configuration file")
	}
	at := n.clock.Now()
	tripped := notifytest.Subscription("soc", aURL)
	tripped.Enabled, tripped.Failures, tripped.AutoDisabledAt = false, 5, &at
	n.hooks.Put(tripped)
	if w := decode[Webhook](t, n.as(t, auth.Admin, "GET", "/api/v1/webhooks/soc", nil)); w.State != "tripped" || w.AutoDisabledAt == nil || !w.Managed {
		t.Errorf("before: %+v", w)
	}
	if w := decode[Webhook](t, n.as(t, auth.Admin, "POST", "/api/v1/webhooks/soc/enable", nil)); w.State != "active" || w.Failures != 0 || w.AutoDisabledAt != nil {
		t.Errorf("after: %+v", w)
	}
}

func TestBadWebhooksAreRefusedByField(t *testing.T) {
	n := populate(t, newNode(t))
	for field, change := range map[string]func(*WebhookRequest){
		"body.id":             func(r *WebhookRequest) { r.ID = "a b" },
		"body.url":            func(r *WebhookRequest) { r.URL = "https://127.0.0.1/hunter2" },
		"body.url malformed":  func(r *WebhookRequest) { r.URL = "https://[::1/hunter2" },
		"body.topics":         func(r *WebhookRequest) { r.Topics = []string{"leak..x"} },
		"body.presets":        func(r *WebhookRequest) { r.Presets = []string{"leaks"} },
		"body.format":         func(r *WebhookRequest) { r.Format = "pigeon" },
		"body.secret":         func(r *WebhookRequest) { r.Secret = "whsec_hunter2!" },
		"body.min_confidence": func(r *WebhookRequest) { r.MinConfidence = 2 },
		"body.min_severity":   func(r *WebhookRequest) { r.MinSeverity = "bad" },
		"body.rules":          func(r *WebhookRequest) { r.Rules = []string{"a b"} },
		"body.sources":        func(r *WebhookRequest) { r.Sources = []string{""} },
	} {
		r := newHook("new")
		change(&r)
		w := n.as(t, auth.Admin, "POST", "/api/v1/webhooks", r)
		wantProblem(t, w, 422, strings.TrimSuffix(field, " malformed"))
		if strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: the answer shows a credential: %s", field, w.Body)
		}
	}
	if all := decode[WebhookList](t, n.as(t, auth.Admin, "GET", "/api/v1/webhooks", nil)); len(all.Items) != 1 || len(all.Presets) != 8 || len(all.Formats) != 1 {
		t.Errorf("webhooks now: %+v", all)
	}
}

// local makes a webhook to an endpoint of this machine, which answers code.
func (n *node) local(t *testing.T, code int) (got *[]string) {
	t.Helper()
	got = &[]string{}
	ep := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		*got = append(*got, r.Header.Get("webhook-id")+" "+string(b))
		w.WriteHeader(code)
	}))
	t.Cleanup(ep.Close)
	r := newHook("local")
	r.URL, r.AllowPrivate = ep.URL+"/hunter2", true
	if w := n.as(t, auth.Admin, "POST", "/api/v1/webhooks", r); w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return got
}

func TestATestTellsHowItWentAndIsInTheLog(t *testing.T) {
	for code, ok := range map[int]bool{204: true, 500: false} {
		n := populate(t, newNode(t))
		got := n.local(t, code)
		tested := decode[WebhookTested](t, n.as(t, auth.Admin, "POST", "/api/v1/webhooks/local/test", nil))
		d := tested.Delivery
		if tested.OK != ok || d.Status != code || (d.Error == "") != ok || d.Topic != event.TopicWebhookTest || d.Attempts != 1 || d.DoneAt == nil || d.NextAttemptAt != nil {
			t.Errorf("%d: %+v", code, tested)
		}
		if len(*got) != 1 || !strings.HasPrefix((*got)[0], d.ID+" ") || !strings.Contains((*got)[0], `"requested_by":"key-admin"`) {
			t.Errorf("%d: the endpoint got %q", code, *got)
		}
		page := decode[DeliveryPage](t, n.as(t, auth.Admin, "GET", "/api/v1/webhooks/local/deliveries", nil))
		if len(page.Items) != 1 || page.Items[0].ID != d.ID {
			t.Errorf("%d: the log has %+v", code, page.Items)
		}
		if w := decode[Webhook](t, n.as(t, auth.Admin, "GET", "/api/v1/webhooks/local", nil)); w.Failures != 0 || w.Last == nil || w.Last.OK != ok {
			t.Errorf("%d: the webhook is %+v", code, w)
		}
	}
}

func TestDeliveriesArePagedFilteredAndSentAgain(t *testing.T) {
	n := populate(t, newNode(t))
	n.local(t, 204)
	var ds []notify.Delivery
	for i := range 5 {
		e := notifytest.Event(t, n.clock.Now())
		d := notify.Delivery{ID: notify.DeliveryID("local", e.ID), SubscriptionID: "local", Event: e, State: notify.Pending, NextAttempt: noon(), CreatedAt: noon()}
		if i >= 3 {
			d.State, d.Attempts, d.LastStatus, d.LastError = notify.Dead, 1, 404, "HTTP 404"
		}
		if i == 2 {
			d.Attempts = 1
		}
		ds = append(ds, d)
	}
	if err := n.hooks.Enqueue(t.Context(), "c", event.Cursor{}, ds); err != nil {
		t.Fatal(err)
	}
	ids := func(query string) (out []string) {
		for cursor := ""; ; {
			p := decode[DeliveryPage](t, n.as(t, auth.Admin, "GET", "/api/v1/webhooks/local/deliveries?limit=2"+query+cursor, nil))
			for _, d := range p.Items {
				out = append(out, d.ID)
			}
			if p.NextCursor == nil {
				return out
			}
			cursor = "&cursor=" + *p.NextCursor
		}
	}
	for query, want := range map[string][]string{
		"": {ds[4].ID, ds[3].ID, ds[2].ID, ds[1].ID, ds[0].ID}, "&state=dead": {ds[4].ID, ds[3].ID},
		"&state=failed": {ds[2].ID}, "&state=pending": {ds[1].ID, ds[0].ID}, "&state=delivered": nil,
	} {
		if got := ids(query); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
	if w := decode[Webhook](t, n.as(t, auth.Admin, "GET", "/api/v1/webhooks/local", nil)); w.Pending != 3 || w.Dead != 2 {
		t.Errorf("%d wait, %d are dead", w.Pending, w.Dead)
	}
	one := decode[Redelivered](t, n.as(t, auth.Admin, "POST", "/api/v1/webhooks/local/deliveries/"+ds[3].ID+"/redeliver", nil))
	all := decode[Redelivered](t, n.as(t, auth.Admin, "POST", "/api/v1/webhooks/local/redeliver", nil))
	if one.Queued != 1 || all.Queued != 1 || len(ids("&state=dead")) != 0 {
		t.Errorf("queued %d and %d", one.Queued, all.Queued)
	}
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/webhooks/local/deliveries/msg_x/redeliver", nil), 404, "no delivery msg_x")
	n.as(t, auth.Admin, "POST", "/api/v1/webhooks/local/pause", nil)
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/webhooks/local/redeliver", nil), 409, "enable it first")
	for _, path := range []string{"/deliveries", "/deliveries/x/redeliver", "/redeliver", "/test", "/enable", "/pause"} {
		method := "POST"
		if path == "/deliveries" {
			method = "GET"
		}
		wantProblem(t, n.as(t, auth.Admin, method, "/api/v1/webhooks/none"+path, nil), 404, "no webhook none")
	}
}
