package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrEncrypted says that a file is encrypted, be it with an empty password.
var ErrEncrypted = errors.New("it is encrypted")

// ErrNone says that something is no PDF, or one of which nothing is left.
var ErrNone = errors.New("it holds no objects")

var (
	errMany    = fmt.Errorf("it has more than %d objects", maxObjects)
	errTangled = errors.New("it takes more work than its size accounts for")
	errLarge   = fmt.Errorf("it decodes to more than %d bytes, which are needed at once", residentStream)
)

const (
	// maxObjects bounds the index of a file.
	maxObjects = 1 << 20
	// maxTrailers is how many trailers are read; each change of a file adds one.
	maxTrailers = 1 << 12
	// residentStream is how much of a stream is decoded in memory: page contents
	// and tables of fonts.
	residentStream = 32 << 20
	// keptObjects is how much of all streams of objects is kept.
	keptObjects = 64 << 20
	// workTimes is how often, on average, a byte of a file may be parsed.
	workTimes = 8
)

// File is a PDF.
type File struct {
	data    []byte
	objects []*object
	byNum   map[int]*object
	root    dict
	work    int // bytes that may still be parsed
	heading int // trailers that were read
	kept    int // bytes of object streams that may still be kept
	codes   int // that tables of fonts may still have
	limit   func(io.Reader) io.Reader
	fonts   map[int]*font
	drawn   map[*object]bool // forms and page contents whose text was handed over
	unread  []Part
}

// object is where an object stands: in the file, or in a stream of objects.
type object struct {
	num      int
	in       []byte // what from counts in
	from     int    // of the value
	start    int    // of the object in the file, with its number
	end      int    // in the file
	body     int    // of the stream in the file; 0 if it is none
	bodyEnd  int
	embedded bool
}

// Open finds the objects of a file. It keeps data; Rest writes to it.
func Open(data []byte) (*File, error) {
	f := &File{
		data: data, byNum: map[int]*object{}, fonts: map[int]*font{}, drawn: map[*object]bool{},
		work: workTimes*len(data) + 1<<20, kept: keptObjects, codes: allCodes,
	}
	if err := f.index(); err != nil {
		return nil, err
	}
	if len(f.objects) == 0 {
		return nil, ErrNone
	}
	return f, nil
}

// index goes through the file once.
func (f *File) index() error {
	for at := 0; ; {
		i := bytes.Index(f.data[at:], []byte("obj"))
		if i < 0 {
			f.trailers(at, len(f.data))
			break
		}
		i += at
		f.trailers(at, i)
		at = i + len("obj")
		o, ok := f.object(i)
		if !ok {
			continue
		}
		at = max(at, o.end)
		if f.objects = append(f.objects, o); len(f.objects) > maxObjects {
			return errMany
		}
		f.byNum[o.num] = o
	}
	if f.work <= 0 {
		return errTangled
	}
	return f.refuseEncrypted()
}

// trailers reads those between two objects.
func (f *File) trailers(from, to int) {
	for f.heading < maxTrailers {
		i := bytes.Index(f.data[from:to], []byte("trailer"))
		if i < 0 {
			return
		}
		f.heading++
		from += i + len("trailer")
		f.trailer(from)
	}
}

// trailer notes what a trailer, or the dictionary of a stream that is one, says
// of the whole file. The last that has a root counts.
func (f *File) trailer(at int) {
	p := f.parser(f.data, at)
	v, _ := p.next()
	f.spent(p, at)
	f.heads(v)
}

func (f *File) heads(v value) {
	d, _ := v.(dict)
	if d["Root"] == nil {
		return
	}
	encrypt := f.root["Encrypt"]
	f.root = dict{"Root": d["Root"], "Encrypt": d["Encrypt"]}
	if d["Encrypt"] == nil {
		f.root["Encrypt"] = encrypt
	}
}

// refuseEncrypted comes after the index: the dictionary that says so may stand
// at the end. What is null is not there (7.3.9).
func (f *File) refuseEncrypted() error {
	if e := f.root["Encrypt"]; e != nil && e != word("null") {
		return ErrEncrypted
	}
	return nil
}

func (f *File) parser(data []byte, at int) *parser { return &parser{data: data, at: at, refs: true} }

// spent counts the work of a parser that began at from.
func (f *File) spent(p *parser, from int) { f.work -= p.at - from + 16 }

// object reads the object whose word obj stands at i.
func (f *File) object(i int) (*object, bool) {
	num, start, ok := f.number(i)
	if !ok || f.work <= 0 {
		return nil, false
	}
	o := &object{num: num, in: f.data, from: i + len("obj"), start: start}
	p := f.parser(f.data, o.from)
	v, err := p.next()
	f.spent(p, o.from)
	if err != nil || stops(v) {
		return nil, false
	}
	o.end = p.at
	d, ok := v.(dict)
	if ok {
		f.stream(o, d, p)
	}
	if d["Type"] == name("XRef") {
		f.heads(d)
	}
	return o, true
}

// number reads what stands before obj: the number and the generation.
func (f *File) number(i int) (num, start int, ok bool) {
	rest := f.data[max(0, i-32):i]
	_, rest, ok = lastNumber(rest)
	if !ok {
		return 0, 0, false
	}
	num, rest, ok = lastNumber(rest)
	return num, max(0, i-32) + len(rest), ok
}

// lastNumber takes a number off the end, with white space behind it.
func lastNumber(b []byte) (n int, rest []byte, ok bool) {
	b = bytes.TrimRight(b, " \r\n\t\f\x00")
	i := len(b)
	for i > 0 && '0' <= b[i-1] && b[i-1] <= '9' {
		i--
	}
	if len(b)-i == 0 || len(b)-i > 9 {
		return 0, nil, false
	}
	for _, c := range b[i:] {
		n = n*10 + int(c-'0')
	}
	return n, b[:i], true
}

// stream finds the bytes of a stream (7.3.8). Its length may be wrong, or an
// object that stands further on; then its end is looked for.
func (f *File) stream(o *object, d dict, p *parser) {
	p.space()
	if !bytes.HasPrefix(f.data[p.at:], []byte("stream")) {
		return
	}
	at := p.at + len("stream")
	if at < len(f.data) && f.data[at] == '\r' {
		at++
	}
	if at < len(f.data) && f.data[at] == '\n' {
		at++
	}
	o.body = at
	n, ok := d["Length"].(float64)
	if ok && n >= 0 && n <= float64(len(f.data)-at) && endsAt(f.data, at+int(n)) {
		o.bodyEnd = at + int(n)
	} else {
		o.bodyEnd = f.streamEnd(at)
	}
	o.end = o.bodyEnd
}

func endsAt(data []byte, at int) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data[at:min(len(data), at+16)], "\r\n "), []byte("endstream"))
}

// streamEnd looks for the end of a stream; without one it is that of the file.
func (f *File) streamEnd(at int) int {
	i := bytes.Index(f.data[at:], []byte("endstream"))
	if i < 0 {
		return len(f.data)
	}
	for n := 0; n < 2 && i > 0 && (f.data[at+i-1] == '\n' || f.data[at+i-1] == '\r'); n++ {
		i--
	}
	return at + i
}

// value parses an object again: keeping all would cost many times their size.
func (f *File) value(o *object) value {
	if f.work <= 0 {
		return nil
	}
	p := f.parser(o.in, o.from)
	v, err := p.next()
	f.spent(p, o.from)
	if err != nil {
		return nil
	}
	return v
}

// resolve follows a reference; of a reference to a reference it is one step.
func (f *File) resolve(v value) value {
	r, ok := v.(ref)
	if !ok {
		return v
	}
	o := f.byNum[int(r)]
	if o == nil {
		return nil
	}
	return f.value(o)
}

func (f *File) dict(v value) dict {
	d, _ := f.resolve(v).(dict)
	return d
}

// streamOf is the stream that a reference leads to.
func (f *File) streamOf(v value) *object {
	r, ok := v.(ref)
	if !ok {
		return nil
	}
	o := f.byNum[int(r)]
	if o == nil || o.body == 0 {
		return nil
	}
	return o
}

// embedded adds the objects of streams of objects (7.5.7), in the place of their
// stream: what comes later in a file replaces what came before.
func (f *File) embedded() {
	var all []*object
	for _, o := range f.objects {
		all = append(all, o)
		if o.body == 0 {
			continue
		}
		if d, _ := f.value(o).(dict); d["Type"] == name("ObjStm") {
			all = append(all, f.unpack(o, d)...)
		}
		if len(all) > maxObjects {
			f.note(partName(o), errMany)
			break
		}
	}
	for _, o := range all {
		f.byNum[o.num] = o
	}
	f.objects = all
}

// unpack lists the objects of one stream of objects.
func (f *File) unpack(o *object, d dict) []*object {
	data, err := f.decoded(o, d, f.kept)
	f.kept -= len(data)
	if err != nil {
		f.note(partName(o), err)
	}
	first, _ := d["First"].(float64)
	if first < 0 || first > float64(len(data)) {
		f.note(partName(o), errObject)
		return nil
	}
	var all []*object
	p := f.parser(data[:int(first)], 0)
	defer func() { f.spent(p, 0) }()
	for len(all) < maxObjects {
		num, err := p.next()
		at, err2 := p.next()
		n, ok := num.(float64)
		offset, ok2 := at.(float64)
		if err != nil || err2 != nil || !ok || !ok2 || offset < 0 || first+offset > float64(len(data)) || n < 0 || n > 1e9 {
			break
		}
		all = append(all, &object{num: int(n), in: data, from: int(first + offset), embedded: true})
	}
	f.drawn[o] = true
	return all
}

func partName(o *object) string { return fmt.Sprintf("object-%d", o.num) }

func (f *File) note(name string, err error) { f.unread = append(f.unread, Part{Name: name, Err: err}) }

// Rest is the file with blanks for what its parts hold: what lies between
// objects, and what could not be told to be one.
func (f *File) Rest() []byte {
	for _, o := range f.objects {
		if !o.embedded {
			blank(f.data[o.start:o.end])
		}
	}
	return f.data
}

// blank keeps line ends, so that lines keep their numbers.
func blank(b []byte) {
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
}
