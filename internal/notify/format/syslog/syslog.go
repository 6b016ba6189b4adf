// Package syslog is the format for collectors of logs: RFC 5424, over UDP
// (RFC 5426), TCP (RFC 6587, counted octets) or TLS (RFC 5425).
//
// The address is syslog+udp://HOST:514, syslog+tcp://HOST:601 or
// syslog+tls://HOST:6514. See README.md.
//
// Level 2: a plugin of notify; it may import event, redact, notify and its
// wording.
package syslog

import (
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/wording"
)

const (
	maxText  = 1500 // characters of the message
	maxValue = 200  // of a parameter
	facility = 16   // local0
	// sdID names our structured data. 32473 is the number that RFC 5612 sets
	// aside for those who have none of their own.
	sdID = "cordon@32473"
)

// Render implements notify.Format.
func (Format) Render(e event.Event) ([]byte, string, error) {
	n := wording.Of(e)
	return Message(e, parameters(e, n), wording.Write(title(n), maxText, wording.OneLine)), "text/plain", nil
}

func title(n wording.Notice) string {
	if n.Title == "" {
		return "-"
	}
	return n.Title
}

// Parameter is one of the structured data.
type Parameter struct{ Name, Value string }

// parameters says what a program may ask for.
func parameters(e event.Event, n wording.Notice) []Parameter {
	all := []Parameter{{"id", e.ID}, {"topic", e.Topic}, {"severity", e.Severity.String()}, {"source", e.Source}, {"correlation", e.CorrelationID}, {"subject", e.Subject}}
	if n.Alert == nil {
		return all
	}
	for _, f := range n.Alert.Facts {
		if f.Label != "Severity" && f.Label != "Source" {
			all = append(all, Parameter{strings.ToLower(f.Label), f.Value})
		}
	}
	var p event.MessageQuarantined
	_ = e.Decode(&p) // an alert is made of nothing else
	return append(all, Parameter{"redacted", p.Redacted}, Parameter{"advice", n.Alert.Advice})
}

// Message is an RFC 5424 message. The text is written as it is.
func Message(e event.Event, ps []Parameter, text string) []byte {
	var b strings.Builder
	b.WriteString("<" + strconv.Itoa(facility*8+level(e.Severity)) + ">1 ")
	b.WriteString(e.Time.UTC().Format("2006-01-02T15:04:05.000000Z") + " ")
	b.WriteString(word(node(e.Source), 255) + " cordon - " + word(e.Topic, 32) + " ")
	b.WriteString(structured(ps) + " " + text)
	return []byte(b.String())
}

// level is the severity of RFC 5424, section 6.2.1.
func level(s event.Severity) int {
	switch s {
	case event.Critical:
		return 2
	case event.High:
		return 3
	case event.Medium:
		return 4
	case event.Low:
		return 5
	}
	return 6
}

// node is the machine of a source such as node-1/leak.
func node(source string) string {
	name, _, _ := strings.Cut(source, "/")
	return name
}

// word is a field of the header: printable ASCII without spaces, or the nil
// value.
func word(s string, limit int) string {
	out := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return '_'
	}, s)
	if out == "" {
		return "-"
	}
	return out[:min(len(out), limit)]
}

func structured(ps []Parameter) string {
	var b strings.Builder
	b.WriteString("[" + sdID)
	for _, p := range ps {
		if p.Value != "" {
			b.WriteString(" " + p.Name + `="` + wording.Write(p.Value, maxValue, escape) + `"`)
		}
	}
	return b.String() + "]"
}

// escape is that of parameter values (RFC 5424, section 6.3.3).
func escape(r rune) string {
	if r == '"' || r == ']' {
		return "\\" + string(r)
	}
	return strings.ReplaceAll(wording.OneLine(r), `\`, `\\`)
}
