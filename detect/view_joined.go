package detect

import "bytes"

// Strings that a program puts together: "AKIA" + "...", 'a' 'b', "a" . "b", and
// the lists of lines of notebooks and JSON. The view leaves out what stands
// between them.

// maxGlue is the longest stretch between two strings.
const maxGlue = 200

// seams is a view of joined strings in the making: nothing at first.
type seams struct {
	view *layer
	next int // where the text goes on behind the last seam
}

// seam looks at the quotation mark at q, which only glue parts from the one
// before it.
func (w *sweep) seam(q int) {
	if after := byteAt(w.text, q+1); base64Value(after) < 0 && !oneOf(after, "$!@#%^*~.") || q >= w.hi+contextSize {
		return
	}
	p := q - 1
	for p > 0 && q-p < maxGlue && !quote(w.text[p]) {
		p--
	}
	if p == 0 || !quote(w.text[p]) {
		return
	}
	if before := w.text[p-1]; before <= ' ' || quote(before) || oneOf(before, "([{,") {
		return
	}
	if bytes.ContainsAny(w.text[p+1:q], operators) || adjoined(w.text, p) {
		w.join(p, q)
	}
}

// operators put strings together.
const operators = "+.&|~<>"

// adjoined says whether the string that ends at p belongs to the next although
// nothing joins them. In C and Python it does, where a value may stand; in a log
// they are two fields of a line.
func adjoined(text []byte, p int) bool {
	for range mostAdjoined {
		open := opening(text, p)
		i := open
		for i > 0 && open-i < maxGlue && blank(text[i-1]) {
			i--
		}
		if before := byteAt(text, i-1); !quote(before) || i == open {
			return open >= 0 && (oneOf(before, "=([{,:+") || bytes.HasSuffix(text[:i], []byte("return")))
		}
		p = i - 1 // of a third string
	}
	return true
}

// mostAdjoined is how many strings in a row are followed to where the first stands.
const mostAdjoined = 16

// opening is the quotation mark that opens the string which ends at p, or -1.
func opening(text []byte, p int) int {
	from := max(0, p-gapSize)
	i := bytes.LastIndexByte(text[from:p], text[p])
	if i < 0 {
		return -1
	}
	return from + i
}

// listLine looks at the escaped line end at i: does it end a string of a list of
// lines, as notebooks have them?
func (w *sweep) listLine(i int) {
	if byteAt(w.text, i+1) == 'n' && byteAt(w.text, i+2) == '"' && byteAt(w.text, i+3) == ',' {
		w.joinList(i + 2)
	}
}

// joinList joins the string that ends at p with the one behind the next comma.
func (w *sweep) joinList(p int) {
	if q := skipBlanks(w.text, p+2); byteAt(w.text, q) == w.text[p] {
		w.join(p, q)
	}
}

// join takes text[p:q+1] out.
func (w *sweep) join(p, q int) {
	j := &w.joined
	if j.view != nil && (p-j.next > gapSize || len(j.view.view.text) > stretchSize) {
		w.flushJoined()
	}
	if j.view == nil {
		j.view = w.newView()
		j.next = leftOf(w.text, p)
	}
	if p < j.next { // the quotation mark that ended the seam before
		return
	}
	j.view.view.keep(w.text, j.next, p)
	j.next = q + 1
}

// flushJoined scans the view of what was joined.
func (w *sweep) flushJoined() {
	j := w.joined
	if j.view == nil {
		return
	}
	w.joined = seams{}
	to := rightOf(w.text, j.next, min(len(w.text), j.next+stretchSize))
	j.view.view.keep(w.text, j.next, to)
	if len(j.view.view.parts) > 1 && to > w.lo {
		w.show(j.view, "joined")
		return
	}
	w.drop(j.view)
}
