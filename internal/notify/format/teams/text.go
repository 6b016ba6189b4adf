package teams

import (
	"strings"

	"go.cordon.dev/cordon/internal/notify/wording"
)

// safe is text from outside as one line of at most limit characters. A card
// refuses a run without text.
func safe(s string, limit int) string {
	out := apart(wording.Write(s, limit, func(r rune) string { return noTag(wording.OneLine(r)) }))
	if strings.TrimSpace(out) == "" {
		return "-"
	}
	return out
}

func keepLines(r rune) string {
	if r == '\n' {
		return "\n"
	}
	return noTag(wording.Visible(r))
}

// noTag replaces the angle brackets by their look-alikes U+2039 and U+203A:
// <at>name</at> is how Teams writes mentions, and some clients show HTML.
func noTag(s string) string {
	switch s {
	case "<":
		return "‹"
	case ">":
		return "›"
	}
	return s
}

// apart puts a space between braces: {{DATE(...)}} is a function in a card.
func apart(s string) string {
	s = strings.ReplaceAll(s, "{{", "{ {")
	s = strings.ReplaceAll(s, "{{", "{ {") // those of three
	s = strings.ReplaceAll(s, "}}", "} }")
	if s = strings.ReplaceAll(s, "}}", "} }"); s == "" {
		return " "
	}
	return s
}
