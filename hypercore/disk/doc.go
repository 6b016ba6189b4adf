// Package disk reads the directory of a Hypercore 10 (npm hypercore 10.x), as it lies
// there and while its writer is writing it.
//
// # The files
//
//	oplog     two header slots of 4096 bytes, then entries not yet written elsewhere
//	header    only when the header outgrew its slot ("external"): the header's bytes
//	tree      40 bytes per node, at index*40: uint64le(size) | hash; zeros = not stored
//	bitfield  one bit per block, least significant bit first: is the block stored here
//	data      the blocks, one after the other
//
// A slot or an entry is framed as uint32le(CRC-32) | uint32le(length<<2 | partial<<1 |
// header bit) | payload; the checksum covers what follows it. The current header is slot 0
// when both slots' bits are equal, else slot 1, and only entries that carry the matching
// bit belong to it: rewriting the other slot with its bit flipped switches the header and
// drops the old entries in one write. A batch is a run of entries flagged partial and
// a last one that is not; an incomplete batch does not count (npm hypercore lib/oplog.js,
// lib/messages.js).
//
// # Reading beside a writer
//
// The writer appends to data, then to the oplog, and every few appends writes bitfield and
// tree, then a header slot, and truncates the oplog. So the entries in the oplog overlay
// the tree and bitfield files, and an image of the oplog is taken only when its header
// slots are the same before and after. Nothing here takes a lock or opens for writing.
//
// The secret key that a writer's header holds is passed over while decoding: no value of
// this package ever refers to it. The image read is wiped after decoding.
//
// The package imports enc, merkle, x/crypto/salsa20 and the standard library. A new field
// of the format goes into the decoder of its record, with a fixture made by the npm package.
package disk
