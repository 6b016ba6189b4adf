package postgres

import (
	"strings"
	"unicode/utf8"
)

// token is a word of SQL. Names that were not quoted are in lower case.
type token struct {
	kind byte // n name, q quoted name, s string, 0 number, $ parameter, o operator or sign
	text string
	at   int // place in the statement, from 1, in characters
	raw  string
}

// lexer cuts SQL (https://www.postgresql.org/docs/15/sql-syntax-lexical.html).
type lexer struct {
	s   string
	at  int
	err *problem
}

// maxTokens bounds a statement.
const maxTokens = 20_000

func lex(s string) ([]token, *problem) {
	l := &lexer{s: s}
	var out []token
	place, counted := 1, 0 // characters before a byte are counted once, not for each token
	for {
		l.blank()
		if l.at >= len(s) || l.err != nil || len(out) >= maxTokens {
			return out, l.err
		}
		start := l.at
		t := l.next()
		place, counted = place+utf8.RuneCountInString(s[counted:start]), start
		t.at, t.raw = place, s[start:l.at]
		out = append(out, t)
	}
}

func (l *lexer) rest() string { return l.s[l.at:] }

func (l *lexer) blank() {
	for l.at < len(l.s) {
		switch r := l.rest(); {
		case strings.ContainsRune(" \t\n\r\f", rune(r[0])):
			l.at++
		case strings.HasPrefix(r, "--"):
			line, _, _ := strings.Cut(r, "\n")
			l.at += len(line)
		case strings.HasPrefix(r, "/*"):
			l.comment()
		default:
			return
		}
	}
}

// comment skips one, and those in it.
func (l *lexer) comment() {
	start, depth := l.at, 0
	for l.at < len(l.s) {
		switch r := l.rest(); {
		case strings.HasPrefix(r, "/*"):
			depth++
			l.at += 2
		case strings.HasPrefix(r, "*/"):
			l.at += 2
			if depth--; depth == 0 {
				return
			}
		default:
			l.at++
		}
	}
	l.err = l.unfinished("unterminated /* comment", start)
}

func (l *lexer) unfinished(what string, start int) *problem {
	return wrong("42601", "scan.l", 1188, "scanner_yyerror", "%s at or near \"%s\"", what, l.s[start:]).at(start + 1)
}

func isLetter(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (l *lexer) next() token {
	r := l.rest()
	switch c := r[0]; {
	case (c == 'e' || c == 'E') && strings.HasPrefix(r[1:], "'"):
		l.at++
		return token{kind: 's', text: l.quoted('\'', true)}
	case isLetter(c):
		return token{kind: 'n', text: strings.ToLower(l.while(func(c byte) bool { return isLetter(c) || isDigit(c) || c == '$' }))}
	case c == '\'':
		return token{kind: 's', text: l.quoted('\'', false)}
	case c == '"':
		return token{kind: 'q', text: l.quoted('"', false)}
	case isDigit(c) || c == '.' && len(r) > 1 && isDigit(r[1]):
		return token{kind: '0', text: l.number()}
	case c == '$' && len(r) > 1 && isDigit(r[1]):
		l.at++
		return token{kind: '$', text: l.while(isDigit)}
	case c == '$':
		return l.dollar()
	}
	return token{kind: 'o', text: l.operator()}
}

func (l *lexer) while(is func(byte) bool) string {
	start := l.at
	for l.at < len(l.s) && is(l.s[l.at]) {
		l.at++
	}
	return l.s[start:l.at]
}

func (l *lexer) number() string {
	start := l.at
	l.while(func(c byte) bool { return isDigit(c) || c == '.' })
	if l.at < len(l.s) && (l.s[l.at] == 'e' || l.s[l.at] == 'E') {
		if n := l.at + 1; n < len(l.s) && (isDigit(l.s[n]) || n+1 < len(l.s) && strings.ContainsRune("+-", rune(l.s[n])) && isDigit(l.s[n+1])) {
			l.at += 2
			l.while(isDigit)
		}
	}
	return l.s[start:l.at]
}

// quoted reads a string or name in which its quote stands twice for itself.
func (l *lexer) quoted(quote byte, escapes bool) string {
	start := l.at
	var b strings.Builder
	for l.at++; l.at < len(l.s); l.at++ {
		c := l.s[l.at]
		switch {
		case c == quote && strings.HasPrefix(l.s[l.at+1:], string(quote)):
			l.at++
			b.WriteByte(c)
		case c == quote:
			l.at++
			return b.String()
		case c == '\\' && escapes && l.at+1 < len(l.s):
			l.at++
			if i := strings.IndexByte("bfnrt", l.s[l.at]); i >= 0 {
				b.WriteByte("\b\f\n\r\t"[i])
			} else {
				b.WriteByte(l.s[l.at])
			}
		default:
			b.WriteByte(c)
		}
	}
	what := "unterminated quoted string"
	if quote == '"' {
		what = "unterminated quoted identifier"
	}
	l.err = l.unfinished(what, start)
	return ""
}

// dollar reads $tag$…$tag$.
func (l *lexer) dollar() token {
	start := l.at
	l.at++
	tag := "$" + l.while(func(c byte) bool { return isLetter(c) || isDigit(c) }) + "$"
	if !strings.HasPrefix(l.s[start:], tag) {
		l.at = start + 1
		return token{kind: 'o', text: "$"}
	}
	l.at = start + len(tag)
	body, _, ok := strings.Cut(l.rest(), tag)
	if !ok {
		l.err = l.unfinished("unterminated dollar-quoted string", start)
		return token{}
	}
	l.at += len(body) + len(tag)
	return token{kind: 's', text: body}
}

func (l *lexer) operator() string {
	for _, op := range []string{"::", "||", "<>", "!=", "<=", ">=", "!~*", "!~", "~*"} {
		if strings.HasPrefix(l.rest(), op) {
			l.at += len(op)
			return op
		}
	}
	l.at++
	return l.s[l.at-1 : l.at]
}

// statements cuts tokens at semicolons; empty ones are left out.
func statements(all []token) (out [][]token) {
	var one []token
	for _, t := range append(all, token{kind: 'o', text: ";"}) {
		if t.kind != 'o' || t.text != ";" {
			one = append(one, t)
			continue
		}
		if len(one) > 0 {
			out = append(out, one)
		}
		one = nil
	}
	return out
}

// near is the error of a statement that the grammar does not know.
func near(t token) *problem {
	return wrong("42601", "scan.l", 1188, "scanner_yyerror", "syntax error at or near \"%s\"", t.raw).at(t.at)
}

func atEnd(statement string) *problem {
	return wrong("42601", "scan.l", 1180, "scanner_yyerror", "syntax error at end of input").at(len([]rune(statement)) + 1)
}
