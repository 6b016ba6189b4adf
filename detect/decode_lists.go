package detect

// Bytes that a program lists one by one: 0x41, 0x4b or 41 4b 49.

// hexList decodes the list of 0xHH at i.
func (w *sweep) hexList(i int) {
	if i < w.done[listMark] || i >= w.hi+contextSize {
		return
	}
	w.done[listMark] = w.list(i, "0x", " \t\r\n,;\"'\\{}()[]")
}

// hexPairs decodes the pairs of digits at or before i that blanks part.
func (w *sweep) hexPairs(i int) {
	if i < w.done[pairMark] {
		return
	}
	for n := 0; n < stretchSize && i >= 3 && i-3 >= w.done[pairMark] && pairAt(w.text, i-3, ""); n += 3 {
		i -= 3
	}
	w.done[pairMark] = max(i+1, w.list(i, "", " \r\n:,;"))
}

func pairAt(text []byte, i int, prefix string) bool {
	n := len(prefix)
	return i+n+2 <= len(text) && (n == 0 || text[i] == '0' && lower(text[i+1]) == 'x') &&
		hexValue(text[i+n]) >= 0 && hexValue(text[i+n+1]) >= 0 && (i+n+2 == len(text) || base64Value(text[i+n+2]) < 0)
}

// list decodes a list from i on and returns where it ends.
func (w *sweep) list(i int, prefix, between string) int {
	l := w.s.layers.take()
	i, text := readList(l, w.text, i, prefix, between)
	if !text {
		w.s.layers.give(l)
		return i
	}
	w.peelList(l, "hex")
	return i
}

// readList reads a list from i on into a layer, and where each byte stood. It
// returns where the list ends, and whether it may be text.
func readList(l *layer, text []byte, i int, prefix, between string) (end int, ok bool) {
	n := len(prefix)
	start := i
	for at := i; at-start < stretchSize && pairAt(text, at, prefix); {
		c := byte(hexValue(text[at+n])<<4 | hexValue(text[at+n+1]))
		if len(l.text) < sampleSize && c >= 0x7f { // leave it early
			return at, false
		}
		l.text = append(l.text, c)
		l.pieces = append(l.pieces, piece{at, at + n + 2})
		i, at = at+n+2, at+n+2
		for k := 0; at < len(text) && k < maxIndent && oneOf(text[at], between); k++ {
			at++
		}
	}
	return i, true
}

// peelList scans what a list says if it is text.
func (w *sweep) peelList(l *layer, name string) {
	if len(l.text) < leastText || !printable(l.text) {
		w.s.layers.give(l)
		return
	}
	list := (*byteList)(l)
	from, to := list.span(0, len(l.text))
	if to <= w.lo || !w.s.allowed(w.l, from, to, int64(len(l.text))) {
		w.s.layers.give(l)
		return
	}
	l.exact = true
	w.s.descend(l, w.l, name, list)
}

// byteList is the origin of a layer whose pieces are where its bytes stood.
type byteList layer

func (l *byteList) span(i, j int) (from, to int) { return l.pieces[i].from, l.pieces[max(j-1, i)].to }
