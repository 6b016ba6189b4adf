package match_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/detect/internal/match"
)

// patience is enough for every try of these tests that should end.
const patience = 1 << 20

// peer is an expression in both engines.
type peer struct {
	expr         string
	program      *match.Program
	first, inner *regexp.Regexp
}

func peerOf(t testing.TB, expr string) (peer, bool) {
	t.Helper()
	p, err := match.Compile(expr)
	if errors.Is(err, match.ErrUnsupported) {
		return peer{}, false
	}
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return peer{expr, p, regexp.MustCompile(`\A(?:` + expr + `)`), regexp.MustCompile(`\A(?s:.)(?:` + expr + `)`)}, true
}

// at is what package regexp finds at one place, with the byte before in sight.
func (p peer) at(text []byte, at int) []int {
	if at == 0 {
		return p.first.FindSubmatchIndex(text)
	}
	rest := bytes.Clone(text[at-1:])
	if rest[0] >= utf8.RuneSelf { // as good as any that is no word and no line end
		rest[0] = 1
	}
	m := p.inner.FindSubmatchIndex(rest)
	for i := range m {
		if m[i] >= 0 {
			m[i] += at - 1
		}
	}
	if m != nil {
		m[0] = at
	}
	return m
}

// compare holds both engines to each other at every place of text.
func (p peer) compare(t *testing.T, m *match.Machine, text []byte) {
	t.Helper()
	caps := make([]int, 2*(p.program.Groups()+1))
	for at := range len(text) + 1 {
		ok, left := m.At(p.program, text, at, caps, patience)
		if left < 0 {
			continue
		}
		want := p.at(text, at)
		if ok != (want != nil) || ok && !slices.Equal(caps, want) {
			t.Fatalf("%s at %d of %q: %v %v, package regexp finds %v", p.expr, at, text, ok, caps, want)
		}
	}
}

func TestAtAgreesWithRegexp(t *testing.T) {
	var m match.Machine
	texts := []string{
		"", "a", "ab", "abc", "aab abab", "Key key KEY \u212aey", "ſecret Secret", "x\ny\n", "a_b-c.d", "é€\xff\xfe\xe2\x82", "aaaaaaaaaaaa",
		"key=0123456789abcdef\n", "foo: bar", "\x00\x01", "ababab!", "日本語 text", "a\u00e9b\u00e9", "foobarbaz", "\ufffd\xff",
	}
	for _, expr := range []string{
		`a`, `(?i)key`, `(?i)secret`, `a*`, `a+?`, `a{2,3}`, `a{2,3}?b`, `(a|ab)(c|bcd)?`, `(?:a|b)*!`, `(a)|(b)|(ab)`, `\bkey\b`, `\B.`, `(?m)^y$`,
		`^`, `$`, `\z`, `\A`, `(?s).{1,3}`, `[^\s]{2,5}`, `(\w+)=([0-9a-f]{4,16})(?:[^\w]|\z)`, `é|€`, `(?i)é`, `[é€]+`, `\x{fffd}`, `.{2}`,
		`(?:(?:a|b){1,3}c?){2,}`, `(a+)(b+)?`, `(?i)[k-s]{1,9}`, `a.b`, `(?P<x>fo+)(?P<y>ba[rz])*`, `[^a]`, `\w{1,64}:`, `(?:ab)+`, `(?:ab)+?!`, `()a`, `a{0}b`,
		`[a-z]+\b.`, `[a-z]*\b`, `[ -~]+\b=`, `.*\B.`, `a*$`, `(?m)[a-z\n]*$`, `\pL+`,
	} {
		p, ok := peerOf(t, expr)
		if !ok {
			t.Errorf("%s is not supported", expr)
			continue
		}
		for _, text := range texts {
			p.compare(t, &m, []byte(text))
		}
	}
}

func TestWhatIsLeftToRegexp(t *testing.T) {
	for _, expr := range []string{`(?:a*)*`, `(?:a|b?)+`, `(?:\b)*`, "(?:" + strings.Repeat("[ab]x", 20) + "){1000}"} {
		if _, err := match.Compile(expr); !errors.Is(err, match.ErrUnsupported) {
			t.Errorf("%s: %v", expr, err)
		}
	}
	if _, err := match.Compile(`a(`); err == nil || errors.Is(err, match.ErrUnsupported) {
		t.Errorf("a mistake gives %v", err)
	}
}

// A try that would take exponential time is given up, and says so.
func TestATryIsBounded(t *testing.T) {
	p, err := match.Compile(`(?:(?:a|aa)(?:a|aa))+b`)
	if err != nil {
		t.Fatal(err)
	}
	var m match.Machine
	ok, left := m.At(p, bytes.Repeat([]byte("a"), 200), 0, make([]int, 2), 5000)
	if ok || left >= 0 {
		t.Errorf("%v with %d steps left", ok, left)
	}
}

// Where a run can't give back anything that helps, a long text costs one look at
// it, not one for each of its places.
func TestASureRunIsNotTakenBack(t *testing.T) {
	var m match.Machine
	text := bytes.Repeat([]byte("a"), 4000)
	for _, expr := range []string{`[a-z]+\b!`, `[a-z]{20,}(?:[^\w\-]|\z)!`, `[a-z]{1,900}=`, `\w+\z!`, `(?:x|[a-z]{3,800}-)y`} {
		p, err := match.Compile(expr)
		if err != nil {
			t.Fatal(err)
		}
		if ok, left := m.At(p, text, 0, make([]int, 2), 600); ok || left < 0 {
			t.Errorf("%s: %v, %d steps left", expr, ok, left)
		}
	}
}

func TestFindGivesTheFirstMatchOfARange(t *testing.T) {
	p, err := match.Compile(`\d{2,3}`)
	if err != nil {
		t.Fatal(err)
	}
	var m match.Machine
	caps := make([]int, 2)
	for _, c := range []struct {
		from, to int
		want     string
	}{{0, 9, "[3 6]"}, {4, 9, "[4 6]"}, {5, 9, "none"}, {0, 3, "none"}, {7, 12, "[9 12]"}} {
		got := "none"
		if ok, _ := m.Find(p, []byte("abc123 a 4567"), c.from, c.to, caps, patience); ok {
			got = fmt.Sprint(caps)
		}
		if got != c.want {
			t.Errorf("in [%d,%d): %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	p, err := match.Compile(`(?i:key)[ =]{1,4}(?P<secret>[a-z0-9]{4,20})(?:[^\w]|\z)`)
	if err != nil {
		t.Fatal(err)
	}
	var m match.Machine
	text, caps := []byte("the KEY = abcdef0123456789;"), make([]int, 4)
	if n := testing.AllocsPerRun(100, func() { m.Find(p, text, 0, len(text), caps, patience) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Every rule of the pack compiles and agrees on its own examples.
func TestBuiltinRulesAgree(t *testing.T) {
	var m match.Machine
	rules, err := detect.BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		p, ok := peerOf(t, r.Regex)
		if !ok {
			t.Errorf("%s is not supported: %s", r.ID, r.Regex)
			continue
		}
		for _, example := range slices.Concat(r.Positives, r.Negatives) {
			p.compare(t, &m, []byte("x "+expand(t, example)+" y"))
		}
	}
}

func expand(t testing.TB, text string) string {
	out, err := detect.ExpandExample(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mutate changes a few bytes, as a text that almost matches has them.
func mutate(text []byte, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := bytes.Clone(text)
	alphabet := []byte("aZ09_-.:=/+\"' \n\\@é\xff")
	for range rng.IntN(4) {
		if len(out) == 0 {
			break
		}
		switch i := rng.IntN(len(out)); rng.IntN(4) {
		case 0:
			out[i] = alphabet[rng.IntN(len(alphabet))]
		case 1:
			out = slices.Delete(out, i, min(len(out), i+1+rng.IntN(3)))
		case 2:
			out = slices.Insert(out, i, alphabet[rng.IntN(len(alphabet))])
		default:
			out = append(out[:i:i], bytes.ToUpper(out[i:])...)
		}
	}
	return out
}

// The rules' regexes on their own and other texts, whole and mutated.
func FuzzMatchAgreesWithRegexp(f *testing.F) {
	rules, err := detect.BuiltinRules()
	if err != nil {
		f.Fatal(err)
	}
	var peers []peer
	for i, r := range rules {
		p, ok := peerOf(f, r.Regex)
		if !ok {
			f.Fatalf("%s is not supported", r.ID)
		}
		peers = append(peers, p)
		for k, example := range slices.Concat(r.Positives, r.Negatives) {
			f.Add(uint(i), uint64(k), []byte(" "+expand(f, example)+"\n"))
		}
	}
	var m match.Machine
	f.Fuzz(func(t *testing.T, rule uint, seed uint64, text []byte) {
		p := peers[rule%uint(len(peers))]
		text = text[:min(len(text), 400)]
		p.compare(t, &m, text)
		p.compare(t, &m, mutate(text, seed))
	})
}

// Any regex on any text.
func FuzzRandomRegexAgrees(f *testing.F) {
	for _, s := range [][2]string{
		{`(a|ab)(c|bcd)(d*)`, "abcd"}, {`a{2,3}?b*`, "aaabbb"}, {`(?i)[^k]{1,2}s`, "\u212aſs"}, {`\b(\w+)\b\W`, "ab cd"}, {`(?:x{0,3}y){2,}`, "xyxxyy"},
		{`[^a-c]*\z`, "é\xff"}, {`(?m)^a|b$`, "b\na"}, {`(?s).+?b`, "a\nb"}, {`(a?)(b|)c`, "abc"}, {`(?:(a)|b)*c`, "abac"},
	} {
		f.Add(s[0], s[1])
	}
	var m match.Machine
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 100 || len(text) > 100 || strings.Count(expr, "{") > 3 {
			return
		}
		if _, err := regexp.Compile(expr); err != nil {
			return
		}
		if _, err := regexp.Compile(`\A(?:` + expr + `)`); err != nil { // an open flag group or class
			return
		}
		if p, ok := peerOf(t, expr); ok {
			p.compare(t, &m, []byte(text))
		}
	})
}

// What a match surely holds farther on is looked for before all that may stand
// between: a place without it costs a few steps, however long the rest would take.
func TestAPlaceWithoutWhatAMatchNeedsCostsLittle(t *testing.T) {
	var m match.Machine
	for _, c := range []struct{ expr, text string }{
		{`acme[^/\n]{0,40}?(?:[^\w\-]|[a-z]-)(?P<secret>[0-9a-f]{32})\b`, "acme is a provider of everything, and of much more besides"},
		{`acme[^\n]{0,80}(?:dataset-[A-Za-z0-9]{24}|app-[A-Za-z0-9]{24})`, "acme " + strings.Repeat("app-dataset ", 20)},
		{`https?://[\w.]{1,120}/[\w/]{0,120}\?token=([0-9a-f]{48})`, "https://example.org/a/b/c/d/e/f?token=0123456789abcdef"},
		{`key.{0,90}?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12})`, "key " + strings.Repeat("0123456- ", 12)},
	} {
		p, err := match.Compile(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		const steps = 80
		if ok, left := m.At(p, []byte(c.text), 0, make([]int, 2*(p.Groups()+1)), steps); ok || left < 0 {
			t.Errorf("%s: %v, %d of %d steps left", c.expr, ok, left, steps)
		}
	}
}
