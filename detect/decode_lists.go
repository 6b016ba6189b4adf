package detect

// Bytes that a program lists one by one: 0x41, 0x4b or 41 4b 49.

// byteList is such a list: the places of its bytes in the text.
type byteList struct {
	bytes []byte
	parts []piece
}

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
	w.done[pairMark] = max(i+1, w.list(i, "", " \r\n"))
}

func pairAt(text []byte, i int, prefix string) bool {
	n := len(prefix)
	return i+n+2 <= len(text) && (n == 0 || text[i] == '0' && lower(text[i+1]) == 'x') &&
		hexValue(text[i+n]) >= 0 && hexValue(text[i+n+1]) >= 0 && (i+n+2 == len(text) || base64Value(text[i+n+2]) < 0)
}

// list decodes a list from i on and returns where it ends.
func (w *sweep) list(i int, prefix, between string) int {
	n := len(prefix)
	var l byteList
	start := i
	for at := i; at-start < stretchSize && pairAt(w.text, at, prefix); {
		c := byte(hexValue(w.text[at+n])<<4 | hexValue(w.text[at+n+1]))
		if len(l.bytes) < sampleSize && c >= 0x7f { // no text: leave it early
			return at
		}
		l.bytes = append(l.bytes, c)
		l.parts = append(l.parts, piece{at, at + n + 2})
		i, at = at+n+2, at+n+2
		for k := 0; at < len(w.text) && k < maxIndent && oneOf(w.text[at], between); k++ {
			at++
		}
	}
	if len(l.bytes) >= leastText && printable(l.bytes) {
		w.peelList(l)
	}
	return i
}

func (w *sweep) peelList(l byteList) {
	from, to := l.span(0, len(l.bytes))
	if to > w.lo && w.s.allowed(w.l, from, to, int64(len(l.bytes))) {
		w.s.descend(&layer{text: l.bytes, parent: w.l, name: "hex", exact: true, span: l.span})
	}
}

func (l *byteList) span(i, j int) (int, int) { return l.parts[i].from, l.parts[max(j-1, i)].to }
