package model

import (
	"bytes"
	"unicode/utf8"
)

// password makes up the score of a value behind a name like password.
func (t *tally) password(c Candidate) {
	value := c.Text[c.Start:c.End]
	n, s, y := nameOf(c.Text, c.Start), shapeOf(value), syntaxOf(c.Text, c.Start, c.End)
	t.add("any assigned value", -0.6)
	_, open := nameScore(c.Text, n)
	t.add("name says what else it is", open)
	t.addIf(!holdsPassword(n.text), "name is another", -1.5)
	t.memorable(s)
	t.notPassword(s)
	t.put(n, s, y)
	t.addIf(echo(n.text, value), "value repeats the name", -3)
	t.addIf(hashed(lineBefore(c.Text, c.Start)), "line speaks of checksums", -2)
	t.atMost(common(value), "one of the commonest", example)
}

func holdsPassword(name []byte) bool {
	for _, word := range []string{"passw", "passphrase", "pwd", "passcode", "contrase"} {
		if holdsFold(name, word) {
			return true
		}
	}
	return false
}

// memorable weighs what people and generators make passwords of.
func (t *tally) memorable(s shape) {
	kinds := b2i(s.digits > 0) + b2i(s.smalls > 0) + b2i(s.capitals > 0) + b2i(s.rest > 0)
	t.add("kinds of characters", 0.9*float64(kinds-2))
	t.addIf(s.digits > 0 && s.smalls+s.capitals > 0, "letters and digits", 1)
	t.addIf(bytes.ContainsAny(s.value, "!@#$%^&*+?~"), "special characters", 0.8)
	if s.pairs >= 4 {
		t.add("letter pairs as in words", -clamp(1.1*s.bits, 2.5)*min(1, float64(s.pairs)/10))
	}
	t.addIf(s.hex && len(s.value) >= 16, "long hexadecimal", 1)
}

// common lists passwords that stand in examples far more than they guard
// anything: those of every list of the worst, and of documentation.
func common(value []byte) bool {
	for _, word := range []string{
		"secret", "secr3t", "s3cret", "s3cr3t", "passw0rd", "p@ssw0rd", "hunter2", "qwerty", "letmein", "opensesame", "open_sesame",
		"123456", "abc123", "foobar", "test123", "pass123", "root123", "admin123", "guest", "porkchop", "topsecret", "changeit",
		"mypass", "mysecret", "password", "passwd", "example", "username", "thisismy", "asdf", "abcdef", "default", "dummy", "pwd", "ssword", "a?sword", "ignored", "top_secret", "anon", "%40ssword", "_pwd", "supersecret", "notsecret", "postgres", "hello123", "welcome1", "xyzzy", "correcthorse",
	} {
		if len(value) <= len(word)+3 && holdsFold(value, word) {
			return true
		}
	}
	return false
}

// notPassword weighs shapes that are something else.
func (t *tally) notPassword(s shape) {
	v := s.value
	t.addIf(s.sequence() > 0.5, "characters in sequence", -2)
	t.addIf(s.version(), "version", -3)
	t.addIf(s.place(), "path, host or file", -4)
	t.addIf(bytes.HasPrefix(v, []byte("s/")) || s.digits == 0 && bytes.Count(v, []byte("/")) > 0, "words with a stroke", -4)
	t.addIf(oneOf(v[len(v)-1], ":=|."), "ends as a key or a sentence does", -4)
	t.addIf(bytes.Contains(v, []byte("&&")) || bytes.Contains(v, []byte("||")), "an expression", -4)
	t.addIf(oneOf(v[0], "+&*:.-/|=?!~"), "begins as an expression does", -2.5)
	t.addIf(bytes.HasPrefix(v, []byte("h1:")), "sum of a Go module", -7)
	t.addIf(bytes.ContainsAny(v, "|") || bytes.Count(v, []byte("=")) > 1, "several values", -1.5)
	t.addIf(bytes.Contains(v, []byte("%s")) || bytes.Contains(v, []byte("%v")) || bytes.Contains(v, []byte("%d")), "a format", -4)
	t.addIf(bytes.Count(v, []byte(":")) > 1, "a record", -2)
	t.addIf(bytes.IndexFunc(v, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) >= 0, "binary", -4)
	t.addIf(bytes.Contains(v, []byte("sha-")) || bytes.Contains(v, []byte("sha256")), "an algorithm", -4)
}

// put weighs how the value is put down.
func (t *tally) put(n name, s shape, y syntax) {
	plain := s.digits == 0 || s.digitRuns <= 1 && identifier(s.value)
	t.addIf(y.closed, "in quotes", 1.2)
	t.addIf(y.cut, "the quoted text goes on", -1)
	t.addIf(y.comma, "an argument", -1.5)
	t.addIf(y.comma && y.bare(), "an argument without quotes", -3)
	t.addIf(y.code() && y.next != '.' && y.next != '!' && y.next != '?', "an expression goes on behind it", -3)
	if y.bare() && plain && identifier(s.value) && s.bits > -0.5 {
		t.add("a name of a program", -3+1.5*float64(b2i(s.digits > 0)))
	}
	t.addIf(bytes.EqualFold(n.text, []byte("pwd")), "may be the working directory", -1)
}

// Login is the confidence in a password that a format names as one: that of a
// URL, of a connection string, of a .netrc.
func Login(c Candidate) float64 {
	var t tally
	t.login(c)
	return t.confidence()
}

// ExplainLogin lists the features of Login.
func ExplainLogin(c Candidate) []Feature { return explain((*tally).login, c) }

func (t *tally) login(c Candidate) {
	value := c.Text[c.Start:c.End]
	s := shapeOf(value)
	t.add("a format that holds a password", 2)
	if s.pairs >= 4 {
		t.add("letter pairs as in words", -clamp(0.9*s.bits, 2)*min(1, float64(s.pairs)/8))
	}
	t.addIf(s.digits > 0, "digits", 0.5)
	t.addIf(len(value) < 6, "short", -0.7)
	t.addIf(len(value) >= 16, "long", 0.7)
	host, ok := bytes.CutPrefix(c.Text[c.End:min(len(c.Text), c.End+64)], []byte("@"))
	t.addIf(ok && exampleHost(host), "the host is an example", -2)
	user := userBefore(c.Text, c.Start)
	t.addIf(len(user) > 0 && bytes.EqualFold(user, value), "the same as the user", -2)
	t.addIf(exampleUser(user), "the user is an example", -1)
	t.addIf(bytes.Contains(value, []byte("%s")) || bytes.Contains(value, []byte("%v")), "a format", -4)
	t.addIf(holdsFold(value, "anon"), "access for anyone", -2)
	t.atMost(common(value), "one of the commonest", example)
	t.atMost(s.sequence() > 0.6, "characters in sequence", example)
}

// userBefore is what stands between the strokes and the colon of a URL.
func userBefore(text []byte, start int) []byte {
	i := start - 1
	if i < 0 || text[i] != ':' {
		return nil
	}
	from := i
	for from > 0 && i-from < 64 && bytes.IndexByte([]byte("/ \t\n\"'"), text[from-1]) < 0 {
		from--
	}
	return bytes.TrimLeft(text[from:i], ":")
}

func exampleUser(user []byte) bool {
	switch string(bytes.ToLower(user)) {
	case "user", "username", "user1", "foo", "bar", "jane", "john", "alice", "bob", "aladdin", "anonymous", "anon", "pserver", "test", "gopher":
		return true
	}
	return false
}

// exampleHost says whether a host is one that documentation uses (RFC 2606) or
// still to be filled in.
func exampleHost(host []byte) bool {
	for _, p := range []string{"%", "{", "$", "<", "host:", "host/", "hostname", "your", "server:"} {
		if bytes.HasPrefix(host, []byte(p)) {
			return true
		}
	}
	for _, p := range []string{"example.", ".test", ".invalid", "faketld", "company.com", "foo.com", "domain.com", ".example", "%d", "%v"} {
		if end := bytes.IndexAny(host, "/ \"'?"); holdsFold(host[:max(0, end)+b2i(end < 0)*len(host)], p) {
			return true
		}
	}
	return false
}
