package cli

import (
	"strings"
	"testing"
)

// What was recorded is shown, but cannot act on the terminal of who looks.
func TestARecordIsHarmless(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"text and colours", "a\x1b[1;31mred\x1b[0m\r\n", "a\x1b[1;31mred\x1b[0m\r\n"},
		{"letters of the world", "zażółć 日本 🙂", "zażółć 日本 🙂"},
		{"cursor and clearing", "\x1b[H\x1b[2J\x1b[10;5Hx\x1b[?25l\x1b[?1049h", "\x1b[H\x1b[2J\x1b[10;5Hx\x1b[?25l\x1b[?1049h"},
		{"a title", "a\x1b]0;evil\x07b", "ab"},
		{"the clipboard", "a\x1b]52;c;cm0gLXJmIC8=\x1b\\b", "ab"},
		{"who are you", "\x1b[c\x1b[>c\x1b[6n\x1b[?6n\x1b[18t\x1b[0x\x05", ""},
		{"what keys send", "\x1b[?1000h\x1b[?2004h\x1b[>4;2m\x1b=", ""},
		{"a device control string", "\x1bP$q\"p\x1b\\x", "x"},
		{"C1 in UTF-8", "a\u009b6nb", "a6nb"},
		{"cut in the middle", "a\x1b[1;", "a"},
		{"a string without an end", "a\x1b]0;and so on", "a"},
		{"character sets", "\x1b(0qqq\x1b(B", "qqq"},
		{"bell and backspace", "a\x07\bb", "a\bb"},
	} {
		if got := harmless(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzHarmless(f *testing.F) {
	f.Add("a\x1b]0;x\x07\x1b[1;2H\x1b[?1049h\x1bP1\x1b\\")
	f.Fuzz(func(t *testing.T, s string) {
		got := harmless(s)
		if len(got) > len(s) || strings.Contains(got, "\x1b]") || strings.Contains(got, "\x1bP") || strings.Contains(got, "\x07") {
			t.Errorf("%q became %q", s, got)
		}
	})
}
