package leak

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is kept of text from outside, in bytes.
const (
	maxContent = 512
	maxShort   = 128
	maxPath    = 256

	maxOutside = 4 << 10 // a name or a path that is longer is none: it is left out
)

// visible makes text fit for every place it is shown in: valid UTF-8, control
// and invisible characters written as escapes, at most limit bytes.
func visible(s string, limit int) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+n]
		if r == utf8.RuneError && n <= 1 || !unicode.IsPrint(r) {
			q := strconv.QuoteToASCII(piece)
			piece = q[1 : len(q)-1]
		}
		if b.Len()+len(piece) > limit-len("…") && i+n < len(s) {
			return b.String() + "…"
		}
		b.WriteString(piece)
		i += n
	}
	return b.String()
}
