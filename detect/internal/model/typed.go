package model

import "bytes"

// shownRun is how many characters in a row have to count up or down before a
// value is taken for one that was made up to be shown: 1234567, zyxwvut. Of
// random text in hexadecimal four in a million have so many.
const shownRun = 7

// Shown says whether a value was made up to be shown, whatever format it has:
// most of it counts, as in sk_abcdefghijklmnop123 and a1b2c3d4, or stays on one
// character.
func Shown(value []byte) bool {
	if len(value) < 12 || len(value) > 256 {
		return false
	}
	counted, up, same := 0, 1, 1
	for i := 1; i <= len(value); i++ {
		if i < len(value) && lower(value[i-1])+1 == lower(value[i]) {
			up++
		} else {
			counted, up = counted+atLeast(up, 5), 1
		}
		if i < len(value) && value[i-1] == value[i] {
			same++
		} else {
			counted, same = counted+atLeast(same, 4), 1
		}
	}
	_, second := follow(value)
	return counted*2 > len(value) || second*10 > len(value)*7
}

// atLeast is n, or nothing if it is less than least.
func atLeast(n, least int) int {
	if n < least {
		return 0
	}
	return n
}

// counted says whether characters of the value follow on each other as nobody
// draws them: 1234567890, a1b2c3d4.
func (s shape) counted() bool { return s.sequence() > 0.35 || run(s.value) >= shownRun }

// typedLong says whether a value of the length of a token was counted, and not
// only has a number in it.
func (s shape) typedLong() bool {
	return len(s.value) >= 16 && s.counted() && (s.smalls+s.capitals > 0 || run(s.value) >= shownRun)
}

// run is the length of the longest stretch that counts up, or down, by one.
func run(value []byte) int {
	best, up, down := 0, 1, 1
	for i := 1; i < len(value); i++ {
		a, b := lower(value[i-1]), lower(value[i])
		up, down = longer(up, a+1 == b || a == '9' && b == '0'), longer(down, b+1 == a)
		best = max(best, up, down)
	}
	return best
}

func longer(n int, goesOn bool) int {
	if goesOn {
		return n + 1
	}
	return 1
}

// mashed says whether the value was typed on a keyboard without a look at it:
// hands stay on one row, and come back to what they typed before. In 40 random
// characters either has a chance of less than one in a thousand.
func (s shape) mashed() bool {
	if s.hex || len(s.value) < 12 || len(s.value) > 128 {
		return false
	}
	return rows(s.value) >= 2 || homeRow(s.value) || repeats(s.value) >= 2 && s.rest <= 2
}

// rows counts the places where four keys in a row were hit.
func rows(value []byte) int {
	const keys = "qwertyuiop asdfghjkl zxcvbnm poiuytrewq lkjhgfdsa mnbvcxz asdfasdf sdfsdf dfdfdf fdsfds jkjk !@#$%^&*()"
	n := 0
	for i := 0; i+4 <= len(value); i++ {
		var four [4]byte
		for j := range four {
			four[j] = lower(value[i+j])
		}
		n += b2i(bytes.Contains([]byte(keys), four[:]))
	}
	return n
}

// homeRow says whether the fingers never left the middle row.
func homeRow(value []byte) bool {
	home, letters := 0, 0
	for _, c := range value {
		letters += b2i(letter(c) >= 0)
		home += b2i(oneOf(lower(c), "asdfghjkl"))
	}
	return letters >= 12 && home*5 >= letters*4
}

// repeats counts the places where four characters stand that stood before.
func repeats(value []byte) int {
	n := 0
	for i := 4; i+4 <= len(value); i++ {
		n += b2i(bytes.Contains(value[:i], value[i:i+4]))
	}
	return n
}

// imageToken says whether the value belongs to the address of an image: what
// shows a badge in a document is meant to be read by everyone.
func imageToken(c Candidate) bool {
	u := addressBefore(c)
	at := bytes.LastIndexByte(u, '?')
	return at > 0 && (bytes.HasSuffix(u[:at], []byte(".svg")) || bytes.HasSuffix(u[:at], []byte(".png")))
}

// addressBefore is the part of a URL that the value stands in, up to the value;
// nil if it stands in none.
func addressBefore(c Candidate) []byte {
	from := c.Start
	for from > 0 && c.Start-from < 300 && c.Text[from-1] > ' ' && !oneOf(c.Text[from-1], "\"'`<>()") {
		from--
	}
	if at := bytes.Index(c.Text[from:c.Start], []byte("://")); at >= 0 {
		return c.Text[from+at+len("://") : c.Start]
	}
	return nil
}

// bareKey says whether the name is "key" and nothing more: maps, caches, locks
// and tests have such, more often than services have.
func bareKey(name []byte) bool {
	var buf [8]byte
	word := squeeze(buf[:0], name)
	return string(word) == "key" || string(word) == "keys"
}
