package detect

import (
	"bytes"
	"slices"
)

// mostNamed is the longest decoded value that is shown behind its name.
const mostNamed = 512

// named is the origin of a decoded value that is shown behind its name.
type named struct {
	name  piece
	head  int // bytes before the value in the text shown
	value *run
}

// namedOrigin is the origin of what the child's run decodes to. When that is a
// single word, the name that the text gives it is put before it: who sees only
// "k9Xw2mQ7zr" cannot tell what it is.
func (w *sweep) namedOrigin(child *layer) mapping {
	if len(child.text) > mostNamed || bytes.ContainsAny(child.text, " \t\r\n{}<>\"'\x00") || !printable(child.text) {
		return &child.run
	}
	from, _ := child.run.span(0, 1)
	name := nameOf(w.text, from)
	if name.size() == 0 {
		return &child.run
	}
	child.named = named{name, name.size() + len("="), &child.run}
	child.text = slices.Insert(slices.Insert(child.text, 0, '='), 0, w.text[name.from:name.to]...)
	return &child.named
}

// span maps the name to the name, and the sign behind it to all up to the value.
func (n *named) span(i, j int) (from, to int) {
	value, _ := n.value.span(0, 1)
	switch {
	case i >= n.head:
		return n.value.span(i-n.head, j-n.head)
	case i < n.name.size():
		from = n.name.from + i
	default:
		from = n.name.to
	}
	switch {
	case j > n.head:
		_, to = n.value.span(0, j-n.head)
	case j == n.head:
		to = value
	default:
		to = n.name.from + j
	}
	return from, to
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
