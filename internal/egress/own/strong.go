package own

import "strings"

// pairsOfWords are the pairs of letters that words of English and of programs are
// made of: two thirds of those in text, a seventh of those in random letters.
const pairsOfWords = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur " +
	"ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke ui pt do ua uc bo ap rd ck " +
	"us ux ub uf ev db ps ss lt nu my sq ql ht tp tt ap pi cl ud"

// strong says whether twelve bytes look random, so that no other text has them by
// chance: seven different ones, and digits, small letters and capitals in turn, or
// letters that no word is made of.
func strong(w []byte) bool {
	var seen [256]bool
	distinct, turns, digits, letters, wordy := 0, 0, 0, 0, 0
	last := byte(0) // kind of the last letter or digit
	for i, c := range w {
		kind := kindOf(c)
		c = folded(c)
		if !seen[c] {
			seen[c] = true
			distinct++
		}
		if kind == 'd' {
			digits++
		}
		if kind != 0 && last != 0 && kind != last {
			turns++
		}
		if i > 0 && isLetter(kind) && isLetter(kindOf(w[i-1])) {
			letters++
			if pairOfWords(folded(w[i-1]), c) {
				wordy++
			}
		}
		if kind != 0 {
			last = kind
		}
	}
	switch {
	case distinct < 7:
		return false
	case turns >= 6 || unprintable(w):
		return true
	case letters >= 4 && 3*wordy >= 2*letters:
		return false
	}
	return turns >= 2 && digits > 0 || digits < len(w) && letters >= 6 && 3*wordy <= letters
}

// varied says whether a piece of something random is random enough by itself.
func varied(w []byte) bool {
	var seen [256]bool
	distinct, digits := 0, 0
	for _, c := range w {
		c = folded(c)
		if !seen[c] {
			seen[c] = true
			distinct++
		}
		if kindOf(c) == 'd' {
			digits++
		}
	}
	return distinct >= 5 && digits < len(w)
}

// kindOf is d for a digit, l for a small letter, u for a capital, else 0.
func kindOf(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return 'd'
	case c >= 'a' && c <= 'z':
		return 'l'
	case c >= 'A' && c <= 'Z':
		return 'u'
	}
	return 0
}

func isLetter(kind byte) bool { return kind == 'l' || kind == 'u' }

func pairOfWords(a, b byte) bool {
	return strings.Contains(pairsOfWords, string([]byte{a, b})) // never over a blank: both are letters
}

// unprintable says whether bytes are no text.
func unprintable(w []byte) bool {
	n := 0
	for _, c := range w {
		if c >= 0x80 || c < ' ' {
			n++
		}
	}
	return n >= len(w)/4
}
