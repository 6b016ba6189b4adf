#include "textflag.h"

// What follows is written out for the two halves of a block. Y0 holds 15 in every
// byte, Y1 zeroes; Y2 and Y3 are the low and high halves of the first 32 bytes,
// Y4 and Y5 of the second. In a set, a byte of which the two lookups share no bit
// compares equal to zero, hence the NOT at its end.

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

// TABLES loads the table of low halves at off(R8), and that of high ones behind it.
#define TABLES(off) \
	VBROADCASTI128 off(R8), Y6 \
	VBROADCASTI128 off+16(R8), Y7

// STORE writes the bitmap of what is not zero in Y8 (first half) and Y9.
#define STORE(off) \
	VPCMPEQB  Y8, Y1, Y8 \
	VPCMPEQB  Y9, Y1, Y9 \
	VPMOVMSKB Y8, AX     \
	VPMOVMSKB Y9, BX     \
	SHLQ      $32, BX    \
	ORQ       BX, AX     \
	NOTQ      AX         \
	MOVQ      AX, off(DI)

#define SET(table, out) \
	TABLES(table)              \
	LOOKUP(Y2, Y3, Y8, Y10)    \
	LOOKUP(Y4, Y5, Y9, Y10)    \
	STORE(out)

// func classify(dst *Block, src *byte, n int, t *tables)
TEXT ·classify(SB), NOSPLIT, $0-32
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
	SET(0, 0)
	SET(32, 8)
	SET(64, 16)

	// Marks: the first byte's classes, and those of the byte behind it.
	TABLES(96)
	LOOKUP(Y2, Y3, Y11, Y10)
	LOOKUP(Y4, Y5, Y12, Y10)
	HALVES(1, Y2, Y3)
	HALVES(33, Y4, Y5)
	TABLES(128)
	LOOKUP(Y2, Y3, Y8, Y10)
	LOOKUP(Y4, Y5, Y9, Y10)
	VPAND Y11, Y8, Y8
	VPAND Y12, Y9, Y9
	STORE(24)

	ADDQ $64, SI
	ADDQ $32, DI
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET
