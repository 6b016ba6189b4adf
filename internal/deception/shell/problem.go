package shell

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// problem is what is wrong with a text, in the terms that a shell has for it.
type problem struct {
	line  uint
	near  string // the unexpected token; "" at the end of the text
	quote string // what was opened and not closed
	other string // a whole message
	text  string // the line
}

func (p problem) bashText() string {
	switch {
	case p.other != "":
		return p.other
	case p.quote != "":
		return fmt.Sprintf("unexpected EOF while looking for matching `%s'", p.quote)
	case p.near == "":
		return "syntax error: unexpected end of file"
	}
	return fmt.Sprintf("syntax error near unexpected token `%s'", p.near)
}

func (p problem) dashText() string {
	switch {
	case p.quote == "\"" || p.quote == "'" || p.quote == "`":
		return "Unterminated quoted string"
	case p.quote == "}":
		return "Missing '}'"
	case p.quote != "" || p.near == "" && p.other == "":
		return "end of file unexpected"
	case p.near == "newline":
		return "newline unexpected"
	case p.near == "(" || p.near == ")" || p.near[:1] == ";" || p.near[:1] == "&" || p.near[:1] == "|":
		return fmt.Sprintf("%q unexpected", p.near)
	case syntax.IsKeyword(p.near):
		return fmt.Sprintf("%q unexpected", p.near)
	}
	return "word unexpected"
}

// describe says what a shell would say of what the parser found.
func describe(text string, err error) problem {
	pos := position(err)
	message := err.Error()
	if i := strings.Index(message, ": "); i >= 0 {
		message = message[i+2:]
	}
	at := min(int(pos.Offset()), len(text))
	p := problem{line: pos.Line()}
	last := uint(strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1)
	switch {
	case strings.Contains(message, "without closing quote"):
		p.quote = between(message[strings.Index(message, "quote"):])
		return p
	case strings.Contains(message, "unclosed here-document"):
		p.line = last + 1
		return p
	case strings.Contains(message, "without matching"):
		return unmatched(text, message, at, p, last)
	case strings.Contains(message, "must be followed by `)`") && strings.TrimSpace(text[at:]) == "(":
		p.near, p.text = "newline", lineAt(text, at)
		return p
	case syntax.IsIncomplete(err):
		p.line = last + 1
		return p
	}
	p.near, at = offending(text, at, message)
	p.line = uint(strings.Count(text[:at], "\n") + 1)
	p.text = lineAt(text, at)
	if strings.Contains(message, "test operator") || strings.Contains(message, "complex expr") {
		p.other, p.near = "conditional binary operator expected", ""
	}
	return p
}

// unmatched is a bracket that was not closed: at the end of the text bash says
// so of $( ${ and the like, of commands that the text ended.
func unmatched(text, message string, at int, p problem, last uint) problem {
	parts := strings.Split(message, "`")
	open, closing := "", ""
	if len(parts) >= 6 {
		open, closing = parts[3], parts[5]
	}
	if !strings.Contains(message, "reached `EOF`") && len(parts) > 1 && parts[1] != "EOF" {
		p.near, at = offending(text, at, message)
		p.text = lineAt(text, at)
		return p
	}
	if strings.ContainsAny(open, "$[") || open == "((" || closing == "))" || at > 0 && text[at-1] == '=' {
		p.quote = closing[len(closing)-1:]
		return p
	}
	p.line = last + 1
	return p
}

// between is what stands in backquotes.
func between(s string) string {
	parts := strings.SplitN(s, "`", 3)
	if len(parts) < 3 {
		return "\""
	}
	if parts[1] == "" {
		return "`"
	}
	return parts[1]
}

// offending finds the token that bash would stumble over. The parser tells
// where the command began that is wrong; for those the token comes later.
func offending(text string, at int, message string) (token string, where int) {
	rest := text[at:]
	if strings.Contains(message, "must be followed by") || strings.Contains(message, "must end with") {
		if i := strings.Index(message, " must"); i > 0 {
			open := strings.Trim(message[:i], "` statement")
			open = strings.TrimPrefix(open, "`")
			if strings.HasPrefix(rest, open) {
				at += len(open)
			}
		}
	}
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	return tokenAt(text, at), at
}

// tokenAt is the shell's token at a place.
func tokenAt(text string, at int) string {
	if at >= len(text) || text[at] == '\n' {
		return "newline"
	}
	for _, op := range []string{";;&", "<<-", "<<<", "&>>", ";;", ";&", "&&", "||", "|&", "<<", ">>", "<&", ">&", "&>", "<>", ">|", ";", "&", "|", "(", ")", "<", ">"} {
		if strings.HasPrefix(text[at:], op) {
			return op
		}
	}
	end := strings.IndexAny(text[at:], " \t\n;&|()<>")
	if end < 0 {
		return text[at:]
	}
	return text[at : at+end]
}

func lineAt(text string, at int) string {
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[begin:], "\n")
	return line
}
