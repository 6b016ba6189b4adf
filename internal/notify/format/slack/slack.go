// Package slack is the format for Slack's incoming webhooks: a short alert
// that a person reads in a channel, built from Block Kit blocks
// (docs.slack.dev, "Block Kit" and "Formatting message text").
//
// Level 2: a plugin of notify; it may import event.
package slack

import (
	"encoding/json"
	"fmt"

	"go.cordon.dev/cordon/internal/event"
)

// Format implements notify.Format.
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name implements notify.Format.
func (Format) Name() string { return "slack" }

// message is the payload of an incoming webhook. Links are never unfurled:
// Slack would fetch an address that came from the quarantined message.
type message struct {
	Text        string  `json:"text"` // what notifications show
	Blocks      []block `json:"blocks"`
	UnfurlLinks bool    `json:"unfurl_links"`
	UnfurlMedia bool    `json:"unfurl_media"`
}

type block struct {
	Type     string `json:"type"`
	Text     *text  `json:"text,omitempty"`
	Fields   []text `json:"fields,omitempty"`
	Elements []text `json:"elements,omitempty"`
}

type text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

// mrkdwn is text in Slack's markup. Verbatim: what looks like an address or a
// channel's name does not become a link.
func mrkdwn(s string) text { return text{Type: "mrkdwn", Text: s, Verbatim: true} }

// Render implements notify.Format.
func (Format) Render(e event.Event) ([]byte, string, error) {
	m := compose(e)
	body, err := json.Marshal(m)
	if err != nil {
		return nil, "", fmt.Errorf("encoding message for event %s: %w", e.ID, err)
	}
	return body, "application/json", nil
}

// compose writes the alert where there is something to act upon, else one
// sentence. An alert whose payload does not decode is still announced.
func compose(e event.Event) message {
	var p event.MessageQuarantined
	if e.Topic == event.TopicMessageQuarantined && e.Decode(&p) == nil {
		title, blocks := alert(e, p)
		return message{Text: title, Blocks: blocks}
	}
	said := mark(e.Severity) + " " + line(e)
	return message{Text: said, Blocks: []block{section(said), about(e)}}
}

func section(s string) block {
	t := mrkdwn(s)
	return block{Type: "section", Text: &t}
}

// about closes every message: how bad, where from, when, and how to find it.
func about(e event.Event) block {
	return block{Type: "context", Elements: []text{mrkdwn(fmt.Sprintf("%s · %s · %s · event %s",
		e.Severity, escape(e.Source, 100), e.Time.UTC().Format("2006-01-02 15:04:05 UTC"), code(e.ID, 64)))}}
}

// mark shows a severity by shape and colour; the word always stands beside it.
func mark(s event.Severity) string {
	switch s {
	case event.Critical:
		return "🟥"
	case event.High:
		return "🔶"
	case event.Medium:
		return "🟡"
	case event.Low:
		return "🔹"
	}
	return "▫️"
}
