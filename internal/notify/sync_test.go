package notify_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/redact"
)

func configured() notify.Webhook {
	return notify.Webhook{
		ID: "soc", URL: redact.NewSecret("https://hooks.example/" + hidden), Secret: redact.NewSecret("a signing secret of some length"),
		Topics: []string{"leak.>"}, Format: "generic", MinSeverity: event.Medium,
	}
}

func TestCheckNamesEveryFaultAndShowsNoSecret(t *testing.T) {
	long := strings.Repeat("x", 65)
	for name, tc := range map[string]struct {
		change func(*notify.Webhook)
		want   string // empty: accepted
	}{
		"as it should be": {func(*notify.Webhook) {}, ""},
		"unsigned":        {func(w *notify.Webhook) { w.Secret = redact.Secret{} }, ""},
		"standard secret": {func(w *notify.Webhook) {
			w.Secret = redact.NewSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef01234567")))
		}, ""},
		"secret is not base64":   {func(w *notify.Webhook) { w.Secret = redact.NewSecret("whsec_" + hidden + "!") }, "not base64"},
		"no id":                  {func(w *notify.Webhook) { w.ID = "" }, "id must be"},
		"id with a space":        {func(w *notify.Webhook) { w.ID = "a b" }, "id must be"},
		"long id":                {func(w *notify.Webhook) { w.ID = long }, "id must be"},
		"no url":                 {func(w *notify.Webhook) { w.URL = redact.Secret{} }, "https://"},
		"private url":            {func(w *notify.Webhook) { w.URL = redact.NewSecret("http://10.0.0.1/" + hidden) }, "allow_private: true"},
		"private url, permitted": {func(w *notify.Webhook) { w.URL, w.AllowPrivate = redact.NewSecret("http://10.0.0.1/"), true }, ""},
		"no topics":              {func(w *notify.Webhook) { w.Topics = nil }, "topics are missing"},
		"bad topic":              {func(w *notify.Webhook) { w.Topics = []string{"leak.>", "leak..x"} }, `"leak..x"`},
		"too many topics":        {func(w *notify.Webhook) { w.Topics = make([]string, 65) }, "more than 64"},
		"unknown format":         {func(w *notify.Webhook) { w.Format = "pigeon" }, `format "pigeon" is not known; known are generic`},
	} {
		hook := configured()
		tc.change(&hook)
		err := notify.Check([]notify.Webhook{hook}, []notify.Format{generic.New()})
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s: %v, want none", name, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "notify.webhooks[0]")):
			t.Errorf("%s: error %v, want one that names notify.webhooks[0] and %q", name, err, tc.want)
		case err != nil && strings.Contains(err.Error(), hidden):
			t.Errorf("%s: error shows a secret: %v", name, err)
		}
	}
}

func TestCheckReportsAllAtOnce(t *testing.T) {
	bad := configured()
	bad.Format, bad.Topics = "pigeon", nil
	err := notify.Check([]notify.Webhook{configured(), configured(), bad}, []notify.Format{generic.New()})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`[1] "soc": id is used twice`, "[2]", "pigeon", "topics"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not name %q:\n%v", want, err)
		}
	}
}

func newNotifier(t *testing.T, r *rig) *notify.Notifier {
	t.Helper()
	n, err := notify.New(r.deps, r.opts)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func configure(t *testing.T, r *rig, hooks ...notify.Webhook) {
	t.Helper()
	if err := newNotifier(t, r).Sync(t.Context(), hooks); err != nil {
		t.Fatal(err)
	}
}

func TestSyncStoresAndSeals(t *testing.T) {
	r := newRig(t)
	configure(t, r, configured())
	want := notify.Subscription{
		ID: "soc", URL: "https://hooks.example/" + hidden, Topics: []string{"leak.>"}, Format: "generic",
		MinSeverity: event.Medium, Managed: true, Enabled: true,
	}
	got := r.subscription("soc")
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(notify.Subscription{}, "SealedSecret")); diff != "" {
		t.Errorf("subscription (-want +got):\n%s", diff)
	}
	if bytes.Contains(got.SealedSecret, []byte("signing secret")) {
		t.Error("the secret is stored in the clear")
	}
	if plain, err := (sealer{'k'}).Open(got.SealedSecret); err != nil || string(plain) != configured().Secret.Reveal() {
		t.Errorf("the sealed secret opens to %q, %v", plain, err)
	}
	log := r.store.Log()
	if len(log) != 1 || log[0].Event.Topic != event.TopicSubscriptionsChanged || log[0].Event.Source != "node-1/notify" {
		t.Errorf("event log %v, want one %s", log, event.TopicSubscriptionsChanged)
	}
}

func TestSyncOfTheSameChangesNothing(t *testing.T) {
	r := newRig(t)
	configure(t, r, configured())
	before := r.subscription("soc")
	configure(t, r, configured())
	if diff := cmp.Diff(before, r.subscription("soc")); diff != "" || len(r.store.Log()) != 1 {
		t.Errorf("a second sync wrote %d events and changed (-before +after):\n%s", len(r.store.Log())-1, diff)
	}
}

func TestSyncSealsAnewWhatIsNewOrCannotBeOpened(t *testing.T) {
	r := newRig(t)
	configure(t, r, configured())
	other := configured()
	other.Secret = redact.NewSecret("another signing secret, as long")
	configure(t, r, other)
	if plain, err := r.deps.Sealer.Open(r.subscription("soc").SealedSecret); err != nil || string(plain) != other.Secret.Reveal() {
		t.Errorf("after a new secret: %q, %v", plain, err)
	}
	r.deps.Sealer = sealer{'n'}
	configure(t, r, other)
	if plain, err := r.deps.Sealer.Open(r.subscription("soc").SealedSecret); err != nil || string(plain) != other.Secret.Reveal() {
		t.Errorf("after a new master key: %q, %v", plain, err)
	}
	other.Secret = redact.Secret{}
	configure(t, r, other)
	if got := r.subscription("soc").SealedSecret; len(got) != 0 {
		t.Errorf("after the secret was removed: %x", got)
	}
}

func TestSyncOfSomethingWrongChangesNothing(t *testing.T) {
	r := newRig(t)
	configure(t, r, configured())
	bad := configured()
	bad.ID, bad.Format = "other", "pigeon"
	if err := newNotifier(t, r).Sync(t.Context(), []notify.Webhook{bad}); err == nil {
		t.Error("Sync accepted an unknown format")
	}
	if subs, _ := r.store.ListSubscriptions(t.Context()); len(subs) != 1 || subs[0].ID != "soc" {
		t.Errorf("subscriptions are now %v", subs)
	}
}

func TestSyncWarnsOfWhatIsUnwise(t *testing.T) {
	r := newRig(t)
	hook := configured()
	hook.URL, hook.Secret = redact.NewSecret("http://hooks.example/"+hidden), redact.NewSecret("short")
	configure(t, r, hook)
	for _, want := range []string{"use https", "secret is short"} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("no warning %q in\n%s", want, r.log.String())
		}
	}
}

func TestStatusTellsTheThreeStatesApart(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	tripped, paused := hook("b-tripped", ep), hook("c-paused", ep)
	at := r.clock.Now() // not long enough ago for a probe
	tripped.Enabled, tripped.AutoDisabledAt, tripped.Failures = false, &at, 5
	paused.Enabled = false
	r.store.Put(hook("a-active", ep), tripped, paused)
	r.run()
	r.say(1)
	r.until("delivery", r.delivered("a-active", 1))
	got, err := r.n.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	host, leak := strings.TrimPrefix(ep.URL, "http://"), []string{"leak.>"}
	want := []notify.Status{
		{ID: "a-active", Host: host, Format: "generic", Topics: leak, AllowPrivate: true, Managed: true, State: notify.Active, Last: &notify.Attempt{At: r.clock.Now(), OK: true, HTTPStatus: http.StatusNoContent}},
		{ID: "b-tripped", Host: host, Format: "generic", Topics: leak, AllowPrivate: true, Managed: true, State: notify.Tripped, Failures: 5, AutoDisabledAt: &at},
		{ID: "c-paused", Host: host, Format: "generic", Topics: leak, AllowPrivate: true, Managed: true, State: notify.Paused},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(notify.Status{}, "Version")); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestEveryAttemptIsCounted(t *testing.T) {
	r, good, bad := newRig(t), newEndpoint(t, nil), newEndpoint(t, nil)
	bad.answer(http.StatusNotFound)
	var m counts
	r.deps.Metrics = &m
	r.store.Put(hook("bad", bad), hook("good", good))
	stop := r.run()
	r.say(1)
	r.until("delivery", r.delivered("good", 1))
	r.until("dead letter", r.attempted("bad", 1))
	stop()
	if diff := cmp.Diff(map[string]int{"good true": 1, "bad false": 1}, m.seen); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

type counts struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *counts) Delivered(subscription string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string]int{}
	}
	c.seen[fmt.Sprintf("%s %t", subscription, ok)]++
}

func TestCheckURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://hooks.example/x":           "",
		"http://hooks.example":              "",
		"https://hooks.example:8443/x?y=z":  "",
		"https://user:pass@hooks.example/x": "",
		"https://203.0.113.9/":              "",
		"https://[2001:db8::1]:443/":        "",
		"":                                  "does not begin with",
		"hooks.example/x":                   "does not begin with",
		"ftp://hooks.example":               "does not begin with",
		"javascript:alert(1)":               "does not begin with",
		"https://":                          "names no host",
		"https:///path":                     "names no host",
		"https://:443/":                     "names no host",
		"https://hooks.example/#frag":       "fragment",
		"https://hooks.example:0/":          "port",
		"https://hooks.example:65536/":      "port",
		"https://hooks example/":            "malformed",
		"https://hooks.example/\x00":        "malformed",
		"http://localhost:8080/":            "allow_private",
		"http://LOCALHOST./":                "allow_private",
		"http://a.localhost/":               "allow_private",
		"http://127.0.0.1/":                 "allow_private",
		"http://10.1.2.3/":                  "allow_private",
		"http://192.168.0.1/":               "allow_private",
		"http://169.254.169.254/latest":     "allow_private",
		"http://0.0.0.0/":                   "allow_private",
		"http://[::1]/":                     "allow_private",
		"http://[::ffff:127.0.0.1]/":        "allow_private",
		"http://[fe80::1]/":                 "allow_private",
		"http://[fd00::1]/":                 "allow_private",
		"http://[::ffff:7f00:1]/":           "allow_private",
		"http://hooks.example@127.0.0.1/":   "allow_private",
		"http://2130706433/":                "is a number",
		"http://0x7f000001/":                "is a number",
		"http://0X7F.0.0.1/":                "is a number",
		"http://0177.0.0.1/":                "is a number",
		"http://127.1/":                     "is a number",
		"http://127.0.0.1./":                "is a number",
		"http://1.2.3.4.5/":                 "is a number",
		"http://a.0xa9fea9fe/":              "is a number",
		"https://0xhooks.example/":          "",
		"https://3.hooks.example4you/":      "",
	} {
		err := notify.CheckURL(raw, false)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("CheckURL(%q) = %v, want %q", raw, err, want)
		}
		if want == "allow_private" && notify.CheckURL(raw, true) != nil {
			t.Errorf("CheckURL(%q) with private addresses allowed = %v", raw, notify.CheckURL(raw, true))
		}
	}
}

func FuzzCheckURLShowsNoCredentials(f *testing.F) {
	f.Add("https", "hooks.example", "")
	f.Add("http", "[::1%25eth0]:99999", "\x00")
	f.Add("gopher", "%zz", "#")
	f.Fuzz(func(t *testing.T, scheme, host, tail string) {
		if strings.Contains(scheme+host, hidden) {
			return
		}
		err := notify.CheckURL(fmt.Sprintf("%s://u:%s@%s/%s?k=%s%s", scheme, hidden, host, hidden, hidden, tail), false)
		if err != nil && strings.Contains(err.Error(), hidden) {
			t.Errorf("error shows a credential: %v", err)
		}
	})
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	_, err := notify.New(notify.Deps{}, notify.Options{})
	if err == nil {
		t.Fatal("New accepted nothing at all")
	}
	for _, field := range []string{"Queue", "Subscriptions", "Letters", "Formats", "Sealer", "Guard", "Node"} {
		if !strings.Contains(err.Error(), "Deps."+field+" is mandatory") {
			t.Errorf("error does not name Deps.%s: %v", field, err)
		}
	}
}
