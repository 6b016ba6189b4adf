package store11

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/zeebo/xxh3"
)

// ErrChecksum: what was read is not what the writer wrote. It comes with ErrDamaged.
var ErrChecksum = errors.New("hypercore: a checksum of the Hypercore 11 store is wrong: the disk has lost or changed what was written; replicate the core from a peer that has it whole (source kind hypercore-peer)")

func badSum(what string, off, size uint64) error {
	return fmt.Errorf("%w: %s of %d bytes at %d: %w", ErrDamaged, what, size, off, ErrChecksum)
}

// sumXXH3 is how hypercore-storage has tables checked (include/rocksdb/table.h ChecksumType).
const sumXXH3 = 4

// footerSum is where a footer keeps its own checksum, and behind it the table's base.
const footerSum = 5

// checkFooter checks a table's last bytes, and returns what the checksums of its blocks are
// made different with from those of other tables (table/format.cc FooterBuilder::Build).
func checkFooter(f [footerSize]byte, off uint64) (base uint32, err error) {
	if f[0] != sumXXH3 {
		return 0, fmt.Errorf("%w: checksums of type %d", ErrVersion, f[0])
	}
	want := binary.LittleEndian.Uint32(f[footerSum:])
	base = binary.LittleEndian.Uint32(f[footerSum+4:])
	clear(f[footerSum : footerSum+4])
	if blockSum(f[:])+forPlace(base, off) != want {
		return 0, badSum("a footer", off, footerSize)
	}
	return base, nil
}

// checkBlock checks a block with its trailer: a byte that says how it is compressed, which
// is checked too, and the checksum.
func checkBlock(b []byte, base uint32, off uint64) error {
	n := len(b) - 4
	if blockSum(b[:n])+forPlace(base, off) != binary.LittleEndian.Uint32(b[n:]) {
		return badSum("a block", off, uint64(n-1))
	}
	return nil
}

// blockSum is the low half of XXH3 over all but the last byte, which is mixed in
// (table/format.cc ModifyChecksumForLastByte).
func blockSum(b []byte) uint32 {
	const prime = 0x6b9083d9
	n := len(b) - 1
	return uint32(xxh3.Hash(b[:n])) ^ uint32(b[n])*prime
}

// forPlace makes a checksum that of one place, so that a block that is whole and somewhere
// else is noticed (table/format.h ChecksumModifierForContext).
func forPlace(base uint32, off uint64) uint32 {
	if base == 0 {
		return 0
	}
	return base ^ (uint32(off) + uint32(off>>32))
}

// blobHeader is what lies before a value's key in a blob file: the lengths of key and value,
// when it expires, a checksum of that and one of key and value (db/blob/blob_log_format.h).
const blobHeader = 32

// checkBlob checks a value with what lies before it.
func checkBlob(b, key []byte, off uint64) error {
	sum := func(b []byte) uint32 { return masked(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))) }
	size := uint64(len(b) - blobHeader - len(key))
	switch {
	case sum(b[:24]) != binary.LittleEndian.Uint32(b[24:]),
		sum(b[blobHeader:]) != binary.LittleEndian.Uint32(b[28:]):
		return badSum("a blob", off, size)
	case binary.LittleEndian.Uint64(b) != uint64(len(key)), binary.LittleEndian.Uint64(b[8:]) != size,
		string(b[blobHeader:blobHeader+len(key)]) != string(key):
		return fmt.Errorf("%w: the blob of %d bytes at %d is of another key", ErrDamaged, size, off)
	}
	return nil
}
