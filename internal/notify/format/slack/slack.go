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
	"go.cordon.dev/cordon/internal/notify/wording"
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
// sentence.
func compose(e event.Event) message {
	n := wording.Of(e)
	if n.Alert != nil {
		title, blocks := alert(n)
		return message{Text: title, Blocks: blocks}
	}
	said := wording.Mark(n.Severity) + " " + line(n.Line)
	return message{Text: said, Blocks: []block{section(said), about(n)}}
}

func section(s string) block {
	t := mrkdwn(s)
	return block{Type: "section", Text: &t}
}

// about closes every message: how bad, where from, when, and how to find it.
func about(n wording.Notice) block {
	return block{Type: "context", Elements: []text{mrkdwn(fmt.Sprintf("%s · %s · %s · event %s",
		n.Severity, escape(n.Source, 100), n.Time, code(n.ID, 64)))}}
}
