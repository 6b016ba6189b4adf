package watch

import (
	"container/list"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

const (
	// parts is how finely a window slides: a tenth of its length.
	parts = 10
	// maxPrograms bounds the programs whose denials are counted; of more, the one
	// that was denied least recently is forgotten.
	maxPrograms = 1024
)

// Blocked counts the denials of each program in a window that slides. An episode
// opens with the first denial that is one too many, and closes when a window
// holds at most a tenth of that. It is told when it opens, and not again.
type Blocked struct {
	byProgram map[string]*list.Element
	order     list.List // of *denials; front: denied last
}

// denials are those of one program.
type denials struct {
	program string
	window  time.Duration
	last    int64 // number of the part that the last denial fell into
	counts  [parts]int
	open    bool
	episode string
}

// overrun is an episode that opens.
type overrun struct {
	*denials
	total, limit int
}

func (b *Blocked) observe(s Sample, set Settings) (overrun, bool) {
	if s.End || s.Allowed || set.Blocked <= 0 || set.Window < parts {
		return overrun{}, false
	}
	d := b.of(s.Program, set.Window)
	total := d.add(s.Time)
	d.open = d.open && total > set.Blocked/parts
	if d.open || total <= set.Blocked {
		return overrun{}, false
	}
	d.open, d.episode = true, id.New()
	return overrun{d, total, set.Blocked}, true
}

// of finds a program's denials. A window of another length begins anew.
func (b *Blocked) of(program string, window time.Duration) *denials {
	if b.byProgram == nil {
		b.byProgram = map[string]*list.Element{}
	}
	e := b.byProgram[program]
	if e == nil {
		if len(b.byProgram) >= maxPrograms {
			oldest := b.order.Back()
			delete(b.byProgram, b.order.Remove(oldest).(*denials).program)
		}
		e = b.order.PushFront(&denials{program: program})
		b.byProgram[program] = e
	}
	b.order.MoveToFront(e)
	d := e.Value.(*denials)
	if d.window != window {
		*d = denials{program: program, window: window}
	}
	return d
}

// add counts a denial and returns how many the window holds. Lines come nearly
// in order: a little earlier counts as now, much earlier means that the clock
// was put back, and the window begins anew.
func (d *denials) add(at time.Time) (total int) {
	now := at.UnixNano() / int64(d.window/parts)
	switch {
	case now >= d.last+parts, now <= d.last-parts:
		d.counts, d.last = [parts]int{}, now
	case now > d.last:
		for p := d.last + 1; p <= now; p++ {
			d.counts[slot(p)] = 0
		}
		d.last = now
	}
	d.counts[slot(d.last)]++
	for _, n := range d.counts {
		total += n
	}
	return total
}

// slot is where a part is counted; also one from before 1970.
func slot(part int64) int { return int((part%parts + parts) % parts) }

func (o overrun) subject() string {
	return fmt.Sprintf("%s was denied %d times", named(o.program), o.total)
}

func (o overrun) payload(s Sample) event.Payload {
	return event.ThresholdExceeded{
		EpisodeID: o.episode, Program: o.program, Blocked: o.total, Limit: o.limit, WindowSeconds: int(o.window / time.Second),
		Host: s.Host, Port: s.Port, Reason: s.Reason, OccurredAt: s.Time,
	}
}
