package match_test

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect/internal/match"
)

func parsed(t testing.TB, expr string) *syntax.Regexp {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// A literal is followed by what the expression lets follow, for eight bytes.
func TestAnOutlookKnowsWhatCanStandBehindALiteral(t *testing.T) {
	for _, c := range []struct {
		expr, literal, allowed, refused string
	}{
		{`(?i:token)["'\])]{0,3}\s{0,3}!==?\s{0,3}["'].{6}`, "token", `!="| !==|")] !=|`, `s|=|  x|of|")]x|!!`},
		{`(?i)view[_\- ]?key[=:]\d`, "view", "key=|_KEY:|-key|", "er|_ key|keys|key =|."},
		{`sk-[0-9a-f]{12}`, "sk-", "0123456|fffffffff|0", "g|0123g|A| "},
		{`user(?:_?name|_?id)?\s{0,3}=\s{0,3}"\w`, "user", `_name ="|id = "|="a|  ="`, `=anna|_nam=|_x|name =a`},
		{`(?:ab|cd)[0-9]{3}`, "cd", "123|1", "x|12x"},
		{`k[\x{80}-\x{10ffff}]{2}[0-9]{9}`, "k", "é|éé123", "1|x"},
	} {
		look := match.OutlooksOf(parsed(t, c.expr), []string{c.literal})[0]
		if look == nil {
			t.Errorf("%s: nothing is known", c.expr)
			continue
		}
		for text := range strings.SplitSeq(c.allowed, "|") {
			if !look.Allows([]byte(c.literal+text), len(c.literal)) {
				t.Errorf("%s refuses %q", c.expr, text)
			}
		}
		for text := range strings.SplitSeq(c.refused, "|") {
			if look.Allows([]byte(c.literal+text), len(c.literal)) {
				t.Errorf("%s allows %q", c.expr, text)
			}
		}
	}
}

// What can be followed by nearly anything is not worth a look, nor is what a match
// can end with.
func TestAnOutlookThatSaysLittleIsNone(t *testing.T) {
	for expr, literal := range map[string]string{`key.{20}`: "key", `abc`: "abc", `abc[^\n]*x`: "abc", `://[^\s:]{1,99}:`: "://"} {
		if look := match.OutlooksOf(parsed(t, expr), []string{literal})[0]; look != nil {
			t.Errorf("%s has one", expr)
		}
	}
}

// The bytes of a row of expressions are those of their matches.
func TestBytesOfExpressions(t *testing.T) {
	s := match.BytesOf(parsed(t, `\b(?:ab|[0-9]{2,3})?x-(?i:k)`).Sub)
	for b := range 128 {
		if want := strings.IndexByte("ab0123456789x-kK", byte(b)) >= 0; s.Has(byte(b)) != want {
			t.Errorf("%q: %v", rune(b), !want)
		}
	}
	if !s.Has(0xe2) {
		t.Error("a k may be the sign of the unit kelvin")
	}
}

// No outlook refuses what a match has behind the literal that it begins with.
func FuzzOutlookAgreesWithRegexp(f *testing.F) {
	for _, s := range [][3]string{
		{`(?i:tok|key)[ =:]{0,3}["'][a-z]{2,}`, "key", "KEY = 'abc'"}, {`ab(?:c|d{2,}|\s)+?9`, "ab", "abcdd 9"}, {`a[^b]{3}`, "a", "a\xffé1"},
		{`(?i)ask\b.?`, "ask", "as\u212a!"}, {`x{2,}y`, "xx", "xxxxy"}, {`a(?m:$)\nb`, "a", "a\nb"}, {`aé+z`, "a", "aééz"},
	} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, expr, literal, text string) {
		if len(expr) > 60 || len(text) > 60 || strings.Count(expr, "{") > 3 || strings.ToLower(literal) != literal {
			return
		}
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			return
		}
		r, err := regexp.Compile(`\A(?:` + expr + `)`)
		if err != nil || len(text) < len(literal) || !strings.EqualFold(asciiOf(text[:len(literal)]), literal) {
			return
		}
		m := r.FindStringIndex(text)
		look := match.OutlooksOf(tree, []string{literal})[0]
		if m != nil && m[1] >= len(literal) && look != nil && !look.Allows([]byte(text), len(literal)) {
			t.Fatalf("%q behind %q is refused, which %s matches", text[len(literal):], literal, expr)
		}
	})
}

// asciiOf is text, or nothing if it is not ASCII.
func asciiOf(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return ""
		}
	}
	return text
}
