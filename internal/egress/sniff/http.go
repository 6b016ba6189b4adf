package sniff

import (
	"bytes"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// http knows an HTTP request by its first line, as generously as the most
// forgiving server: who reads the request afterwards is strict, so what might
// be HTTP must come to him.
func http(b []byte) (Guess, Verdict) {
	g := Guess{Protocol: policy.HTTP}
	line := bytes.TrimLeft(b, "\r\n\t ")
	if v := begins(line, "PRI * HTTP/2.0"); v == Known {
		g.HTTP2 = true
		return g, Known
	} else if v == More {
		return g, More
	}
	word := bytes.IndexFunc(line, func(c rune) bool { return !isTokenRune(c) })
	if word < 0 {
		return g, More // a method may be any token, of any length, to some servers
	}
	return g, rest(line, word)
}

// isTokenRune reports whether a token may have it (RFC 9110, 5.6.2).
func isTokenRune(c rune) bool {
	return isLetter(c) || c >= '0' && c <= '9' || strings.ContainsRune("!#$%&'*+.^`|~-_", c)
}

func isLetter(c rune) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// named reports whether a first word is of letters, as usual methods are: what other
// protocols begin with has others, too.
func named(word []byte) bool {
	return len(word) > 0 && !bytes.ContainsFunc(word, func(c rune) bool { return !isLetter(c) && c != '-' && c != '_' })
}

// rest judges a first line that has a word of that length.
func rest(line []byte, word int) Verdict {
	after := bytes.TrimLeft(line[word:], "\t ")
	spaced := len(line)-word != len(after)
	if named(line[:word]) && spaced && len(after) > 0 && after[0] == '/' {
		return Known
	}
	if bytes.HasPrefix(line, []byte("CONNECT ")) {
		return Known
	}
	end := bytes.IndexByte(line, '\n')
	if end >= 0 {
		line = line[:end]
	}
	if !named(line[:min(word, len(line))]) && hasControls(line) {
		return Unknown
	}
	if bytes.Contains(bytes.ToUpper(line), []byte("HTTP/")) {
		return Known
	}
	if end >= 0 || word == 0 || !spaced || hasControls(line) {
		return Unknown
	}
	return More
}

// hasControls reports whether a line has what no text has.
func hasControls(line []byte) bool {
	return bytes.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' && c != '\r' })
}

// HTTPHost reads the Host field of a request, of which the head need not be whole. A
// head without one, or with two, names none.
func HTTPHost(b []byte) (host string, v Verdict) {
	head, whole := b, false
	if end := bytes.Index(b, []byte("\r\n\r\n")); end >= 0 {
		head, whole = b[:end+2], true
	}
	if !whole {
		return "", More
	}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		name, value, field := bytes.Cut(line, []byte(":"))
		if !field || !bytes.EqualFold(name, []byte("host")) {
			continue
		}
		if host != "" {
			return "", Broken
		}
		host = withoutPort(string(bytes.Trim(value, " \t")))
	}
	return host, Known
}

// withoutPort leaves out what stands behind the last colon of a name or of an address
// in brackets.
func withoutPort(authority string) string {
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.Contains(authority[i:], "]") {
		return authority[:i]
	}
	return authority
}
