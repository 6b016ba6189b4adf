package slack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/slack"
	"go.cordon.dev/cordon/internal/notify/formattest"
)

var update = flag.Bool("update", false, "write the golden files")

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{
		Format: slack.New(), ForPeople: true,
		Forbidden: []string{"<", ">", "<!channel", "<@U", "```\nout of the block"},
	})
}

func TestAlertGolden(t *testing.T) {
	for name, p := range map[string]event.Payload{
		"github": quarantined("GITHUB_TOKEN", "github-token", "ghp_****xyz", "Revoke the token at GitHub > Settings > Developer settings, then look at the audit log for its use."),
		"aws":    quarantined("AWS_ACCESS_KEY", "aws-access-key", "AKIA****X7Q", "Deactivate the key in IAM, create a new one and search CloudTrail for the old key's id."),
		"slack":  quarantined("SLACK_TOKEN", "slack-token", "xoxb****9ab", "Revoke the token with auth.revoke or by reinstalling the app."),
		"review": event.QuarantineReviewed{
			QuarantineID: "01936d2c-5f8e-7abc-9def-0123456789ab", Rule: "github-token",
			Action: "false_positive", Reviewer: "ana", Reason: "documentation <example>",
		},
		"source": event.SourceStateChanged{SourceID: "main", Kind: "hypercore", State: "catching_up", Detail: "12 behind"},
	} {
		t.Run(name, func(t *testing.T) { checkGolden(t, name, render(t, p)) })
	}
}

func quarantined(kind, rule, redacted, advice string) event.MessageQuarantined {
	at := uint64(58321)
	return event.MessageQuarantined{
		Finding: event.Finding{
			Fingerprint: "v1:0a1b2c3d:5f3e9a7c1b2d4e6f" + strings.Repeat("0", 48), Rule: rule, SecretType: kind,
			Redacted: redacted, Confidence: 0.92,
		},
		Place:           event.Place{SourceID: "main", Index: &at, MessageID: "12D3KooW-17"},
		RedactedContent: `{"env":{"TOKEN":"` + redacted + `"},"note":"a && b <c>"}`,
		Occurrences:     2, Disposition: "observed", From: "agent-7", Recommendation: advice,
	}
}

func render(t *testing.T, p event.Payload) []byte {
	t.Helper()
	e, err := event.New(event.Header{
		Time: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Source: "node-1/leak", Severity: event.High,
	}, p)
	if err != nil {
		t.Fatal(err)
	}
	e.ID = "01936d2c-5f8e-7abc-9def-0123456789ab"
	body, _, err := slack.New().Render(e)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func checkGolden(t *testing.T, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
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

// The limits are Slack's: a message beyond them is refused as invalid_blocks.
func TestSlackLimits(t *testing.T) {
	for _, text := range []string{"main", strings.Repeat("&<`\x1b", 9000)} {
		for _, e := range formattest.Events(t, text) {
			body, _, err := slack.New().Render(e)
			if err != nil {
				t.Fatal(err)
			}
			checkLimits(t, e.Topic, body)
		}
	}
}

type object struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func checkLimits(t *testing.T, topic string, body []byte) {
	t.Helper()
	var m struct {
		Text   string
		Blocks []struct {
			Type     string
			Text     *object
			Fields   []object
			Elements []object
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	if m.Text == "" || len(m.Text) > 40_000 || len(m.Blocks) == 0 || len(m.Blocks) > 50 {
		t.Errorf("%s: text of %d bytes, %d blocks", topic, len(m.Text), len(m.Blocks))
	}
	for _, b := range m.Blocks {
		if b.Text != nil {
			checkLength(t, topic, *b.Text, map[string]int{"header": 150, "section": 3000}[b.Type])
		}
		if len(b.Fields) > 10 || len(b.Elements) > 10 {
			t.Errorf("%s: %d fields, %d elements; Slack takes 10", topic, len(b.Fields), len(b.Elements))
		}
		for _, o := range append(b.Fields, b.Elements...) {
			checkLength(t, topic, o, 2000)
		}
	}
}

func checkLength(t *testing.T, topic string, o object, limit int) {
	t.Helper()
	if n := utf8.RuneCountInString(o.Text); n < 1 || n > limit {
		t.Errorf("%s: a text has %d characters, want 1 to %d: %q", topic, n, limit, o.Text)
	}
}

func TestCodeBlockCannotBeLeft(t *testing.T) {
	p := quarantined("GITHUB_TOKEN", "github-token", "ghp_****xyz", "")
	p.RedactedContent = "a ``` b\n```\n*free*"
	body := string(render(t, p))
	if got := strings.Count(body, "```"); got != 2 {
		t.Errorf("%d code fences, want the 2 of the block itself:\n%s", got, body)
	}
}

func TestPayloadThatDoesNotDecodeIsStillAnnounced(t *testing.T) {
	for _, e := range formattest.Examples(t) {
		e.Data, e.Subject = json.RawMessage(`[]`), "something odd"
		body, _, err := slack.New().Render(e)
		if err != nil || !strings.Contains(string(body), "something odd") {
			t.Errorf("%s: Render = %s, %v; want the subject", e.Topic, body, err)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add(event.TopicMessageQuarantined, "<!channel>", `{"redacted_content":"\u001b[31m`+"```"+`"}`)
	f.Add("leak.source.main.state", "`", `{"detail":"\u202e<http://x|y>"}`)
	f.Fuzz(func(t *testing.T, topic, subject, data string) {
		e := event.Event{ID: "e", Topic: topic, Subject: subject, Source: subject, Data: json.RawMessage(data)}
		body, _, err := slack.New().Render(e)
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		checkLimits(t, topic, body)
		for _, bad := range []string{"<", ">", `\u003c`, `\u003e`, `\u001b`, "\x7f"} {
			if bytes.Contains(body, []byte(bad)) {
				t.Errorf("%s got through: %s", bad, body)
			}
		}
	})
}
