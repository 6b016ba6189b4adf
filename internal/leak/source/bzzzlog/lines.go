package bzzzlog

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/internal/leak/source"
)

// step delivers the next batch; more is false when nothing was complete.
func (f *follower) step(ctx context.Context) (more bool, err error) {
	if f.pos.inLine() {
		return f.stepInLine(ctx)
	}
	text, err := f.read(f.pos.Offset, source.PieceSize)
	if err != nil {
		return false, err
	}
	cut := bytes.LastIndexByte(text, '\n')
	if cut < 0 && len(text) == source.PieceSize {
		if text, err = f.read(f.pos.Offset, f.cfg.MaxLine); err != nil {
			return false, err
		}
		cut = bytes.IndexByte(text, '\n')
	}
	switch {
	case cut >= 0:
		return true, f.lines(ctx, text[:cut+1])
	case len(text) < f.cfg.MaxLine:
		return false, nil // torn, or still being written
	}
	return true, f.piece(ctx, f.pos.Offset, text[:source.PieceSize], false)
}

// lines delivers whole lines, as many as one batch may have.
func (f *follower) lines(ctx context.Context, text []byte) error {
	var b source.Batch
	from := f.pos.Offset
	for line := range bytes.Lines(text) {
		if len(b.Entries) == source.MaxEntries {
			break
		}
		f.line(&b, line)
	}
	f.pos.mark(f.cfg.Marker, text[:f.pos.Offset-from], from)
	return f.deliver(ctx, b)
}

// line adds one line, whatever it holds, to the batch and moves behind it.
func (f *follower) line(b *source.Batch, line []byte) {
	from := f.pos.Offset
	f.pos.Last, f.pos.Offset, f.pos.Start = from, from+int64(len(line)), from+int64(len(line))
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	entry := source.Entry{Data: bytes.TrimRight(line, "\r\n")}
	e, err := bzzzlog.ParseEntry(line, bzzzlog.Limits{MaxBytes: f.cfg.MaxLine})
	if err == nil && e.Index <= math.MaxInt64 {
		f.entry(b, &entry, e)
	} else {
		f.wrong = fmt.Sprintf("the line at byte %d is no log entry; it was scanned all the same", from)
	}
	entry.Fork = f.pos.Fork
	b.Entries = append(b.Entries, entry)
}

// entry checks the chain and fills in what the log says of its entry.
func (f *follower) entry(b *source.Batch, to *source.Entry, e bzzzlog.Entry) {
	if e.Index == 0 && e.PrevHash == "" && f.pos.Chain != (bzzzlog.Chain{}) {
		f.restart()
	}
	if due := f.pos.Chain.Next; e.Index > due {
		b.Losses = append(b.Losses, source.Loss{From: due, To: e.Index, Reason: "the log has no such entries"})
	}
	if err := f.pos.Chain.Check(e); err != nil {
		f.wrong = fmt.Sprintf("the chain is broken at entry %d; it was scanned all the same", e.Index)
	}
	to.Index, to.Indexed, to.Time = e.Index, true, e.Timestamp
	f.last = &e.Index
	if e.Verify() == nil {
		to.MessageID = e.Hash
	}
}

// restart begins a new chain: as it should at the start of a file, as it should
// not inside one, where it makes a fork, because the indices come again.
func (f *follower) restart() {
	if f.pos.Last > 0 {
		f.wrong = fmt.Sprintf("the log begins anew behind entry %d, in the same file", f.pos.Chain.Next-1)
		f.pos.Fork++
	}
	f.pos.Chain = bzzzlog.Chain{}
}

// stepInLine goes on inside a line that is too long to be read whole.
func (f *follower) stepInLine(ctx context.Context) (more bool, err error) {
	from := max(f.pos.Start, f.pos.Offset-source.PieceOverlap)
	text, err := f.read(from, source.PieceSize)
	if err != nil {
		return false, err
	}
	seen := int(f.pos.Offset - from)
	if i := bytes.IndexByte(text[min(seen, len(text)):], '\n'); i >= 0 {
		return true, f.piece(ctx, from, text[:seen+i+1], true)
	}
	if len(text) < source.PieceSize {
		return false, nil
	}
	return true, f.piece(ctx, from, text, false)
}

// piece delivers a part of an over-long line; with the last the line is done.
func (f *follower) piece(ctx context.Context, from int64, text []byte, last bool) error {
	e := source.Entry{
		Fork: f.pos.Fork, MessageID: fmt.Sprintf("line:%d:%d", f.pos.Fork, f.pos.Start),
		Data: text, Overlap: int(f.pos.Offset - from),
	}
	f.pos.Offset = from + int64(len(text))
	f.pos.mark(f.cfg.Marker, text, from)
	if last {
		f.wrong = fmt.Sprintf("the line at byte %d was scanned in pieces; the chain was not checked there", f.pos.Start)
		f.pos.Last, f.pos.Start = f.pos.Offset-1, f.pos.Offset
	} else {
		e.Continues = source.PieceOverlap
	}
	return f.deliver(ctx, source.Batch{Entries: []source.Entry{e}})
}
