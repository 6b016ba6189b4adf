// Package generic is the format for programs: the event's envelope as it is in
// the event log, as JSON.
//
// Level 2: a plugin of notify; it may import event.
package generic

import (
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/event"
)

// Format implements notify.Format.
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name implements notify.Format.
func (Format) Name() string { return "generic" }

// Render implements notify.Format.
func (Format) Render(e event.Event) ([]byte, string, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, "", fmt.Errorf("encoding event %s: %w", e.ID, err)
	}
	return escapeInvisible(body), "application/json", nil
}

// escapeInvisible writes what JSON permits raw but a terminal might obey or a
// reader might not see (C1 controls, DEL, direction marks, bytes that are not
// UTF-8) as \u escapes. Such characters stand only in strings, so the value
// stays the same.
func escapeInvisible(doc []byte) []byte {
	out := make([]byte, 0, len(doc))
	for len(doc) > 0 {
		r, size := utf8.DecodeRune(doc)
		if r == utf8.RuneError && size == 1 || unicode.In(r, unicode.Cc, unicode.Cf) {
			out = appendEscape(out, r)
		} else {
			out = append(out, doc[:size]...)
		}
		doc = doc[size:]
	}
	return out
}

func appendEscape(out []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); r > 0xffff {
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
