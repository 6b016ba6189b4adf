package detect

import "bytes"

// Most long runs of digits are hashes, ids and compiled things. Whether one can
// hold text is seen in the digits: a byte of ASCII has its highest bit clear,
// which is a bit of a digit. Of three random bytes one in eight is ASCII all over,
// so that a few of them in a row mean something.

const (
	leastText   = 12            // bytes of text in a row that make a run worth decoding
	leastGroups = leastText / 3 // textShift counts on four
)

// What a base64 digit says of the highest bits of the bytes that it is part of,
// were it the first, second or third of its group of four.
const (
	clearFirst = 1 << iota
	clearSecond
	clearThird
)

var clearBits = func() (t [256]uint8) {
	for c := range 256 {
		v := base64Value(byte(c))
		if v < 0 {
			continue
		}
		if v&32 == 0 {
			t[c] |= clearFirst
		}
		if v&8 == 0 {
			t[c] |= clearSecond
		}
		if v&2 == 0 {
			t[c] |= clearThird
		}
	}
	return t
}()

// textShift returns how many digits of a run have to be left out for the rest to
// give text, or something compressed, when read as base64; -1 if nothing does.
func textShift(digits []byte) int {
	if packedDigits(digits) {
		return 0
	}
	if !mayHoldText(digits) {
		return -1
	}
	var groups uint32 // a bit for each place where a group begins that is ASCII, the last the lowest
	a, b := clearBits[digits[0]], clearBits[digits[1]]
	for i := 2; i < len(digits)-1; i++ {
		c := clearBits[digits[i]]
		groups = groups<<1 | uint32(a&(b>>1)&(c>>2)&clearFirst)
		a, b = b, c
		if groups&(groups>>4)&(groups>>8)&(groups>>12)&1 == 0 {
			continue
		}
		if from := i - 2 - 4*(leastGroups-1); readsAsText(digits[from : i+2]) {
			return from & 3
		}
	}
	return -1
}

// mayHoldText says whether leastGroups groups that follow each other are ASCII
// somewhere. One of those is the last of four when groups are counted from the
// start, whichever digit they begin with, so that only those are looked at first.
func mayHoldText(digits []byte) bool {
	const size = 4
	last := len(digits) - size
	for i := (leastGroups - 1) * size; i <= last; i += leastGroups * size {
		for at := i; at < i+size && at <= last; at++ {
			if asciiGroup(digits, at) && asciiAround(digits, at) >= leastGroups {
				return true
			}
		}
	}
	return false
}

// asciiGroup says whether the bytes of the group at i are ASCII.
func asciiGroup(digits []byte, i int) bool {
	return clearBits[digits[i]]&(clearBits[digits[i+1]]>>1)&(clearBits[digits[i+2]]>>2)&clearFirst != 0
}

// asciiAround counts the groups in a row that are ASCII, that at i among them, as
// far as leastGroups.
func asciiAround(digits []byte, i int) int {
	n := 1
	for at := i - 4; at >= 0 && n < leastGroups && asciiGroup(digits, at); at -= 4 {
		n++
	}
	for at := i + 4; at <= len(digits)-4 && n < leastGroups && asciiGroup(digits, at); at += 4 {
		n++
	}
	return n
}

// guessable is how many digits of base64 are tried for compressed forms that say
// nothing of themselves.
const guessable = 80

// guessedDigits says whether a run that gives no text begins with such a form.
func (w *sweep) guessedDigits(digits []byte) bool {
	if len(digits) < guessable {
		return false
	}
	g := &w.s.guess
	head := appendBase64(g.data[:0], digits[:min(len(digits), headSize/3*4)])
	defer clear(head)
	return g.packed(head, len(digits)*3/4) != nil && varied(digits, 1)
}

// guessableHex is the same of hex: more than the longest sums have.
const guessableHex = 512/4 + 2

// guessedHex says the same of hex.
func (w *sweep) guessedHex(digits []byte) bool {
	if len(digits) < guessableHex {
		return false
	}
	g := &w.s.guess
	head := appendHex(g.data[:0], digits[:min(len(digits), 2*headSize)])
	defer clear(head)
	return g.packed(head, len(digits)/2) != nil && varied(digits, 2)
}

// leastVaried is of how many signs compressed data is that holds a secret.
const leastVaried = 16

// varied says whether a run is of so many signs, of n digits each. Filler is of fewer, and
// reads as deflate all the same. All of the run counts: what is compressed well before a
// secret looks like filler.
func varied(digits []byte, n int) bool {
	var seen [256][4]uint64 // by the first digit, then a bit for each last one
	signs := 0
	for i := 0; i+n <= len(digits) && signs < leastVaried; i += n {
		last := digits[i+n-1]
		bit := uint64(1) << (last & 63)
		if row := &seen[digits[i]][last>>6]; *row&bit == 0 {
			*row |= bit
			signs++
		}
	}
	return signs >= leastVaried
}

// packedDigits says whether a run of base64 begins like something compressed.
func packedDigits(digits []byte) bool {
	if !oneOf(digits[0], packedFirst) {
		return false
	}
	var buf [9]byte
	return packedMagic(appendBase64(buf[:0], digits[:8]))
}

// packedFirst are the first digits of what packedMagic knows.
const packedFirst = "eHKUQ"

// readsAsText says whether the bytes that digits stand for are text.
func readsAsText(digits []byte) bool {
	var buf [leastText + 3]byte
	return readable(appendBase64(buf[:0], digits))
}

// hexHoldsText says whether hex digits, read in pairs, give text or something
// compressed somewhere.
func hexHoldsText(digits []byte) bool {
	var buf [sampleSize]byte
	head := appendHex(buf[:0], digits[:min(len(digits), 2*sampleSize)])
	if packedMagic(head) || wideText(head) || quadText(head) {
		return true
	}
	const step = leastText // every so many pairs; twelve in a row hold one of those
	for at := 0; at+1 < len(digits); at += 2 * step {
		if !seenPair(digits, at) {
			continue
		}
		from, to := at, at+2
		for from >= 2 && seenPair(digits, from-2) {
			from -= 2
		}
		for to+1 < len(digits) && seenPair(digits, to) {
			to += 2
		}
		if to-from >= 2*leastText {
			return true
		}
	}
	return false
}

// seenPair says whether two hex digits stand for a character of text.
func seenPair(digits []byte, at int) bool {
	c := byte(hexValue(digits[at])<<4 | hexValue(digits[at+1]))
	return c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t'
}

// packedMagic says whether b begins like one of the compressed forms that are
// read, see decode_compressed.go.
func packedMagic(b []byte) bool {
	if zlibHeader(b) {
		return true
	}
	for _, p := range inflaters {
		if bytes.HasPrefix(b, []byte(p.magic)) {
			return true
		}
	}
	return false
}
