package gitpack

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

// Magic is how a pack begins; version 2 or 3 follows in four bytes.
const Magic = "PACK"

const (
	headSize = 12
	sumSize  = 20
)

// The errors of a pack that was not read to its end.
var (
	ErrNone   = errors.New("it is no pack")
	ErrCut    = errors.New("the pack is cut off")
	ErrBroken = errors.New("the pack is broken")
	ErrBudget = errors.New("the pack holds more than may be decoded")
)

// The kinds of objects (gitformat-pack(5)).
const (
	kindCommit = 1
	kindTag    = 4
	kindOffset = 6 // a difference to the object so far before
	kindRef    = 7 // a difference to the object of that id
)

// Text is what an object holds, or what is new in it.
type Text struct {
	Bytes    []byte // valid during the call only
	From, To int    // of the object in the pack
	// Missing is true when some of it may be part of what is new here, and is not there.
	Missing bool
}

// Reader reads one pack.
type Reader struct {
	data    []byte
	budget  int64
	emit    func(Text) bool
	src     bytes.Reader
	inflate io.ReadCloser
	objects []object
	at      map[int]int // objects by where they begin
	waiting []waiting
	stopped bool
	err     error // of a difference
}

// object is one that is whole.
type object struct {
	kind     byte
	text     []byte
	from, to int
}

// waiting is a difference, its text, whose base was not there yet.
type waiting struct {
	object
	base base
}

// base says which object a difference is to: that which begins there, or that of an id.
type base struct {
	at int
	id string
}

// Read hands over what the objects of the pack that data begins with hold, until emit
// returns false. At most budget bytes are decoded. It returns where the pack ends, as far
// as it was read, and how much was decoded.
func Read(data []byte, budget int64, emit func(Text) bool) (end int, decoded int64, err error) {
	if !Begins(data) {
		return 0, 0, ErrNone
	}
	r := &Reader{data: data, budget: budget, emit: emit, at: map[int]int{}}
	end, err = r.all(binary.BigEndian.Uint32(data[8:]))
	if len(r.objects)+len(r.waiting) == 0 && !errors.Is(err, ErrBudget) {
		return 0, budget - r.budget, ErrNone
	}
	r.rest()
	defer r.wipe()
	switch {
	case r.budget < 0:
		err = ErrBudget
	case err == nil:
		err = r.err
	}
	return end, budget - max(0, r.budget), err
}

// Begins says whether data begins like a pack.
func Begins(data []byte) bool {
	if len(data) < headSize || !bytes.HasPrefix(data, []byte(Magic)) {
		return false
	}
	version := binary.BigEndian.Uint32(data[4:])
	return version == 2 || version == 3
}

// wipe leaves nothing of the objects in memory.
func (r *Reader) wipe() {
	for _, o := range r.objects {
		clear(o.text)
	}
	for _, w := range r.waiting {
		clear(w.text)
	}
}

// all reads so many objects, one behind the other.
func (r *Reader) all(count uint32) (at int, err error) {
	at = headSize
	for ; count > 0 && !r.stopped; count-- {
		if at, err = r.object(at); err != nil {
			return at, err
		}
		r.budget -= kept
	}
	return min(len(r.data), at+sumSize), nil
}

// object reads the one that begins at from, and returns where it ends.
func (r *Reader) object(from int) (int, error) {
	kind, size, at, err := r.head(from)
	if err != nil {
		return from, err
	}
	o := object{kind: kind, from: from}
	switch {
	case kind >= kindCommit && kind <= kindTag:
		o.text, o.to, err = r.unpack(at, size)
		if err == nil {
			r.whole(o)
		}
		return o.to, err
	case kind == kindOffset:
		return r.byOffset(o, at, size)
	case kind == kindRef:
		return r.byID(o, at, size)
	}
	return from, ErrBroken
}

// kept is what an object takes in memory beside what it holds, in bytes, which may be
// nothing: of an empty one the pack has nine.
const kept = 192

// mostShift bounds a size: no object is larger.
const mostShift = 4 + 7*7

// head reads the kind and the size of an object.
func (r *Reader) head(from int) (kind byte, size int64, at int, err error) {
	if from >= len(r.data) {
		return 0, 0, from, ErrCut
	}
	c := r.data[from]
	kind, size, at = c>>4&7, int64(c&15), from+1
	for shift := 4; c&0x80 != 0; shift += 7 {
		switch {
		case at >= len(r.data):
			return 0, 0, at, ErrCut
		case shift > mostShift:
			return 0, 0, at, ErrBroken
		}
		c = r.data[at]
		size |= int64(c&0x7f) << shift
		at++
	}
	return kind, size, at, nil
}

// unpack inflates what has to be so many bytes, and returns where it ends.
func (r *Reader) unpack(at int, size int64) (out []byte, end int, err error) {
	if size > r.budget {
		r.budget = -1
		return nil, at, ErrBudget
	}
	r.src.Reset(r.data[at:])
	if err := r.open(); err != nil {
		return nil, at, broken(err)
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(io.LimitReader(r.inflate, size+1))
	r.budget -= int64(b.Len())
	switch {
	case err != nil:
		return nil, at, broken(err)
	case int64(b.Len()) != size:
		return nil, at, ErrBroken
	}
	return b.Bytes(), len(r.data) - r.src.Len(), nil
}

// open begins to inflate r.src.
func (r *Reader) open() (err error) {
	if r.inflate == nil {
		r.inflate, err = zlib.NewReader(&r.src)
		return err
	}
	return r.inflate.(zlib.Resetter).Reset(&r.src, nil)
}

// broken tells what is cut off from what is wrong.
func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return ErrBroken
}

// whole keeps an object that is, for those that are made from it, and hands it over.
func (r *Reader) whole(o object) {
	r.keep(o)
	r.hand(Text{Bytes: o.text, From: o.from, To: o.to})
}

func (r *Reader) keep(o object) {
	r.at[o.from] = len(r.objects)
	r.objects = append(r.objects, o)
}

func (r *Reader) hand(t Text) {
	if len(t.Bytes) > 0 && !r.stopped {
		r.stopped = !r.emit(t)
	}
}
