package template_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/template"
	"go.cordon.dev/cordon/internal/notify/formattest"
)

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{Format: template.New(), ForPeople: true})
}

func denied(t *testing.T, subject string) event.Event {
	t.Helper()
	e, err := event.New(event.Header{Time: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Source: "node-1/egress", Severity: event.Low, Subject: subject},
		event.ConnectionDenied{Connection: event.Connection{Host: "paste.example", Port: 443, Reason: "default_policy"}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPlaceholders(t *testing.T) {
	e := denied(t, "x")
	for text, want := range map[string]string{
		"{{severity}}: {{ title }}":                "low: Kept in (default policy): paste.example:443",
		"{{data.host}} {{data.port}}":              "paste.example 443",
		"{{data.nothing}}|{{advice}}|{{evidence}}": "||",
		`{"m":"{{topic}} from {{source}}"}`:        `{"m":"egress.connection.denied from node-1/egress"}`,
		`["{{subject}}"]`:                          `["x"]`,
		"}} {":                                     "}} {",
	} {
		body, kind, err := template.New().RenderTemplate(e, text)
		if err != nil || string(body) != want || strings.HasPrefix(kind, "application/json") != json.Valid(body) {
			t.Errorf("%s: %s (%s), %v; want %s", text, body, kind, err, want)
		}
	}
}

// What a stranger writes is no placeholder and ends no string.
func TestAStrangersWordsStayWords(t *testing.T) {
	e := denied(t, "{{id}}\",\"evil\":\"{{source}}\\\n\x1b")
	body, _, err := template.New().RenderTemplate(e, `{"m":"{{subject}}"}`)
	var got map[string]string
	if err != nil || json.Unmarshal(body, &got) != nil || len(got) != 1 || !strings.HasPrefix(got["m"], `{{id}}","evil":"{{source}}`) || strings.Contains(got["m"], "\x1b") {
		t.Errorf("%v, %s", err, body)
	}
}

func TestATemplateThatCannotBeIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{{titel}}":                  "is none of title",
		"{{title":                    "is none of title",
		"{{data.}}":                  "is none of title",
		"{{data.a b}}":               "is none of title",
		`{"m":{{title}}}`:            "put each placeholder in quotes",
		`{"m":"{{title}}"`:           "put each placeholder in quotes",
		strings.Repeat("{{id}}", 65): "more than 64 placeholders",
		strings.Repeat("x", 8<<10+1): "more than 8192",
		`{"{{title}}":"{{id}}",}`:    "put each placeholder in quotes",
	} {
		if err := template.New().CheckTemplate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", text, err, want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(`{"m":"{{title}}"}`, "x")
	f.Add("{{subject}}{{", "\"\\\x00")
	f.Fuzz(func(t *testing.T, text, subject string) {
		if template.New().CheckTemplate(text) != nil {
			return
		}
		e, err := event.New(event.Header{Time: time.Unix(1, 0), Source: "n/x", Subject: subject}, event.BusHealth{Kind: subject})
		if err != nil {
			return
		}
		body, kind, err := template.New().RenderTemplate(e, text)
		if err != nil || kind == "application/json" && text != "" && !json.Valid(body) {
			t.Errorf("%v: %q becomes %q", err, text, body)
		}
	})
}
