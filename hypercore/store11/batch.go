package store11

import (
	"encoding/binary"
	"fmt"
)

// The operations of a write batch that a store of cores is written with (RocksDB's
// db/dbformat.h ValueType). Those that name a column family have a number of their own.
const (
	opDelete       = 0x0
	opPut          = 0x1
	opLogData      = 0x3
	opSingleDelete = 0x7
	opNothing      = 0xd
	opRangeDelete  = 0xf
	opBlobIndex    = 0x11 // in tables: the value lies in a blob file

	opFamilyDelete       = 0x4
	opFamilyPut          = 0x5
	opFamilySingleDelete = 0x8
	opFamilyRangeDelete  = 0xe
)

// op is one operation.
type op struct {
	family uint64
	kind   byte // opDelete, opPut or opRangeDelete
	seq    uint64
	key    []byte
	value  []byte // of a put; of a range, its end
	at     int    // where the value begins in the record
}

// readBatch calls each with the operations of a record of the write-ahead log, in order.
func readBatch(record []byte, each func(op)) error {
	const header = 12
	if len(record) < header {
		return fmt.Errorf("%w: a batch of %d bytes", ErrDamaged, len(record))
	}
	seq := binary.LittleEndian.Uint64(record)
	c := cursor{b: record, off: header}
	for !c.done() {
		o, counts := readOp(&c)
		if c.err != nil {
			return c.err
		}
		if !counts {
			continue
		}
		o.seq = seq
		seq++
		each(o)
	}
	return c.err
}

// readOp reads one operation; counts is false for those that take no sequence number.
func readOp(c *cursor) (o op, counts bool) {
	kind := c.byte()
	switch kind {
	case opFamilyDelete, opFamilyPut, opFamilySingleDelete, opFamilyRangeDelete:
		o.family = c.uint()
	}
	switch kind {
	case opPut, opFamilyPut:
		o.kind, o.key, o.value = opPut, c.string(), c.string()
		o.at = c.off - len(o.value)
	case opDelete, opFamilyDelete, opSingleDelete, opFamilySingleDelete:
		o.kind, o.key = opDelete, c.string()
	case opRangeDelete, opFamilyRangeDelete:
		o.kind, o.key, o.value = opRangeDelete, c.string(), c.string()
	case opLogData:
		c.string()
		return o, false
	case opNothing:
		return o, false
	default:
		c.err = fmt.Errorf("%w: operations of type %#x", ErrVersion, kind)
	}
	return o, true
}
