package discord_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/discord"
	"go.cordon.dev/cordon/internal/notify/formattest"
)

var update = flag.Bool("update", false, "write the golden files")

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{
		Format: discord.New(), ForPeople: true, Forbidden: []string{"@", "```\nout of the block"},
	})
}

func TestGolden(t *testing.T) { formattest.Golden(t, discord.New(), *update) }

type message struct {
	Content  string
	Mentions struct{ Parse []string } `json:"allowed_mentions"`
	Embeds   []struct {
		Description string
		Fields      []struct{ Name, Value string }
		Footer      struct{ Text string }
	}
}

func parse(t *testing.T, body []byte) message {
	t.Helper()
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// The limits are Discord's: a message beyond them is refused. JavaScript's
// length is taken, which is never less than another count.
func TestDiscordLimits(t *testing.T) {
	for _, text := range []string{"main", strings.Repeat("&<`\x1b*", 9000), strings.Repeat("🟥", 9000)} {
		for _, e := range formattest.Events(t, text) {
			body, _, err := discord.New().Render(e)
			if err != nil {
				t.Fatal(err)
			}
			checkLimits(t, e.Topic, parse(t, body))
		}
	}
}

func checkLimits(t *testing.T, topic string, m message) {
	t.Helper()
	total := 0
	check := func(what, text string, least, most int) {
		n := len(utf16.Encode([]rune(text)))
		if total += n; n < least || n > most {
			t.Errorf("%s: %s has %d characters, want %d to %d", topic, what, n, least, most)
		}
	}
	check("content", m.Content, 1, 2000)
	total = 0
	if len(m.Embeds) != 1 || len(m.Embeds[0].Fields) > 25 || m.Mentions.Parse == nil || len(m.Mentions.Parse) > 0 {
		t.Errorf("%s: %d embeds, mentions %v", topic, len(m.Embeds), m.Mentions)
	}
	for _, e := range m.Embeds {
		check("description", e.Description, 0, 4096)
		check("footer", e.Footer.Text, 1, 2048)
		for _, f := range e.Fields {
			check("name", f.Name, 1, 256)
			check("value", f.Value, 1, 1024)
		}
	}
	if total > 6000 {
		t.Errorf("%s: the embed has %d characters, more than 6000", topic, total)
	}
}

var (
	codes   = regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	escaped = regexp.MustCompile(`\\[[:punct:]]`)
)

// Outside of code nothing of a stranger's text has a meaning: each mark of
// Discord's Markdown has a backslash before it.
func TestMarkupOfStrangersHasNoMeaning(t *testing.T) {
	hostile := "a](https://evil.example) **b** ~~c~~ ||d|| __e__ <@1> <:x:1> https://evil.example `f` > g # h"
	p := event.QuarantineReviewed{QuarantineID: hostile, Rule: hostile, Reviewer: hostile, Action: hostile, Reason: hostile}
	e := formattest.Examples(t)[0]
	e.Topic, e.Data = event.TopicQuarantineReviewed, mustJSON(t, p)
	body, _, err := discord.New().Render(e)
	if err != nil {
		t.Fatal(err)
	}
	rest := codes.ReplaceAllString(escaped.ReplaceAllString(parse(t, body).Content, ""), "")
	if strings.ContainsAny(rest, "*_~|<>[]#`/@") {
		t.Errorf("marks are left: %q", rest)
	}
}

func mustJSON(t *testing.T, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzRender(f *testing.F) {
	f.Add(event.TopicMessageQuarantined, "@everyone", `{"redacted_content":"\u001b[31m`+"```"+`@here"}`)
	f.Add("leak.source.main.state", "`", `{"detail":"\u202e<@1>"}`)
	f.Fuzz(func(t *testing.T, topic, subject, data string) {
		e := event.Event{ID: "e", Topic: topic, Subject: subject, Source: subject, Data: json.RawMessage(data)}
		body, _, err := discord.New().Render(e)
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		checkLimits(t, topic, parse(t, body))
		for _, bad := range []string{"@", `\u001b`, "\x7f"} {
			if bytes.Contains(body, []byte(bad)) {
				t.Errorf("%s got through: %s", bad, body)
			}
		}
	})
}
