// Command gen writes the assembly of package anchor for amd64. It is a module of
// its own, so that Cordon does not depend on avo. To renew kernels_amd64.s after a
// change here:
//
//	cd detect/internal/anchor/gen && go run . ../kernels_amd64.s
//
// The file names the hash of these two; a test of package anchor holds them
// together.
package main

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"os"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

//go:embed main.go
var source []byte

//go:embed sift.go
var siftSource []byte

// What package anchor lays down: see tables and classTable there.
const (
	rowSize   = 16
	planeRows = 6
	highRow   = 4
	maskRow   = 4 * planeRows
	wordBits  = 64
)

// All functions have the same parameters: what is looked up, the text, and the
// words to fill, of which one or a pair stands for 64 bytes of text.
const signature = "func(t *[%d][16]byte, text []byte, words []%s)"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FILE")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(out string) error {
	c := build.NewContext()
	c.Constraint(buildtags.Term("amd64").ToConstraint())
	fillAVX2(c)
	fillAVX512(c)
	classifyAVX2(c)
	classifyAVX512(c)
	siftBMI(c)
	file, err := c.Result()
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	if err := pass.Compile.Execute(file); err != nil {
		return fmt.Errorf("compiling: %w", err)
	}
	code, err := printer.NewGoAsm(printer.Config{Name: "avo", Pkg: "anchor"}).Print(file)
	if err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	head := fmt.Sprintf("// Source: gen/main.go and gen/sift.go, SHA-256 %x\n", sha256.Sum256(append(source, siftSource...)))
	return os.WriteFile(out, append([]byte(head), code...), 0o644)
}

// kernel is a function being written: pointers to the table, the text and the
// words, and how many words are left.
type kernel struct {
	*build.Context
	table, text, words, left reg.Register
}

func newKernel(c *build.Context, name string, rows int, word string) *kernel {
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr(fmt.Sprintf(signature, rows, word))
	return &kernel{
		Context: c,
		table:   c.Load(c.Param("t"), c.GP64()),
		text:    c.Load(c.Param("text").Base(), c.GP64()),
		words:   c.Load(c.Param("words").Base(), c.GP64()),
		left:    c.Load(c.Param("words").Len(), c.GP64()),
	}
}

// loop runs body for every word; it moves on by itself.
func (k *kernel) loop(wordSize uint8, body func()) {
	k.TESTQ(k.left, k.left)
	k.JZ(operand.LabelRef("done"))
	k.Label("next")
	body()
	k.ADDQ(operand.I8(wordBits), k.text)
	k.ADDQ(operand.U8(wordSize), k.words)
	k.DECQ(k.left)
	k.JNZ(operand.LabelRef("next"))
	k.Label("done")
	k.VZEROUPPER()
	k.RET()
}

func (k *kernel) row(i int) operand.Mem  { return operand.Mem{Base: k.table, Disp: i * rowSize} }
func (k *kernel) byte(i int) operand.Mem { return operand.Mem{Base: k.text, Disp: i} }

// bytes256 returns a vector of one byte's copies.
func (k *kernel) bytes256(b uint64) reg.VecVirtual {
	v, x, gp := k.YMM(), k.XMM(), k.GP32()
	k.MOVL(operand.U32(b), gp)
	k.VMOVD(gp, x)
	k.VPBROADCASTB(x, v)
	return v
}

func (k *kernel) row256(i int) reg.VecVirtual {
	v := k.YMM()
	k.VBROADCASTI128(k.row(i), v)
	return v
}

// lookUp256 looks index up in row i.
func (k *kernel) lookUp256(i int, index reg.VecVirtual) reg.VecVirtual {
	v := k.row256(i)
	k.VPSHUFB(index, v, v)
	return v
}

// A mark is two words: long windows, then short ones.
const markSize = 16

func fillAVX2(c *build.Context) {
	k := newKernel(c, "fillAVX2", maskRow+4, "[2]uint64")
	zero, first, second := k.YMM(), k.bytes256(5), k.bytes256(10)
	k.VPXOR(zero, zero, zero)
	k.loop(markSize, func() {
		var bits [2][2]reg.Register
		for half := range 2 {
			long, short := k.mark256(32*half, first, second)
			bits[0][half], bits[1][half] = k.zeros256(long, zero), k.zeros256(short, zero)
		}
		k.store256(0, bits[0][0], bits[0][1])
		k.store256(8, bits[1][0], bits[1][1])
	})
}

// mark256 looks up what stands at 32 places in all planes. Short windows have no
// low half in their last place, and the high halves of it are all allowed.
func (k *kernel) mark256(at int, first, second reg.VecVirtual) (long, short reg.VecVirtual) {
	var planes [4]reg.VecVirtual
	for i := 0; i < 4; i += 2 {
		a, b, high, shifted := k.YMM(), k.YMM(), k.YMM(), k.YMM()
		k.VMOVDQU(k.byte(at+i), a)
		k.VMOVDQU(k.byte(at+i+1), b)
		k.VPSRLW(operand.I8(4), a, high)
		k.VPSRLW(operand.I8(3), b, shifted)
		k.VPAND(first, high, high)
		k.VPAND(second, shifted, shifted)
		k.VPOR(shifted, high, high)
		k.and256(maskRow+i, a)
		k.and256(maskRow+i+1, b)
		for p := range planes {
			all := []reg.VecVirtual{k.lookUp256(p*planeRows+highRow+i/2, high), k.lookUp256(p*planeRows+i, a)}
			if i == 0 || p < 2 {
				all = append(all, k.lookUp256(p*planeRows+i+1, b))
			}
			if i > 0 {
				all = append(all, planes[p])
			}
			for _, v := range all[1:] {
				k.VPAND(v, all[0], all[0])
			}
			planes[p] = all[0]
		}
	}
	k.VPOR(planes[0], planes[1], planes[0])
	k.VPOR(planes[2], planes[3], planes[2])
	return planes[0], planes[2]
}

func (k *kernel) and256(row int, v reg.VecVirtual) {
	k.VPAND(k.row256(row), v, v)
}

// zeros256 returns a bit for every byte of v that is zero.
func (k *kernel) zeros256(v, zero reg.VecVirtual) reg.GPVirtual {
	k.VPCMPEQB(zero, v, v)
	bits := k.GP32()
	k.VPMOVMSKB(v, bits)
	return bits
}

// store256 writes the complement of two halves of the word so many bytes on.
func (k *kernel) store256(at int, low, high reg.Register) {
	l, h := low.(reg.GPVirtual).As64(), high.(reg.GPVirtual).As64()
	k.SHLQ(operand.I8(32), h)
	k.ORQ(h, l)
	k.NOTQ(l)
	k.MOVQ(l, operand.Mem{Base: k.words, Disp: at})
}

func (k *kernel) bytes512(b uint64) reg.VecVirtual {
	v, gp := k.ZMM(), k.GP32()
	k.MOVL(operand.U32(b), gp)
	k.VPBROADCASTB(gp, v)
	return v
}

func (k *kernel) row512(i int) reg.VecVirtual {
	v := k.ZMM()
	k.VBROADCASTI32X4(k.row(i), v)
	return v
}

// What VPTERNLOG computes of a, b and c, the destination being a.
const (
	allOfThree = 0x80 // a & b & c
	orBoth     = 0xf8 // a | b & c
)

func fillAVX512(c *build.Context) {
	k := newKernel(c, "fillAVX512", maskRow+4, "[2]uint64")
	var masks [4]reg.VecVirtual
	for i := range masks {
		masks[i] = k.row512(maskRow + i)
	}
	first, second := k.bytes512(5), k.bytes512(10)
	const kept = 12 // rows that there are registers for
	var rows [maskRow]reg.VecVirtual
	for i := range kept {
		rows[i] = k.row512(i)
	}
	row := func(i int) reg.VecVirtual {
		if i < kept {
			return rows[i]
		}
		return k.row512(i)
	}
	k.loop(markSize, func() {
		var planes [4]reg.VecVirtual
		for i := 0; i < 4; i += 2 {
			a, b, high, shifted := k.ZMM(), k.ZMM(), k.ZMM(), k.ZMM()
			k.VMOVDQU8(k.byte(i), a)
			k.VMOVDQU8(k.byte(i+1), b)
			k.VPSRLW(operand.U8(4), a, high)
			k.VPSRLW(operand.U8(3), b, shifted)
			k.VPANDQ(first, high, high)
			k.VPTERNLOGQ(operand.U8(orBoth), second, shifted, high)
			k.VPANDQ(masks[i], a, a)
			k.VPANDQ(masks[i+1], b, b)
			for p := range planes {
				all := []reg.VecVirtual{k.lookUp512(high, row(p*planeRows+highRow+i/2)), k.lookUp512(a, row(p*planeRows+i))}
				if i == 0 || p < 2 {
					all = append(all, k.lookUp512(b, row(p*planeRows+i+1)))
				}
				if i > 0 {
					all = append(all, planes[p])
				}
				planes[p] = k.all512(all)
			}
		}
		k.VPORQ(planes[0], planes[1], planes[0])
		k.VPORQ(planes[2], planes[3], planes[2])
		k.store512(0, planes[0])
		k.store512(8, planes[2])
	})
}

func (k *kernel) lookUp512(index, row reg.VecVirtual) reg.VecVirtual {
	v := k.ZMM()
	k.VPSHUFB(index, row, v)
	return v
}

// all512 returns what three vectors or four have in common.
func (k *kernel) all512(all []reg.VecVirtual) reg.VecVirtual {
	k.VPTERNLOGQ(operand.U8(allOfThree), all[2], all[1], all[0])
	if len(all) > 3 {
		k.VPANDQ(all[3], all[0], all[0])
	}
	return all[0]
}

// store512 writes, so many bytes on, a bit for every byte that is not zero.
func (k *kernel) store512(at int, v reg.VecVirtual) {
	bits := k.K()
	k.VPTESTMB(v, v, bits)
	k.KMOVQ(bits, operand.Mem{Base: k.words, Disp: at})
}

func classifyAVX2(c *build.Context) {
	k := newKernel(c, "classifyAVX2", 4, "uint64")
	zero, low := k.YMM(), k.bytes256(15)
	k.VPXOR(zero, zero, zero)
	var rows [4]reg.VecVirtual
	for i := range rows {
		rows[i] = k.row256(i)
	}
	half := func(at int) reg.Register {
		a, b := k.YMM(), k.YMM()
		k.VMOVDQU(k.byte(at), a)
		k.VPSRLW(operand.I8(4), a, b)
		k.VPAND(low, a, a)
		k.VPAND(low, b, b)
		w, x, y, z := k.YMM(), k.YMM(), k.YMM(), k.YMM()
		k.VPSHUFB(a, rows[0], w)
		k.VPSHUFB(b, rows[1], x)
		k.VPSHUFB(a, rows[2], y)
		k.VPSHUFB(b, rows[3], z)
		k.VPAND(w, x, x)
		k.VPAND(y, z, z)
		k.VPOR(x, z, z)
		return k.zeros256(z, zero)
	}
	k.loop(8, func() { k.store256(0, half(0), half(32)) })
}

func classifyAVX512(c *build.Context) {
	k := newKernel(c, "classifyAVX512", 4, "uint64")
	low := k.bytes512(15)
	var rows [4]reg.VecVirtual
	for i := range rows {
		rows[i] = k.row512(i)
	}
	k.loop(8, func() {
		a, b := k.ZMM(), k.ZMM()
		k.VMOVDQU8(k.byte(0), a)
		k.VPSRLW(operand.U8(4), a, b)
		k.VPANDQ(low, a, a)
		k.VPANDQ(low, b, b)
		w, x, y, z := k.ZMM(), k.ZMM(), k.ZMM(), k.ZMM()
		k.VPSHUFB(a, rows[0], w)
		k.VPSHUFB(b, rows[1], x)
		k.VPSHUFB(a, rows[2], y)
		k.VPSHUFB(b, rows[3], z)
		k.VPANDQ(w, x, x)
		k.VPTERNLOGQ(operand.U8(orBoth), z, y, x)
		k.store512(0, x)
	})
}
