package detect

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"go.cordon.dev/cordon/detect/internal/model"
)

// lineReach bounds how much of a long line an allowlist looks at on either side.
const lineReach = 256

// allowlist is an Allowlist made ready to run, when it is first asked: most rules
// of a pack find nothing in a day.
type allowlist struct {
	from Allowlist

	once    sync.Once
	secrets []*regexp.Regexp
	matches []*regexp.Regexp
	lines   []*regexp.Regexp
	words   [][]byte // lower case
}

// newAllowlist returns nil for an empty one. The expressions were checked.
func newAllowlist(a Allowlist) *allowlist {
	if a.empty() {
		return nil
	}
	return &allowlist{from: a}
}

func (a *allowlist) compile() {
	a.secrets, a.matches, a.lines = compileAll(a.from.Regexes), compileAll(a.from.MatchRegexes), compileAll(a.from.LineRegexes)
	for _, w := range a.from.Stopwords {
		a.words = append(a.words, []byte(strings.ToLower(w)))
	}
}

func compileAll(exprs []string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, e := range exprs {
		out = append(out, regexp.MustCompile(e))
	}
	return out
}

// allows says whether the secret text[start:end] is let through.
func (a *allowlist) allows(text []byte, start, end int) bool {
	if a == nil {
		return false
	}
	a.once.Do(a.compile)
	secret := text[start:end]
	return matchesAny(a.secrets, secret) || holdsAny(a.words, secret) ||
		len(a.lines) > 0 && matchesAny(a.lines, lineAround(text, start, end))
}

// allowsMatch says whether what the rule's regex matched is let through.
func (a *allowlist) allowsMatch(match []byte) bool {
	if a == nil || len(a.from.MatchRegexes) == 0 {
		return false
	}
	a.once.Do(a.compile)
	return matchesAny(a.matches, match)
}

func matchesAny(res []*regexp.Regexp, b []byte) bool {
	for _, re := range res {
		if re.Match(b) {
			return true
		}
	}
	return false
}

func holdsAny(words [][]byte, b []byte) bool {
	if len(words) == 0 {
		return false
	}
	low := bytes.ToLower(b)
	for _, w := range words {
		if bytes.Contains(low, w) {
			return true
		}
	}
	return false
}

// lineAround is the line text[start:end] stands on, at most lineReach bytes of
// it on either side.
func lineAround(text []byte, start, end int) []byte {
	from, to := max(0, start-lineReach), min(len(text), end+lineReach)
	if i := bytes.LastIndexByte(text[from:start], '\n'); i >= 0 {
		from += i + 1
	}
	if i := bytes.IndexByte(text[end:to], '\n'); i >= 0 {
		to = end + i
	}
	return text[from:to]
}

// inlineAllowed says whether the line carries an allow comment.
func inlineAllowed(text []byte, start, end int) bool {
	line := lineAround(text, start, min(end, len(text))) // what is compressed may end behind a segment
	return bytes.Contains(line, []byte("cordon:allow")) || bytes.Contains(line, []byte("gitleaks:allow"))
}

// placeholder says whether secret is a stand-in that documentation and
// templates use. Words count only for generic rules, which see ordinary text;
// a provider's format is only let through when it says EXAMPLE, is filler, or begins
// or ends with the braces of a template.
func placeholder(secret []byte, generic bool) bool {
	if filler(secret) || bytes.Contains(secret, []byte("EXAMPLE")) || bytes.HasPrefix(secret, []byte("{{")) || bytes.HasSuffix(secret, []byte("}}")) {
		return true
	}
	return generic && (template(secret) || bytes.Contains(secret, []byte("{{")) || holdsAny(placeholderWords(), secret))
}

// publishedExample is the confidence in what is documented for all to see.
const publishedExample = 0.3

// mostSure is the most that secret lets a finding's confidence be, whatever the
// rule: little if it is a documented example, as much as not if it was typed to
// look like a secret.
func mostSure(secret []byte) float64 {
	switch {
	case documented(secret) || bytes.Contains(secret, []byte("xxxxxxxx")):
		return publishedExample
	case model.Shown(secret):
		return DefaultMinConfidence
	}
	return 1
}

// filler says whether secret, after a prefix such as "ghp_", is a run of one to
// three characters.
func filler(secret []byte) bool {
	if len(secret) < 8 {
		return false
	}
	tail := secret[len(secret)/2:]
	var seen [256]bool
	distinct := 0
	for _, c := range tail {
		if !seen[c] {
			seen[c] = true
			distinct++
		}
	}
	return distinct == 1 || distinct == 2 && len(tail) >= 12 || distinct == 3 && len(tail) >= 16
}

// template says whether secret is a reference to be filled in: ${X}, {{x}},
// <x>, $(x), %x%, process.env.X.
func template(secret []byte) bool {
	for _, pair := range [][2]string{{"${", "}"}, {"{{", "}}"}, {"<", ">"}, {"$(", ")"}, {"%", "%"}, {"[", "]"}, {"#{", "}"}} {
		if bytes.HasPrefix(secret, []byte(pair[0])) && bytes.Contains(secret, []byte(pair[1])) {
			return true
		}
	}
	return bytes.Contains(secret, []byte("process.env")) || bytes.Contains(secret, []byte("os.environ")) ||
		len(secret) > 0 && secret[0] == '$'
}

func placeholderWords() [][]byte {
	words := []string{
		"example", "changeme", "change_me", "change-me", "placeholder", "your_", "your-", "yourpass", "yourtoken", "yourapi",
		"xxxx", "****", "....", "redacted", "dummy", "insert_", "replace_", "replaceme", "to_be_", "sample",
		"not-a-secret", "notasecret", "test_test", "foobar", "lorem", "undefined", "null",
	}
	out := make([][]byte, len(words))
	for i, w := range words {
		out[i] = []byte(w)
	}
	return out
}
