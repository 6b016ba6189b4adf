package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// What package anchor hashes windows by: see index there.
const (
	golden   = 0x9e3779b1
	folds    = 0x20202020
	hashBits = 15
	halfSize = 1 << hashBits / 8 // bytes of bits for long windows, and for short ones
)

// siftBMI clears the marks at which the text has a hash that no window has. It
// looks at some places at once, whether there are so many in a word or not: how
// many there are is hard to foretell for a processor.
func siftBMI(c *build.Context) {
	c.Function("siftBMI")
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func(bits *[1024]uint64, text []byte, words [][2]uint64, short uint32)")
	k := &kernel{
		Context: c,
		table:   c.Load(c.Param("bits"), c.GP64()),
		text:    c.Load(c.Param("text").Base(), c.GP64()),
		words:   c.Load(c.Param("words").Base(), c.GP64()),
		left:    c.Load(c.Param("words").Len(), c.GP64()),
	}
	mask := c.Load(c.Param("short"), c.GP32())
	k.TESTQ(k.left, k.left)
	k.JZ(operand.LabelRef("done"))
	k.Label("next")
	k.siftWord("long", 0, func(reg.GPVirtual) {})
	k.siftWord("short", 8, func(window reg.GPVirtual) { k.ANDL(mask, window) })
	k.ADDQ(operand.I8(wordBits), k.text)
	k.ADDQ(operand.I8(markSize), k.words)
	k.DECQ(k.left)
	k.JNZ(operand.LabelRef("next"))
	k.Label("done")
	k.RET()
}

// siftWord sifts the word so many bytes on in a mark.
func (k *kernel) siftWord(name string, at int, keep func(reg.GPVirtual)) {
	const atOnce = 3
	word, kept := k.GP64(), k.GP64()
	k.MOVQ(operand.Mem{Base: k.words, Disp: at}, word)
	k.TESTQ(word, word)
	k.JZ(operand.LabelRef(name + "Done"))
	k.XORQ(kept, kept)
	k.Label(name)
	for range atOnce {
		k.siftPlace(word, kept, at/8*halfSize, keep)
	}
	k.TESTQ(word, word)
	k.JNZ(operand.LabelRef(name))
	k.MOVQ(kept, operand.Mem{Base: k.words, Disp: at})
	k.Label(name + "Done")
}

// siftPlace takes the lowest bit off word, and adds it to kept if the text there
// has a hash of the bits at base. Without such a bit it looks in vain, at a place
// that can be read.
func (k *kernel) siftPlace(word, kept reg.GPVirtual, base int, keep func(reg.GPVirtual)) {
	i, lowest, window, hash, found := k.GP64(), k.GP64(), k.GP64(), k.GP64(), k.GP64()
	k.TZCNTQ(word, i)
	k.ANDL(operand.I8(wordBits-1), i.As32())
	k.BLSIQ(word, lowest)
	k.BLSRQ(word, word)
	k.MOVL(operand.Mem{Base: k.text, Index: i, Scale: 1}, window.As32())
	k.ORL(operand.U32(folds), window.As32())
	keep(window.As32().(reg.GPVirtual))
	k.IMUL3L(operand.U32(golden), window.As32(), hash.As32())
	k.SHRL(operand.U8(32-hashBits), hash.As32())
	k.MOVL(hash.As32(), window.As32())
	k.SHRL(operand.U8(6), window.As32())
	k.MOVQ(operand.Mem{Base: k.table, Disp: base, Index: window, Scale: 8}, found)
	k.BTQ(hash, found)
	k.SBBQ(found, found)
	k.ANDQ(lowest, found)
	k.ORQ(found, kept)
}
