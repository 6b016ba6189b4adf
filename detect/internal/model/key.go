package model

import "bytes"

// Levels that a score is lowered to, in log-odds.
const (
	example = -1.0 // what is shown to show something: reported, below the default
	doubt   = -0.2 // as likely an example, or something else, as a secret
	typed   = 0.0  // typed by hand, and yet in the place of a secret: reported, if only just
)

// key makes up the score of a value behind a name like api_key.
func (t *tally) key(c Candidate) {
	value := c.Text[c.Start:c.End]
	n, s, y := nameOf(c.Text, c.Start), shapeOf(value), syntaxOf(c.Text, c.Start, c.End)
	t.add("any assigned value", -2)
	secret, open := nameScore(c.Text, n)
	t.add("name speaks of a secret", secret)
	t.addIf(secret == 0 || drawn(n.text), "name only holds such a word by chance", -4.5)
	t.add("name says what else it is", open)
	t.addIf(secret > 2 && clientNear(c), "the client's id beside it", 0.7)
	t.around(c)
	own := owned(n.phrase(c.Text))
	t.random(s)
	t.addIf(s.digits+s.rest == len(s.value), "no letters", -5)
	t.atLeast(secret >= 1 && open == 0 && own && s.typedLong(), "typed where somebody's secret stands", 2)
	t.structure(s)
	t.written(s, y)
	t.addIf(hashed(lineBefore(c.Text, c.Start)), "line speaks of checksums", -2)
	t.addIf(echo(n.text, value), "value repeats the name", -3)
	if t.sum > example {
		t.atMost(bytes.HasSuffix(value, []byte("...")), "cut short with dots", example)
		t.atMost(Pretended(value), "says that it is none", example)
		t.atMost(s.counted(), "characters in sequence", typedLevel(secret, own, example))
		t.atMost(s.mashed(), "typed on a keyboard", typedLevel(secret, own, doubt))
		t.atMost(imageToken(c), "shows an image", example)
		t.atMost(secret < 0.5 || secret < 1.5 && bareKey(n.text), "a key of anything", doubt)
		t.atMost(s.words(), "words in base64", example)
		t.atMost(basic(value), "a known user and password", example)
		t.atMost(vectors(c.Text, c.Start, c.End, s.hex && len(value) >= 32) >= 2, "names of test vectors around it", example)
	}
}

// random weighs how much the value looks drawn by chance. The features say much
// the same, so that together they count for no more than one good proof.
func (t *tally) random(s shape) {
	before := t.sum
	if s.pairs >= 3 && !s.hex {
		t.add("letter pairs as in words", -clamp(1.9*s.bits, 4)*min(1, float64(s.pairs)/10))
	}
	t.add("density of entropy", max(-1.2, min(1.2, 8*(s.density()-0.85))))
	t.addIf(s.digitRuns >= 3, "digits all over it", min(2, 0.5*float64(s.digitRuns-2)))
	t.addIf(s.digitRuns <= 1 && !s.hex, "hardly any digits", -0.7)
	t.addIf(s.changes*3 >= len(s.value), "case changes at random", 1)
	t.addIf(s.hex && len(s.value) >= 32, "long hexadecimal", 1)
	t.add("length", clamp(float64(len(s.value)-20)/12, 0.8))
	t.atMost(true, "randomness counts once", before+3)
	t.addIf(s.far >= 4 && s.density() < 0.72, "fewer characters than chance draws", -1.5)
}

// structure weighs shapes that are something else.
func (t *tally) structure(s shape) {
	t.addIf(s.uuid(), "UUID", -0.5)
	t.addIf(s.version(), "version", -4)
	t.addIf(s.place(), "path, host or file", -4)
	t.addIf(s.text(), "base64 of text", -2)
	t.addIf(len(s.value) < 40 && bytes.HasPrefix(s.value, []byte("eyJ")), "only begins as a JSON web token", -3)
	t.addIf(public(s.value), "public key or certificate", -5)
	t.addIf(algorithm(s.value), "names an algorithm", -3)
	t.addIf(s.pairs*2 > len(s.value) && s.bits > 0 && bytes.Count(s.value, []byte("/")) == 1, "words with a stroke", -1.5)
	t.addIf(bytes.HasPrefix(s.value, []byte("0x")) && len(s.value) <= 18, "short number in hexadecimal", -3)
	t.addIf(s.hex && s.capitals > 0 && len(s.value) == 40, "as long as the fingerprint of an OpenPGP key", -3)
	t.addIf(s.hex && len(s.value) > longestHex, "longer than keys in hexadecimal are", -4)
	t.addIf(noteKey(s.value), "public key of signed notes", -5)
	t.addIf(oneOf(s.value[0], "&*+#.-/%$^~!@?="), "begins as no token does", -2.5)
	t.addIf(oneOf(s.value[len(s.value)-1], "-_./+!@#%^&*~"), "ends as no token does", -1.5)
}

// longestHex is the longest key one meets in hexadecimal, of 128 bytes: what is
// longer is a signature, a dump or a structure, and private keys of those have a
// rule of their own.
const longestHex = 256

// noteKey says whether the value is the key that signed notes are verified with
// (golang.org/x/mod/sumdb/note): a name, eight digits of a hash, and the key.
func noteKey(value []byte) bool {
	parts := bytes.SplitN(value, []byte("+"), 3)
	return len(parts) == 3 && len(parts[1]) == 8 && bytes.IndexFunc(parts[1], func(r rune) bool { return !hexDigit(byte(r)) }) < 0
}

func oneOf(c byte, set string) bool { return bytes.IndexByte([]byte(set), c) >= 0 }

// written weighs how the value is put down.
func (t *tally) written(s shape, y syntax) {
	if !y.closed {
		t.loose(bytes.TrimRight(s.value, "="))
	}
	t.addIf(y.closed, "in quotes", 0.5)
	t.addIf(y.cut, "the quoted text goes on", -3.6)
	t.addIf(y.comma && y.bare(), "an argument without quotes", -4)
	t.addIf(y.comma && !y.bare(), "an argument", -0.7)
	t.addIf(y.listed && !y.bare(), "an element of a list", -1.5)
	t.addIf(y.name(), "the name of the next value", -4)
	t.addIf(identifier(s.value) && s.digits == 0 && s.bits > 0 && bytes.IndexByte(s.value, '.') > 0, "a name in a package", -1.5)
	t.addIf(y.code(), "an expression goes on behind it", -3)
	t.addIf(y.bare() && identifier(s.value) && s.digitRuns <= 2 && s.bits > -0.3, "a name of a program", -2)
}

// loose weighs what only quotes would hold together.
func (t *tally) loose(value []byte) {
	t.addIf(bytes.ContainsAny(value, "=&#"), "holds another assignment", -2.5)
	t.addIf(bytes.ContainsAny(value, "@!%^*~"), "characters that tokens do not have", -1)
	t.addIf(bytes.Count(value, []byte(".")) > 3, "many dots", -1.5)
}

// typedLevel is what abcdef123456 can be at most: behind the name of a secret
// people do choose such, but documents show more; behind a mere "key" it is a
// test's. A name that says whose secret it is, acme_token, is no example of all
// secrets: what was typed there is reported, as it is in a provider's format.
func typedLevel(secret float64, own bool, mere float64) float64 {
	switch {
	case secret >= 1 && own:
		return typed
	case secret > 1:
		return doubt
	}
	return mere
}

// owned says whether a name has a word that tells whose secret it is.
func owned(name []byte) bool {
	found := false
	eachWord(name, func(w []byte) {
		found = found || len(w) >= 3 && secretWord(w) == 0 && !ordinary(w)
	})
	return found
}

// ordinary says whether a word stands in the names of secrets of anyone.
func ordinary(w []byte) bool {
	switch string(w) {
	case "the", "and", "for", "new", "old", "not", "one", "two", "set", "get", "add", "use", "our", "her", "his", "its", "any", "all", "row", "map", "str", "var", "let", "int", "env", "dev", "prd", "app", "web", "foo", "bar", "baz", "log", "out", "err", "ctx", "req", "res", "obj", "arr", "tmp", "buf", "len", "max", "min", "raw", "hex", "enc", "dec", "aes", "rsa", "ssh", "tls", "ssl", "url", "uri", "sub", "iss", "aud", "exp", "iat", "kid", "jti",
		"client", "other", "user", "users", "test", "tests", "testing", "default", "some", "this", "that", "with", "from", "your", "mine", "main", "string", "const",
		"value", "values", "data", "random", "service", "server", "base", "basic", "type", "header", "headers", "sign", "hash", "hmac", "root", "admin",
		"shared", "valid", "invalid", "example", "sample", "demo", "dummy", "fake", "mock", "static", "final", "export", "local", "global", "public",
		"login", "account", "hidden", "plain", "input", "output", "body", "json", "text", "bytes", "object", "index", "sort", "cache", "item", "name",
		"refresh", "personal", "application", "device", "request", "response", "config", "current", "first", "last", "next", "previous", "return", "using",
		"core", "node", "peer", "feed", "task", "event", "block", "record", "table", "column", "group", "list", "array", "entry", "cell", "page", "file":
		return true
	}
	return false
}

// Pretended says whether the value holds a word that no generator would put there.
func Pretended(value []byte) bool {
	for _, word := range []string{"dummy", "sample", "notreal", "fake", "redacted", "secret_here", "your"} {
		if holdsFold(value, word) {
			return true
		}
	}
	return false
}

// echo says whether the value is made of the words of the name it is given to,
// as in fooKey: "foo-key".
func echo(name, value []byte) bool {
	return within(name, value) || within(value, name)
}

// within says whether the letters of a hold those of b, of which there are some.
func within(a, b []byte) bool {
	var x, y [64]byte
	a, b = squeeze(x[:0], a), squeeze(y[:0], b)
	return len(b) >= 6 && bytes.Contains(a, b)
}

// squeeze keeps the letters of b, in lower case.
func squeeze(dst, b []byte) []byte {
	for _, c := range b {
		if letter(c) >= 0 && len(dst) < cap(dst) {
			dst = append(dst, lower(c))
		}
	}
	return dst
}
