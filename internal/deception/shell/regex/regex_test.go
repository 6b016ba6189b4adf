package regex

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// paid lets every search go on.
func paid(int) error { return nil }

// expressions are such that programs of a shell make.
var expressions = []string{
	"", "a", "a*", "(a|ab)(c|bcd)(d*)", "^a", "a$", "^$", "^", "$", `\ba`, `a\b`, `\Ba`, "a|b|", "(a*)*", "(a*)+", "(a|b)*c|(a|ab)*c", "[^a]", "[[:alpha:]]+", ".*b", ".*x|.",
	"(a+)(b+)?", "(?i)aB", "(?s).", "a{2,3}", "(a{0,2}b){2}", "é+", "(.)(.)?(.)*", `\A.`, `.\z`, "(?:a|())b", "x*", "()", "a??", "a*?b", "(?m)^b", `\x{10ffff}`,
}

// The machine finds what the library finds, with the same groups, all of it and
// whichever match is wanted.
func TestTheMachineFindsWhatTheLibraryFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, expr := range expressions {
		for _, longest := range []bool{false, true} {
			re, err := Compile(expr, longest)
			if err != nil {
				t.Fatal(expr, err)
			}
			for range 200 {
				text := written(r)
				want := re.plain.FindStringSubmatchIndex(text)
				if d := cmp.Diff(want, re.slow().find(text, 0, paid)); d != "" {
					t.Fatalf("%q in %q, longest %v: (-want +got)\n%s", expr, text, longest, d)
				}
				long := strings.Repeat(text, 2000/(len(text)+1)+1)
				n := r.IntN(50) - 1
				if d := cmp.Diff(re.plain.FindAllStringSubmatchIndex(long, n), re.FindAll(long, n, paid)); d != "" {
					t.Fatalf("%d of %q in %q, longest %v: (-want +got)\n%s", n, expr, long, longest, d)
				}
			}
		}
	}
}

// written is a text in which expressions may match; some of it is no UTF-8.
func written(r *rand.Rand) string {
	parts := []string{"a", "a", "b", "c", "d", "x", "é", "\n", " ", "\xff", "B"}
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

func TestAnExpressionIsBounded(t *testing.T) {
	for name, tt := range map[string]struct {
		expr string
		want error
	}{
		"as people write them":          {"(GET|POST) /[a-z]{1,64}/.* HTTP/1\\.[01]", nil},
		"a line of words":               {strings.Repeat("word|", 2000) + "end", nil},
		"repetitions beside another":    {strings.Repeat("x{1000}", 3000), ErrTooBig},
		"repetitions in another":        {"((a{10}b){10}c){10}" + strings.Repeat("(a{30}b){30}", 20), ErrTooBig},
		"a long text":                   {strings.Repeat("a", mostText+1), ErrTooBig},
		"many groups of much":           {strings.Repeat("(a)", 200) + "a{1000}", ErrTooBig},
		"what no expression looks like": {"a(", errSyntax},
	} {
		_, err := Compile(tt.expr, true)
		if errors.Is(tt.want, errSyntax) && err != nil && !errors.Is(err, ErrTooBig) {
			continue
		}
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var errSyntax = errors.New("a mistake in the expression")

// A search ends when nobody pays any more, and what it did was paid for in pieces.
func TestASearchIsPaidForAsItGoesOn(t *testing.T) {
	for name, tt := range map[string]struct {
		expr   string
		search func(*Regexp, string, Pay) bool
	}{
		"one match":     {strings.Repeat("a{1000}", 7) + "b", func(r *Regexp, s string, p Pay) bool { return r.Find(s, p) != nil }},
		"whether":       {strings.Repeat("a{1000}", 7) + "b", (*Regexp).Match},
		"all matches":   {"a*x|a", func(r *Regexp, s string, p Pay) bool { return len(r.FindAll(s, -1, p)) == len(s) }},
		"in short ones": {"a", func(r *Regexp, s string, p Pay) bool { return r.Match(s[:10], p) }},
	} {
		r, err := Compile(tt.expr, true)
		if err != nil {
			t.Fatal(err)
		}
		asked, most := 0, 0
		broke := func(units int) error {
			asked, most = asked+1, max(most, units)
			if asked == 10 || len(tt.expr) == 1 {
				return errors.New("no more")
			}
			return nil
		}
		if tt.search(r, strings.Repeat("a", 3_000_000), broke) {
			t.Errorf("%s: it went on", name)
		}
		if asked > 10 || most > 2*payEvery {
			t.Errorf("%s: it asked %d times, for up to %d units", name, asked, most)
		}
	}
}

// Whatever the expression and the text, the machine agrees with the library.
func FuzzMachine(f *testing.F) {
	for _, e := range expressions {
		f.Add(e, "abcé\n a", true)
	}
	f.Fuzz(func(t *testing.T, expr, text string, longest bool) {
		if len(expr) > 200 || len(text) > 500 {
			return
		}
		re, err := Compile(expr, longest)
		if err != nil {
			return
		}
		if d := cmp.Diff(re.plain.FindStringSubmatchIndex(text), re.slow().find(text, 0, paid)); d != "" {
			t.Errorf("%q in %q: (-want +got)\n%s", expr, text, d)
		}
		if re.Groups() != regexp.MustCompile(expr).NumSubexp() {
			t.Errorf("%q has %d groups", expr, re.Groups())
		}
	})
}
