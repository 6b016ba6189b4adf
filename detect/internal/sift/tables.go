package sift

const (
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	decimal = "0123456789"
	hex     = decimal + "ABCDEFabcdef"

	digits  = upper + lower + decimal + "+/-_"
	quotes  = "\"'`"
	commas  = ","
	glue    = " \t\r\n+.&|~<>\\()"
	ends    = "\r\n"
	openers = ":=|>"
)

// printables is ASCII that can be seen, as a NUL of UTF-16 is followed by.
const printables = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" + decimal + upper + lower

// class is a set of three bytes in a row; no second or third ones mean any.
type class struct{ first, second, third string }

// markClasses lists what a mark may be.
func markClasses() [8]class {
	return [8]class{
		{`\`, `nrtbfaveuUx0123\`, decimal + upper + lower + `{\"'/+-`}, // escapes that a word, digits, or another escape follow; lists of lines
		{`\`, "\"'`$:=#!/\r\n", ""},                                    // characters that stand for themselves, lines that go on
		{"UBP", "+uA", "0fC"},                                          // code points, a Buffer of Node, packs of git
		{"%&", "0234567#aglnqSuP", hex + "xXmptbuY"},                   // percent encoding, references, bzip2, PDF
		{"vV", "a", "lr"},                                              // value fields, variables
		{"=0:", `3xX\`, hex + "nrtbfave"},                              // quoted-printable, lists of 0x, escapes at a value's edge
		{"\x00", printables, "\x00"},                                   // UTF-16
		{"\x1f\x03\x28!", "\x8b\x04\xb5\x5b", ""},                      // gzip, zip, zstd, CDATA
	}
}

// nibbles tells the classes of a byte by its halves: it belongs to those whose
// bits both hold.
type nibbles struct{ low, high [16]byte }

func (n *nibbles) of(c byte) byte { return n.low[c&15] & n.high[c>>4] }

func (n *nibbles) add(bit int, bytes string) {
	for i := range len(bytes) {
		n.low[bytes[i]&15] |= 1 << bit
		n.high[bytes[i]>>4] |= 1 << bit
	}
}

// addAny makes every byte one of the class.
func (n *nibbles) addAny(bit int) {
	for i := range 16 {
		n.low[i] |= 1 << bit
		n.high[i] |= 1 << bit
	}
}

// setsOf gives exactly the bytes listed, and for each set the bits that its bytes
// have. The bytes of one high half share a bit; high halves with the same low ones
// do too. All sets together may take eight.
func setsOf(sets ...string) (n nibbles, masks []byte) {
	bit := 0
	for _, set := range sets {
		var rows [16]uint16
		for i := range len(set) {
			rows[set[i]>>4] |= 1 << (set[i] & 15)
		}
		var mask byte
		known := map[uint16]byte{0: 0}
		for high, row := range rows {
			if _, ok := known[row]; !ok {
				known[row] = 1 << bit
				bit++
			}
			n.high[high] |= known[row]
			mask |= known[row]
			for low := range 16 {
				if row>>low&1 != 0 {
					n.low[low] |= known[row]
				}
			}
		}
		masks = append(masks, mask)
	}
	return n, masks
}

// tables is what a kernel reads; the assembly knows its layout.
type tables struct {
	sets                 [2]nibbles // digits, quotes and commas; glue, ends and openers
	first, second, third nibbles    // of marks
	masks                [6]byte    // of the sets, in that order
}

var shared = makeTables()

func makeTables() *tables {
	t := &tables{}
	var one, two []byte
	t.sets[0], one = setsOf(digits, quotes, commas)
	t.sets[1], two = setsOf(glue, ends, openers)
	copy(t.masks[:], append(one, two...))
	for bit, c := range markClasses() {
		for _, part := range []struct {
			n     *nibbles
			bytes string
		}{{&t.first, c.first}, {&t.second, c.second}, {&t.third, c.third}} {
			if part.bytes == "" {
				part.n.addAny(bit)
			}
			part.n.add(bit, part.bytes)
		}
	}
	return t
}
