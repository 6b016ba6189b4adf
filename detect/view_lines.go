package detect

import "bytes"

// Values that do not stand on the line of their name: blocks of YAML, plain
// values that are indented deeply, parts of an HTTP form.

// nextLine looks at the end of a line at end, below which a value may stand.
func (w *sweep) nextLine(end int) {
	i := end - 1
	switch byteAt(w.text, i) {
	case '\r', '\n':
		w.formPart(end - 4)
		return
	case '-', '+': // how a block of YAML ends
		i--
	}
	below := lineBelow(w.text, end)
	if below < 0 || i < w.done[fieldMark] || i >= w.hi+contextSize {
		return
	}
	name := i
	switch byteAt(w.text, i) {
	case '|', '>':
		name = i - 1 - blanksBefore(w.text, i)
		if byteAt(w.text, name) != ':' {
			return
		}
	case '=':
		name = i - blanksBefore(w.text, i)
	case ':':
	default:
		return
	}
	w.assignBelow(nameEnding(w.text, name), below)
}

// lineBelow is where a line begins that is indented by blanks behind the line end
// at i, or -1.
func lineBelow(text []byte, i int) int {
	if byteAt(text, i) == '\r' {
		i++
	}
	if byteAt(text, i) != '\n' || i+1 >= len(text) || text[i+1] != ' ' {
		return -1
	}
	return i + 1
}

func blanksBefore(text []byte, i int) int {
	n := 0
	for n < maxIndent && byteAt(text, i-1-n) == ' ' && i-1-n >= 0 {
		n++
	}
	return n
}

// nameEnding is the name that ends before i, without its quotation marks.
func nameEnding(text []byte, i int) piece {
	if i > 0 && quote(text[i-1]) {
		i--
	}
	from := i
	for from > 0 && i-from < mostName && namePart(text[from-1]) {
		from--
	}
	return piece{from, i}
}

// assignBelow takes what stands on the line at i as a name's value, if that is
// deeper than the rules look by themselves.
func (w *sweep) assignBelow(name piece, i int) {
	from := i + blanksFrom(w.text, i)
	value := upTo(w.text, from, "\r\n")
	if name.size() < 2 || value.size() < leastField || bytes.ContainsAny(w.text[value.from:value.to], " \t") {
		return
	}
	w.assign(name, value)
}

func blanksFrom(text []byte, i int) int {
	return len(text[i:]) - len(bytes.TrimLeft(text[i:], " "))
}

// formPart looks at the end of the header of a part of a form (RFC 7578, section
// 4.2): the quotation mark at i ends its name, a blank line follows, then the value.
func (w *sweep) formPart(i int) {
	const blankLine, label = "\r\n\r\n", "name=\""
	if i < w.done[fieldMark] || i >= w.hi+contextSize || w.text[i] != '"' || !bytes.HasPrefix(w.text[i+1:], []byte(blankLine)) {
		return
	}
	name := piece{bytes.LastIndexByte(w.text[max(0, i-mostName):i], '"') + max(0, i-mostName) + 1, i}
	if !bytes.HasSuffix(w.text[:name.from], []byte(label)) {
		return
	}
	if value := upTo(w.text, i+1+len(blankLine), "\r\n"); value.size() >= leastField && name.size() > 0 {
		w.assign(name, value)
	}
}
