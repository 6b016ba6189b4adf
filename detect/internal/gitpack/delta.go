package gitpack

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // git's ids are made with it
	"crypto/sha256"
	"fmt"
)

// byOffset reads a difference to an object of which it says how far before it begins.
func (r *Reader) byOffset(o object, at int, size int64) (end int, err error) {
	back := int64(0)
	for n := 0; ; n++ {
		switch {
		case at >= len(r.data):
			return at, ErrCut
		case n > 8:
			return at, ErrBroken
		}
		c := r.data[at]
		at++
		back |= int64(c & 0x7f)
		if c&0x80 == 0 {
			break
		}
		back = (back + 1) << 7
	}
	if back <= 0 || back > int64(o.from) {
		return at, ErrBroken
	}
	if o.text, o.to, err = r.unpack(at, size); err == nil {
		r.difference(waiting{o, base{at: o.from - int(back)}})
	}
	return o.to, err
}

// byID reads a difference to an object of which it says the id: 20 bytes, or 32 where
// what is compressed begins behind those.
func (r *Reader) byID(o object, at int, size int64) (end int, err error) {
	n := sha1.Size
	if !r.inflates(at+n) && r.inflates(at+sha256.Size) {
		n = sha256.Size
	}
	if at+n > len(r.data) {
		return at, ErrCut
	}
	id := string(r.data[at : at+n])
	if o.text, o.to, err = r.unpack(at+n, size); err == nil {
		r.waiting = append(r.waiting, waiting{o, base{id: id}})
	}
	return o.to, err
}

// inflates says whether the head of zlib stands there (RFC 1950, 2.2).
func (r *Reader) inflates(at int) bool {
	return at+1 < len(r.data) && r.data[at]&15 == 8 && (int(r.data[at])<<8|int(r.data[at+1]))%31 == 0
}

// difference makes an object of a difference, or keeps that until its base is there.
func (r *Reader) difference(w waiting) {
	if i, ok := r.at[w.base.at]; ok {
		r.made(w, r.objects[i])
		return
	}
	r.waiting = append(r.waiting, w)
}

// made makes an object from its base, and hands over what is new in it.
func (r *Reader) made(w waiting, from object) {
	d, err := parse(w.text)
	switch {
	case err != nil || d.base != len(from.text):
		r.err = ErrBroken
		return
	case int64(d.size) > r.budget:
		r.budget = -1
		return
	}
	out, fresh, err := d.apply(from.text)
	r.budget -= int64(len(out))
	if err != nil {
		r.err = err
		return
	}
	r.keep(object{from.kind, out, w.from, w.to})
	for _, s := range windows(fresh, len(out)) {
		r.hand(Text{Bytes: out[s.from:s.to], From: w.from, To: w.to})
	}
}

// rest makes the objects that wait, each when its base is there. Of those whose base is in
// another place what they bring along is handed over.
func (r *Reader) rest() {
	waits := map[base][]waiting{}
	sizes := map[int]bool{}
	for _, w := range r.waiting {
		waits[w.base] = append(waits[w.base], w)
		sizes[len(w.base.id)] = true
	}
	for i := 0; i < len(r.objects) && len(waits) > 0 && r.budget >= 0; i++ {
		for _, b := range r.objects[i].names(sizes) {
			for _, w := range waits[b] {
				r.made(w, r.objects[i])
			}
			delete(waits, b)
		}
	}
	for _, w := range r.waiting {
		if _, alone := waits[w.base]; alone {
			r.partly(w)
		}
	}
}

// names are the bases that an object is: its place, and its ids of these sizes.
func (o *object) names(sizes map[int]bool) []base {
	all := []base{{at: o.from}}
	if !sizes[sha1.Size] && !sizes[sha256.Size] {
		return all
	}
	named := fmt.Appendf(nil, "%s %d\x00", [...]string{"", "commit", "tree", "blob", "tag"}[o.kind], len(o.text))
	named = append(named, o.text...)
	if sizes[sha1.Size] {
		id := sha1.Sum(named) //nolint:gosec // as above
		all = append(all, base{id: string(id[:])})
	}
	if sizes[sha256.Size] {
		id := sha256.Sum256(named)
		all = append(all, base{id: string(id[:])})
	}
	return all
}

// partly hands over what a difference brings along to an object that is not there.
func (r *Reader) partly(w waiting) {
	d, err := parse(w.text)
	if err == nil {
		var text []byte
		var missing bool
		if text, missing, err = d.brought(); err == nil {
			r.tell(Text{Bytes: text, From: w.from, To: w.to, Missing: missing})
		}
	}
	if err != nil {
		r.err = err
	}
}

// tell hands over also what has no bytes, if some are missing.
func (r *Reader) tell(t Text) {
	if t.Missing && len(t.Bytes) == 0 {
		t.Bytes = []byte("\n")
	}
	r.hand(t)
}

// delta is a difference: how long its base is and what is made of it, and the steps.
type delta struct {
	base, size int
	steps      []byte
}

// mostSize bounds what one object may come to.
const mostSize = 1 << 31

func parse(text []byte) (d delta, err error) {
	var a, b int64
	a, text = varint(text)
	b, text = varint(text)
	if a < 0 || b < 0 || a > mostSize || b > mostSize {
		return d, ErrBroken
	}
	return delta{int(a), int(b), text}, nil
}

// varint reads a number of seven bits a byte, the lowest first; -1 if it has no end.
func varint(text []byte) (n int64, rest []byte) {
	for i := 0; i < len(text) && i < 8; i++ {
		n |= int64(text[i]&0x7f) << (7 * i)
		if text[i]&0x80 == 0 {
			return n, text[i+1:]
		}
	}
	return -1, nil
}

// step is one of a difference: bytes that it brings along, or a stretch of the base.
type step struct {
	brings []byte
	from   int
	size   int
}

const longestCopy = 1 << 16

// next reads a step; ok is false at the end.
func (d *delta) next() (s step, ok bool, err error) {
	if len(d.steps) == 0 {
		return s, false, nil
	}
	c := d.steps[0]
	d.steps = d.steps[1:]
	if c&0x80 == 0 {
		n := int(c)
		if n == 0 || n > len(d.steps) {
			return s, false, ErrBroken
		}
		s.brings, s.size, d.steps = d.steps[:n], n, d.steps[n:]
		return s, true, nil
	}
	for bit := range 7 {
		if c>>bit&1 == 0 {
			continue
		}
		if len(d.steps) == 0 {
			return s, false, ErrBroken
		}
		if bit < 4 {
			s.from |= int(d.steps[0]) << (8 * bit)
		} else {
			s.size |= int(d.steps[0]) << (8 * (bit - 4))
		}
		d.steps = d.steps[1:]
	}
	if s.size == 0 {
		s.size = longestCopy
	}
	return s, true, nil
}

// span is a stretch [from,to).
type span struct{ from, to int }

// apply makes the object, and lists what in it is new: bytes that were brought along, and
// places where what stood apart meets.
func (d delta) apply(from []byte) (out []byte, fresh []span, err error) {
	out = make([]byte, 0, min(d.size, len(from)+len(d.steps)))
	goesOn := 0
	for {
		s, ok, err := d.next()
		switch {
		case err != nil:
			return out, nil, err
		case !ok && len(out) != d.size:
			return out, nil, ErrBroken
		case !ok:
			return out, fresh, nil
		case len(out)+s.size > d.size || s.brings == nil && s.from+s.size > len(from):
			return out, nil, ErrBroken
		}
		at := len(out)
		if s.brings != nil {
			out, goesOn = append(out, s.brings...), -1
			fresh = append(fresh, span{at, len(out)})
			continue
		}
		if s.from != goesOn {
			fresh = append(fresh, span{at, at})
		}
		out, goesOn = append(out, from[s.from:s.from+s.size]...), s.from+s.size
	}
}

// around is how much of what is known is looked at beside what is new: the longest secrets
// are keys of some KiB.
const around = 4 << 10

// windows are the stretches of size bytes that hold what is new.
func windows(fresh []span, size int) (all []span) {
	for _, f := range fresh {
		f.from, f.to = max(0, f.from-around), min(size, f.to+around)
		if n := len(all); n > 0 && f.from <= all[n-1].to {
			all[n-1].to = max(all[n-1].to, f.to)
			continue
		}
		all = append(all, f)
	}
	return all
}

// A stretch of fewer bytes than shortStretch is short. Git copies and brings along such
// ones as well, but mostShort copies in a row could spell whatever one likes. leastPart is
// how much of a secret tells nobody what it is, so that its name or beginning may be in the
// base.
const (
	shortStretch = 16
	mostShort    = 3
	leastPart    = 12
)

// chain counts short copies with nothing long between them.
type chain struct{ copies int }

// copied notes a stretch of the base, and says whether too many are in a row.
func (c *chain) copied(size int) bool {
	if size >= shortStretch {
		c.copies = 0
		return false
	}
	c.copies++
	return c.copies >= mostShort
}

func (c *chain) brought(size int) {
	if size >= shortStretch {
		c.copies = 0
	}
}

// brought joins the bytes that a difference brings along, a line end where something of
// the base stands, and says whether that may matter.
func (d delta) brought() (out []byte, missing bool, err error) {
	var short chain
	var last step // a copy as far as it goes on; of no size behind what was brought along
	for {
		s, ok, err := d.next()
		if err != nil {
			return out, true, err
		}
		copies := ok && s.brings == nil
		if copies && last.size > 0 && s.from == last.from+last.size {
			last.size += s.size
			continue
		}
		missing = missing || last.size > 0 && short.copied(last.size)
		switch {
		case !ok:
			return out, missing, nil
		case copies:
			missing = missing || part(lastWord(out))
			last, out = s, append(out, '\n')
		default:
			missing = missing || last.size > 0 && part(firstWord(s.brings))
			short.brought(s.size)
			last, out = step{}, append(out, s.brings...)
		}
	}
}

// part says whether a word looks like a part of a secret: letters and digits, and many.
func part(word []byte) bool {
	return len(word) >= leastPart && bytes.ContainsAny(word, "0123456789") && bytes.ContainsAny(word, letters)
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || bytes.IndexByte([]byte("+/=_-"), c) >= 0
}

func firstWord(b []byte) []byte {
	n := 0
	for n < len(b) && wordByte(b[n]) {
		n++
	}
	return b[:n]
}

func lastWord(b []byte) []byte {
	n := len(b)
	for n > 0 && wordByte(b[n-1]) {
		n--
	}
	return b[n:]
}
