package postgres

import "encoding/binary"

// Types by their object id, as pg_type has them.
const (
	tBool    = 16
	tName    = 19
	tInt8    = 20
	tInt4    = 23
	tText    = 25
	tOID     = 26
	tInet    = 869
	tTime    = 1184
	tNumeric = 1700
	tVoid    = 2278
)

func typeSize(t uint32) int16 {
	switch t {
	case tBool:
		return 1
	case tName:
		return 64
	case tInt8, tTime:
		return 8
	case tInt4, tOID, tVoid:
		return 4
	}
	return -1
}

// value is one of a row, in its text form.
type value struct {
	text string
	null bool
	kind uint32
}

func text(s string) value { return value{text: s, kind: tText} }

func name(s string) value { return value{text: s, kind: tName} }

func boolean(b bool) value {
	if b {
		return value{text: "t", kind: tBool}
	}
	return value{text: "f", kind: tBool}
}

// column is one of a result. Table and number are zero for what is computed.
type column struct {
	name   string
	kind   uint32
	table  uint32
	number uint16
}

// result is what a statement gives.
type result struct {
	columns []column
	rows    [][]value
	tag     string // such as SELECT 1
	notices []*problem
	params  [][2]string // settings that a client is told of
}

func (w *wire) columns(list []column) {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(list)))
	for _, c := range list {
		b = append(append(b, c.name...), 0)
		b = binary.BigEndian.AppendUint32(b, c.table)
		b = binary.BigEndian.AppendUint16(b, c.number)
		b = binary.BigEndian.AppendUint32(b, c.kind)
		b = binary.BigEndian.AppendUint16(b, uint16(typeSize(c.kind)))
		b = binary.BigEndian.AppendUint32(b, 0xffffffff)
		b = binary.BigEndian.AppendUint16(b, 0)
	}
	w.put('T', b)
}

func (w *wire) row(list []value) {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(list)))
	for _, v := range list {
		if v.null {
			b = binary.BigEndian.AppendUint32(b, 0xffffffff)
			continue
		}
		b = binary.BigEndian.AppendUint32(b, uint32(len(v.text)))
		b = append(b, v.text...)
	}
	w.put('D', b)
}
