package slack

import "go.cordon.dev/cordon/internal/notify/wording"

// escape makes text from outside safe inside mrkdwn: Slack's three special
// characters become entities, so that <!channel> and <url|text> are only text.
// The result is one line of at most limit characters.
func escape(s string, limit int) string {
	return wording.Write(s, limit, func(r rune) string {
		if r == '\n' || r == '\t' {
			return " "
		}
		return special(r)
	})
}

// code is text from outside as inline code.
func code(s string, limit int) string {
	body := wording.Write(s, limit, func(r rune) string {
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
	return wording.Write(s, limit, func(r rune) string {
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
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	}
	return wording.Visible(r)
}
