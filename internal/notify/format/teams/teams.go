// Package teams is the format for Microsoft Teams, through a webhook of the
// Workflows app ("Send webhook alerts to a channel"): an Adaptive Card 1.4
// (adaptivecards.io; learn.microsoft.com, "Create Incoming Webhooks with
// Workflows").
//
// All text stands in TextRuns of RichTextBlocks, in which, unlike in
// TextBlocks, there is no Markdown and nothing becomes a link.
//
// Level 2: a plugin of notify; it may import event and notify's wording.
package teams

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/wording"
)

// Format implements notify.Format.
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name implements notify.Format.
func (Format) Name() string { return "teams" }

// Teams takes messages of up to 28 KB. The limits, in characters, leave room
// for characters of four bytes.
const (
	maxTitle    = 200
	maxValue    = 150
	maxLong     = 1500
	maxEvidence = 1500
	maxLines    = 24
	maxAdvice   = 1000
)

type message struct {
	Type        string       `json:"type"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string  `json:"contentType"`
	ContentURL  *string `json:"contentUrl"`
	Content     card    `json:"content"`
}

type card struct {
	Schema  string  `json:"$schema"`
	Type    string  `json:"type"`
	Version string  `json:"version"`
	Teams   width   `json:"msteams"`
	Body    []block `json:"body"`
}

type width struct {
	Width string `json:"width"`
}

// block is a RichTextBlock, or a Container of some.
type block struct {
	Type    string  `json:"type"`
	Inlines []run   `json:"inlines,omitempty"`
	Style   string  `json:"style,omitempty"`
	Items   []block `json:"items,omitempty"`
	Spacing string  `json:"spacing,omitempty"`
}

type run struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Weight string `json:"weight,omitempty"`
	Size   string `json:"size,omitempty"`
	Font   string `json:"fontType,omitempty"`
	Subtle bool   `json:"isSubtle,omitempty"`
}

// Render implements notify.Format.
func (Format) Render(e event.Event) ([]byte, string, error) {
	m := message{Type: "message", Attachments: []attachment{{
		ContentType: "application/vnd.microsoft.card.adaptive",
		Content: card{
			Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4",
			Teams: width{"Full"}, Body: compose(wording.Of(e)),
		},
	}}}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false) // what it would escape is not there, but for &
	if err := enc.Encode(m); err != nil {
		return nil, "", fmt.Errorf("encoding card for event %s: %w", e.ID, err)
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n")), "application/json", nil
}

func compose(n wording.Notice) []block {
	if n.Alert == nil {
		return []block{rich(append([]run{plain(wording.Mark(n.Severity) + " ")}, line(n.Line)...)...), about(n)}
	}
	title := run{Type: "TextRun", Text: wording.Mark(n.Severity) + " " + safe(n.Title, maxTitle), Weight: "Bolder", Size: "Medium"}
	body := []block{rich(title)}
	for _, f := range n.Alert.Facts {
		b := rich(strong(f.Label+": "), code(f.Value))
		b.Spacing = "None"
		body = append(body, b)
	}
	if n.Alert.Evidence != "" {
		body = append(body, block{Type: "Container", Style: "emphasis", Items: evidence(n.Alert.Evidence)})
	}
	return append(body, rich(strong("What to do: "), plain(safe(n.Alert.Advice, maxAdvice))), about(n))
}

// evidence keeps the lines of a text, each a block of its own.
func evidence(s string) []block {
	var out []block
	for l := range strings.Lines(wording.Write(s, maxEvidence, keepLines)) {
		if len(out) == maxLines {
			return append(out, rich(plain("…")))
		}
		out = append(out, rich(run{Type: "TextRun", Text: apart(strings.TrimSuffix(l, "\n")), Font: "Monospace"}))
	}
	return out
}

func about(n wording.Notice) block {
	return rich(run{Type: "TextRun", Size: "Small", Subtle: true, Text: fmt.Sprintf("%s · %s · %s · event %s",
		n.Severity, safe(n.Source, 100), n.Time, safe(n.ID, 64))})
}

func rich(runs ...run) block { return block{Type: "RichTextBlock", Inlines: runs} }

func plain(s string) run  { return run{Type: "TextRun", Text: s} }
func strong(s string) run { return run{Type: "TextRun", Text: s, Weight: "Bolder"} }
func code(s string) run {
	return run{Type: "TextRun", Text: safe(s, maxValue), Font: "Monospace"}
}

// line writes a sentence.
func line(spans []wording.Span) []run {
	var runs []run
	for _, s := range spans {
		switch s.Kind {
		case wording.Own:
			runs = append(runs, plain(s.Text))
		case wording.Plain:
			runs = append(runs, plain(safe(s.Text, maxValue)))
		case wording.Long:
			runs = append(runs, plain(safe(s.Text, maxLong)))
		case wording.Code:
			runs = append(runs, code(s.Text))
		case wording.Strong:
			runs = append(runs, strong(safe(s.Text, maxValue)))
		}
	}
	return runs
}
