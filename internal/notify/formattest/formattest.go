// Package formattest is the conformance suite of notify's formats: every
// format's tests call Run.
//
// It takes its events from event.Catalogue, so a new payload is covered as soon
// as it is there. To add a hostile text, add it to hostile in samples.go.
//
// Level 2: it may import event, redact and notify.
package formattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// Suite says which format to test and how strictly.
type Suite struct {
	Format notify.Format // Mandatory.
	// ForPeople: the text is shown as it is, so that control characters must
	// not even come back when the body is parsed.
	ForPeople bool
	// Forbidden must not occur in any text of the parsed body, whatever the
	// event holds: markup by which a stranger could act on the receiver.
	Forbidden []string
	// Type is the media type of bodies. If empty, application/json.
	Type string
	// Texts returns what a receiver reads in a body, one after the other, and
	// what is wrong with the body. If nil, it is JSON.
	Texts func(body []byte) ([]string, error)
	// Lines says that bodies consist of lines that end with CR LF.
	Lines bool
}

// Run checks that the format is named, deterministic and bounded, that its
// bodies are of their type and harmless, and that it renders every payload.
func Run(t *testing.T, s Suite) {
	t.Helper()
	t.Run("name is a word", func(t *testing.T) { s.checkName(t) })
	t.Run("every payload of the catalogue", func(t *testing.T) {
		for _, e := range Examples(t) {
			s.check(t, e)
		}
	})
	t.Run("empty payloads", func(t *testing.T) { s.checkAll(t, "") })
	t.Run("hostile payloads", func(t *testing.T) {
		for _, text := range hostile() {
			s.checkAll(t, text)
		}
	})
	t.Run("huge payloads stay below the limit", func(t *testing.T) { s.checkBounded(t) })
	t.Run("alerts differ by the kind of secret and say what to do", func(t *testing.T) { s.checkAdvice(t) })
	t.Run("a key is in its place only", func(t *testing.T) { s.checkKey(t) })
	t.Run("unknown topic", func(t *testing.T) { s.checkUnknown(t) })
}

func (s Suite) checkName(t *testing.T) {
	name := s.Format.Name()
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		t.Errorf("Name() = %q, want lower-case letters, digits and dashes", name)
	}
}

func (s Suite) checkAll(t *testing.T, text string) {
	t.Helper()
	for _, e := range Events(t, text) {
		s.check(t, e)
	}
}

// checkBounded renders texts far beyond any receiver's limit. A format may
// refuse such an event, but not send it.
func (s Suite) checkBounded(t *testing.T) {
	for _, e := range Events(t, huge()) {
		body, _, err := s.Format.Render(e)
		if s.ForPeople && err != nil {
			t.Errorf("%s: a format for people must shorten, not refuse: %v", e.Topic, err)
		}
		if s.ForPeople && len(body) > 64<<10 {
			t.Errorf("%s: body has %d bytes; people read less than 64 KiB", e.Topic, len(body))
		}
	}
}

func (s Suite) checkUnknown(t *testing.T) {
	for _, text := range append(hostile(), "") {
		e := Examples(t)[0]
		e.Topic, e.Subject, e.Data = "future.thing.happened", text, json.RawMessage(`{"unknown":[1,null,"x"]}`)
		s.check(t, e)
	}
}

func (s Suite) check(t *testing.T, e event.Event) {
	t.Helper()
	for _, p := range s.Problems(e) {
		t.Errorf("%s with %q: %s", e.Topic, e.Subject, p)
	}
}

// Problems says what is wrong with the format's rendering of one event.
func (s Suite) Problems(e event.Event) []string {
	body, contentType, err := s.Format.Render(e)
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	var ps []string
	if again, _, _ := s.Format.Render(e); !bytes.Equal(body, again) {
		ps = append(ps, "two renderings of one event differ")
	}
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind != s.mediaType() {
		ps = append(ps, fmt.Sprintf("content type is %q, want %s", contentType, s.mediaType()))
	}
	if len(body) > notify.MaxBody {
		ps = append(ps, fmt.Sprintf("body has %d bytes, more than %d", len(body), notify.MaxBody))
	}
	return append(append(ps, s.inBytes(body)...), s.inTexts(body)...)
}

// inBytes refuses what a terminal, a log viewer or an editor would obey.
func (s Suite) inBytes(body []byte) []string {
	if s.Lines {
		body = bytes.ReplaceAll(body, []byte("\r\n"), nil)
	}
	if !utf8.Valid(body) {
		return []string{"body is not UTF-8"}
	}
	for _, r := range string(body) {
		if invisible(r) {
			return []string{fmt.Sprintf("body holds a raw %U", r)}
		}
	}
	return nil
}

func invisible(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }

// inTexts looks at each string as the receiver sees it, after parsing.
func (s Suite) inTexts(body []byte) (ps []string) {
	texts, err := s.texts(body)
	if err != nil {
		return []string{err.Error()}
	}
	for _, text := range texts {
		ps = append(ps, s.inText(text)...)
	}
	return ps
}

func (s Suite) mediaType() string {
	if s.Type != "" {
		return s.Type
	}
	return "application/json"
}

func (s Suite) texts(body []byte) ([]string, error) {
	if s.Texts != nil {
		return s.Texts(body)
	}
	return jsonTexts(body)
}

// jsonTexts returns the strings of a JSON value, names too.
func jsonTexts(body []byte) (texts []string, err error) {
	if !json.Valid(body) {
		return nil, errors.New("body is not one JSON value")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := dec.Token()
		if err != nil { // io.EOF, since the body is valid
			return texts, nil
		}
		if text, ok := token.(string); ok {
			texts = append(texts, text)
		}
	}
}

func (s Suite) inText(text string) (ps []string) {
	for _, bad := range s.Forbidden {
		if strings.Contains(text, bad) {
			ps = append(ps, fmt.Sprintf("text holds %q: %q", bad, text))
		}
	}
	for _, r := range text {
		if s.ForPeople && r != '\n' && invisible(r) {
			return append(ps, fmt.Sprintf("text shows %U: %q", r, text))
		}
	}
	return ps
}
