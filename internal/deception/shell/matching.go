package shell

import (
	"strings"
)

// matchAll reports whether a pattern matches the whole of a text.
func matchAll(pat []element, s string) bool { return ends(pat, s, 0)[len(s)] }

// ends are the places where a match that begins at i can end.
func ends(pat []element, s string, i int) places {
	at := make(places, len(s)+1)
	at[i] = true
	return reach(pat, s, at, false)
}

// begins are the places where a match that ends at the end can begin.
func begins(pat []element, s string) places {
	at := make(places, len(s)+1)
	at[len(s)] = true
	return reach(pat, s, at, true)
}

// match reports whether a pattern matches a text, and counts what that costs.
func (sh *shell) match(pat, s string, fold bool) bool {
	if !strings.ContainsAny(pat, `*?[\+@!`) && !fold {
		return pat == s
	}
	sh.work(len(pat) * len(s))
	return matchAll(parsePattern(pat, fold), s)
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
