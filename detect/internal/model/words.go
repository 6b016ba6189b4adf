package model

// letterRow is the number of letters a row of bigrams has.
const letterRow = 26

func letter(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	}
	return -1
}

// wordBits is how much likelier the letter pairs of b are in words than in
// random text, in bits per pair, and how many pairs there are. Where a capital
// follows a small letter a new word begins.
func wordBits(b []byte) (bits float64, pairs int) {
	sum := 0
	for i := 1; i < len(b); i++ {
		x, y := letter(b[i-1]), letter(b[i])
		if x < 0 || y < 0 || small(b[i-1]) && !small(b[i]) {
			continue
		}
		pairs++
		sum += int(bigrams[x*letterRow+y]) - 'P'
	}
	if pairs == 0 {
		return 0, 0
	}
	return float64(sum) / 8 / float64(pairs), pairs
}

func small(c byte) bool { return c >= 'a' && c <= 'z' }

func capital(c byte) bool { return c >= 'A' && c <= 'Z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

func lower(c byte) byte {
	if capital(c) {
		return c + 'a' - 'A'
	}
	return c
}

// clamp keeps v between -most and most.
func clamp(v, most float64) float64 { return max(-most, min(most, v)) }

// Wordy says whether b is words run together rather than random letters. Letters
// up to f, as hexadecimal has, make up syllables by chance and count for nothing.
func Wordy(b []byte) bool {
	bits, pairs := wordBits(b)
	far := 0
	for _, c := range b {
		far += b2i(lower(c) > 'f' && lower(c) <= 'z')
	}
	return pairs >= 8 && far >= 6 && bits > 0.4
}

// Random says whether the letters of b are such as chance draws: of 20 letters
// drawn one time in twenty is not known, and no name of a program is taken for them.
func Random(b []byte) bool {
	bits, pairs := wordBits(b)
	return pairs >= 6 && bits < -0.5
}
