package bzzzlog

import (
	"encoding/json"
	"fmt"

	"go.cordon.dev/cordon/bzzzlog"
)

// position is where reading goes on, and what the file must look like there.
type position struct {
	Fork   uint64 `json:"fork"`   // how often the log was replaced, truncated or begun anew
	Offset int64  `json:"offset"` // bytes read; a line begins there unless it is over-long
	// Start is where the over-long line begins that Offset lies in; equal to
	// Offset between lines.
	Start int64 `json:"start"`
	// Anchor is the hash of the entry in [Last, Start): a file that has another
	// there is not the one that was read. Empty when that line was no entry.
	Last   int64         `json:"last"`
	Anchor string        `json:"anchor,omitempty"`
	Chain  bzzzlog.Chain `json:"chain"`
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
	return p, nil
}

func (p position) encode() json.RawMessage {
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // numbers and strings: cannot happen
	}
	return raw
}

// inLine says that Offset lies inside an over-long line.
func (p position) inLine() bool { return p.Start < p.Offset }

// afresh is the beginning of the log's next fork. The chain is kept, because a
// log that was rotated may go on with it.
func (p position) afresh() position { return position{Fork: p.Fork + 1, Chain: p.Chain} }
