// Package discord is the format for Discord's webhooks: a message with one
// embed that a person reads in a channel (discord.com/developers/docs,
// "Execute Webhook", "Message Limits").
//
// Level 2: a plugin of notify; it may import event and notify's wording.
package discord

import (
	"encoding/json"
	"fmt"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/wording"
)

// Format implements notify.Format.
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name implements notify.Format.
func (Format) Name() string { return "discord" }

// Discord refuses a message whose content is longer than 2000 characters, a
// description than 4096, a field's name than 256 or value than 1024, or whose
// embed is longer than 6000 in all.
const (
	maxTitle    = 200
	maxValue    = 150
	maxLong     = 1200
	maxEvidence = 1800
	maxAdvice   = 1000
)

type message struct {
	Content  string   `json:"content"`
	Embeds   []embed  `json:"embeds"`
	Mentions mentions `json:"allowed_mentions"`
}

// mentions with an empty list lets a message mention nobody, whatever it says.
type mentions struct {
	Parse []string `json:"parse"`
}

type embed struct {
	Description string  `json:"description,omitempty"`
	Color       int     `json:"color"`
	Fields      []field `json:"fields,omitempty"`
	Footer      footer  `json:"footer"`
}

type field struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline,omitempty"`
}

type footer struct {
	Text string `json:"text"`
}

// Render implements notify.Format.
func (Format) Render(e event.Event) ([]byte, string, error) {
	body, err := json.Marshal(compose(wording.Of(e)))
	if err != nil {
		return nil, "", fmt.Errorf("encoding message for event %s: %w", e.ID, err)
	}
	return body, "application/json", nil
}

func compose(n wording.Notice) message {
	m := message{Content: wording.Mark(n.Severity) + " " + line(n.Line), Mentions: mentions{Parse: []string{}}}
	b := embed{Color: colour(n.Severity), Footer: footer{about(n)}}
	if n.Alert != nil {
		m.Content = wording.Mark(n.Severity) + " **" + escape(n.Title, maxTitle) + "**"
		b.Fields = fields(n.Alert)
		if n.Alert.Evidence != "" {
			b.Description = "```\n" + fenced(n.Alert.Evidence, maxEvidence) + "\n```"
		}
	}
	m.Embeds = []embed{b}
	return m
}

func fields(a *wording.Alert) []field {
	var fs []field
	for _, f := range a.Facts {
		fs = append(fs, field{f.Label, code(f.Value, maxValue), true})
	}
	return append(fs, field{Name: "What to do", Value: escape(a.Advice, maxAdvice)})
}

// about is a footer, in which Discord knows no markup.
func about(n wording.Notice) string {
	return fmt.Sprintf("%s · %s · %s · event %s", n.Severity, plain(n.Source, 100), n.Time, plain(n.ID, 64))
}

// colour is the embed's edge, as 0xRRGGBB.
func colour(s event.Severity) int {
	switch s {
	case event.Critical:
		return 0xc92a2a
	case event.High:
		return 0xe8590c
	case event.Medium:
		return 0xf2b705
	case event.Low:
		return 0x1c7ed6
	}
	return 0x868e96
}
