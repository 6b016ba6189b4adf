package detect

// hexDigits has the value of each hex digit, and notADigit for all else.
var hexDigits = func() (t [256]int8) {
	for i := range t {
		t[i] = notADigit
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = int8(i)
	}
	for i, c := range []byte("ABCDEF") {
		t[c] = int8(i + 10)
	}
	return t
}()

// hexValue is the value of a hex digit, or -1.
func hexValue(c byte) int { return int(hexDigits[c]) }

// nextHex finds the next minHex hex digits in a row at or after i, and all that
// follow them. Only every minHex-th byte is looked at where there are none.
func nextHex(b []byte, i int) (from, to int, ok bool) {
	for i+minHex <= len(b) {
		k := i + minHex - 1
		for k >= i && hexValue(b[k]) >= 0 {
			k--
		}
		if k >= i {
			i = k + 1
			continue
		}
		to = i + minHex
		for to < len(b) && hexValue(b[to]) >= 0 {
			to++
		}
		return i, to, true
	}
	return 0, 0, false
}

// peelHexes decodes the stretches of hex in a run that give text or compressed
// data, and returns how many digits those were. Of an odd number of digits the
// first or the last is left out.
func (w *sweep) peelHexes(pieces []piece, src []byte) (decoded int) {
	for at := 0; ; {
		from, to, ok := nextHex(src, at)
		if !ok {
			return decoded
		}
		for odd := range 1 + (to-from)%2 {
			digits := src[from+odd : to-(to-from-odd)%2]
			if !hexHoldsText(digits) && !w.guessedHex(digits) {
				continue
			}
			if child := w.s.layers.take(); w.fits(child, run{pieces: pieces, from: from + odd, size: len(digits), digits: 2, bytes: 1}) {
				child.text = appendHex(child.text, digits)
				w.peelDigits(child, "hex")
			}
			decoded += to - from
			break
		}
		at = to
	}
}

func appendHex(dst, src []byte) []byte {
	for ; len(src) >= 2; src = src[2:] {
		dst = append(dst, byte(hexValue(src[0])<<4|hexValue(src[1])))
	}
	return dst
}
