package formattest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/redact"
)

// Alerts returns one alert for each kind of secret whose alerts must differ.
func Alerts(t testing.TB) map[string]event.Event {
	t.Helper()
	all := map[string]event.Event{}
	for name, p := range map[string]event.MessageQuarantined{
		"aws":    quarantined("AWS_ACCESS_KEY", "aws-access-key", "AKIA****X7Q", "Deactivate the key in IAM, create a new one and search CloudTrail for the id of the old one."),
		"github": quarantined("GITHUB_TOKEN", "github-pat", "ghp_****xyz", "Revoke the token in the developer settings of GitHub, then look for its use in the audit log."),
		"slack":  quarantined("SLACK_TOKEN", "slack-token", "xoxb****9ab", "Revoke the token by reinstalling the app, then read the access log of the workspace."),
	} {
		all[name] = sample(t, p)
	}
	return all
}

func quarantined(kind, rule, redacted, advice string) event.MessageQuarantined {
	at := uint64(58321)
	return event.MessageQuarantined{
		Finding: event.Finding{
			Fingerprint: "v1:0a1b2c3d:5f3e9a7c1b2d4e6f" + strings.Repeat("0", 48), Rule: rule, SecretType: kind,
			Redacted: redacted, Confidence: 0.92,
		},
		Place:           event.Place{SourceID: "main", Index: &at, MessageID: "12D3KooW-17"},
		RedactedContent: "{\"env\":{\"TOKEN\":\"" + redacted + "\"},\n\"note\":\"a && b <c>\"}",
		Occurrences:     2, Disposition: "observed", From: "agent-7", Recommendation: advice,
	}
}

func sample(t testing.TB, p event.Payload) event.Event {
	t.Helper()
	e, err := event.New(event.Header{
		Time: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Source: "node-1/leak", Severity: event.High, Subject: "sample",
	}, p)
	if err != nil {
		t.Fatal(err)
	}
	e.ID = "01936d2c-5f8e-7abc-9def-0123456789ab"
	return e
}

// Golden compares what a format makes of the alerts, and of two events that
// are one sentence, with the files in testdata; update writes them anew.
func Golden(t *testing.T, f notify.Format, update bool) {
	t.Helper()
	all := Alerts(t)
	all["review"] = sample(t, event.QuarantineReviewed{
		QuarantineID: "01936d2c-5f8e-7abc-9def-0123456789ab", Fingerprint: "v1:0a1b2c3d:5f3e9a7c1b2d4e6f", Rule: "github-pat",
		Action: "false_positive", Reviewer: "ana", Reason: "documentation <example>",
	})
	all["source"] = sample(t, event.SourceStateChanged{SourceID: "main", Kind: "hypercore", State: "catching_up", Detail: "12 behind"})
	all["test"] = sample(t, event.WebhookTest{Webhook: "soc", RequestedBy: "ada"})
	for name, e := range all {
		t.Run(name, func(t *testing.T) { compare(t, f, e, filepath.Join("testdata", name+".json"), update) })
	}
}

func compare(t *testing.T, f notify.Format, e event.Event, path string, update bool) {
	body, _, err := f.Render(e)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// checkAdvice wants each kind of secret to have an alert of its own, which says
// what to do about it.
func (s Suite) checkAdvice(t *testing.T) {
	bodies := map[string]string{}
	for name, e := range Alerts(t) {
		body, _, err := s.Format.Render(e)
		if err != nil {
			t.Fatal(err)
		}
		for other, text := range bodies {
			if text == string(body) {
				t.Errorf("the alerts for %s and %s are the same", name, other)
			}
		}
		bodies[name] = string(body)
		var p event.MessageQuarantined
		if err := e.Decode(&p); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{p.SecretType, p.Recommendation, p.Redacted} {
			if !strings.Contains(s.shown(t, body), letters(want)) {
				t.Errorf("the alert for %s does not say %q:\n%s", name, want, body)
			}
		}
	}
}

// shown is all text of a body without marks, in order.
func (s Suite) shown(t testing.TB, body []byte) string {
	t.Helper()
	texts, err := s.texts(body)
	if err != nil {
		t.Fatal(err)
	}
	return letters(strings.Join(texts, ""))
}

// letters leaves out what formats escape their own ways.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// checkKey wants the key in the body once, and nothing else to depend on it.
func (s Suite) checkKey(t *testing.T) {
	f, ok := s.Format.(notify.Keyed)
	if !ok {
		return
	}
	key := strings.Repeat("k3Y", 11)[:32]
	for _, e := range Examples(t) {
		keyed, _, err := f.RenderKeyed(e, redact.NewSecret(key))
		if err != nil {
			t.Fatalf("%s: %v", e.Topic, err)
		}
		bare, _, err := f.Render(e)
		if err != nil {
			t.Fatalf("%s: %v", e.Topic, err)
		}
		if bytes.Count(keyed, []byte(key)) != 1 || string(bytes.Replace(keyed, []byte(key), nil, 1)) != string(bare) {
			t.Errorf("%s: with a key %s\nwithout %s", e.Topic, keyed, bare)
		}
	}
	if err := f.CheckKey(redact.Secret{}); err == nil {
		t.Error("CheckKey accepts none")
	}
	odd := "odd key \x00 " + key
	if err := f.CheckKey(redact.NewSecret(odd)); err == nil || strings.Contains(err.Error(), key) {
		t.Errorf("CheckKey of an odd key: %v", err)
	}
}
