// Package sift reads a text once and tells where something may be encoded in it:
// where long runs of base64 digits end, where one quoted string goes on in
// another, where a value may stand on the line below its name, and where bytes
// stand that begin an escape, a marker or compressed data. The decoders of the
// detection engine look only there, so that a text in which nothing is encoded
// costs them next to nothing. It knows nothing of what the decoders do, and
// imports nothing but the standard library and golang.org/x/sys/cpu.
//
// It works in two steps. A kernel makes a bitmap of every 64 bytes for each of a
// few classes of bytes: a byte belongs to one when a lookup by its low half and
// one by its high half have one of the class's bits in common, which vector units
// do for 32 or 64 bytes at once (Langdale and Lemire, "Parsing Gigabytes of JSON
// per Second", VLDB 2019, section 3.1.1). Marks are classes of three bytes in a
// row; since low and high halves are told apart only within a class, they are a
// superset of what is meant, the same one on every machine. Then shifts and sums
// of the bitmaps say what stands beside what, so that most of 64 bytes are done
// with without any of them being looked at by itself.
//
// To add a class of marks, add its three sets of bytes to markClasses; there is
// room for eight. To add a class of bytes, add it to sets and to the kernels. A
// new kernel has to give what classifyPlain gives: the tests compare them.
package sift
