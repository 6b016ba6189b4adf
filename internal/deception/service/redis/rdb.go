package redis

import (
	"encoding/binary"
	"hash/crc64"
	"io"
	"math"
	"strconv"
	"time"
)

// The format of the database file, version 10, in its plain encodings: those
// that every server since 4.0 reads (rdb.h, rdb.c of 7.0).
const (
	rdbVersion = 10

	rdbString = 0
	rdbList   = 1
	rdbSet    = 2
	rdbHash   = 4
	rdbZset   = 5 // with binary scores

	rdbResize   = 0xfb
	rdbExpireMS = 0xfc
	rdbSelect   = 0xfe
	rdbEOF      = 0xff
)

// jones is the polynomial of the checksum, its bits reversed as hash/crc64
// wants it.
const jones = 0x95ac9329ac4bc9b5

// checksum is CRC-64 of Jones: no initial value, nothing inverted at the end;
// hash/crc64 inverts both, which is undone here.
func checksum(b []byte) uint64 {
	return ^crc64.Update(^uint64(0), crc64.MakeTable(jones), b)
}

type rdbWriter struct{ buf []byte }

func (w *rdbWriter) length(n int) {
	switch {
	case n < 1<<6:
		w.buf = append(w.buf, byte(n))
	case n < 1<<14:
		w.buf = append(w.buf, 0x40|byte(n>>8), byte(n))
	default:
		w.buf = append(w.buf, 0x80)
		w.buf = binary.BigEndian.AppendUint32(w.buf, uint32(n))
	}
}

// text writes a string; a small number as a number.
func (w *rdbWriter) text(s string) {
	if n, ok := integer(s); ok && len(s) <= 11 {
		switch {
		case n >= math.MinInt8 && n <= math.MaxInt8:
			w.buf = append(w.buf, 0xc0, byte(n))
			return
		case n >= math.MinInt16 && n <= math.MaxInt16:
			w.buf = append(w.buf, 0xc1, byte(n), byte(n>>8))
			return
		case n >= math.MinInt32 && n <= math.MaxInt32:
			w.buf = append(w.buf, 0xc2, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
			return
		}
	}
	w.length(len(s))
	w.buf = append(w.buf, s...)
}

func (v *value) rdbType() byte {
	return [...]byte{kString: rdbString, kList: rdbList, kSet: rdbSet, kHash: rdbHash, kZset: rdbZset}[v.kind]
}

func (w *rdbWriter) value(v *value) {
	if v.kind == kString {
		w.text(v.text)
		return
	}
	w.length(v.len())
	for _, e := range v.list {
		w.text(e)
	}
	if v.set != nil {
		for e := range v.set.all {
			w.text(e)
		}
	}
	if v.hash != nil {
		for f, e := range v.hash.all {
			w.text(f)
			w.text(e)
		}
	}
	if v.zset != nil {
		for _, m := range v.zset.order {
			w.text(m.name)
			w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(m.score))
		}
	}
}

// writeImage writes the whole database as SAVE would.
func writeImage(out io.Writer, in *instance, now time.Time) {
	w := &rdbWriter{buf: []byte("REDIS0010")}
	for _, aux := range [][2]string{{"redis-ver", Version}, {"redis-bits", "64"}, {"ctime", itoa(now.Unix())}, {"used-mem", itoa(in.bytes.Load())}, {"aof-base", "0"}} {
		w.buf = append(w.buf, 0xfa)
		w.text(aux[0])
		w.text(aux[1])
	}
	for i, d := range in.dbs {
		if d.keys.len() == 0 {
			continue
		}
		timed, _ := d.expiring(now)
		w.buf = append(w.buf, rdbSelect)
		w.length(i)
		w.buf = append(w.buf, rdbResize)
		w.length(d.keys.len())
		w.length(timed)
		for key, v := range d.keys.all {
			if !v.expires.IsZero() {
				w.buf = binary.LittleEndian.AppendUint64(append(w.buf, rdbExpireMS), uint64(v.expires.UnixMilli()))
			}
			w.buf = append(w.buf, v.rdbType())
			w.text(key)
			w.value(v)
		}
	}
	w.buf = append(w.buf, rdbEOF)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, checksum(w.buf))
	_, _ = out.Write(w.buf)
}

// serialized is DUMP's form of a value.
func serialized(v *value) []byte {
	w := &rdbWriter{buf: []byte{v.rdbType()}}
	w.value(v)
	w.buf = append(w.buf, rdbVersion, 0)
	return binary.LittleEndian.AppendUint64(w.buf, checksum(w.buf))
}

// rdbReader reads what RESTORE is given.
type rdbReader struct {
	b   []byte
	bad bool
}

func (r *rdbReader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.b) {
		r.bad = true
		return make([]byte, min(max(n, 0), 8))
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

// length reads a length; number is set when a number stands there instead.
func (r *rdbReader) length() (n int, number bool) {
	first := r.take(1)[0]
	switch first >> 6 {
	case 0:
		return int(first), false
	case 1:
		return int(first&0x3f)<<8 | int(r.take(1)[0]), false
	case 2:
		if first != 0x80 {
			r.bad = true
			return 0, false
		}
		return int(binary.BigEndian.Uint32(r.take(4))), false
	}
	return int(first & 0x3f), true
}

func (r *rdbReader) text() string {
	n, number := r.length()
	if !number {
		return string(r.take(n)[:min(n, len(r.b)+n)])
	}
	switch n {
	case 0:
		return strconv.Itoa(int(int8(r.take(1)[0])))
	case 1:
		return strconv.Itoa(int(int16(binary.LittleEndian.Uint16(r.take(2)))))
	case 2:
		return strconv.Itoa(int(int32(binary.LittleEndian.Uint32(r.take(4)))))
	}
	r.bad = true // compressed text
	return ""
}

// deserialized reads DUMP's form. Encodings that serialized does not write are
// refused as bad data.
func deserialized(payload string) (v *value, problem string) {
	if len(payload) < 10 {
		return nil, "ERR DUMP payload version or checksum are wrong"
	}
	body, footer := []byte(payload[:len(payload)-10]), []byte(payload[len(payload)-10:])
	sum := binary.LittleEndian.Uint64(footer[2:])
	if binary.LittleEndian.Uint16(footer) > rdbVersion || sum != checksum([]byte(payload[:len(payload)-8])) {
		return nil, "ERR DUMP payload version or checksum are wrong"
	}
	r := &rdbReader{b: body}
	if v = r.value(); r.bad || v == nil || len(r.b) != 0 {
		return nil, "ERR Bad data format"
	}
	return v, ""
}

func (r *rdbReader) value() *value {
	switch kindOf := r.take(1)[0]; kindOf {
	case rdbString:
		return &value{text: r.text()}
	case rdbList, rdbSet, rdbHash, rdbZset:
		return r.collection(kindOf)
	}
	return nil
}

func (r *rdbReader) collection(kindOf byte) *value {
	v := newValue(map[byte]kind{rdbList: kList, rdbSet: kSet, rdbHash: kHash, rdbZset: kZset}[kindOf])
	n, number := r.length()
	if number || n == 0 {
		return nil
	}
	if v.kind == kZset {
		ok := true
		v.zset.change(len(r.b)/9, func() { ok = r.scores(v.zset, n) })
		if !ok {
			return nil
		}
		return v
	}
	for ; n > 0 && !r.bad; n-- {
		e := r.text()
		switch v.kind {
		case kList:
			v.list = append(v.list, e)
		case kSet:
			v.set.put(e, struct{}{})
		default:
			v.hash.put(e, r.text())
		}
	}
	return v
}

// scores reads n members of a sorted set.
func (r *rdbReader) scores(z *zset, n int) bool {
	for ; n > 0 && !r.bad; n-- {
		e, score := r.text(), math.Float64frombits(binary.LittleEndian.Uint64(r.take(8)))
		if math.IsNaN(score) {
			return false
		}
		z.put(e, score)
	}
	return true
}
