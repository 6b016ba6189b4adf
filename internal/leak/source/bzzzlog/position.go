package bzzzlog

import (
	"encoding/json"
	"fmt"

	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/internal/leak/source"
)

// position is where reading goes on, and what the file must look like there.
type position struct {
	Fork   uint64 `json:"fork"`   // how often the log was replaced, truncated or begun anew
	Offset int64  `json:"offset"` // bytes read; a line begins there unless it is over-long
	// Start is where the over-long line begins that Offset lies in; equal to
	// Offset between lines.
	Start int64 `json:"start"`
	Last  int64 `json:"last"` // where the line begins that ends at Start
	// Head marks the first bytes of the file, Tail those before Offset: a file
	// that has others there is not the one that was read.
	Head    string        `json:"head,omitempty"`
	HeadLen int           `json:"head_len,omitempty"`
	Tail    string        `json:"tail,omitempty"`
	TailLen int           `json:"tail_len,omitempty"`
	Chain   bzzzlog.Chain `json:"chain"`
}

func parsePosition(raw json.RawMessage) (position, error) {
	var p position
	if len(raw) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("reading stored position: %w", err)
	}
	if p.Last < 0 || p.Last > p.Start || p.Start > p.Offset {
		return p, fmt.Errorf("reading stored position: last %d, start %d, offset %d are out of order", p.Last, p.Start, p.Offset)
	}
	if p.HeadLen < 0 || p.TailLen < 0 || int64(max(p.HeadLen, p.TailLen)) > p.Offset {
		return p, fmt.Errorf("reading stored position: marks of %d and %d bytes, of %d", p.HeadLen, p.TailLen, p.Offset)
	}
	return p, nil
}

func (p position) encode() json.RawMessage {
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // numbers and strings: cannot happen
	}
	return raw
}

// How many bytes are marked of the beginning of a file, and of what was read
// last.
const (
	headSize = 1 << 10
	tailSize = 4 << 10
)

// mark marks what was read, text, which began at from. Offset is its end.
func (p *position) mark(m source.Marker, text []byte, from int64) {
	if from == 0 {
		p.HeadLen = min(len(text), headSize)
		p.Head = m.Mark(text[:p.HeadLen])
	}
	p.TailLen = min(len(text), tailSize)
	p.Tail = m.Mark(text[len(text)-p.TailLen:])
}

// inLine says that Offset lies inside an over-long line.
func (p position) inLine() bool { return p.Start < p.Offset }

// afresh is the beginning of the log's next fork. The chain is kept, because a
// log that was rotated may go on with it.
func (p position) afresh() position { return position{Fork: p.Fork + 1, Chain: p.Chain} }
