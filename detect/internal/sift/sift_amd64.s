#include "textflag.h"

// The tables at R8: low and high halves of two groups of sets, of the first,
// second and third bytes of marks, 16 bytes each; then a mask for each set.
#define SETS1  0
#define SETS2  32
#define FIRST  64
#define SECOND 96
#define THIRD  128
#define MASKS  160

// The bitmaps of a block at DI.
#define DIGITS  0
#define QUOTES  8
#define COMMAS  16
#define GLUE    24
#define ENDS    32
#define OPENERS 40
#define MARKS   48
#define BLOCK   56

// AVX2: everything is written out for the two halves of a block. Y0 holds 15 in
// every byte, Y1 zeroes; Y2 and Y3 are the low and high halves of the first 32
// bytes, Y4 and Y5 of the second. A byte of which nothing is left under a mask
// compares equal to zero, hence the NOT.

// HALVES splits the 32 bytes at off(SI).
#define HALVES(off, low, high) \
	VMOVDQU off(SI), low     \
	VPSRLW  $4, low, high    \
	VPAND   Y0, low, low     \
	VPAND   Y0, high, high

// LOOKUP leaves in dst the classes of the bytes whose halves are given, by the
// tables in Y6 and Y7.
#define LOOKUP(low, high, dst, tmp) \
	VPSHUFB low, Y6, dst    \
	VPSHUFB high, Y7, tmp   \
	VPAND   tmp, dst, dst

// CLASSES looks both halves of a block up by the tables at off(R8).
#define CLASSES(off, first, second) \
	VBROADCASTI128 off(R8), Y6    \
	VBROADCASTI128 off+16(R8), Y7 \
	LOOKUP(Y2, Y3, first, Y10)    \
	LOOKUP(Y4, Y5, second, Y10)

// STORE writes the bitmap of what is not zero in a (first half) and b.
#define STORE(a, b, out) \
	VPCMPEQB  a, Y1, a \
	VPCMPEQB  b, Y1, b \
	VPMOVMSKB a, AX    \
	VPMOVMSKB b, BX    \
	SHLQ      $32, BX  \
	ORQ       BX, AX   \
	NOTQ      AX       \
	MOVQ      AX, out(DI)

// SET writes the bitmap of one of the sets whose classes are in Y8 and Y9.
#define SET(mask, out) \
	VPBROADCASTB MASKS+mask(R8), Y10 \
	VPAND        Y8, Y10, Y11        \
	VPAND        Y9, Y10, Y12        \
	STORE(Y11, Y12, out)

// func classifyAVX2(dst *block, src *byte, n int, t *tables)
TEXT ·classifyAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ t+24(FP), R8
	MOVQ $0x0f0f0f0f0f0f0f0f, AX
	MOVQ AX, X0
	VPBROADCASTQ X0, Y0
	VPXOR Y1, Y1, Y1

block:
	HALVES(0, Y2, Y3)
	HALVES(32, Y4, Y5)
	CLASSES(SETS1, Y8, Y9)
	SET(0, DIGITS)
	SET(1, QUOTES)
	SET(2, COMMAS)
	CLASSES(SETS2, Y8, Y9)
	SET(3, GLUE)
	SET(4, ENDS)
	SET(5, OPENERS)

	// Marks: the classes of a byte and those of the two behind it.
	CLASSES(FIRST, Y13, Y14)
	HALVES(1, Y2, Y3)
	HALVES(33, Y4, Y5)
	CLASSES(SECOND, Y8, Y9)
	VPAND Y8, Y13, Y13
	VPAND Y9, Y14, Y14
	HALVES(2, Y2, Y3)
	HALVES(34, Y4, Y5)
	CLASSES(THIRD, Y8, Y9)
	VPAND Y8, Y13, Y13
	VPAND Y9, Y14, Y14
	STORE(Y13, Y14, MARKS)

	ADDQ $64, SI
	ADDQ $BLOCK, DI
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET

// AVX-512: a block is one vector, and the tables and masks stay in registers.

#define LOAD(off, low, high) \
	VBROADCASTI32X4 off(R8), low    \
	VBROADCASTI32X4 off+16(R8), high

// HALVES64 splits the 64 bytes at off(SI). A lookup takes no notice of the high
// half of a byte unless its top bit is set.
#define HALVES64(off) \
	VMOVDQU64 off(SI), Z1   \
	VPSRLW    $4, Z1, Z2    \
	VPANDQ    Z0, Z1, Z1    \
	VPANDQ    Z0, Z2, Z2

#define LOOKUP64(low, high, dst) \
	VPSHUFB Z1, low, dst  \
	VPSHUFB Z2, high, Z3  \
	VPANDQ  Z3, dst, dst

#define SET64(classes, mask, k, out) \
	VPTESTMB mask, classes, k \
	KMOVQ    k, out(DI)

// func classifyAVX512(dst *block, src *byte, n int, t *tables)
TEXT ·classifyAVX512(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ t+24(FP), R8
	MOVQ $0x0f0f0f0f0f0f0f0f, AX
	VPBROADCASTQ AX, Z0
	LOAD(SETS1, Z16, Z17)
	LOAD(SETS2, Z18, Z19)
	LOAD(FIRST, Z20, Z21)
	LOAD(SECOND, Z22, Z23)
	LOAD(THIRD, Z24, Z25)
	VPBROADCASTB MASKS+0(R8), Z26
	VPBROADCASTB MASKS+1(R8), Z27
	VPBROADCASTB MASKS+2(R8), Z28
	VPBROADCASTB MASKS+3(R8), Z29
	VPBROADCASTB MASKS+4(R8), Z30
	VPBROADCASTB MASKS+5(R8), Z31

block:
	HALVES64(0)
	LOOKUP64(Z16, Z17, Z4)
	LOOKUP64(Z18, Z19, Z5)
	LOOKUP64(Z20, Z21, Z6)
	SET64(Z4, Z26, K1, DIGITS)
	SET64(Z4, Z27, K2, QUOTES)
	SET64(Z4, Z28, K3, COMMAS)
	SET64(Z5, Z29, K4, GLUE)
	SET64(Z5, Z30, K5, ENDS)
	SET64(Z5, Z31, K6, OPENERS)
	HALVES64(1)
	LOOKUP64(Z22, Z23, Z4)
	VPANDQ Z4, Z6, Z6
	HALVES64(2)
	LOOKUP64(Z24, Z25, Z4)
	SET64(Z4, Z6, K7, MARKS)

	ADDQ $64, SI
	ADDQ $BLOCK, DI
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET
