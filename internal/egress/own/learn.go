package own

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"strings"

	"go.cordon.dev/cordon/detect"
)

// learner collects windows.
type learner struct {
	keys    *keys
	scanner *detect.Scanner // knows formats; nil: none
	mac     hash.Hash
	windows map[uint64]known
	sources []string
	full    bool // there were more than mostWindows
}

func newLearner(k *keys, s *detect.Scanner) *learner {
	return &learner{keys: k, scanner: s, mac: hmac.New(sha256.New, k.confirm[:]), windows: map[uint64]known{}}
}

// setting learns a variable. What nobody chose by name is learned when its name
// speaks of a secret, or the engine finds one in it.
func (l *learner) setting(name string, value []byte, source string, chosen bool) {
	if len(value) < window || len(value) > mostValue {
		return
	}
	if secretName(name) || chosen && !publicName(name) {
		l.value(value, source)
		return
	}
	if l.scanner == nil {
		return
	}
	text := append(append([]byte(name), '='), value...)
	l.scanner.Scan(text, func(f detect.Finding) bool {
		if f.Confidence >= detect.DefaultMinConfidence {
			l.part(f.Secret.Reveal(), source)
		}
		return true
	})
	clear(text)
}

// mostValue bounds a value, in bytes.
const mostValue = 8 << 10

// value learns the parts of a value that may be secret: of a URL the password and
// what the query holds, of a path nothing, of all else the words.
func (l *learner) value(value []byte, source string) {
	for _, word := range bytes.FieldsFunc(value, separates) {
		switch scheme := bytes.Index(word, []byte("://")); {
		case scheme >= 0:
			l.url(word[scheme+3:], source)
		case isPath(word):
		default:
			l.part(word, source)
		}
	}
}

// named learns a value that the operator has named: whole, when nothing in it looks
// random, as in a passphrase. It reports whether there is anything to know it by.
func (l *learner) named(value []byte, source string) bool {
	before := len(l.windows)
	if l.value(value, source); len(l.windows) > before {
		return true
	}
	if len(value) < window || bytes.Contains(value, []byte("://")) || isPath(value) {
		return false
	}
	for i := range len(value) - window + 1 {
		l.window(value[i:i+window], source)
	}
	return true
}

func separates(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`,;(){}[]<>|", r) }

// isPath says whether a word names a file or a host.
func isPath(word []byte) bool {
	if strings.IndexByte("/.~\\", word[0]) >= 0 {
		return true
	}
	slashes, dots := bytes.Count(word, []byte{'/'}), bytes.Count(word, []byte{'.'})
	return dots > 0 && slashes > 0 || dots > 3 && len(word) < 8*dots
}

// url learns of what stands behind the scheme.
func (l *learner) url(rest []byte, source string) {
	host, query, _ := bytes.Cut(rest, []byte{'?'})
	if at := bytes.LastIndexByte(host, '@'); at >= 0 {
		_, password, _ := bytes.Cut(host[:at], []byte{':'})
		l.part(password, source)
	}
	for _, pair := range bytes.Split(query, []byte{'&'}) {
		_, v, _ := bytes.Cut(pair, []byte{'='})
		l.part(v, source)
	}
}

// part learns a word that looks random: every piece of one that does in a third,
// else the pieces that do.
func (l *learner) part(part []byte, source string) {
	n := len(part) - window + 1
	random := 0
	for i := range max(0, n) {
		if strong(part[i : i+window]) {
			random++
		}
	}
	all := 3*random >= n
	for i := range max(0, n) {
		if w := part[i : i+window]; strong(w) || all && varied(w) {
			l.window(w, source)
		}
	}
}

func (l *learner) window(w []byte, source string) {
	if len(l.windows) >= mostWindows {
		l.full = true
		return
	}
	h := l.keys.hashOf(w)
	if _, there := l.windows[h]; !there {
		l.windows[h] = known{mac: sum(l.mac, w), source: l.source(source)}
	}
}

// source numbers where windows come from; there are fewer than windows.
func (l *learner) source(name string) uint16 {
	if n := len(l.sources); n == 0 || l.sources[n-1] != name && n < 1<<16-1 {
		l.sources = append(l.sources, name)
	}
	return uint16(len(l.sources) - 1)
}

// secretName says whether the name of a variable speaks of a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, word := range [...]string{"secret", "token", "passw", "passphrase", "pwd", "apikey", "api_key", "credential", "private", "dsn", "webhook", "signing", "encryption", "pepper", "salt", "auth"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return name == "key" || strings.HasSuffix(name, "_key") || strings.HasSuffix(name, "-key") || strings.HasSuffix(name, "_pat") || strings.HasSuffix(name, "_pass")
}

// publicName says whether a name speaks of what others may know.
func publicName(name string) bool {
	name = strings.ToLower(name)
	if strings.Contains(name, "public") {
		return true
	}
	for _, end := range [...]string{"_id", "_sha", "_commit", "_version", "_hash", "_digest", "_host", "_path", "_dir", "_url", "_file", "_sock", "_name", "_user", "_ref"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
