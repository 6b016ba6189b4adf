// Package sift reads a text once and tells where something may be encoded in it:
// where digits of base64 and hex stand in a row, where one quoted string goes on
// in another, and where bytes stand that begin an escape, a marker or compressed
// data. The decoders of the detection engine look only there, so that a text in
// which nothing is encoded costs them next to nothing. It knows nothing of what
// the decoders do, and imports nothing but the standard library and
// golang.org/x/sys/cpu.
//
// Every 64 bytes become one Block of four bitmaps. A byte belongs to a class when
// a lookup by its low half and one by its high half have a bit in common, which
// vector units do for 32 bytes at once (Langdale and Lemire, "Parsing Gigabytes
// of JSON per Second", VLDB 2019, section 3.1.1). Marks are classes of two bytes
// in a row; since low and high halves are told apart only within a class, they
// are a superset of what is meant, the same one on every machine.
//
// To add a class of marks, add its two sets of bytes to markClasses; there is
// room for eight. A new kernel has to give what classifyPlain gives: the tests
// compare them.
package sift
