package model

import (
	"bytes"
	"encoding/base64"
	"math"
)

// shape is what a value consists of.
type shape struct {
	value                          []byte
	digits, smalls, capitals, rest int
	hex                            bool // 0-9 and a-f in one case
	far                            int  // letters beyond f
	digitRuns                      int
	changes                        int // of case between neighbouring letters
	bits                           float64
	pairs                          int
	entropy                        float64
}

func shapeOf(value []byte) shape {
	s := shape{value: value}
	for i, c := range value {
		s.count(c)
		s.digitRuns += b2i(digit(c) && (i == 0 || !digit(value[i-1])))
		s.changes += b2i(i > 0 && letter(c) >= 0 && letter(value[i-1]) >= 0 && small(c) != small(value[i-1]))
	}
	s.hex = s.rest == 0 && (s.smalls == 0 || s.capitals == 0) && s.far == 0
	s.bits, s.pairs = wordBits(value)
	s.entropy = Entropy(value)
	return s
}

func (s *shape) count(c byte) {
	switch {
	case digit(c):
		s.digits++
	case small(c):
		s.smalls++
		s.far += b2i(c > 'f')
	case capital(c):
		s.capitals++
		s.far += b2i(c > 'F')
	default:
		s.rest++
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Entropy is the Shannon entropy of b in bits per byte; 0 of nothing.
func Entropy(b []byte) float64 {
	if len(b) == 0 {
		return 0
	}
	var count [256]int
	for _, c := range b {
		count[c]++
	}
	n, sum := float64(len(b)), 0.0
	for _, c := range count {
		if c > 0 {
			sum += float64(c) * math.Log2(float64(c))
		}
	}
	return math.Log2(n) - sum/n
}

// density is the entropy as a share of what random text of this length and
// alphabet would have at most.
func (s shape) density() float64 {
	alphabet := 0
	switch {
	case s.hex:
		alphabet = 16
	default:
		alphabet = 10*b2i(s.digits > 0) + 26*b2i(s.smalls > 0) + 26*b2i(s.capitals > 0) + 2*b2i(s.rest > 0)
	}
	return s.entropy / math.Log2(float64(max(2, min(alphabet, len(s.value)))))
}

// sequence is the share of characters that follow on the one before or the one
// before that: 0123456789, aaaa, a1b2c3d4.
func (s shape) sequence() float64 {
	next, second := follow(s.value)
	return float64(max(next, second)) / float64(max(1, len(s.value)-1))
}

// follow counts the bytes that follow on the one before, and on the one before
// that.
func follow(value []byte) (next, second int) {
	for i := 1; i < len(value); i++ {
		next += b2i(follows(value[i-1], value[i]))
		second += b2i(i > 1 && follows(value[i-2], value[i]))
	}
	return next, second
}

func follows(a, b byte) bool { return a == b || a+1 == b || a == b+1 || a == '9' && b == '0' }

func (s shape) uuid() bool { return UUID(s.value) }

// UUID says whether b has the form of one (RFC 9562, section 4).
func UUID(b []byte) bool {
	if len(b) != 36 {
		return false
	}
	for i, c := range b {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') || !dash && !hexDigit(c) {
			return false
		}
	}
	return true
}

func hexDigit(c byte) bool { return digit(c) || lower(c) >= 'a' && lower(c) <= 'f' }

// text says whether the value is base64 of something that can be read.
func (s shape) text() bool {
	var buf [192]byte
	return len(plain(buf[:], s.value)) > 0
}

// plain is what the value is in base64, if that is text; else nothing.
func plain(buf, value []byte) []byte {
	if len(value)%4 != 0 || base64.StdEncoding.DecodedLen(len(value)) > len(buf) {
		return nil
	}
	n, err := base64.StdEncoding.Decode(buf, value)
	if err != nil {
		return nil
	}
	for _, c := range buf[:n] {
		if c < ' ' && c != '\n' && c != '\t' || c >= 0x7f {
			return nil
		}
	}
	return buf[:n]
}

// words says whether the value is base64 of words.
func (s shape) words() bool {
	var buf [192]byte
	bits, pairs := wordBits(plain(buf[:], s.value))
	return pairs >= 5 && bits > 0.1
}

// basic says whether the value is base64 of a user and one of the commonest
// passwords.
func basic(value []byte) bool {
	var buf [192]byte
	_, password, found := bytes.Cut(plain(buf[:], value), []byte(":"))
	return found && (common(password) || standIn(password))
}

// version says whether the value is one, 1.2.3, v0.11-beta, rc0.15.0_2, or a
// package with one, jackson-0.11.2.
func (s shape) version() bool {
	i := bytes.LastIndexByte(s.value, '-')
	return versioned(s.value) || i > 0 && s.pairs > 3 && versioned(s.value[i+1:])
}

func versioned(v []byte) bool {
	v = bytes.TrimLeft(v, "vrc^~>=<")
	major := digitsOf(v)
	if major == 0 || major > 3 || major == len(v) || v[major] != '.' {
		return false
	}
	rest := v[major+1:]
	minor := digitsOf(rest)
	return minor > 0 && (minor == len(rest) || bytes.IndexByte([]byte(".-_+ "), rest[minor]) >= 0)
}

func digitsOf(b []byte) int {
	i := 0
	for i < len(b) && digit(b[i]) {
		i++
	}
	return i
}

// place says whether the value is a path, a host, an address or a file name.
func (s shape) place() bool {
	v := s.value
	if bytes.Contains(v, []byte("://")) || bytes.Contains(v, []byte("../")) || s.pairs*2 > len(v) && bytes.Count(v, []byte("/")) > 1 && s.bits > 0.4 {
		return true
	}
	if i := bytes.LastIndexByte(v, '.'); i > 0 {
		return ending(v[i+1:])
	}
	return false
}

// ending says whether a name ends as those of files and hosts do.
func ending(b []byte) bool {
	word := b
	if i := bytes.IndexFunc(b, func(r rune) bool { return r > 0x7f || letter(byte(r)) < 0 && !digit(byte(r)) }); i >= 0 {
		word = b[:i]
	}
	switch string(bytes.ToLower(word)) {
	case "js", "ts", "py", "go", "rs", "java", "css", "md", "txt", "png", "svg", "html", "htm", "json", "yaml", "yml", "xml", "toml", "ini", "conf",
		"pem", "key", "crt", "cer", "der", "p12", "pfx", "jks", "pub", "asc", "gpg", "bin", "sh", "rb", "php", "c", "h", "cc", "cpp", "cs", "kt",
		"com", "org", "net", "io", "dev", "local", "example", "internal", "svc", "cloud", "app", "lock", "log", "so", "jar", "zip", "gz", "tar", "env":
		return true
	}
	return false
}
