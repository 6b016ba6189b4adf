package stdin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"go.cordon.dev/cordon/internal/leak/source"
)

// group makes entries of lines: a line of JSON is one, because it is a message;
// other lines that follow each other are one together, because a private key
// has many lines. A text that does not fit becomes pieces that overlap.
type group struct {
	stream  string // tells this stream from others
	count   int    // messages begun
	entries []source.Entry
	size    int

	text    []byte // lines that are no JSON, not yet an entry
	overlap int    // at the start of text
	inLine  bool   // the last line has no end yet
}

func (g *group) empty() bool { return len(g.entries) == 0 && len(g.text) == 0 }
func (g *group) full() bool  { return len(g.entries) >= source.MaxEntries || g.size >= source.PieceSize }

func (g *group) add(l line) {
	if !g.inLine && !l.open && isJSON(l.text) {
		g.close()
		g.emit(bytes.TrimSpace(l.text), 0, 0)
		g.count++
		return
	}
	g.inLine = l.open
	g.text = append(g.text, l.text...)
	for len(g.text) > source.PieceSize {
		g.emit(slices.Clone(g.text[:source.PieceSize]), g.overlap, source.PieceOverlap)
		g.text = slices.Clone(g.text[source.PieceSize-source.PieceOverlap:])
		g.overlap = source.PieceOverlap
	}
}

func isJSON(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 1 && (text[0] == '{' || text[0] == '[') && json.Valid(text)
}

// close makes an entry of the text so far: the next line begins another.
func (g *group) close() {
	if len(g.text) == 0 {
		return
	}
	g.emit(g.text, g.overlap, 0)
	g.text, g.overlap = nil, 0
	g.count++
}

func (g *group) emit(data []byte, overlap, continues int) {
	g.size += len(data)
	g.entries = append(g.entries, source.Entry{
		MessageID: fmt.Sprintf("stdin:%s:%d", g.stream, g.count), Data: data, Overlap: overlap, Continues: continues,
	})
}

// batch takes the entries out.
func (g *group) batch() *source.Batch {
	position := fmt.Appendf(nil, `{"stream":%q,"messages":%d}`, g.stream, g.count)
	b := &source.Batch{Entries: g.entries, Position: position}
	g.entries, g.size = nil, 0
	return b
}
