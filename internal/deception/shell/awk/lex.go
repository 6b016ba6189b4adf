package awk

import (
	"fmt"
	"strconv"
	"strings"
)

// kind is what a token is.
type kind int

const (
	endToken kind = iota
	newline
	numberToken
	stringToken
	regexToken
	nameToken
	functionName // a name with ( right behind it
	builtinToken
	keyword
	operator
)

// token is one word of a program. Its text is the operator or keyword itself,
// the name, or what a string holds once its escapes are read.
type token struct {
	kind kind
	text string
	num  float64
	line int
}

// lexer splits a program into tokens. It is a value: a copy of it looks ahead.
type lexer struct {
	in   string
	at   int
	line int
}

var (
	keywords  = " BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf "
	builtins  = " length substr index split sub gsub match sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper close system fflush "
	operators = []string{"&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", ">>", "!~"}
)

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// peek is the byte n places ahead, 0 behind the end.
func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.in) {
		return l.in[l.at+n]
	}
	return 0
}

// blank skips blanks, comments and line ends behind a backslash.
func (l *lexer) blank() {
	for l.at < len(l.in) {
		switch c := l.in[l.at]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			l.at++
		case c == '\\' && l.peek(1) == '\n':
			l.at, l.line = l.at+2, l.line+1
		case c == '#':
			for l.at < len(l.in) && l.in[l.at] != '\n' {
				l.at++
			}
		default:
			return
		}
	}
}

// next returns the next token.
func (l *lexer) next() token {
	l.blank()
	t := token{line: l.line}
	if l.at >= len(l.in) {
		return t
	}
	switch c := l.in[l.at]; {
	case c == '\n':
		l.at, l.line = l.at+1, l.line+1
		t.kind, t.text = newline, "\n"
	case isLetter(c):
		t = l.word(t)
	case isDigit(c) || c == '.' && isDigit(l.peek(1)):
		t.kind = numberToken
		n := decimal(l.in[l.at:])
		t.text = l.in[l.at : l.at+n]
		t.num, _ = strconv.ParseFloat(t.text, 64)
		l.at += n
	case c == '"':
		t.kind, t.text = stringToken, l.quoted()
	default:
		t.kind, t.text = operator, l.operator(c)
	}
	return t
}

func (l *lexer) word(t token) token {
	start := l.at
	for isLetter(l.peek(0)) || isDigit(l.peek(0)) {
		l.at++
	}
	t.text = l.in[start:l.at]
	switch {
	case strings.Contains(keywords, " "+t.text+" "):
		t.kind = keyword
	case strings.Contains(builtins, " "+t.text+" "):
		t.kind = builtinToken
	case l.peek(0) == '(':
		t.kind = functionName
	default:
		t.kind = nameToken
	}
	return t
}

func (l *lexer) operator(c byte) string {
	for _, op := range operators {
		if strings.HasPrefix(l.in[l.at:], op) {
			l.at += len(op)
			return op
		}
	}
	if strings.IndexByte("{}()[];,+-*/%^!<>|?:~$=", c) < 0 {
		panic(failure{text: fmt.Sprintf("%d: unexpected character '%c'", l.line, c)})
	}
	l.at++
	return string(c)
}

// quoted reads a string constant.
func (l *lexer) quoted() string {
	start := l.at + 1
	for i := start; i < len(l.in) && l.in[i] != '\n'; i++ {
		switch l.in[i] {
		case '\\':
			if i++; i < len(l.in) && l.in[i] == '\n' {
				l.line++
			}
		case '"':
			l.at = i + 1
			return unescape(l.in[start:i])
		}
	}
	panic(syntaxf(l.line, "runaway string constant \"%.10s ...", l.in[start:]))
}

// regex reads the rest of a regular expression whose first slash was read.
func (l *lexer) regex() string {
	start := l.at
	var set int // where a set began, 0 outside
	for i := start; i < len(l.in) && l.in[i] != '\n'; i++ {
		switch c := l.in[i]; {
		case c == '\\':
			i++
		case c == '[' && set == 0:
			if set = i + 1; i+1 < len(l.in) && l.in[i+1] == '^' {
				i++
				set++
			}
		case c == ']' && set > 0 && i > set:
			set = 0
		case c == '/' && set == 0:
			l.at = i + 1
			return strings.ReplaceAll(l.in[start:i], `\/`, "/")
		}
	}
	text, _, _ := strings.Cut(l.in[start:], "\n")
	panic(syntaxf(l.line, "runaway regular expression /%.10s ...", text))
}

// escapes are the letters that stand for one byte behind a backslash.
var escapes = map[byte]byte{'"': '"', '\\': '\\', 'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11}

// unescape reads the escapes of a string; a backslash before any other letter
// stays.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		i++
		if c, ok := escapes[s[i]]; ok {
			out.WriteByte(c)
			continue
		}
		if s[i] == '\n' {
			continue
		}
		c, n := numeric(s[i:])
		if n == 0 {
			out.WriteByte('\\')
			c, n = s[i], 1
		}
		out.WriteByte(c)
		i += n - 1
	}
	return out.String()
}

// numeric reads ooo or xhh behind a backslash and says how long it is.
func numeric(s string) (c byte, n int) {
	for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
		c = c<<3 | s[n] - '0'
		n++
	}
	if n > 0 || len(s) < 2 || s[0] != 'x' {
		return c, n
	}
	for n = 1; n < 3 && n < len(s); n++ {
		digit := strings.IndexByte("0123456789abcdef", s[n]|0x20)
		if digit < 0 || s[n] < '0' {
			break
		}
		c = c<<4 | byte(digit)
	}
	if n == 1 {
		return 0, 0
	}
	return c, n
}
