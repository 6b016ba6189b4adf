// Package pagerduty is the format for PagerDuty's Events API v2
// (developer.pagerduty.com, "Send an Alert Event"): what needs somebody
// triggers an alert, what mends itself resolves it. One secret is one alert,
// however often it is found.
//
// Level 2: a plugin of notify; it may import event, redact and notify's
// wording.
package pagerduty

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/wording"
	"go.cordon.dev/cordon/internal/redact"
)

// Format implements notify.Keyed.
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name implements notify.Format.
func (Format) Name() string { return "pagerduty" }

// PagerDuty takes events of up to 512 KB, summaries of 1024 characters and
// keys of 255.
const (
	maxSummary  = 1024
	maxKey      = 255
	maxValue    = 200
	maxEvidence = 2000
	maxAdvice   = 1500
	keyLength   = 32 // of an integration key
)

type message struct {
	RoutingKey string   `json:"routing_key"`
	Action     string   `json:"event_action"`
	DedupKey   string   `json:"dedup_key"`
	Client     string   `json:"client"`
	Payload    *payload `json:"payload"`
}

type payload struct {
	Summary   string            `json:"summary"`
	Source    string            `json:"source"`
	Severity  string            `json:"severity"`
	Timestamp string            `json:"timestamp"`
	Component string            `json:"component"`
	Group     string            `json:"group"`
	Class     string            `json:"class"`
	Details   map[string]string `json:"custom_details"`
}

// CheckKey implements notify.Keyed.
func (Format) CheckKey(key redact.Secret) error {
	k := key.Reveal()
	if len(k) != keyLength || strings.Trim(k, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return errors.New("secret is to be the integration key of PagerDuty's Events API v2: 32 letters and digits")
	}
	return nil
}

// Render implements notify.Format.
func (f Format) Render(e event.Event) ([]byte, string, error) {
	return f.RenderKeyed(e, redact.Secret{})
}

// RenderKeyed implements notify.Keyed.
func (Format) RenderKeyed(e event.Event, key redact.Secret) ([]byte, string, error) {
	action, dedup := judge(e)
	body, err := json.Marshal(message{
		RoutingKey: key.Reveal(), Action: action, DedupKey: safe(dedup, maxKey), Client: "Cordon", Payload: describe(e),
	})
	if err != nil {
		return nil, "", fmt.Errorf("encoding alert for event %s: %w", e.ID, err)
	}
	return body, "application/json", nil
}

func describe(e event.Event) *payload {
	n := wording.Of(e)
	p := &payload{
		Summary: safe(n.Title, maxSummary), Source: safe(n.Source, maxValue), Severity: severity(e.Severity),
		Timestamp: e.Time.UTC().Format(time.RFC3339Nano), Component: component(e), Group: "cordon", Class: safe(e.Topic, maxValue),
		Details: map[string]string{"event_id": safe(e.ID, maxValue), "correlation_id": safe(e.CorrelationID, maxValue)},
	}
	if n.Alert == nil {
		return p
	}
	for _, f := range n.Alert.Facts {
		p.Details[strings.ToLower(f.Label)] = safe(f.Value, maxValue)
	}
	p.Details["what to do"] = safe(n.Alert.Advice, maxAdvice)
	p.Details["content, redacted"] = lines(n.Alert.Evidence, maxEvidence)
	return p
}

// severity translates to PagerDuty's four words.
func severity(s event.Severity) string {
	switch s {
	case event.Critical:
		return "critical"
	case event.High:
		return "error"
	case event.Medium:
		return "warning"
	}
	return "info"
}

// component is what the event is about: a leak source, a worker.
func component(e event.Event) string {
	var p struct {
		SourceID string `json:"source_id"`
		Worker   string `json:"worker"`
	}
	if e.Decode(&p) != nil || p.SourceID+p.Worker == "" {
		return "cordon"
	}
	return safe(p.SourceID+p.Worker, maxValue)
}

// safe is text from outside as one line; PagerDuty knows no markup. It refuses
// empty summaries and sources.
func safe(s string, limit int) string {
	out := wording.Write(s, limit, wording.OneLine)
	if strings.TrimSpace(out) == "" {
		return "-"
	}
	return out
}

func lines(s string, limit int) string {
	return wording.Write(s, limit, func(r rune) string {
		if r == '\n' {
			return "\n"
		}
		return wording.Visible(r)
	})
}
