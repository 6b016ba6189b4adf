package detect

// Base32 (RFC 4648, sections 6 and 7) in capitals or small letters, of either alphabet.

// base32Form is one way to write it.
type base32Form struct {
	name   string
	values [256]int8 // of digits; notADigit for all else
}

var base32Forms = func() (forms [4]base32Form) {
	const capitals, small = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
	for i, f := range [...]struct{ name, digits string }{
		{"base32", capitals + "234567"}, {"base32", small + "234567"},
		{"base32hex", "0123456789" + capitals[:22]}, {"base32hex", "0123456789" + small[:22]},
	} {
		forms[i].name = f.name
		for c := range forms[i].values {
			forms[i].values[c] = notADigit
		}
		for v := range len(f.digits) {
			forms[i].values[f.digits[v]] = int8(v)
		}
	}
	return forms
}()

// base32Of has a bit for each form that a byte is a digit of.
var base32Of = func() (t [256]uint8) {
	for i := range base32Forms {
		for c, v := range base32Forms[i].values {
			if v >= 0 {
				t[c] |= 1 << i
			}
		}
	}
	return t
}()

// base32Group is how many digits say whole bytes, five.
const base32Group = 8

// base32FormsOf are the forms in which a run may be text: a bit for each. Few runs of hex
// or base64 have one by their first digits, and those that have are looked at to the end.
func base32FormsOf(src []byte) (forms uint8) {
	if len(src) <= base32Group {
		return 0
	}
	forms = base32Of[src[len(src)-1]] & base32Of[src[base32Group]] // of an id in hex that is a dash
	for _, c := range src[:base32Group] {
		if forms &= base32Of[c]; forms == 0 {
			return 0
		}
	}
	for i := range base32Forms {
		if forms>>i&1 == 1 && !base32Forms[i].beginsText(src) {
			forms &^= 1 << i
		}
	}
	for _, c := range src[base32Group:] {
		if forms &= base32Of[c]; forms == 0 {
			return 0
		}
	}
	return forms
}

// beginsText says whether the first group is text.
func (f *base32Form) beginsText(src []byte) bool {
	var v uint64
	for _, c := range src[:base32Group] {
		v = v<<5 | uint64(f.values[c])
	}
	if v&0x8080808080 != 0 { // not ASCII
		return false
	}
	for ; v != 0; v >>= 8 {
		if !seen(byte(v)) {
			return false
		}
	}
	return f.values[src[0]] >= ' '>>3
}

// appendTo decodes digits as far as they are some. What is left of a byte is dropped.
func (f *base32Form) appendTo(dst, src []byte) []byte {
	value, have := uint32(0), 0
	for _, c := range src {
		d := f.values[c]
		if d < 0 {
			return dst
		}
		value, have = value<<5|uint32(d), have+5
		if have >= 8 {
			have -= 8
			dst = append(dst, byte(value>>have))
		}
	}
	return dst
}

// peelBase32 decodes a run of nothing but base32 digits if that gives text, and says
// whether it did.
func (w *sweep) peelBase32(pieces []piece, src []byte) bool {
	forms := base32FormsOf(src)
	for i := 0; forms>>i != 0; i++ {
		if forms>>i&1 == 1 && w.peelForm(&base32Forms[i], pieces, src) {
			return true
		}
	}
	return false
}

func (w *sweep) peelForm(f *base32Form, pieces []piece, src []byte) bool {
	child := w.s.layers.take()
	child.text = f.appendTo(child.text, src)
	if !printable(child.text) {
		w.s.layers.give(child)
		return false
	}
	if w.fits(child, run{pieces: pieces, size: len(src), digits: 8, bytes: 5}) {
		w.peelDigits(child, f.name)
	}
	return true
}
