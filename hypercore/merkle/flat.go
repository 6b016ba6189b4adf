package merkle

import "math/bits"

// The index arithmetic of the flat in-order tree (npm flat-tree, PPSPP RFC 7574 section
// 5.3 "bin numbers"): depth is the number of trailing one bits of an index.

// Depth is the height of a node over the leaves.
func Depth(index uint64) int { return bits.TrailingZeros64(^index) }

// Offset is the node's position among the nodes of its depth.
func Offset(index uint64) uint64 { return index >> (Depth(index) + 1) }

// Index is the node at a depth and an offset.
func Index(depth int, offset uint64) uint64 { return offset<<(depth+1) | (1<<depth - 1) }

// Parent is the node above.
func Parent(index uint64) uint64 { d := Depth(index); return Index(d+1, Offset(index)>>1) }

// Sibling is the other child of the parent.
func Sibling(index uint64) uint64 { d := Depth(index); return Index(d, Offset(index)^1) }

// FirstBlock is the first block below a node.
func FirstBlock(index uint64) uint64 { return Offset(index) << Depth(index) }

// EndBlock is one past the last block below a node.
func EndBlock(index uint64) uint64 { return (Offset(index) + 1) << Depth(index) }

// MaxLength is the longest log this package computes with: JavaScript's largest safe
// integer halved, because leaf indexes are doubled.
const MaxLength = 1 << 52

// FullRoots appends to dst the root indexes of a log of length blocks, left to right.
func FullRoots(dst []uint64, length uint64) []uint64 {
	for at := uint64(0); at < length; {
		d := bits.Len64(length-at) - 1
		dst = append(dst, Index(d, at>>d))
		at += 1 << d
	}
	return dst
}

// nextSubtree is the largest full subtree that begins at block at and ends by block to.
func nextSubtree(at, to uint64) uint64 {
	d := bits.Len64(to-at) - 1
	if at != 0 {
		d = min(d, bits.TrailingZeros64(at))
	}
	return Index(d, at>>d)
}
