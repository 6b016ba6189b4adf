package pagerduty_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/pagerduty"
	"go.cordon.dev/cordon/internal/notify/formattest"
	"go.cordon.dev/cordon/internal/redact"
)

var update = flag.Bool("update", false, "write the golden files")

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{Format: pagerduty.New(), ForPeople: true})
}

func TestGolden(t *testing.T) { formattest.Golden(t, pagerduty.New(), *update) }

type message struct {
	Action   string `json:"event_action"`
	DedupKey string `json:"dedup_key"`
	Payload  struct {
		Summary, Source, Severity, Timestamp, Component string
		Details                                         map[string]string `json:"custom_details"`
	}
}

func render(t *testing.T, e event.Event) message {
	t.Helper()
	body, _, err := pagerduty.New().Render(e)
	if err != nil {
		t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	if len(body) > 512_000 {
		t.Errorf("%s: %d bytes", e.Topic, len(body))
	}
	return m
}

func of(t *testing.T, severity event.Severity, source string, p event.Payload) event.Event {
	t.Helper()
	e, err := event.New(event.Header{Time: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Source: source, Severity: severity, Subject: "s"}, p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSeverities(t *testing.T) {
	for s, want := range map[event.Severity]string{
		event.Critical: "critical", event.High: "error", event.Medium: "warning", event.Low: "info", event.Info: "info",
	} {
		if got := render(t, of(t, s, "n/leak", event.WebhookTest{})).Payload.Severity; got != want {
			t.Errorf("%s is told as %s, want %s", s, got, want)
		}
	}
}

// One secret is one alert, however often and wherever it is seen; the review
// of its quarantine entry meets it.
func TestASecretIsOneAlert(t *testing.T) {
	found := event.Finding{Fingerprint: "v1:0a1b2c3d:5f3e"}
	want := render(t, of(t, event.High, "a/leak", event.MessageQuarantined{Finding: found, Place: event.Place{SourceID: "x"}}))
	if want.Action != "trigger" || want.DedupKey != "cordon/v1:0a1b2c3d:5f3e" {
		t.Errorf("%+v", want)
	}
	for action, e := range map[string]event.Event{
		"trigger":     of(t, event.Low, "b/leak", event.MessageQuarantined{Finding: found, Place: event.Place{SourceID: "y"}}),
		"resolve":     of(t, event.Info, "a/api", event.QuarantineReviewed{Fingerprint: found.Fingerprint, Action: "false_positive"}),
		"acknowledge": of(t, event.Info, "a/api", event.QuarantineReviewed{Fingerprint: found.Fingerprint, Action: "confirmed"}),
	} {
		if got := render(t, e); got.Action != action || got.DedupKey != want.DedupKey {
			t.Errorf("%s: %s of %s, want %s of %s", e.Topic, got.Action, got.DedupKey, action, want.DedupKey)
		}
	}
	other := render(t, of(t, event.High, "a/leak", event.MessageQuarantined{Finding: event.Finding{Fingerprint: "v1:0a1b2c3d:aaaa"}}))
	if other.DedupKey == want.DedupKey {
		t.Error("two secrets are one alert")
	}
}

// What fails triggers an alert, and the same thing mended resolves that one.
func TestWhatMendsItselfIsResolved(t *testing.T) {
	for name, tt := range map[string]struct{ bad, good event.Payload }{
		"source":  {event.SourceStateChanged{SourceID: "chat", State: "failing"}, event.SourceStateChanged{SourceID: "chat", State: "live"}},
		"gateway": {event.GatewayReported{GatewayID: "gate-1", State: "lost"}, event.GatewayReported{GatewayID: "gate-1", State: "running"}},
		"worker":  {event.WorkerBeat{Worker: "notify", State: "failed"}, event.WorkerBeat{Worker: "notify", State: "running"}},
		"bus":     {event.BusHealth{Kind: "nats"}, event.BusHealth{Kind: "nats", Connected: true}},
	} {
		bad, good := render(t, of(t, event.Medium, "a/x", tt.bad)), render(t, of(t, event.Info, "a/x", tt.good))
		if bad.Action != "trigger" || good.Action != "resolve" || bad.DedupKey != good.DedupKey {
			t.Errorf("%s: %s of %s, then %s of %s", name, bad.Action, bad.DedupKey, good.Action, good.DedupKey)
		}
	}
	elsewhere := render(t, of(t, event.Medium, "b/x", event.BusHealth{Kind: "nats"}))
	if here := render(t, of(t, event.Medium, "a/x", event.BusHealth{Kind: "nats"})); here.DedupKey == elsewhere.DedupKey {
		t.Error("two nodes share one alert")
	}
}

// The limits are PagerDuty's.
func TestPagerDutyLimits(t *testing.T) {
	for _, text := range []string{"", "main", strings.Repeat("&<`\x1b", 9000), strings.Repeat("🟥", 9000)} {
		for _, e := range formattest.Events(t, text) {
			checkLimits(t, e.Topic, render(t, e))
		}
	}
}

func checkLimits(t *testing.T, topic string, m message) {
	t.Helper()
	for what, tt := range map[string]struct {
		text string
		most int
	}{"summary": {m.Payload.Summary, 1024}, "dedup_key": {m.DedupKey, 255}, "source": {m.Payload.Source, 1024}, "component": {m.Payload.Component, 1024}} {
		if n := len(utf16.Encode([]rune(tt.text))); n < 1 || n > tt.most {
			t.Errorf("%s: %s has %d characters, want 1 to %d", topic, what, n, tt.most)
		}
	}
}

func TestTheKeyIsAnIntegrationKey(t *testing.T) {
	good := strings.Repeat("0aB", 11)[:32]
	for key, ok := range map[string]bool{good: true, good[1:]: false, good + "x": false, good[1:] + "-": false, "": false} {
		if err := pagerduty.New().CheckKey(redact.NewSecret(key)); (err == nil) != ok {
			t.Errorf("key of %d characters: %v", len(key), err)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add(event.TopicMessageQuarantined, "s", `{"fingerprint":"v1:a:b","redacted_content":"\u001b[31m"}`)
	f.Add("leak.source.main.state", "", `{"state":"failing"}`)
	f.Add(event.TopicBusHealth, "", `{"connected":1}`)
	f.Fuzz(func(t *testing.T, topic, subject, data string) {
		e := event.Event{ID: "e", Topic: topic, Subject: subject, Source: subject, Data: json.RawMessage(data)}
		body, _, err := pagerduty.New().Render(e)
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		m := render(t, e)
		checkLimits(t, topic, m)
		if m.Action != "trigger" && m.Action != "resolve" && m.Action != "acknowledge" {
			t.Errorf("action %q", m.Action)
		}
		for _, bad := range []string{`\u001b`, "\x7f"} {
			if bytes.Contains(body, []byte(bad)) {
				t.Errorf("%s got through: %s", bad, body)
			}
		}
	})
}
