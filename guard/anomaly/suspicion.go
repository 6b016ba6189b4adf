package anomaly

// suspect says whether a text may be a web attack. Nearly every header is honest, and
// looking for each form in each of them takes ten times as long: so one look goes over
// the bytes for the signs of which every form has one, in any case of its letters. What
// is escaped or no ASCII is looked at in full.
func suspect(text string) bool {
	compares, either := false, false
	for i := 0; i < len(text); i++ {
		switch signs[text[i]] {
		case plain:
		case alone:
			return true
		case comparison:
			compares = true
		case begins:
			if suspicious(text, i) {
				return true
			}
			either = either || joins(text, i)
		}
	}
	return compares && either
}

// What a byte is to suspect.
const (
	plain      = iota
	alone      // no honest header has it, or it may be anything
	comparison // part of a form with joins
	begins     // part of a form by what stands around it
)

var signs = func() (t [256]uint8) {
	for c := 0x80; c < len(t); c++ {
		t[c] = alone
	}
	for _, c := range "%{<@'\"`" {
		t[c] = alone
	}
	for _, c := range "(;_uUwW|&oOaA" {
		t[c] = begins
	}
	t['='] = comparison
	return t
}()

// suspicious says whether a form begins at text[i]: a call, a second statement, the
// classes of a template, a stored procedure, UNION, WAITFOR.
func suspicious(text string, i int) bool {
	switch text[i] {
	case '(':
		return i > 0 && letter(text[i-1])
	case ';':
		return statement(text, i)
	case '_':
		return byteOf(text, i+1) == '_' || byteOf(text, i-1) == 'p' && byteOf(text, i+1) == 'c' || byteOf(text, i-1) == 's' && byteOf(text, i+1) == 'p'
	case 'u', 'U':
		return byteOf(text, i+1) == 'n' && byteOf(text, i+2) == 'i'
	case 'w', 'W':
		return byteOf(text, i+1) == 'a' && byteOf(text, i+2) == 'i'
	}
	return false
}

// joins says whether text[i] begins what stands before a comparison that is always true.
func joins(text string, i int) bool {
	switch byteOf(text, i) {
	case '|', '&':
		return byteOf(text, i+1) == text[i]
	case 'o':
		return byteOf(text, i+1) == 'r' && !letter(byteOf(text, i-1))
	case 'a':
		return byteOf(text, i+1) == 'n' && byteOf(text, i+2) == 'd' && !letter(byteOf(text, i-1))
	}
	return false
}

// statement says whether a value may end before text[i] and a statement begin behind it.
func statement(text string, i int) bool {
	before, after := i-1, i+1
	for before >= 0 && blank(text[before]) {
		before--
	}
	for after < len(text) && blank(text[after]) {
		after++
	}
	if c := byteOf(text, before); c != ')' && (c < '0' || c > '9') { // quotes are suspect alone
		return false
	}
	switch string([]byte{byteOf(text, after), byteOf(text, after+1)}) {
	case "dr", "tr", "de", "in", "ex", "sh": // DROP, TRUNCATE, DELETE, INSERT, EXEC, SHUTDOWN
		return true
	}
	return false
}

// blank is what a statement may have between its words, comments among it.
func blank(c byte) bool {
	switch c {
	case ' ', '+', '\t', '\r', '\n', '/', '*':
		return true
	}
	return false
}

// byteOf is text[i] as a small letter, and 0 where there is none.
func byteOf(text string, i int) byte {
	if i < 0 || i >= len(text) {
		return 0
	}
	if c := text[i]; c < 'A' || c > 'Z' {
		return c
	}
	return text[i] | 0x20
}
