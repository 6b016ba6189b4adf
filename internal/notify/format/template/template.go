// Package template is the format for receivers that no other format knows: the
// operator writes the body, with placeholders. A placeholder is replaced by text
// and by nothing else: there are no conditions, loops or calls, so that a body
// takes linear time and a stranger's words stay words.
//
// Level 2: a plugin of notify; it may import event, redact and notify's
// wording.
package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/wording"
)

const (
	maxTemplate = 8 << 10 // bytes
	maxValue    = 2000    // characters that a placeholder becomes
	maxHoles    = 64
)

// standard is the body where no template is given.
const standard = `{"text":"{{title}}","severity":"{{severity}}","topic":"{{topic}}","time":"{{time}}","source":"{{source}}","what_to_do":"{{advice}}","content":"{{evidence}}","id":"{{id}}"}`

// Format implements notify.Templated.
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name implements notify.Format.
func (Format) Name() string { return "template" }

// Render implements notify.Format, with a template of ours.
func (f Format) Render(e event.Event) ([]byte, string, error) { return f.RenderTemplate(e, standard) }

// CheckTemplate implements notify.Templated.
func (Format) CheckTemplate(text string) error {
	_, err := parse(text)
	return err
}

// RenderTemplate implements notify.Templated; an empty text is that of Render.
func (Format) RenderTemplate(e event.Event, text string) ([]byte, string, error) {
	if text == "" {
		text = standard
	}
	t, err := parse(text)
	if err != nil {
		return nil, "", fmt.Errorf("reading the template: %w", err)
	}
	v := values{event: e, notice: wording.Of(e)}
	if err := e.Decode(&v.data); err != nil {
		v.data = nil // a payload that is no object has no fields
	}
	return []byte(t.fill(v)), t.contentType(), nil
}

// piece is literal text, or a placeholder.
type piece struct {
	text string
	hole bool
}

type parsed struct {
	pieces []piece
	json   bool
}

// parse reads a template. One that begins like JSON must be JSON, whatever its
// placeholders become; each of them stands within a string.
func parse(text string) (t parsed, err error) {
	if len(text) > maxTemplate {
		return t, fmt.Errorf("template has %d bytes, more than %d", len(text), maxTemplate)
	}
	holes := 0
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{{")
		t.pieces = append(t.pieces, piece{before, false})
		if !found {
			break
		}
		name, behind, closed := strings.Cut(after, "}}")
		if name = strings.TrimSpace(name); !closed || !known(name) {
			return t, fmt.Errorf("template holds {{%.40s, which is none of %s, data.NAME", name, strings.Join(names(), ", "))
		}
		t.pieces, rest = append(t.pieces, piece{name, true}), behind
		if holes++; holes > maxHoles {
			return t, fmt.Errorf("template has more than %d placeholders", maxHoles)
		}
	}
	first := strings.TrimSpace(text)
	if t.json = strings.HasPrefix(first, "{") && !strings.HasPrefix(first, "{{") || strings.HasPrefix(first, "["); !t.json {
		return t, nil
	}
	return t, t.checkJSON()
}

// checkJSON fills the template with two kinds of values: outside of a string
// one of them is not JSON.
func (t parsed) checkJSON() error {
	for _, sample := range []string{"a b", ""} {
		if !json.Valid([]byte(t.replace(func(string) string { return sample }))) {
			return errors.New("template begins like JSON and is none; put each placeholder in quotes")
		}
	}
	return nil
}

func names() []string {
	return []string{"title", "severity", "topic", "subject", "source", "time", "id", "correlation", "advice", "evidence"}
}

func known(name string) bool {
	field, ok := strings.CutPrefix(name, "data.")
	if !ok {
		return slices.Contains(names(), name)
	}
	return field != "" && strings.Trim(field, "abcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

func (t parsed) replace(value func(name string) string) string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.hole {
			b.WriteString(value(p.text))
			continue
		}
		b.WriteString(p.text)
	}
	return b.String()
}

func (t parsed) fill(v values) string {
	return t.replace(func(name string) string {
		if t.json {
			return quoted(wording.Write(v.of(name), maxValue, lines))
		}
		return wording.Write(v.of(name), maxValue, wording.OneLine)
	})
}

// lines keeps line ends, which JSON writes as \n.
func lines(r rune) string {
	if r == '\n' {
		return "\n"
	}
	return wording.Visible(r)
}

// quoted is s for the inside of a JSON string.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil { // a string always is
		return ""
	}
	return string(b[1 : len(b)-1])
}

func (t parsed) contentType() string {
	if t.json {
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

// values is what placeholders become.
type values struct {
	event  event.Event
	notice wording.Notice
	data   map[string]any
}

func (v values) of(name string) string {
	switch name {
	case "title":
		return v.notice.Title
	case "severity":
		return v.event.Severity.String()
	case "topic":
		return v.event.Topic
	case "subject":
		return v.event.Subject
	case "source":
		return v.event.Source
	case "time":
		return v.notice.Time
	case "id":
		return v.event.ID
	case "correlation":
		return v.event.CorrelationID
	}
	return v.more(name)
}

// more is what only some events have; empty for the others.
func (v values) more(name string) string {
	if field, ok := strings.CutPrefix(name, "data."); ok {
		return plain(v.data[field])
	}
	if v.notice.Alert == nil {
		return ""
	}
	if name == "advice" {
		return v.notice.Alert.Advice
	}
	return v.notice.Alert.Evidence
}

// plain writes texts, numbers and truths; what consists of parts is left out.
func plain(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64, bool:
		b, err := json.Marshal(value)
		if err != nil { // they always are
			return ""
		}
		return string(b)
	}
	return ""
}
