package slack

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape makes text from outside safe inside mrkdwn: Slack's three special
// characters become entities, so that <!channel> and <url|text> are only text.
// The result is one line of at most limit characters.
func escape(s string, limit int) string {
	return write(s, limit, func(r rune) string {
		if r == '\n' || r == '\t' {
			return " "
		}
		return special(r)
	})
}

// code is text from outside as inline code.
func code(s string, limit int) string {
	body := write(s, limit, func(r rune) string {
		if r == '\n' || r == '\t' {
			return " "
		}
		return unquoted(r)
	})
	if body == "" {
		return "-"
	}
	return "`" + body + "`"
}

// fenced is text from outside for the inside of a code block; it keeps its
// lines.
func fenced(s string, limit int) string {
	return write(s, limit, func(r rune) string {
		if r == '\n' {
			return "\n"
		}
		return unquoted(r)
	})
}

// unquoted replaces the backtick, which would end the code, by its look-alike
// U+02CB.
func unquoted(r rune) string {
	if r == '`' {
		return "ˋ"
	}
	return special(r)
}

// special writes Slack's control characters as entities and what cannot be
// seen as escapes.
func special(r rune) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return fmt.Sprintf("\\u{%x}", r)
	}
	return string(r)
}

// write maps s rune by rune and stops, with an ellipsis, before the result
// grows beyond limit characters. No entity is cut.
func write(s string, limit int, form func(rune) string) string {
	var b strings.Builder
	used := 0
	for _, r := range s {
		piece := form(r)
		size := utf8.RuneCountInString(piece)
		if used+size >= limit {
			b.WriteString("…")
			break
		}
		used += size
		b.WriteString(piece)
	}
	return b.String()
}
