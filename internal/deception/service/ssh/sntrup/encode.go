package sntrup

// encodeSmall packs four coefficients into a byte.
func encodeSmall(f *[p]int8) []byte {
	out := make([]byte, smallSize)
	for i, c := range f {
		out[i/4] |= byte(c+1) << (2 * (i % 4))
	}
	return out
}

// encodeRounded encodes coefficients that are multiples of 3.
func encodeRounded(c *[p]int16) []byte {
	digits, moduli := make([]uint32, p), make([]uint32, p)
	for i := range c {
		digits[i], moduli[i] = uint32(int32(c[i])+half)*10923>>15, (q+2)/3 // n*10923>>15 is n/3
	}
	return encode(make([]byte, 0, roundedSize), digits, moduli)
}

// encode writes digits of a mixed radix: neighbours are joined into one digit,
// whose low bytes are written as soon as they are whole, until one is left.
func encode(out []byte, digits, moduli []uint32) []byte {
	for len(digits) > 1 {
		n := 0
		for i := 0; i+1 < len(digits); i += 2 {
			r, m := digits[i]+digits[i+1]*moduli[i], moduli[i]*moduli[i+1]
			for m >= 16384 {
				out = append(out, byte(r))
				r, m = r>>8, (m+255)>>8
			}
			digits[n], moduli[n] = r, m
			n++
		}
		if len(digits)%2 == 1 {
			digits[n], moduli[n] = digits[len(digits)-1], moduli[len(digits)-1]
			n++
		}
		digits, moduli = digits[:n], moduli[:n]
	}
	for r, m := digits[0], moduli[0]; m > 1; r, m = r>>8, (m+255)>>8 {
		out = append(out, byte(r))
	}
	return out
}

// decodeRq reads the coefficients of a public key.
func decodeRq(b []byte) *[p]int16 {
	moduli := make([]uint32, p)
	for i := range moduli {
		moduli[i] = q
	}
	out := new([p]int16)
	for i, d := range decode(b, moduli) {
		out[i] = int16(int32(d) - half)
	}
	return out
}

// low is what encode wrote of one joined digit: its value and the next power
// of 256.
type low struct{ value, scale uint32 }

// decode undoes encode. Every input decodes to something: digits are reduced
// modulo their radix, as the specification has it.
func decode(b []byte, moduli []uint32) []uint32 {
	if len(moduli) == 1 {
		r := uint32(b[0])
		if moduli[0] > 256 {
			r |= uint32(b[1]) << 8
		}
		return []uint32{r % moduli[0]}
	}
	lows, joined := make([]low, len(moduli)/2), make([]uint32, 0, (len(moduli)+1)/2)
	for i := range lows {
		m := moduli[2*i] * moduli[2*i+1]
		lows[i].scale = 1
		for m >= 16384 {
			lows[i].value += uint32(b[0]) * lows[i].scale
			lows[i].scale <<= 8
			b, m = b[1:], (m+255)>>8
		}
		joined = append(joined, m)
	}
	if len(moduli)%2 == 1 {
		joined = append(joined, moduli[len(moduli)-1])
	}
	return split(decode(b, joined), lows, moduli)
}

func split(joined []uint32, lows []low, moduli []uint32) []uint32 {
	out := make([]uint32, len(moduli))
	for i, l := range lows {
		r := l.value + l.scale*joined[i]
		out[2*i] = r % moduli[2*i]
		out[2*i+1] = r / moduli[2*i] % moduli[2*i+1]
	}
	if len(moduli)%2 == 1 {
		out[len(moduli)-1] = joined[len(joined)-1]
	}
	return out
}
