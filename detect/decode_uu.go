package detect

import "bytes"

// uuencode (POSIX.1-2017, uuencode) is looked for where a text or a part of one begins:
// no mark of the sieve could stand for its first word without standing for others.

const (
	uuHead = "begin "
	uuZero = ' '
	uuMost = '`' // stands for zero as well
)

// uu decodes what was encoded at at, if anything was, and says so.
func (w *sweep) uu(at int) bool {
	text := w.reach()
	from := uuBody(text, at)
	if from == 0 {
		return false
	}
	child := w.s.layers.take()
	out, to, ended := appendUU(child.text, text, from)
	child.text = out
	w.lend(to)
	if len(out) == 0 || !w.s.allowed(w.l, at, to, int64(len(out))) {
		w.s.layers.give(child)
		return len(out) > 0
	}
	if !ended && to == len(text) {
		w.s.note(w.l, at, to, ReasonUndecodable)
	}
	w.s.descend(child, w.l, "uuencode", &piece{at, to})
	return true
}

// uuBody is where the lines begin of what is encoded at at: behind the mode and the name
// of a file. It is 0 if nothing is.
func uuBody(text []byte, at int) int {
	if at < 0 || at > len(text) || !bytes.HasPrefix(text[at:], []byte(uuHead)) {
		return 0
	}
	at += len(uuHead)
	n := 0
	for n < 5 && at+n < len(text) && text[at+n] >= '0' && text[at+n] <= '7' {
		n++
	}
	if n < 3 || n > 4 || byteAt(text, at+n) != ' ' {
		return 0
	}
	line := bytes.IndexByte(text[at:min(len(text), at+contextSize)], '\n')
	if line < 0 {
		return 0
	}
	return at + line + 1
}

// appendUU decodes lines, and says where the last ends and whether one of no bytes, which
// ends it, was the last.
func appendUU(dst, text []byte, at int) (out []byte, to int, ended bool) {
	for at < len(text) {
		line := text[at:]
		if i := bytes.IndexByte(line[:min(len(line), contextSize)], '\n'); i >= 0 {
			line = line[:i+1]
		}
		more, ok := appendUULine(dst, bytes.TrimRight(line, "\r\n"))
		if !ok {
			return dst, at, true
		}
		at += len(line)
		if len(more) == len(dst) {
			return dst, at, true
		}
		dst = more
	}
	return dst, at, false
}

// appendUULine decodes a line: how many bytes it holds, then six bits to a character.
// Blanks at its end may have got lost.
func appendUULine(dst, line []byte) ([]byte, bool) {
	if len(line) == 0 || line[0] < uuZero || line[0] > uuMost {
		return dst, false
	}
	n := int(line[0]-uuZero) & 63
	if len(line)-1 > (n+2)/3*4+1 { // one may have a sum behind it
		return dst, false
	}
	for _, c := range line {
		if c < uuZero || c > uuMost {
			return dst, false
		}
	}
	digit := func(i int) uint32 {
		if i >= len(line) {
			return 0
		}
		return uint32(line[i]-uuZero) & 63
	}
	for at := 1; n > 0; at, n = at+4, n-3 {
		v := digit(at)<<18 | digit(at+1)<<12 | digit(at+2)<<6 | digit(at+3)
		dst = append(dst, []byte{byte(v >> 16), byte(v >> 8), byte(v)}[:min(n, 3)]...)
	}
	return dst, true
}
