package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
)

// textContext is how much of the text before a new one the scanner is shown
// again, so that a private key of many lines is whole in one entry.
const textContext = 16 << 10

// errRewritten says that a file no longer holds what was read of it.
var errRewritten = errors.New("file was rewritten")

// piece is what is read of a generation at once: some of the text that was
// delivered before, then new text.
type piece struct {
	from int64  // where buf begins
	buf  []byte // what the file holds from there on
	seen int    // bytes of buf that were delivered before
	upto int    // of buf to deliver now
	more bool   // the text goes on behind upto
}

// drain delivers all there is to read of a generation.
func (f *follower) drain(ctx context.Context, h *handle) error {
	earlier := h.gen.earlier()
	for {
		p, err := f.readPiece(h)
		if err != nil {
			return err
		}
		b := f.entries(h, p)
		if p.upto == p.seen && len(b.Entries) == 0 {
			return nil
		}
		h.gen.moveTo(p)
		h.gen.reach(f.cfg.Marker, h.gen.Offset, p.buf[:p.upto], earlier)
		f.recent[h.gen] = append(f.recent[h.gen][:0], p.buf[max(0, p.upto-source.PieceOverlap):p.upto]...)
		if err := f.deliver(ctx, b); err != nil {
			return err
		}
	}
}

// readPiece reads the next piece and checks that the file is still the one that
// was read before.
func (f *follower) readPiece(h *handle) (*piece, error) {
	g := h.gen
	p := &piece{from: max(0, g.Offset-source.PieceOverlap)}
	p.seen = int(g.Offset - p.from)
	if f.buf == nil {
		f.buf = make([]byte, source.PieceSize)
	}
	n, err := h.ReadAt(f.buf, p.from)
	if err != nil && !h.ends(err) {
		return nil, err
	}
	p.buf = f.buf[:n]
	if n < p.seen || !f.knows(g, p.buf[:p.seen]) || !f.sameHead(h, p) {
		return nil, errRewritten
	}
	f.checkCopy(g, p, n == len(f.buf))
	f.choose(h, p, n == len(f.buf))
	return p, nil
}

// checkCopy forgets a copy that is not one of what is now read: between noting it
// and reading, the file was rewritten. A piece that is not full ends the file.
func (f *follower) checkCopy(g *generation, p *piece, full bool) {
	at := g.Copy.At - p.from
	if g.Copy.At <= g.Offset || full && at > int64(len(p.buf)) {
		return
	}
	if at > int64(len(p.buf)) || !f.cfg.Marker.Marked(p.buf[max(0, at-endSize):at], g.Copy.Mark) {
		g.Copy, f.dirty = end{}, true
	}
}

// knows says whether the bytes before Offset are those that were read.
func (f *follower) knows(g *generation, before []byte) bool {
	if g.Offset == 0 {
		return true
	}
	return f.cfg.Marker.Marked(before[max(0, len(before)-endSize):], g.Ends[len(g.Ends)-1].Mark)
}

// sameHead says whether a file begins as it did. It is asked after the piece
// was read, so that what a rewriting brought in between is not taken for it.
func (f *follower) sameHead(h *handle, p *piece) bool {
	if h.archive != nil { // nothing is written into one, and it is not read backwards
		return p.from > 0 || f.isHead(h.gen, p.buf)
	}
	head := make([]byte, headSize)
	n, err := h.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	head = head[:n]
	if p.from == 0 && !bytes.HasPrefix(head, p.buf[:min(len(p.buf), headSize)]) {
		return false
	}
	return f.isHead(h.gen, head)
}

func (f *follower) isHead(g *generation, head []byte) bool {
	return g.HeadLen == 0 || len(head) >= g.HeadLen && f.cfg.Marker.Marked(head[:g.HeadLen], g.Head)
}

// choose says how much of a piece is delivered: whole lines, unless one is too
// long for a piece, or its end does not come.
func (f *follower) choose(h *handle, p *piece, full bool) {
	p.upto, p.more = p.seen+bytes.LastIndexByte(p.buf[p.seen:], '\n')+1, full
	switch {
	case full && p.upto == p.seen:
		p.upto = len(p.buf)
		f.problem(fmt.Sprintf("the line at byte %d of %s was scanned in pieces", h.gen.Line, h.phys.name))
	case !full && h.quiet(p.from+int64(len(p.buf)), f.cfg.Linger):
		p.upto = len(p.buf)
	case !full:
		p.more = h.gen.Open > 0 // it is closed when nothing comes
		f.torn = f.torn || h.archive == nil && (p.upto < len(p.buf) || p.more)
	}
}

// quiet says that a text has not grown for a while, or never will.
func (h *handle) quiet(size int64, linger time.Duration) bool {
	if h.archive != nil {
		return h.archive.err != nil
	}
	if size != h.size || h.since.IsZero() {
		h.size, h.since = size, time.Now()
	}
	return h.gone || time.Since(h.since) >= linger
}

// moveTo moves a generation to the end of what was delivered.
func (g *generation) moveTo(p *piece) {
	if i := bytes.LastIndexByte(p.buf[p.seen:p.upto], '\n'); i >= 0 {
		g.Line = p.from + int64(p.seen+i+1)
	}
	g.Offset = p.from + int64(p.upto)
}

// cutter makes entries of a piece: a line of JSON is one, because it is a
// message; other lines that follow each other are one together.
type cutter struct {
	*piece
	g     *generation
	label string
	out   []source.Entry
	run   int // where the text begins that is no entry yet; -1: there is none
}

func (f *follower) entries(h *handle, p *piece) source.Batch {
	c := &cutter{piece: p, g: h.gen, label: h.phys.name, run: -1}
	c.cut()
	return source.Batch{Entries: c.out}
}

func (c *cutter) cut() {
	if c.upto == c.seen && c.g.Open > 0 && !c.more {
		c.text(c.seen)
		return
	}
	for at := c.seen; at < c.upto; {
		end := c.upto
		if i := bytes.IndexByte(c.buf[at:c.upto], '\n'); i >= 0 {
			end = at + i + 1
		}
		c.line(at, end)
		at = end
		if c.run < 0 && len(c.out) >= source.MaxEntries-2 {
			c.upto, c.more = at, false
		}
	}
	if c.run >= 0 {
		c.text(c.upto)
	}
}

// line sorts in the line [at, end), or the rest of one.
func (c *cutter) line(at, end int) {
	switch {
	case at == c.seen && c.g.inLine() && c.g.Open == 0:
		start := max(0, int(c.g.Line-c.from))
		e := source.Entry{Data: c.buf[start:end], Context: at - start}
		if c.buf[end-1] == '\n' { // also when it is all that was missing: who reads lines waits for it
			c.entry(e, c.from+int64(at))
			return
		}
		c.add(e, at)
	case !(at == c.seen && c.g.inLine()) && isJSON(c.buf[at:end]):
		if c.run >= 0 || at == c.seen && c.g.Open > 0 {
			c.close(at)
		}
		c.add(source.Entry{Data: bytes.TrimSpace(c.buf[at:end])}, at)
	case c.run < 0:
		c.run = at
	}
}

// close ends the text before a message.
func (c *cutter) close(at int) {
	more := c.more
	c.more = false
	c.text(at)
	c.more = more
}

// text makes an entry of the lines from run to end. The first begins with what
// the one before was to be continued by, or with some context.
func (c *cutter) text(end int) {
	if c.run < 0 {
		c.run = c.seen
	}
	e, begin, id := source.Entry{}, c.run, c.from+int64(c.run)
	if c.run == c.seen {
		if e.Overlap = c.g.Open; e.Overlap > 0 {
			id = c.g.Run
		} else {
			e.Context = min(textContext, c.run)
		}
		begin -= e.Overlap + e.Context
	}
	c.g.Open = 0
	if c.more {
		e.Continues = min(source.PieceOverlap, end-c.run)
		c.g.Open, c.g.Run = e.Continues, id
	}
	e.Data = c.buf[begin:end]
	if e.Overlap+e.Continues > 0 || len(bytes.TrimSpace(c.buf[c.run:end])) > 0 {
		c.entry(e, id)
	}
	c.run = -1
}

func (c *cutter) add(e source.Entry, at int) {
	if len(bytes.TrimSpace(e.Data[e.Context:])) > 0 {
		c.entry(e, c.from+int64(at))
	}
}

func (c *cutter) entry(e source.Entry, at int64) {
	e.Fork, e.Label, e.MessageID = c.g.N, c.label, fmt.Sprintf("file:%d:%d", c.g.N, at)
	c.out = append(c.out, e)
}

func isJSON(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 1 && (text[0] == '{' || text[0] == '[') && json.Valid(text)
}
