package formattest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// hostile is text that has harmed receivers of alerts: markup, mentions,
// terminal escapes, direction marks, broken encoding, ends of code blocks.
func hostile() []string {
	return []string{
		`<script>alert(1)</script>`,
		"<!channel> <!here> <@U012AB3CD> <https://evil.example|click here> & &amp;",
		"```\nout of the block <!everyone>\n```",
		"`code` *bold* _it_ ~no~ [a](http://evil.example)",
		"\x1b[31mred\x1b[0m\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
		"nul\x00 bell\x07 backspace\b del\x7f csi\u009b31m",
		"\u202egnp.exe\u202c \u2066isolated\u2069 \ufeffbom \u2028line\u2029paragraph",
		"broken \xff\xfe utf-8 \xed\xa0\x80",
		`"quotes" 'single' \ back \u0000 {"json":true}`,
		`=HYPERLINK("http://evil.example")`,
		"'; DROP TABLE quarantine; --",
		"line\r\nanother\rthird\ttab",
		"@everyone @here <@&123> <#456> <t:1:R> ||spoiler|| [click](https://evil.example) # big\n> quote\n-# small",
		"<at>all</at> {{DATE(2026-01-02T15:04:05Z,SHORT)}} {{{TIME(2026-01-02T15:04:05Z)}}} ${title} @{triggerBody()}",
		"<a href='https://evil.example' onclick=alert(1)>x</a> [x](javascript:alert(1)) ![x](https://evil.example/p.png)",
		"👩‍🚀 tag \U000e0041",
	}
}

// huge is longer than any receiver accepts, and grows when it is escaped.
func huge() string { return strings.Repeat("<&>\x1b`", 20_000) }

// Examples returns one event of every kind in the catalogue.
func Examples(t testing.TB) []event.Event {
	t.Helper()
	var all []event.Event
	for _, entry := range event.Catalogue() {
		e, err := event.New(event.Header{
			Time: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Source: "node-1/leak",
			Severity: entry.Level, Subject: entry.Subject, CorrelationID: "c-1",
		}, entry.Example)
		if err != nil {
			t.Fatalf("example %s of the catalogue: %v", entry.Name, err)
		}
		all = append(all, e)
	}
	return all
}

// Events returns the examples with text in the place of every string: as if a
// stranger had chosen all words.
func Events(t testing.TB, text string) []event.Event {
	t.Helper()
	all := Examples(t)
	for i := range all {
		all[i].Source, all[i].Subject = text, text
		all[i].Data = withText(t, all[i].Data, text)
	}
	return all
}

func withText(t testing.TB, data json.RawMessage, text string) json.RawMessage {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("reading example: %v", err)
	}
	out, err := json.Marshal(replaceStrings(v, text))
	if err != nil {
		t.Fatalf("writing example: %v", err)
	}
	return out
}

// replaceStrings leaves times as they are: they are typed, not free text.
func replaceStrings(v any, text string) any {
	switch v := v.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return v
		}
		return text
	case []any:
		for i := range v {
			v[i] = replaceStrings(v[i], text)
		}
	case map[string]any:
		for k := range v {
			v[k] = replaceStrings(v[k], text)
		}
	}
	return v
}
