package slack

import (
	"strings"

	"go.cordon.dev/cordon/internal/notify/wording"
)

// line writes a sentence as mrkdwn.
func line(spans []wording.Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.Kind {
		case wording.Own:
			b.WriteString(s.Text)
		case wording.Plain:
			b.WriteString(escape(s.Text, maxValue))
		case wording.Long:
			b.WriteString(escape(s.Text, maxContent))
		case wording.Code:
			b.WriteString(code(s.Text, maxValue))
		case wording.Strong:
			b.WriteString("*" + escape(s.Text, maxValue) + "*")
		}
	}
	return b.String()
}
