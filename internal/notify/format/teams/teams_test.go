package teams_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/teams"
	"go.cordon.dev/cordon/internal/notify/formattest"
)

var update = flag.Bool("update", false, "write the golden files")

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{Format: teams.New(), ForPeople: true, Forbidden: []string{"<", ">", "{{", "}}"}})
}

func TestGolden(t *testing.T) { formattest.Golden(t, teams.New(), *update) }

// Teams refuses messages beyond 28 KB.
func TestTeamsLimit(t *testing.T) {
	for _, text := range []string{"main", strings.Repeat("&<`\x1b{", 9000), strings.Repeat("🟥", 9000), strings.Repeat("\n", 9000), strings.Repeat(`"\`, 9000)} {
		for _, e := range formattest.Events(t, text) {
			body, _, err := teams.New().Render(e)
			if err != nil {
				t.Fatal(err)
			}
			check(t, e.Topic, body)
		}
	}
}

// check wants a card within the limit whose texts all stand where there is no
// Markdown, and none of which is empty.
func check(t *testing.T, topic string, body []byte) {
	t.Helper()
	if len(body) > 28_000 {
		t.Errorf("%s: %d bytes are more than Teams takes", topic, len(body))
	}
	var m struct {
		Type        string
		Attachments []struct {
			ContentType string
			Content     struct {
				Type, Version string
				Body          []element
			}
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	if m.Type != "message" || len(m.Attachments) != 1 || m.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" ||
		m.Attachments[0].Content.Type != "AdaptiveCard" || len(m.Attachments[0].Content.Body) == 0 {
		t.Fatalf("%s: no card: %s", topic, body)
	}
	for _, e := range m.Attachments[0].Content.Body {
		e.check(t, topic)
	}
}

type element struct {
	Type    string
	Items   []element
	Inlines []struct{ Type, Text string }
}

func (e element) check(t *testing.T, topic string) {
	t.Helper()
	switch {
	case e.Type == "Container" && len(e.Items) > 0:
		for _, i := range e.Items {
			i.check(t, topic)
		}
	case e.Type == "RichTextBlock" && len(e.Inlines) > 0:
		for _, i := range e.Inlines {
			if i.Type != "TextRun" || i.Text == "" {
				t.Errorf("%s: %q in a %s", topic, i.Text, i.Type)
			}
		}
	default:
		t.Errorf("%s: element %s with %d runs and %d items", topic, e.Type, len(e.Inlines), len(e.Items))
	}
}

func FuzzRender(f *testing.F) {
	f.Add(event.TopicMessageQuarantined, "<at>all</at>", `{"redacted_content":"\u001b[31m{{DATE(1)}}\n\n"}`)
	f.Add("leak.source.main.state", "`", `{"detail":"\u202e{{{"}`)
	f.Fuzz(func(t *testing.T, topic, subject, data string) {
		e := event.Event{ID: "e", Topic: topic, Subject: subject, Source: subject, Data: json.RawMessage(data)}
		body, _, err := teams.New().Render(e)
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		check(t, topic, body)
		for _, bad := range []string{"<", ">", `\u003c`, `\u001b`, "\x7f"} {
			if bytes.Contains(body, []byte(bad)) {
				t.Errorf("%s got through: %s", bad, body)
			}
		}
	})
}
