package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
)

var errOpaque = errors.New("a font does not say which characters its codes stand for")

// Part is something that a file holds.
type Part struct {
	// Name is page-N, the text of a page; object-N, a stream; or strings, those of
	// all objects, each behind its key. There may be several of one name: the
	// versions of an object.
	Name string
	// Plain is true of text; a stream may be a file of any kind.
	Plain bool
	// Picture is true of a stream that says it is one. Its bytes are what is drawn.
	Picture bool
	// Reader reads it; nil when it cannot be read at all. It is good until the next
	// part. Its errors are those of the stream.
	Reader io.Reader
	// Err is why something of it could not be read; nil if it could.
	Err error
}

// Parts hands over what the file holds. What streams decode to is read through
// limit, which bounds it. It may be called once.
func (f *File) Parts(limit func(io.Reader) io.Reader) iter.Seq[Part] {
	f.limit = limit
	return func(yield func(Part) bool) {
		f.embedded()
		for _, all := range []iter.Seq[Part]{f.pages(), f.streams(), f.strings(), f.left()} {
			for p := range all {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// left tells what could not be read on the way.
func (f *File) left() iter.Seq[Part] {
	return func(yield func(Part) bool) {
		if f.work <= 0 {
			f.note("strings", errTangled)
		}
		for _, p := range f.unread {
			if !yield(p) {
				return
			}
		}
	}
}

// leaf is a page, with the resources that it has from above unless it has its own.
type leaf struct {
	page, above value
}

func (f *File) pages() iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for i, l := range f.leaves() {
			if !yield(f.page(fmt.Sprintf("page-%d", i+1), l)) {
				return
			}
		}
	}
}

// leaves lists the pages in the order of their tree (7.7.3). Without a tree, they
// come in the order in which they stand.
func (f *File) leaves() []leaf {
	var all []leaf
	root := f.dict(f.root["Root"])
	f.walk(root["Pages"], nil, map[int]bool{}, 0, &all)
	if len(all) > 0 {
		return all
	}
	for _, o := range f.objects {
		if d, _ := f.value(o).(dict); d["Type"] == name("Page") && f.byNum[o.num] == o {
			all = append(all, leaf{page: ref(o.num)})
		}
	}
	return all
}

// walk goes through a tree of pages, by each object once.
func (f *File) walk(v, above value, seen map[int]bool, depth int, all *[]leaf) {
	if r, ok := v.(ref); ok {
		if seen[int(r)] {
			return
		}
		seen[int(r)] = true
	}
	if depth > maxDepth {
		return
	}
	d := f.dict(v)
	kids, ok := f.resolve(d["Kids"]).(array)
	if !ok && d != nil && d["Type"] != name("Pages") {
		*all = append(*all, leaf{v, above})
	}
	if own := d["Resources"]; own != nil {
		above = own
	}
	for _, k := range kids {
		f.walk(k, above, seen, depth+1, all)
	}
}

// page is the text of a page. Its contents may be cut up between any two tokens,
// so they are read as one.
func (f *File) page(name string, l leaf) Part {
	var data bytes.Buffer
	g, page := newPage(f), f.dict(l.page)
	for _, v := range f.contents(page["Contents"]) {
		o := f.streamOf(v)
		if o == nil {
			continue
		}
		if data.Len() > residentStream {
			g.fail(errLarge)
			break
		}
		f.drawn[o] = true
		d, _ := f.value(o).(dict)
		b, err := f.decoded(o, d, residentStream)
		if err != nil {
			g.fail(err)
		}
		data.Write(b)
		data.WriteByte('\n')
	}
	resources := page["Resources"]
	if resources == nil {
		resources = l.above
	}
	g.run(data.Bytes(), f.scope(f.dict(resources)), 0)
	return g.part(name)
}

// contents are the streams of a page: one, or a list.
func (f *File) contents(v value) array {
	if f.streamOf(v) != nil {
		return array{v}
	}
	all, _ := f.resolve(v).(array)
	return all
}

// bearable is how rare characters are that no table tells: ornaments are on many
// pages, and mean nothing.
const bearable = 10

func (g *page) part(name string) Part {
	if g.lost*bearable > g.codes {
		g.fail(errOpaque)
	}
	return Part{Name: name, Plain: true, Reader: bytes.NewReader(g.out.Bytes()), Err: g.err}
}

// streams are those that no page has shown. One that looks like the contents of a
// page, of an earlier version for one, gives its text.
func (f *File) streams() iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for _, o := range f.objects {
			if o.body == 0 || f.drawn[o] {
				continue
			}
			d, ok := f.value(o).(dict)
			if ok && d["Type"] == name("XRef") {
				continue
			}
			if !ok {
				d = dict{}
			}
			if !yield(f.stray(o, d)) {
				return
			}
		}
	}
}

func (f *File) stray(o *object, d dict) Part {
	r, err := f.decoder(o, d)
	if err != nil {
		return Part{Name: partName(o), Err: err}
	}
	if d["Subtype"] != nil && d["Subtype"] != name("Form") || d["Type"] != nil && d["Type"] != name("XObject") {
		return Part{Name: partName(o), Picture: d["Subtype"] == name("Image"), Reader: r}
	}
	var head bytes.Buffer
	if _, err = head.ReadFrom(io.LimitReader(r, headSize)); err != nil {
		r = failed{err}
	}
	if !shows(head.Bytes()) {
		return Part{Name: partName(o), Reader: io.MultiReader(&head, r)}
	}
	data, err := f.decoded(o, d, residentStream)
	g := newPage(f)
	if err != nil {
		g.fail(err)
	}
	g.run(data, f.scope(f.dict(d["Resources"])), 0)
	return g.part(partName(o))
}

// headSize is how much of a stream tells what it is.
const headSize = 4096

// failed is a reader that had this error before.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// shows says whether this is how contents begin: a text with something shown.
func shows(head []byte) bool {
	begin := bytes.Index(head, []byte("BT"))
	return begin >= 0 && (bytes.Contains(head[begin:], []byte("Tj")) || bytes.Contains(head[begin:], []byte("TJ")))
}

// strings are those of all objects: titles, links, what forms were filled with,
// notes, scripts.
func (f *File) strings() iter.Seq[Part] {
	return func(yield func(Part) bool) {
		yield(Part{Name: "strings", Plain: true, Reader: &stringReader{left: f.objects, file: f}})
	}
}

// stringReader reads the strings of one object after the other.
type stringReader struct {
	file *File
	left []*object
	out  bytes.Buffer
}

func (r *stringReader) Read(p []byte) (int, error) {
	for r.out.Len() == 0 && len(r.left) > 0 {
		v := r.file.value(r.left[0])
		r.left = r.left[1:]
		if d, ok := v.(dict); !ok || d["Type"] != name("XRef") {
			collect(&r.out, "", v)
		}
	}
	return r.out.Read(p)
}

func collect(out *bytes.Buffer, key name, v value) {
	switch v := v.(type) {
	case text:
		if key != "" {
			out.WriteString(string(key) + ": ")
		}
		out.Write(v.utf8())
		out.WriteByte('\n')
	case array:
		for _, one := range v {
			collect(out, key, one)
		}
	case dict:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			collect(out, k, v[k])
		}
	}
}
