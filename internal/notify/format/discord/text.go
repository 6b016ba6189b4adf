package discord

import (
	"strings"

	"go.cordon.dev/cordon/internal/notify/wording"
)

// escape makes text from outside safe in Discord's Markdown: a backslash takes
// the meaning of every punctuation mark, those of links included. The result
// is one line of at most limit characters.
func escape(s string, limit int) string {
	return wording.Write(s, limit, func(r rune) string {
		if r < 0x80 && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?[\\]^_`{|}~", r) {
			return "\\" + string(r)
		}
		return noMention(wording.OneLine(r))
	})
}

// plain is text from outside where there is no markup.
func plain(s string, limit int) string {
	return wording.Write(s, limit, func(r rune) string { return noMention(wording.OneLine(r)) })
}

// code is text from outside as inline code.
func code(s string, limit int) string {
	body := wording.Write(s, limit, func(r rune) string { return unquoted(wording.OneLine(r)) })
	if strings.TrimSpace(body) == "" {
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
		return unquoted(wording.Visible(r))
	})
}

// unquoted replaces the backtick, which would end the code, by its look-alike
// U+02CB.
func unquoted(s string) string {
	if s == "`" {
		return "ˋ"
	}
	return noMention(s)
}

// noMention replaces the at sign by its wide form U+FF20, so that nothing reads
// as @everyone or <@id>, also where only a person reads it. (Nobody is
// notified in any case: the message allows no mentions.)
func noMention(s string) string {
	if s == "@" {
		return "＠"
	}
	return s
}

// line writes a sentence.
func line(spans []wording.Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.Kind {
		case wording.Own:
			b.WriteString(s.Text)
		case wording.Plain:
			b.WriteString(escape(s.Text, maxValue))
		case wording.Long:
			b.WriteString(escape(s.Text, maxLong))
		case wording.Code:
			b.WriteString(code(s.Text, maxValue))
		case wording.Strong:
			b.WriteString("**" + escape(s.Text, maxValue) + "**")
		}
	}
	return b.String()
}
