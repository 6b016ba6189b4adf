package anomaly

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of what an attacker wrote is kept, in bytes.
const (
	mostKey    = 128
	mostDetail = 256
)

// Clean makes text of others safe to print and to log: at most so many bytes of it,
// and what does not print, breaks lines or turns the direction of writing as an escape.
func Clean(text string, most int) string {
	cut := len(text) > most
	if cut {
		text = text[:most]
		for i := 0; i < utf8.UTFMax && !utf8.ValidString(text[max(0, len(text)-utf8.UTFMax):]); i++ {
			text = text[:len(text)-1]
		}
	}
	if !strings.ContainsFunc(text, unsafe) {
		if cut {
			return text + "…"
		}
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i])|0x100, 16)[1:])
		case unsafe(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
	}
	if cut {
		b.WriteString("…")
	}
	return b.String()
}

func unsafe(r rune) bool { return r == utf8.RuneError || r == '\\' || !unicode.IsPrint(r) }
