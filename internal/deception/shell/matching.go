package shell

import (
	"strings"
)

// matcher follows patterns through texts, as long as somebody pays for it.
type matcher struct {
	pay  func(units int) error
	over bool
}

func (sh *shell) matcher() *matcher {
	return &matcher{pay: func(units int) error { return sh.login.work(sh.ctx, units) }}
}

// matchAll reports whether a pattern matches the whole of a text.
func (m *matcher) matchAll(pat []element, s string) bool { return m.ends(pat, s, 0)[len(s)] }

// ends are the places where a match that begins at i can end.
func (m *matcher) ends(pat []element, s string, i int) places {
	at := make(places, len(s)+1)
	at[i] = true
	return m.reach(pat, s, at, false)
}

// begins are the places where a match that ends at the end can begin.
func (m *matcher) begins(pat []element, s string) places {
	at := make(places, len(s)+1)
	at[len(s)] = true
	return m.reach(pat, s, at, true)
}

// match reports whether a pattern matches a text.
func (sh *shell) match(pat, s string, fold bool) bool {
	if text, ok := plainPattern(pat); ok && !fold {
		return text == s
	}
	return sh.matcher().matchAll(parsePattern(pat, fold), s)
}

// plainPattern is the one text that a pattern matches; ok says whether it is one that
// matches no other.
func plainPattern(pat string) (text string, ok bool) {
	if !strings.ContainsAny(pat, `*?[\+@!`) {
		return pat, true
	}
	var b strings.Builder
	for i := 0; i < len(pat); i++ {
		c := pat[i]
		switch {
		case c == '\\' && i+1 < len(pat):
			i++
			c = pat[i]
		case strings.IndexByte(`*?[\`, c) >= 0, strings.IndexByte("+@!", c) >= 0 && i+1 < len(pat) && pat[i+1] == '(':
			return "", false
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

// work counts a computation as steps of the login.
func (sh *shell) work(units int) { sh.login.steps.Add(int64(units / 512)) }

// escapePattern makes a text a pattern for itself.
func escapePattern(s string) string {
	if !strings.ContainsAny(s, `*?[]\+@!()|-^`) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(`*?[]\+@!()|-^`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
