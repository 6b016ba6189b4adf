package cli

import "strings"

// harmless lets through of a terminal's output what moves the cursor, colours
// and clears (ECMA-48 control sequences), and drops what makes a terminal answer,
// change its title, its clipboard or its keys: whoever was recorded chose it.
func harmless(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		n, keep := escape(s)
		if keep {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// escape measures what s begins with, one character or one control sequence,
// and says whether it may be shown.
func escape(s string) (n int, keep bool) {
	switch c := s[0]; {
	case c == '\r' || c == '\n' || c == '\t' || c == '\b':
		return 1, true
	case c == 0x1b:
		return sequence(s)
	case c < ' ' || c == 0x7f:
		return 1, false
	case c == 0xc2 && len(s) > 1 && s[1] >= 0x80 && s[1] < 0xa0: // C1 controls in UTF-8
		return 2, false
	}
	return 1, true
}

func sequence(s string) (n int, keep bool) {
	if len(s) < 2 {
		return len(s), false
	}
	switch s[1] {
	case '[':
		return control(s)
	case ']', 'P', 'X', '^', '_': // strings: titles, clipboards, queries
		return until(s), false
	case '(', ')', '*', '+', '#', '%', ' ':
		return min(3, len(s)), false
	case '7', '8', 'D', 'E', 'M': // save and restore the cursor, move a line
		return 2, true
	}
	return 2, false
}

// control measures CSI: parameters, intermediates and a final byte. Those that
// ask the terminal something (c, n, t, x, $p, $q) or switch what keys send
// (private modes but for the cursor, the other screen and pasting) are dropped.
func control(s string) (n int, keep bool) {
	i := 2
	for i < len(s) && s[i] >= 0x20 && s[i] < 0x40 {
		i++
	}
	if i == len(s) {
		return i, false
	}
	parameters, final := s[2:i], s[i]
	n = i + 1
	switch final {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'P', 'S', 'T', 'X', 'd', 'f', 'm', '@', 'r', 's', 'u':
		return n, !strings.ContainsAny(parameters, "?>=<$ !\"'")
	case 'h', 'l':
		return n, parameters == "?25" || parameters == "?1049" || parameters == "?7"
	}
	return n, false
}

// until measures a string that ST or BEL ends.
func until(s string) int {
	for i := 2; i < len(s); i++ {
		if s[i] == 0x07 {
			return i + 1
		}
		if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
			return i + 2
		}
	}
	return len(s)
}
