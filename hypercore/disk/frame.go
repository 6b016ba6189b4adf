package disk

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	slotSize   = 4096
	entryStart = 2 * slotSize
	frameHead  = 8
)

// frame is one checksummed record of the oplog.
type frame struct {
	payload []byte
	size    int // with its head
	bit     bool
	partial bool
}

// readFrame decodes the frame at the beginning of b; ok is false when it is not whole.
func readFrame(b []byte) (f frame, ok bool) {
	if len(b) < frameHead {
		return f, false
	}
	word := binary.LittleEndian.Uint32(b[4:])
	n := int64(word >> 2)
	if n > int64(len(b)-frameHead) {
		return f, false
	}
	f = frame{size: frameHead + int(n), bit: word&1 != 0, partial: word&2 != 0}
	f.payload = b[frameHead:f.size:f.size]
	return f, crc32.ChecksumIEEE(b[4:f.size]) == binary.LittleEndian.Uint32(b)
}

// slots picks the current header of an oplog image: its payload and the bit its entries
// carry. ok is false when no slot is whole.
func slots(image []byte) (payload []byte, bit, ok bool) {
	a, okA := readFrame(image[:min(slotSize, len(image))])
	b, okB := readFrame(image[min(slotSize, len(image)):min(entryStart, len(image))])
	switch {
	case okA && okB && a.bit != b.bit:
		return b.payload, true, true
	case okA:
		return a.payload, false, true
	case okB:
		return b.payload, true, true
	}
	return nil, false, false
}
