package detect

import "bytes"

// mostNamed is the longest decoded value that is shown behind its name.
const mostNamed = 512

// named puts the name that the text gives an encoded value, which begins at from,
// before what it decodes to, when that is a single word: who sees only
// "k9Xw2mQ7zr" cannot tell what it is.
func (w *sweep) named(child *layer, from int) *layer {
	if len(child.text) > mostNamed || bytes.ContainsAny(child.text, " \t\r\n{}<>\"'\x00") || !printable(child.text) {
		return child
	}
	name := nameOf(w.text, from)
	if name.size() == 0 {
		return child
	}
	shown := &collage{}
	shown.keep(w.text, name.from, name.to)
	shown.say("=", name.to, from)
	head, inner := len(shown.text), child.span
	child.text = append(shown.text, child.text...)
	child.span = func(i, j int) (int, int) {
		switch {
		case i >= head:
			return inner(i-head, j-head)
		case j <= head:
			return shown.span(i, j)
		}
		a, _ := shown.span(i, head)
		_, b := inner(0, j-head)
		return a, b
	}
	return child
}

// nameOf is the name that is assigned the value at i; nothing if none is.
func nameOf(text []byte, i int) piece {
	low, assigned := max(0, i-16), false
	for i > low && oneOf(text[i-1], " \t\"'`\\:=>([,") {
		assigned = assigned || oneOf(text[i-1], ":=>")
		i--
	}
	if !assigned {
		return piece{}
	}
	return nameUpTo(text, i)
}

// nameUpTo is the name that ends before text[i], nothing if it is one letter.
func nameUpTo(text []byte, i int) piece {
	from := i
	for from > 0 && i-from < mostName && namePart(text[from-1]) {
		from--
	}
	if i-from < 2 {
		return piece{}
	}
	return piece{from, i}
}
