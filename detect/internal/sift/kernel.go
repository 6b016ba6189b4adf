package sift

import "encoding/binary"

// block has a bitmap of 64 bytes for each class. The assembly knows its layout.
type block struct {
	digits, quotes, commas uint64
	glue, ends, openers    uint64
	marks                  uint64
}

// ahead is how many bytes behind a block the kernels read.
const ahead = 2

// kernel is a way to classify.
type kernel int

const (
	plain kernel = iota
	avx2
	avx512
)

// classify fills dst from the first len(dst)*Width+ahead bytes of text.
func (k kernel) classify(dst []block, text []byte) {
	if k == plain {
		classifyPlain(dst, text)
		return
	}
	_ = text[len(dst)*Width+ahead-1]
	classify(k, &dst[0], &text[0], len(dst))
}

// scan describes text[at:], as far as dst goes, and returns how many blocks it
// filled. The bits of a last block that lie behind the text are not set.
func (k kernel) scan(dst []block, text []byte, at int) int {
	rest := len(text) - at
	whole := min(len(dst), max(0, rest-ahead)/Width)
	if whole > 0 {
		k.classify(dst[:whole], text[at:])
	}
	at += whole * Width
	if whole == len(dst) || at >= len(text) {
		return whole
	}
	k.lastBlock(&dst[whole], text[at:])
	return whole + 1
}

// lastBlock describes the last bytes of a text. What lies behind it is zero.
func (k kernel) lastBlock(dst *block, text []byte) {
	var buf [Width + ahead]byte
	n := min(copy(buf[:], text), Width)
	var out [1]block
	k.classify(out[:], buf[:])
	b, in := &out[0], ^uint64(0)>>(Width-n)
	*dst = block{b.digits & in, b.quotes & in, b.commas & in, b.glue & in, b.ends & in, b.openers & in, b.marks & in}
}

// What plainly knows of a byte, in its lowest byte: a bit for each set. The bytes
// above are its classes as the first, second and third of a mark.
const (
	firstShift  = 8
	secondShift = 16
	thirdShift  = 24
)

var plainly = func() (t [256]uint32) {
	for c := range 256 {
		b := byte(c)
		for k, mask := range shared.masks {
			if shared.sets[k/3].of(b)&mask != 0 {
				t[c] |= 1 << k
			}
		}
		t[c] |= uint32(shared.first.of(b))<<firstShift | uint32(shared.second.of(b))<<secondShift | uint32(shared.third.of(b))<<thirdShift
	}
	return t
}()

// classifyPlain fills dst from the first len(dst)*Width+ahead bytes of text.
func classifyPlain(dst []block, text []byte) {
	for k := range dst {
		var b block
		part := text[k*Width : k*Width+Width+ahead]
		for i := 0; i < Width; i += 8 {
			b.eight(i, (*[8 + ahead]byte)(part[i:]))
		}
		dst[k] = b
	}
}

// eight classifies the first eight of the bytes given, the i-th of a block on.
func (b *block) eight(i int, text *[8 + ahead]byte) {
	var sets [8]byte
	one, two := plainly[text[0]], plainly[text[1]]
	for k := range 8 {
		three := plainly[text[k+ahead]]
		sets[k] = byte(one)
		if one>>firstShift&(two>>secondShift)&(three>>thirdShift) != 0 {
			b.marks |= 1 << (i + k)
		}
		one, two = two, three
	}
	x := transposed(binary.LittleEndian.Uint64(sets[:]))
	b.digits |= x & 0xff << i
	b.quotes |= x >> 8 & 0xff << i
	b.commas |= x >> 16 & 0xff << i
	b.glue |= x >> 24 & 0xff << i
	b.ends |= x >> 32 & 0xff << i
	b.openers |= x >> 40 & 0xff << i
}

// transposed turns eight bytes of eight bits round: bit k of byte i becomes bit i
// of byte k, by exchanging ever larger squares (Warren, "Hacker's Delight",
// section 7-3).
func transposed(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}
