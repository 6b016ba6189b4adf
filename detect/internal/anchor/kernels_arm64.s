#include "textflag.h"

// The bits that stand for eight bytes.
DATA weights<>+0(SB)/8, $0x8040201008040201
DATA weights<>+8(SB)/8, $0x8040201008040201
GLOBL weights<>(SB), RODATA|NOPTR, $16

// LOOKUP looks up two vectors of indexes in a row of the table at R0.
#define LOOKUP(row, i0, i1, o0, o1) \
	FMOVQ (16*row)(R0), F16          \
	VTBL  i0.B16, [V16.B16], o0.B16  \
	VTBL  i1.B16, [V16.B16], o1.B16

// NARROW keeps of two vectors what a row allows as well.
#define NARROW(row, i0, i1, o0, o1) \
	LOOKUP(row, i0, i1, V17, V18)    \
	VAND V17.B16, o0.B16, o0.B16     \
	VAND V18.B16, o1.B16, o1.B16

// HALVES makes of 32 bytes at two neighbouring places, in V0 and V1 and in V2 and
// V3, the pairs of their high halves in V4 and V5, and what of the bytes is looked
// up by their low halves; row says where the masks are.
#define HALVES(row) \
	VUSHR $4, V0.B16, V4.B16     \
	VUSHR $4, V1.B16, V5.B16     \
	VUSHR $3, V2.B16, V6.B16     \
	VUSHR $3, V3.B16, V7.B16     \
	VAND  V28.B16, V4.B16, V4.B16 \
	VAND  V28.B16, V5.B16, V5.B16 \
	VAND  V29.B16, V6.B16, V6.B16 \
	VAND  V29.B16, V7.B16, V7.B16 \
	VORR  V6.B16, V4.B16, V4.B16  \
	VORR  V7.B16, V5.B16, V5.B16  \
	FMOVQ (16*row)(R0), F16       \
	FMOVQ (16*row+16)(R0), F17    \
	VAND  V16.B16, V0.B16, V0.B16 \
	VAND  V16.B16, V1.B16, V1.B16 \
	VAND  V17.B16, V2.B16, V2.B16 \
	VAND  V17.B16, V3.B16, V3.B16

// ZEROS32 returns a bit for each of 32 bytes that is zero.
#define ZEROS32(v0, v1, out) \
	VCMEQ V31.B16, v0.B16, v0.B16 \
	VCMEQ V31.B16, v1.B16, v1.B16 \
	VAND  V30.B16, v0.B16, v0.B16 \
	VAND  V30.B16, v1.B16, v1.B16 \
	VADDP v1.B16, v0.B16, v0.B16  \
	VADDP v0.B16, v0.B16, v0.B16  \
	VADDP v0.B16, v0.B16, v0.B16  \
	VMOV  v0.S[0], out

// MARK32 looks up what stands at 32 places: planes 0 and 1 are of long windows, 2
// and 3 of short ones, of which the last byte is not looked at.
#define MARK32(long, short) \
	VLD1.P 32(R4), [V0.B16, V1.B16] \
	VLD1.P 32(R5), [V2.B16, V3.B16] \
	HALVES(24)                      \
	LOOKUP(4, V4, V5, V8, V9)       \
	NARROW(0, V0, V1, V8, V9)       \
	NARROW(1, V2, V3, V8, V9)       \
	LOOKUP(10, V4, V5, V10, V11)    \
	NARROW(6, V0, V1, V10, V11)     \
	NARROW(7, V2, V3, V10, V11)     \
	LOOKUP(16, V4, V5, V12, V13)    \
	NARROW(12, V0, V1, V12, V13)    \
	NARROW(13, V2, V3, V12, V13)    \
	LOOKUP(22, V4, V5, V14, V15)    \
	NARROW(18, V0, V1, V14, V15)    \
	NARROW(19, V2, V3, V14, V15)    \
	VLD1.P 32(R6), [V0.B16, V1.B16] \
	VLD1.P 32(R7), [V2.B16, V3.B16] \
	HALVES(26)                      \
	NARROW(5, V4, V5, V8, V9)       \
	NARROW(2, V0, V1, V8, V9)       \
	NARROW(3, V2, V3, V8, V9)       \
	NARROW(11, V4, V5, V10, V11)    \
	NARROW(8, V0, V1, V10, V11)     \
	NARROW(9, V2, V3, V10, V11)     \
	NARROW(17, V4, V5, V12, V13)    \
	NARROW(14, V0, V1, V12, V13)    \
	NARROW(23, V4, V5, V14, V15)    \
	NARROW(20, V0, V1, V14, V15)    \
	VORR V10.B16, V8.B16, V8.B16    \
	VORR V11.B16, V9.B16, V9.B16    \
	VORR V14.B16, V12.B16, V12.B16  \
	VORR V15.B16, V13.B16, V13.B16  \
	ZEROS32(V8, V9, long)           \
	ZEROS32(V12, V13, short)

// func fillNEON(t *[28][16]byte, text []byte, words []mark)
TEXT ·fillNEON(SB), NOSPLIT, $0-56
	MOVD  t+0(FP), R0
	MOVD  text_base+8(FP), R4
	MOVD  words_base+32(FP), R2
	MOVD  words_len+40(FP), R3
	CBZ   R3, done
	ADD   $1, R4, R5
	ADD   $2, R4, R6
	ADD   $3, R4, R7
	VMOVI $5, V28.B16
	VMOVI $10, V29.B16
	VEOR  V31.B16, V31.B16, V31.B16
	MOVD  $weights<>(SB), R8
	VLD1  (R8), [V30.B16]

next:
	MARK32(R8, R9)
	MARK32(R10, R11)
	ORR   R10<<32, R8, R8
	ORR   R11<<32, R9, R9
	MVN   R8, R8
	MVN   R9, R9
	STP.P (R8, R9), 16(R2)
	SUBS  $1, R3, R3
	BNE   next

done:
	RET

// MEMBERS replaces 16 bytes by what is not zero for those of the class.
#define MEMBERS(v) \
	VAND  V29.B16, v.B16, V4.B16      \
	VUSHR $4, v.B16, V5.B16           \
	VTBL  V4.B16, [V20.B16], V6.B16   \
	VTBL  V5.B16, [V21.B16], V7.B16   \
	VTBL  V4.B16, [V22.B16], V16.B16  \
	VTBL  V5.B16, [V23.B16], V17.B16  \
	VAND  V7.B16, V6.B16, V6.B16      \
	VAND  V17.B16, V16.B16, V16.B16   \
	VORR  V16.B16, V6.B16, v.B16      \
	VCMEQ V31.B16, v.B16, v.B16       \
	VAND  V30.B16, v.B16, v.B16

// func classifyNEON(t *[4][16]byte, text []byte, words []uint64)
TEXT ·classifyNEON(SB), NOSPLIT, $0-56
	MOVD  t+0(FP), R0
	MOVD  text_base+8(FP), R1
	MOVD  words_base+32(FP), R2
	MOVD  words_len+40(FP), R3
	CBZ   R3, done
	VLD1  (R0), [V20.B16, V21.B16, V22.B16, V23.B16]
	VMOVI $15, V29.B16
	VEOR  V31.B16, V31.B16, V31.B16
	MOVD  $weights<>(SB), R8
	VLD1  (R8), [V30.B16]

next:
	VLD1.P 64(R1), [V0.B16, V1.B16, V2.B16, V3.B16]
	MEMBERS(V0)
	MEMBERS(V1)
	MEMBERS(V2)
	MEMBERS(V3)
	VADDP  V1.B16, V0.B16, V0.B16
	VADDP  V3.B16, V2.B16, V2.B16
	VADDP  V2.B16, V0.B16, V0.B16
	VADDP  V0.B16, V0.B16, V0.B16
	VMOV   V0.D[0], R8
	MVN    R8, R8
	MOVD.P R8, 8(R2)
	SUBS   $1, R3, R3
	BNE    next

done:
	RET
