package sift

// Width is how many bytes of text one Block describes.
const Width = 64

// Block describes 64 bytes of text, the lowest bit the first byte.
type Block struct {
	// Digits are letters, digits, "+", "/", "-" and "_": base64 in either
	// alphabet of RFC 4648, and hex.
	Digits uint64
	// Quotes are the three quotation marks of ASCII.
	Quotes uint64
	// Glue is what stands between strings that are put together: blanks, line
	// ends, parentheses and the operators of programming languages.
	Glue uint64
	// Marks are bytes that, with the one behind them, may begin something
	// encoded: see markClasses.
	Marks uint64
}

// class is a set of bytes, or of pairs of bytes.
type class struct{ first, second string }

// printables is ASCII that can be seen, as a NUL of UTF-16 is followed by.
const printables = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

const (
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = upper + lower + "0123456789+/-_"
	quotes = "\"'`"
	glue   = " \t\r\n+.&|~<>\\()"
)

// markClasses lists what a mark may be, with the bytes it goes on with; no second
// byte means any.
func markClasses() [8]class {
	return [8]class{
		{"\\", ""},                            // escapes, lines that go on
		{"%&", "0234567P#aglnqS"},             // percent encoding, PDF, entities, bzip2
		{"vV", "a"},                           // value fields, variables
		{"=0", "3xX"},                         // quoted-printable, lists of 0x
		{"|>", "\n\r-+"},                      // blocks of YAML
		{":=\"", "\n\r"},                      // values on the next line, soft line ends, parts of a form
		{"\x00", printables},                  // UTF-16
		{"\x1f\x03\x28!", "\x8b\x04\xb5\x5b"}, // gzip, zip, zstd, CDATA
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

// setOf gives exactly the bytes listed. Those of one high half share a bit; high
// halves with the same low ones do too.
func setOf(bytes string) nibbles {
	var rows [16]uint16
	for i := range len(bytes) {
		rows[bytes[i]>>4] |= 1 << (bytes[i] & 15)
	}
	var n nibbles
	bits := map[uint16]int{}
	for high, row := range rows {
		bit, known := bits[row]
		if row == 0 {
			continue
		}
		if !known {
			bit = len(bits)
			bits[row] = bit
		}
		n.high[high] |= 1 << bit
		for low := range 16 {
			if row>>low&1 != 0 {
				n.low[low] |= 1 << bit
			}
		}
	}
	return n
}

// tables is what a kernel reads; the assembly knows its layout.
type tables struct {
	digits, quotes, glue nibbles
	first, second        nibbles // of marks
}

var shared = makeTables()

func makeTables() *tables {
	t := &tables{digits: setOf(digits), quotes: setOf(quotes), glue: setOf(glue)}
	for bit, c := range markClasses() {
		t.first.add(bit, c.first)
		if c.second == "" {
			for i := range 16 {
				t.second.low[i] |= 1 << bit
				t.second.high[i] |= 1 << bit
			}
		}
		t.second.add(bit, c.second)
	}
	return t
}

// Scan describes text[at:], as far as dst goes, and returns how many blocks it
// filled. The bits of a last block that lie behind the text are not set.
func Scan(dst []Block, text []byte, at int) int {
	return scan(dst, text, at, vectors)
}

func scan(dst []Block, text []byte, at int, vectors bool) int {
	rest := len(text) - at
	whole := min(len(dst), (rest-1)/Width) // the kernels read one byte more
	if whole > 0 && vectors {
		classify(&dst[0], &text[at], whole, shared)
	} else if whole > 0 {
		classifyPlain(dst[:whole], text[at:])
	}
	at += whole * Width
	if whole == len(dst) || at >= len(text) {
		return whole
	}
	dst[whole] = lastBlock(text[at:])
	return whole + 1
}

// lastBlock describes up to 64 bytes behind which there is nothing.
func lastBlock(text []byte) Block {
	var buf [Width + 1]byte
	n := copy(buf[:], text)
	var out [1]Block
	classifyPlain(out[:], buf[:])
	b, in := out[0], ^uint64(0)>>(Width-n)
	return Block{b.Digits & in, b.Quotes & in, b.Glue & in, b.Marks & in}
}

// What plainly knows of a byte beside its classes of marks.
const (
	isDigit = 1 << (8 + iota)
	isQuote
	isGlue
)

var plainly = func() (t [256]uint16) {
	for c := range 256 {
		b := byte(c)
		t[c] = uint16(shared.first.of(b))
		if shared.digits.of(b) != 0 {
			t[c] |= isDigit
		}
		if shared.quotes.of(b) != 0 {
			t[c] |= isQuote
		}
		if shared.glue.of(b) != 0 {
			t[c] |= isGlue
		}
	}
	return t
}()

// classifyPlain fills dst from the first len(dst)*64+1 bytes of text.
func classifyPlain(dst []Block, text []byte) {
	for k := range dst {
		var b Block
		part := text[k*Width : k*Width+Width+1]
		for i := range Width {
			v := plainly[part[i]]
			b.Digits |= uint64(v>>8&1) << i
			b.Quotes |= uint64(v>>9&1) << i
			b.Glue |= uint64(v>>10&1) << i
			if first := byte(v); first != 0 && first&shared.second.of(part[i+1]) != 0 {
				b.Marks |= 1 << i
			}
		}
		dst[k] = b
	}
}
