package detect

import (
	"regexp"
	"sync"

	"go.cordon.dev/cordon/detect/internal/match"
)

// tries is a rule's regex, made ready when it is first needed: most rules of a
// pack meet none of their literals in a day. A program tells about one place of
// a text at the price of a few bytes; package regexp is there for the few
// expressions that have no program, and for places that cost a program too much.
type tries struct {
	expr string
	span int // greatest length of a match

	once    sync.Once
	program *match.Program

	slowly   sync.Once
	anywhere *regexp.Regexp
	first    *regexp.Regexp // at the start of the text
	inner    *regexp.Regexp // after one byte, so that \b sees it
}

// compiled returns the program, nil if there is none.
func (t *tries) compiled() *match.Program {
	t.once.Do(func() {
		if p, err := match.Compile(t.expr); err == nil {
			t.program = p
		}
	})
	return t.program
}

// slow compiles for package regexp. The expression was parsed before.
func (t *tries) slow() {
	t.slowly.Do(func() {
		t.anywhere = regexp.MustCompile(t.expr)
		t.first = regexp.MustCompile(`\A(?:` + t.expr + `)`)
		t.inner = regexp.MustCompile(`\A(?s:.)(?:` + t.expr + `)`)
	})
}

// search finds the first match in text.
func (t *tries) search(text []byte) []int {
	t.slow()
	return t.anywhere.FindSubmatchIndex(text)
}

// at finds the match that begins at text[at]; it looks no further than to.
func (t *tries) at(text []byte, at int) (m []int, to int) {
	t.slow()
	to = min(len(text), at+t.span+1)
	if at == 0 {
		return t.first.FindSubmatchIndex(text[:to]), to
	}
	m = t.inner.FindSubmatchIndex(text[at-1 : to])
	if m != nil {
		shift(m, at-1)
		m[0] = at
	}
	return m, to
}

// shift moves the places of a match that was found in a part of a text.
func shift(m []int, by int) {
	for i := range m {
		if m[i] >= 0 {
			m[i] += by
		}
	}
}
