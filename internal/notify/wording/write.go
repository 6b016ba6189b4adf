package wording

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Visible writes what cannot be seen, or what a terminal might obey, as an
// escape; everything else as it is.
func Visible(r rune) string {
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
		return fmt.Sprintf("\\u{%x}", r)
	}
	return string(r)
}

// OneLine is Visible, but with spaces for line ends and tabs.
func OneLine(r rune) string {
	if r == '\n' || r == '\t' {
		return " "
	}
	return Visible(r)
}

// Write maps s rune by rune and stops, with an ellipsis, before the result
// grows beyond limit characters, counted in UTF-16 units as the pickiest
// receivers count. What form returns for one rune is never cut.
func Write(s string, limit int, form func(rune) string) string {
	var b strings.Builder
	used := 0
	for _, r := range s {
		piece := form(r)
		size := length(piece)
		if used+size >= limit {
			b.WriteString("…")
			break
		}
		used += size
		b.WriteString(piece)
	}
	return b.String()
}

// length is the number of UTF-16 units of s.
func length(s string) (n int) {
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
