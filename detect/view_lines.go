package detect

import "bytes"

// Values that do not stand on the line of their name: blocks of YAML, plain
// values that are indented deeply, parts of an HTTP form.

// nextLine looks at the character before the end of a line at i, which a value
// may follow.
func (w *sweep) nextLine(i int) {
	if i < w.done[fieldMark] || i >= w.hi+contextSize {
		return
	}
	name := i
	switch w.text[i] {
	case '"':
		w.formPart(i)
		return
	case '|', '>':
		name = i - 1 - blanksBefore(w.text, i)
		if byteAt(w.text, name) != ':' {
			return
		}
	case '=':
		name = i - blanksBefore(w.text, i)
	}
	from := bytes.IndexByte(w.text[i:min(len(w.text), i+4)], '\n')
	if from < 0 {
		return
	}
	w.lineBelow(nameEnding(w.text, name), i+from+1)
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

// lineBelow takes what stands on the line at i as a name's value, if that is
// deeper than the rules look by themselves.
func (w *sweep) lineBelow(name piece, i int) {
	from := i
	for from < len(w.text) && w.text[from] == ' ' {
		from++
	}
	value := upTo(w.text, from, "\r\n")
	if name.size() < 2 || from == i || value.size() < leastField || bytes.ContainsAny(w.text[value.from:value.to], " \t") {
		return
	}
	w.assign(name, value)
}

// formPart looks at the end of the header of a part of a form (RFC 7578, section
// 4.2): the quotation mark at i ends its name, a blank line follows, then the value.
func (w *sweep) formPart(i int) {
	const blankLine, label = "\r\n\r\n", "name=\""
	if !bytes.HasPrefix(w.text[i+1:], []byte(blankLine)) {
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
