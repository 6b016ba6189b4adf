package detect

// hexValue is the value of a hex digit, or -1.
func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// longestHex finds the longest stretch of hex digits.
func longestHex(b []byte) (from, to int) {
	start := 0
	for i := range len(b) + 1 {
		if i < len(b) && hexValue(b[i]) >= 0 {
			continue
		}
		if i-start > to-from {
			from, to = start, i
		}
		start = i + 1
	}
	return from, to
}

// peelHex decodes src[from:to] when that gives text or compressed data, and says
// whether it does; most hex in the world is hashes. Of an odd number of digits
// the first or the last is left out.
func (s *session) peelHex(l *layer, pieces []piece, src []byte, from, to int) bool {
	for odd := range 1 + (to-from)%2 {
		digits := src[from+odd : to]
		if head := appendHex(nil, digits[:min(len(digits), 2*sampleSize)]); !textual(head) && !compressed(head) {
			continue
		}
		a, b := spanOf(pieces, from+odd, to)
		if !s.allowed(l, a, b, int64(len(digits)/2)) {
			return true
		}
		at := from + odd
		s.descend(&layer{
			text: appendHex(make([]byte, 0, len(digits)/2), digits), parent: l, name: "hex", exact: true,
			span: func(i, j int) (int, int) { return spanOf(pieces, at+2*i, at+2*j) },
		})
		return true
	}
	return false
}

func appendHex(dst, src []byte) []byte {
	for ; len(src) >= 2; src = src[2:] {
		dst = append(dst, byte(hexValue(src[0])<<4|hexValue(src[1])))
	}
	return dst
}
