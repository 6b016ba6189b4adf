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
	t.addIf(drawn(n.text), "name only holds such a word by chance", -4.5)
	_, open := nameScore(c.Text, n)
	t.add("name says what else it is", open)
	t.addIf(!holdsPassword(n.text), "name is another", -1.5)
	t.memorable(s)
	t.notPassword(s)
	user, found := userNear(c.Text, n.start)
	setting := found && y.bare() && setting(c, n)
	t.put(n, s, y, setting)
	t.addIf(!setting && within(n.text, value), "value repeats the name", -3)
	t.addIf(hashed(lineBefore(c.Text, c.Start)), "line speaks of checksums", -2)
	t.addIf(found && !exampleUser(user), "the name of a user beside it", 1)
	t.addIf(setting, "a setting beside the name of a user", 2)
	t.addIf(exampleUser(user), "the user is an example", -0.7)
	t.addIf(holdsFold(user, "anonymous"), "access for anyone", -2)
	t.addIf(filledIn(c), "filled in from elsewhere", -6)
	told := doubt
	if found && !exampleUser(user) && (y.closed || setting) {
		told = typed
	}
	t.bookish(s, told, example)
}

// bookish lowers what stands in examples: what says what it is and what was
// typed without a look to the one level, the commonest passwords to the other.
func (t *tally) bookish(s shape, told, commonest float64) {
	t.atMost(namesItself(s.value), "says what it is", told)
	t.atMost(s.mashed(), "typed on a keyboard", told)
	t.atMost(common(s.value) || standIn(s.value), "one of the commonest", commonest)
	t.atMost(s.words(), "words in base64", example)
}

// namesItself says whether a password says that it is one.
func namesItself(value []byte) bool {
	for _, word := range []string{"password", "passwd", "passwort", "secret", "_pwd", "-pwd", "_pass", "-pass", "pass_", "pass-", "yourpass", "mypass"} {
		if holdsFold(value, word) {
			return true
		}
	}
	return false
}

// standIn says whether a password is made of words that stand for any value.
func standIn(value []byte) bool {
	found := false
	only := true
	eachWord(value, func(word []byte) {
		found = true
		switch string(word) {
		case "foo", "bar", "baz", "qux", "quux", "some", "my", "a", "b", "c", "x", "y", "z", "pass", "somepass", "user", "home", "test", "db", "unused", "none", "any", "word":
		default:
			only = false
		}
	})
	return found && only
}

func holdsPassword(name []byte) bool {
	for _, word := range []string{"passw", "passphrase", "pwd", "passcode", "contrase"} {
		if holdsFold(name, word) {
			return true
		}
	}
	return len(name) >= 4 && holdsFold(name[len(name)-4:], "pass")
}

// memorable weighs what people and generators make passwords of.
func (t *tally) memorable(s shape) {
	kinds := b2i(s.digits > 0) + b2i(s.smalls > 0) + b2i(s.capitals > 0) + b2i(s.rest > 0)
	t.add("kinds of characters", 0.9*float64(kinds-2))
	t.addIf(s.digits > 0 && s.smalls+s.capitals > 0, "letters and digits", 1)
	t.addIf(bytes.ContainsAny(s.value, "!@#$%^&*+?~"), "special characters", 0.8)
	t.addIf(disguised(s.value), "a mark in the place of a letter", 0.3)
	if s.pairs >= 4 {
		t.add("letter pairs as in words", -clamp(1.1*s.bits, 2.5)*min(1, float64(s.pairs)/10))
	}
	t.addIf(s.hex && len(s.value) >= 16, "long hexadecimal", 1)
}

// disguised says whether a $ or @ stands between letters of one case, where a
// letter would make a word of it: pa$sword. What goes on as a host does is an address.
func disguised(value []byte) bool {
	for i := 1; i+1 < len(value); i++ {
		if (value[i] == '$' || value[i] == '@') && small(value[i-1]) && small(value[i+1]) {
			return bytes.IndexByte(value[i:], '.') < 0
		}
	}
	return false
}

// common lists passwords that stand in examples far more than they guard
// anything: those of every list of the worst, and of documentation.
func common(value []byte) bool {
	for _, word := range []string{
		"secret", "secr3t", "s3cret", "s3cr3t", "passw0rd", "p@ssw0rd", "hunter2", "qwerty", "letmein", "opensesame", "open_sesame",
		"123456", "abc123", "foobar", "test123", "pass123", "root123", "admin123", "guest", "porkchop", "sekrit", "topsecret", "changeit",
		"mypass", "mysecret", "password", "passwd", "example", "username", "thisismy", "asdf", "abcdef", "default", "dummy", "pwd", "ssword", "a?sword", "ignored", "top_secret", "anon", "%40ssword", "_pwd", "supersecret", "notsecret", "postgres", "hello123", "welcome1", "xyzzy", "correcthorse",
		"passwort", "contrasena", "motdepasse", "wachtwoord", "parola", "senha123", "d1fficultp%40ssw0rd", "d1fficultp@ssw0rd", "pass1234", "key_1234", "key1234", "test1234",
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
	t.addIf(bytes.Contains(v, []byte("&")) && bytes.Count(v, []byte("=")) > 1, "parameters of an address", -2)
	t.addIf(bytes.Contains(v, []byte("@")) && bytes.Contains(v, []byte(":/")), "a place on a machine", -4)
	t.addIf(s.digits == 0 && (dashed(v, "-") || dashed(v, "_")), "words in a row", -1.5)
	t.addIf(bytes.Contains(v, []byte("%s")) || bytes.Contains(v, []byte("%v")) || bytes.Contains(v, []byte("%d")), "a format", -4)
	t.addIf(bytes.Count(v, []byte(":")) > 1, "a record", -2-2*float64(b2i(bytes.Count(v, []byte(":")) > 3)))
	t.addIf(bytes.HasPrefix(v, []byte("--")), "an option", -4)
	t.addIf(binary(v), "binary", -4)
	t.addIf(bytes.Contains(v, []byte("sha-")) || bytes.Contains(v, []byte("sha256")), "an algorithm", -4)
	t.addIf(assigns(v), "holds another assignment", -4)
}

// binary says whether a value holds what no text does.
func binary(value []byte) bool {
	return bytes.IndexFunc(value, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) >= 0
}

// masked says whether a value is two names of a program joined by &.
func masked(value []byte) bool {
	a, b, found := bytes.Cut(value, []byte("&"))
	return found && identifier(a) && identifier(b)
}

// assigns says whether a value begins with a word and an equals sign.
func assigns(value []byte) bool {
	i := bytes.IndexByte(value, '=')
	return i >= 3 && i < len(value)-2 && letter(value[0]) >= 0 && identifier(value[:i])
}

// reference says whether a value is the name of a password elsewhere: proxy.password.
func reference(value []byte) bool {
	return identifier(value) && holdsPassword(afterLast(value, '.'))
}

// put weighs how the value is put down.
func (t *tally) put(n name, s shape, y syntax, setting bool) {
	plain := s.digits == 0 || s.digitRuns <= 1 && identifier(s.value)
	t.addIf(y.closed, "in quotes", 1.2)
	t.addIf(y.cut, "the quoted text goes on", -1)
	t.addIf(y.comma, "an argument", -1.5)
	t.addIf(y.listed, "an element of a list", -1.5)
	t.addIf(y.name(), "the name of the next value", -4)
	t.addIf(y.bare() && y.operator == '>' && s.value[0] == '@', "behind a name to be filled in", -4)
	t.addIf(y.bare() && masked(s.value), "an expression", -3)
	t.addIf(y.comma && y.bare(), "an argument without quotes", -3)
	t.addIf(y.code() && y.next != '.' && y.next != '!' && y.next != '?', "an expression goes on behind it", -3)
	if !setting && y.bare() && plain && identifier(s.value) && s.bits > -0.5 {
		t.add("a name of a program", -3+1.5*float64(b2i(s.digits > 0)))
	}
	t.addIf(bytes.EqualFold(n.text, []byte("pwd")), "may be the working directory", -1)
	t.addIf(y.bare() && reference(s.value), "another one is referred to", -3)
	t.addIf(y.bare() && string(n.text) == "passwd" && s.smalls == len(s.value), "may be the database of users", -2)
}

// Login is the confidence in a password that a format names as one: that of a
// URL, of a connection string, of a .netrc.
func Login(c Candidate) float64 {
	var t tally
	t.anyLogin(c)
	return t.confidence()
}

// ExplainLogin lists the features of Login.
func ExplainLogin(c Candidate) []Feature { return explain((*tally).anyLogin, c) }

// Connection is the confidence in a password that is given with what it opens: in
// the connection to a database, with an account in a command or a sentence. One of
// the commonest is reported there too, at one half: people try those first.
func Connection(c Candidate) float64 {
	var t tally
	t.connection(c)
	return t.confidence()
}

// ExplainConnection lists the features of Connection.
func ExplainConnection(c Candidate) []Feature { return explain((*tally).connection, c) }

func (t *tally) anyLogin(c Candidate) {
	t.login(c)
	t.bookish(shapeOf(c.Text[c.Start:c.End]), doubt, example)
}

func (t *tally) connection(c Candidate) {
	t.add("given with what it opens", 0.3)
	t.login(c)
	if exampleHost(hostAfter(c)) {
		t.bookish(shapeOf(c.Text[c.Start:c.End]), doubt, example)
		return
	}
	t.bookish(shapeOf(c.Text[c.Start:c.End]), typed, typed)
}

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
	t.addIf(s.digits == 0 && (dashed(value, "-") || dashed(value, "_")), "words in a row", -2)
	t.addIf(goesOn(c.Text, c.End), "the password goes on", -2)
	t.addIf(value[len(value)-1] == ']' && !bytes.Contains(value, []byte("[")), "a grammar", -4)
	t.addIf(s.smalls == len(value) && len(value) >= 8 && s.bits > -0.6, "letters only", -1)
	t.addIf(exampleHost(hostAfter(c)), "the host is an example", -2)
	user := userBefore(c.Text, c.Start)
	t.addIf(len(user) > 0 && bytes.EqualFold(user, value), "the same as the user", -2)
	t.addIf(exampleUser(user), "the user is an example", -1)
	t.addIf(bytes.Contains(value, []byte("%s")) || bytes.Contains(value, []byte("%v")), "a format", -4)
	t.addIf(holdsFold(value, "anon"), "access for anyone", -2)
	t.addIf(reference(value), "another one is referred to", -3)
	t.addIf(binary(value), "binary", -4)
	t.atMost(s.sequence() > 0.6, "characters in sequence", example)
	t.addIf(len(user) == 0 && holdsUser(c, value), "holds the name of the user", -1.5)
}

// hostAfter is what stands behind the @ after a password; nil if there is none.
func hostAfter(c Candidate) []byte {
	if host, ok := bytes.CutPrefix(c.Text[c.End:min(len(c.Text), c.End+64)], []byte("@")); ok && len(host) > 0 {
		return host
	}
	return nil
}

// holdsUser says whether a password holds the name that a login before it gives.
func holdsUser(c Candidate, value []byte) bool {
	user, found := userNear(c.Text, c.Start)
	return found && len(user) >= 3 && identifier(user) && bytes.Contains(bytes.ToLower(value), bytes.ToLower(user))
}

// dashed says whether the value is three words or more with a mark between them.
func dashed(value []byte, mark string) bool {
	for word := range bytes.SplitSeq(value, []byte(mark)) {
		if len(word) < 2 || bytes.IndexFunc(word, func(r rune) bool { return r > 0x7f || letter(byte(r)) < 0 }) >= 0 {
			return false
		}
	}
	return bytes.Count(value, []byte(mark)) >= 2
}

// goesOn says whether the @ behind a password is not the last one of its URL: the
// password holds it, and this is only the first half.
func goesOn(text []byte, end int) bool {
	rest, found := bytes.CutPrefix(text[end:min(len(text), end+256)], []byte("@"))
	at := bytes.IndexByte(rest, '@')
	stop := bytes.IndexAny(rest, "/?# \t\r\n\"'<>`,;()")
	return found && at > 0 && (stop < 0 || at < stop)
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
	case "user", "username", "user1", "user2", "test_user", "testuser", "myuser", "someuser", "foo", "bar", "jane", "john", "alice", "bob", "aladdin", "anonymous", "anon", "pserver", "test", "gopher":
		return true
	}
	return false
}

// exampleHost says whether a host is one that documentation uses (RFC 2606, 5737,
// 3849) or still to be filled in.
func exampleHost(host []byte) bool {
	if len(host) > 0 && (len(host) == 1 || !nameByte(host[1])) {
		return true // a letter in the place of one
	}
	for _, p := range []string{"%", "{", "$", "<", "host:", "host/", "hostname", "your", "server:", "example", "192.0.2.", "198.51.100.", "203.0.113.", "[2001:db8:"} {
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
