package redis

import (
	"fmt"
	"strconv"
	"strings"
)

// token is a word of a script.
type token struct {
	kind byte // n name, s string, 0 number, others: the sign itself
	text string
	line int
}

// scanner cuts Lua 5.1 (its manual, chapter 2.1) into tokens.
type scanner struct {
	s    string
	at   int
	line int
	bad  string // what stopped it
}

// tokenize cuts a script; each word is paid for first, and without pay the rest is
// left out.
func tokenize(text string, pay func() bool) (out []token, problem string) {
	sc := &scanner{s: text, line: 1}
	for pay() {
		t, ok := sc.next()
		if !ok {
			break
		}
		out = append(out, t)
	}
	return out, sc.bad
}

func (sc *scanner) blank() {
	for sc.at < len(sc.s) {
		switch c := sc.s[sc.at]; {
		case c == '\n':
			sc.line++
			sc.at++
		case c == ' ' || c == '\t' || c == '\r':
			sc.at++
		case strings.HasPrefix(sc.s[sc.at:], "--"):
			sc.comment()
		default:
			return
		}
	}
}

func (sc *scanner) comment() {
	sc.at += 2
	if strings.HasPrefix(sc.s[sc.at:], "[[") {
		sc.long()
		return
	}
	for sc.at < len(sc.s) && sc.s[sc.at] != '\n' {
		sc.at++
	}
}

// long reads [[…]].
func (sc *scanner) long() string {
	body, _, found := strings.Cut(sc.s[sc.at+2:], "]]")
	if !found {
		sc.bad = fmt.Sprintf("user_script:%d: unfinished long string near '<eof>'", sc.line+strings.Count(body, "\n"))
	}
	sc.at = min(sc.at+4+len(body), len(sc.s))
	sc.line += strings.Count(body, "\n")
	return body
}

func (sc *scanner) next() (token, bool) {
	sc.blank()
	if sc.at >= len(sc.s) || sc.bad != "" {
		return token{}, false
	}
	start, line := sc.at, sc.line
	switch c := sc.s[sc.at]; {
	case letter(c):
		for sc.at < len(sc.s) && (letter(sc.s[sc.at]) || digit(sc.s[sc.at])) {
			sc.at++
		}
		return token{'n', sc.s[start:sc.at], line}, true
	case digit(c):
		for sc.at < len(sc.s) && (letter(sc.s[sc.at]) || digit(sc.s[sc.at]) || sc.s[sc.at] == '.') {
			sc.at++
		}
		return token{'0', sc.s[start:sc.at], line}, true
	case c == '"' || c == '\'':
		text, ok := sc.short(c)
		return token{'s', text, line}, ok
	case strings.HasPrefix(sc.s[sc.at:], "[["):
		text := sc.long()
		return token{'s', text, line}, sc.bad == ""
	default:
		sc.at++
		if strings.HasPrefix(sc.s[start:], "..") {
			sc.at++
			return token{'.', "..", line}, true
		}
		return token{c, string(c), line}, true
	}
}

func letter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func digit(c byte) bool { return '0' <= c && c <= '9' }

func (sc *scanner) short(quote byte) (string, bool) {
	var b strings.Builder
	start := sc.at
	for sc.at++; sc.at < len(sc.s); sc.at++ {
		switch c := sc.s[sc.at]; {
		case c == quote:
			sc.at++
			return b.String(), true
		case c == '\n':
			sc.bad = fmt.Sprintf("user_script:%d: unfinished string near '%s'", sc.line, cut(sc.s[start:sc.at], 80))
			return "", false
		case c == '\\' && sc.at+1 < len(sc.s):
			sc.at += sc.escaped(&b)
		default:
			b.WriteByte(c)
		}
	}
	sc.bad = fmt.Sprintf("user_script:%d: unfinished string near '<eof>'", sc.line)
	return "", false
}

// escaped writes what stands behind the backslash and returns its length.
func (sc *scanner) escaped(b *strings.Builder) int {
	rest := sc.s[sc.at+1:]
	n := 0
	for n < 3 && n < len(rest) && digit(rest[n]) {
		n++
	}
	if n > 0 {
		v, _ := strconv.Atoi(rest[:n])
		b.WriteByte(byte(v))
		return n
	}
	if i := strings.IndexByte("abfnrtv", rest[0]); i >= 0 {
		b.WriteByte("\a\b\f\n\r\t\v"[i])
		return 1
	}
	if rest[0] == '\n' {
		sc.line++
	}
	b.WriteByte(rest[0])
	return 1
}

// compile says what is wrong with a script's words; its grammar is not
// checked.
func compile(text string) string {
	sc := &scanner{s: text, line: 1}
	for more := true; more; {
		_, more = sc.next()
	}
	return sc.bad
}

// known are the words and globals that a script of 7.0 as Debian builds it may
// name: no os, io, package or dofile.
func known(name string) bool {
	return oneOf(name,
		"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
		"redis", "server", "KEYS", "ARGV", "string", "table", "math", "cjson", "cmsgpack", "struct", "bit", "tonumber", "tostring", "type", "pairs", "ipairs", "next", "select",
		"unpack", "pcall", "xpcall", "error", "assert", "setmetatable", "getmetatable", "rawget", "rawset", "rawequal", "loadstring", "load", "collectgarbage", "coroutine", "gcinfo", "newproxy", "_G", "_VERSION")
}

// stranger finds the first global that is not there: a name that is no word of
// the language, no member of something, and not made by the script itself.
func stranger(tokens []token) (token, bool) {
	own := map[string]bool{}
	for i, t := range tokens {
		if t.kind != 'n' {
			continue
		}
		before, after := around(tokens, i)
		if declares(tokens, i) {
			own[t.text] = true
		}
		if before == '.' && tokens[i-1].text == "." || before == ':' || after == '=' && !oneOf(t.text, "os", "io") || own[t.text] || known(t.text) {
			continue
		}
		return t, true
	}
	return token{}, false
}

func around(tokens []token, i int) (before, after byte) {
	if i > 0 {
		before = tokens[i-1].kind
	}
	if i+1 < len(tokens) {
		after = tokens[i+1].kind
	}
	return before, after
}

// declares reports whether a name stands where it is made: behind local, for
// or function, or in a list that begins so.
func declares(tokens []token, i int) bool {
	for j := i - 1; j >= 0 && i-j < 64; j-- {
		switch t := tokens[j]; {
		case t.kind == 'n' && oneOf(t.text, "local", "for", "function"):
			return true
		case t.kind == 'n' && j == i-1, t.kind != 'n' && t.kind != ',' && t.kind != '(':
			return false
		}
	}
	return false
}
