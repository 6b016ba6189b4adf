package hypercore

import (
	"encoding/json"
	"fmt"

	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// Checkpoint is a position in a core, to be stored by the caller and handed to the next
// Run. It proves itself: Roots are the hashes of everything read, so that a core that
// changed behind the checkpoint is noticed. As JSON it takes about 5 KB in a log of a
// million blocks.
type Checkpoint struct {
	Key    Key           `json:"key"`
	Fork   uint64        `json:"fork"`
	Length uint64        `json:"length"` // blocks handled
	Roots  []merkle.Node `json:"roots,omitempty"`
	// Recent are encoded tree nodes near the end, with which the point of a later
	// truncation is found. Optional.
	Recent []byte `json:"recent,omitempty"`
	// Gaps are the ranges reported as Gap, watched for blocks that arrive late.
	Gaps []Range `json:"gaps,omitempty"`
}

// maxGaps bounds the ranges watched for late blocks; the oldest are forgotten first.
const maxGaps = 1024

// UnmarshalJSON reads a checkpoint and checks that its parts agree.
func (c *Checkpoint) UnmarshalJSON(b []byte) error {
	type plain Checkpoint
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return fmt.Errorf("reading checkpoint: %w", err)
	}
	read := Checkpoint(p)
	if err := read.validate(); err != nil {
		return fmt.Errorf("reading checkpoint: %w", err)
	}
	*c = read
	return nil
}

func (c *Checkpoint) validate() error {
	if _, err := merkle.NewPeaks(c.Length, c.Roots); err != nil {
		return err
	}
	if _, err := decodeNodes(c.Recent); err != nil {
		return fmt.Errorf("recent nodes: %w", err)
	}
	if len(c.Gaps) > maxGaps {
		return fmt.Errorf("%d gaps, at most %d are allowed", len(c.Gaps), maxGaps)
	}
	last := uint64(0)
	for _, g := range c.Gaps {
		if g.From < last || g.To <= g.From || g.To > c.Length {
			return fmt.Errorf("gap [%d, %d) is out of order or out of range", g.From, g.To)
		}
		last = g.To
	}
	return nil
}

// NewCheckpoint is the position that a trail stands at, in a core's fork.
func NewCheckpoint(key Key, fork uint64, trail *merkle.Trail, gaps []Range) Checkpoint {
	p := trail.Peaks().Clone()
	return Checkpoint{
		Key: key, Fork: fork, Length: p.Length, Roots: p.Roots,
		Recent: encodeNodes(trail.Recent()), Gaps: append([]Range(nil), gaps...),
	}
}

// Trail is the state a checkpoint was made from.
func (c *Checkpoint) Trail() (*merkle.Trail, error) {
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	peaks, err := merkle.NewPeaks(c.Length, c.Roots)
	if err != nil {
		return nil, err
	}
	recent, err := decodeNodes(c.Recent)
	return merkle.NewTrail(peaks, recent), err
}

// maxRecent is two nodes for each possible depth.
const maxRecent = 2 * 64

func encodeNodes(nodes []merkle.Node) []byte {
	b := enc.AppendUint(nil, uint64(len(nodes)))
	for _, n := range nodes {
		b = enc.AppendUint(enc.AppendUint(b, n.Index), n.Size)
		b = append(b, n.Hash[:]...)
	}
	return b
}

func decodeNodes(b []byte) ([]merkle.Node, error) {
	if len(b) == 0 {
		return nil, nil
	}
	d := enc.NewDecoder(b)
	n := d.Count(merkle.NodeMinSize)
	if n > maxRecent {
		return nil, fmt.Errorf("%d nodes, at most %d are allowed", n, maxRecent)
	}
	nodes := make([]merkle.Node, 0, n)
	for range n {
		node := merkle.DecodeNode(d)
		if node.Index >= 2*merkle.MaxLength {
			return nil, fmt.Errorf("node index %d: %w", node.Index, ErrTooLarge)
		}
		nodes = append(nodes, node)
	}
	if d.Err() == nil && d.Len() > 0 {
		d.Fail(fmt.Errorf("%d bytes too many", d.Len()))
	}
	return nodes, d.Err()
}

// Gaps are the ranges that were reported as Gap, sorted, for a checkpoint. The zero value is
// none. There are at most as many as a checkpoint may have; the oldest are forgotten first.
type Gaps struct {
	Ranges    []Range
	forgotten uint64 // blocks of ranges dropped over maxGaps
}

// Add appends a range that begins at or after the end of the last one.
func (g *Gaps) Add(r Range) {
	if n := len(g.Ranges); n > 0 && g.Ranges[n-1].To == r.From {
		g.Ranges[n-1].To = r.To
		return
	}
	g.Ranges = append(g.Ranges, r)
	g.bound()
}

func (g *Gaps) bound() {
	for len(g.Ranges) > maxGaps {
		g.forgotten += g.Ranges[0].To - g.Ranges[0].From
		g.Ranges = g.Ranges[1:]
	}
}

// Remove takes one block out.
func (g *Gaps) Remove(block uint64) {
	for i, r := range g.Ranges {
		if block < r.From || block >= r.To {
			continue
		}
		var rest []Range
		if r.From < block {
			rest = append(rest, Range{r.From, block})
		}
		if block+1 < r.To {
			rest = append(rest, Range{block + 1, r.To})
		}
		g.Ranges = append(append(append([]Range(nil), g.Ranges[:i]...), rest...), g.Ranges[i+1:]...)
		g.bound()
		return
	}
}

// Cut drops what lies at or after length.
func (g *Gaps) Cut(length uint64) {
	var kept []Range
	for _, r := range g.Ranges {
		if r.From < length {
			kept = append(kept, Range{r.From, min(r.To, length)})
		}
	}
	g.Ranges = kept
}
