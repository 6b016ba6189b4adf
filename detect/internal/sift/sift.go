package sift

import "math/bits"

const (
	// Width is how many bytes of text one Place describes.
	Width = 64
	// MinRun is how many digits are a run.
	MinRun = 20
	// MinWord is how many digits are a word that may be half of a value.
	MinWord = 8
)

// tile is how many blocks of 64 bytes are classified at a time.
const tile = 16

// Place is 64 bytes of text in which something may be encoded. In its bitmaps the
// lowest bit is the first byte.
type Place struct {
	At int
	// Digits are letters, digits, "+", "/", "-" and "_": base64 in either
	// alphabet of RFC 4648, and hex.
	Digits uint64
	// Runs are the bytes behind runs of MinRun digits or more. A run that ends
	// where the text does has one only if the text does not end with the Place.
	Runs uint64
	// Seams are quotation marks that only glue parts from the one before: blanks,
	// line ends, parentheses and the operators of programming languages.
	Seams uint64
	// Halves are commas behind a quotation mark behind MinWord digits.
	Halves uint64
	// Pairs are the first of digits that stand in pairs with something between.
	Pairs uint64
	// Marks are bytes that, with those behind them, may begin something encoded
	// (see markClasses), and the first of line ends behind ":", "=", "|", ">" and
	// one more digit at most, or the fourth behind a quotation mark: the value of
	// the name before may stand on the next line.
	Marks uint64
	// Blanks are the last of four line ends in a row, as the end of a head has them.
	Blanks uint64
}

func (p *Place) empty() bool {
	return p.Runs|p.Seams|p.Halves|p.Pairs|p.Marks|p.Blanks == 0
}

// Sieve goes through a text. Its zero value has nothing to go through.
type Sieve struct {
	text   []byte
	at, to int // of the text, as far as it was classified; where to stop
	done   int // blocks of the tile
	known  int
	last   trail
	blocks [tile]block
	kernel kernel
}

// New returns a Sieve for text[from:to], rounded up to whole Places. What stands
// before from is as if it were not there.
func New(text []byte, from, to int) Sieve {
	return Sieve{text: text, at: from, to: min(to, len(text)), kernel: best}
}

// Next finds the next Place where something may be encoded; if there is none, it
// returns false.
func (s *Sieve) Next(p *Place) bool {
	for {
		for k := s.done; k < s.known; k++ {
			if s.last.follow(&s.blocks[k], p); !p.empty() {
				s.done = k + 1
				p.At = s.at - (s.known-k)*Width
				return true
			}
		}
		if s.at >= s.to {
			s.done = s.known
			return false
		}
		s.fill()
	}
}

// End is the place behind the last byte that was looked at; it may be behind the
// text's end.
func (s *Sieve) End() int { return s.at - (s.known-s.done)*Width }

func (s *Sieve) fill() {
	want := min(tile, (s.to-s.at+Width-1)/Width)
	s.known = s.kernel.scan(s.blocks[:want], s.text, s.at)
	s.done = 0
	s.at += s.known * Width
}

// trail is what the bits of a block have to know of the block before: its last
// bits, and what was carried out of it. two to long have a bit where so many
// digits end.
type trail struct {
	digits, two, four, eight, long uint64
	quotes, halves, openers        uint64
	ends, twoEnds                  uint64
	glued                          uint64 // 1 if it ends with a quotation mark and glue
}

// behind moves bits to the places n bytes on.
func behind(now, before uint64, n int) uint64 { return now<<n | before>>(64-n) }

// follow sees what stands beside what in a block.
func (t *trail) follow(b *block, p *Place) {
	d := b.digits
	before := behind(d, t.digits, 1)
	two := d & before
	four := two & behind(two, t.two, 2)
	eight := four & behind(four, t.four, 4)
	long := eight & behind(eight, t.eight, 8) & behind(four, t.four, 16) // 8+8+4
	halves := b.quotes & behind(eight, t.eight, 1)
	sum, glued := bits.Add64(b.glue, behind(b.quotes, t.quotes, 1)&b.glue, t.glued)
	twoEnds := b.ends & behind(b.ends, t.ends, 1)
	below := b.ends & (behind(b.openers, t.openers, 1) | behind(b.openers, t.openers, 2)&before)
	fourEnds := twoEnds & behind(twoEnds, t.twoEnds, 2)
	parts := fourEnds & behind(b.quotes, t.quotes, 4)

	p.Digits = d
	p.Runs = behind(long, t.long, 1) &^ d
	p.Seams = sum &^ b.glue & b.quotes
	p.Halves = behind(halves, t.halves, 1) & b.commas
	p.Marks = b.marks | below | parts
	p.Blanks = fourEnds
	p.Pairs = pairs(d) | pairs(d>>32)<<32

	t.digits, t.two, t.four, t.eight, t.long = d, two, four, eight, long
	t.quotes, t.halves, t.openers = b.quotes, halves, b.openers
	t.ends, t.twoEnds, t.glued = b.ends, twoEnds, glued
}

// pairs has a bit for the first of two digits if the lowest 32 bits of d repeat
// two digits and something else.
func pairs(d uint64) uint64 {
	const periods = 1<<29 - 1
	if (d^d>>3)&periods != 0 || bits.OnesCount64(d&7) != 2 {
		return 0
	}
	first := d &^ (d << 1) & (d >> 1)
	return first & -first
}
