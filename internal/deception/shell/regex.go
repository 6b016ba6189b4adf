package shell

import (
	"regexp"
	"regexp/syntax"
	"strings"

	shsyntax "mvdan.cc/sh/v3/syntax"

	"go.cordon.dev/cordon/internal/deception/shell/regex"
)

// mostRegexp is how long a regular expression may be.
const mostRegexp = 4096

// regexp is [[ text =~ expression ]]: POSIX extended, what was quoted means
// itself. The groups are in BASH_REMATCH.
func (sh *shell) regexp(text string, w *shsyntax.Word) (bool, error) {
	expr, err := sh.patternOf(w, regexp.QuoteMeta)
	if err != nil {
		return false, err
	}
	re, bad := compile(expr, sh.shopts.on("nocasematch"))
	if bad {
		sh.testBad = true
		return false, nil
	}
	pay := func(units int) error { return sh.login.work(sh.ctx, units) }
	_ = pay(re.Labour()) // who does not pay does not search either
	m := re.Find(text, pay)
	v := &variable{kind: indexed, set: true}
	for i := 0; i < len(m); i += 2 {
		v.put(itoa(i/2), text[max(m[i], 0):max(m[i+1], 0)])
	}
	sh.scopes[0].vars["BASH_REMATCH"] = v
	return m != nil, nil
}

func compile(expr string, fold bool) (*regex.Regexp, bool) {
	if len(expr) > mostRegexp {
		return nil, true
	}
	expr = glibc(expr)
	flags := syntax.PerlX | syntax.OneLine | syntax.ClassNL
	if fold {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(expr, flags)
	if err != nil {
		return nil, true
	}
	re, err := regex.Compile("(?s)"+tree.String(), true)
	return re, err != nil
}

// glibc writes what the C library takes in other words: \< and \> are edges of
// words, and a backslash in brackets means itself.
func glibc(expr string) string {
	var b strings.Builder
	for i := 0; i < len(expr); i++ {
		switch {
		case expr[i] == '\\' && i+1 < len(expr):
			i++
			if expr[i] == '<' || expr[i] == '>' {
				b.WriteString(`\b`)
				continue
			}
			b.WriteByte('\\')
			b.WriteByte(expr[i])
		case expr[i] == '[':
			n := bracketEnd(expr[i:])
			b.WriteString(strings.ReplaceAll(expr[i:i+n], `\`, `\\`))
			i += n - 1
		default:
			b.WriteByte(expr[i])
		}
	}
	return b.String()
}

func bracketEnd(s string) int {
	i := 1
	if i < len(s) && s[i] == '^' {
		i++
	}
	if i < len(s) && s[i] == ']' {
		i++
	}
	for i < len(s) && s[i] != ']' {
		if strings.HasPrefix(s[i:], "[:") {
			if end := strings.Index(s[i:], ":]"); end > 0 {
				i += end + 1
			}
		}
		i++
	}
	return min(i+1, len(s))
}
