package command

import (
	"slices"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// fits counts what the spaces of sed hold, and more bytes that it is about to make,
// and reports whether there is so much memory.
func (e *editor) fits(more int) bool {
	size := len(e.pattern) + len(e.hold) + e.queued + more
	grown := size - max(e.held, shortLine)
	if grown <= 0 {
		return true
	}
	if size > mostHeld || !e.p.Hold(grown) {
		return false
	}
	e.held = size
	return true
}

// follow keeps a text until the end of the cycle, to show it behind the line.
func (e *editor) follow(text string) {
	e.appended, e.queued = append(e.appended, text), e.queued+len(text)+lineCost
}

// exhausted ends sed as one that gets no memory ends.
func (e *editor) exhausted() int {
	if !e.full {
		e.p.Errorf("memory exhausted")
	}
	e.full, e.quit, e.status = true, true, 1
	return 1
}

// firstHits is how many matches of a line are looked for at first.
const firstHits = 1024

// hits are the matches of a command's pattern in the line: all that it changes, as far
// as there is memory for them. free gives that back.
func (e *editor) hits(c *sedCommand) (all [][]int, free func(), ok bool) {
	if !c.global && c.number <= 1 {
		if m := c.re.find(e.pattern); m != nil {
			all = [][]int{m}
		}
		return all, func() {}, true
	}
	cost, held := 24+16*(c.re.Groups()+1), 0
	free = func() { e.p.Hold(-held) }
	for most := firstHits; ; most *= 4 {
		if most > firstHits {
			if !e.p.Hold(most*cost - held) {
				return nil, free, false
			}
			held = most * cost
		}
		if all = c.re.findAll(e.pattern, most); len(all) < most || e.p.Step(e.ctx) != nil {
			return all, free, true
		}
	}
}

// reach is how long a replacement is at most before the case of its letters changes.
func reach(pieces []piece, m []int) (n int) {
	for _, p := range pieces {
		n += len(p.text)
		if p.group >= 0 && 2*p.group+1 < len(m) && m[2*p.group] >= 0 {
			n += m[2*p.group+1] - m[2*p.group]
		}
	}
	return n
}

// kept is a writer that keeps what it is given, as far as there is memory.
type kept struct {
	p    *shell.Proc
	text []byte
	held int
	full bool
}

// Write implements io.Writer.
func (k *kept) Write(d []byte) (int, error) {
	if need := len(k.text) + len(d); need > cap(k.text) {
		grown := max(need, 2*cap(k.text)) - cap(k.text)
		if need > mostHeld || !k.p.Hold(grown) {
			k.full = true
			return 0, vfs.ENOSPC
		}
		k.held += grown
		k.text = slices.Grow(k.text, cap(k.text)+grown-len(k.text))
	}
	k.text = append(k.text, d...)
	return len(d), nil
}

// free gives the memory back.
func (k *kept) free() { k.p.Hold(-k.held) }
