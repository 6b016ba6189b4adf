package sniff

import (
	"bytes"

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
	word := bytes.IndexFunc(line, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' })
	if word < 0 {
		return g, moreOfWord(len(line))
	}
	return g, rest(line, word)
}

// moreOfWord waits for the end of a first word that may be a method.
func moreOfWord(n int) Verdict {
	if n > 32 {
		return Unknown
	}
	return More
}

// rest judges a first line that has a word of that length.
func rest(line []byte, word int) Verdict {
	after := bytes.TrimLeft(line[word:], "\t ")
	spaced := len(line)-word != len(after)
	if word > 0 && spaced && len(after) > 0 && after[0] == '/' {
		return Known
	}
	if bytes.HasPrefix(line, []byte("CONNECT ")) {
		return Known
	}
	end := bytes.IndexByte(line, '\n')
	if end >= 0 {
		line = line[:end]
	}
	if word == 0 && hasControls(line) {
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
