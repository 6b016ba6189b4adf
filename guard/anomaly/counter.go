package anomaly

import (
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// ways is how many keys share a place; shards is how many locks there are.
const (
	ways   = 8
	shards = 16
)

// Counter counts events by key, each over a window of its own, in memory that is
// fixed when it is made: at most 64 bytes for each key. An event costs the same
// whatever came before it, and allocates nothing unless an episode opens. It is safe
// for concurrent use.
//
// When a key comes for which there is no room, another that shares its place goes: one
// whose window has run out, else the one with the fewest events, never one with an open
// episode. Which keys share a place depends on a random number of the Counter.
type Counter struct {
	seed      maphash.Seed
	part      time.Duration
	threshold int
	tell      func() bool
	again     func() bool
	shards    [shards]shard
	evicted   atomic.Int64
	late      atomic.Int64
}

// CounterOptions are the measures of a Counter.
type CounterOptions struct {
	Keys      int           // room for at least so many; if 0, 65,536
	Open      int           // most episodes that are followed at a time; if 0, 1,024
	Window    time.Duration // Mandatory.
	Threshold int           // Mandatory: events in a window that open an episode
	// Tell is asked for each episode that opens, with the counter locked, and its
	// answer is Episode.Told. If nil, all are. It must not call the Counter.
	Tell func() bool
	// Again is asked for an episode that Tell refused, whenever it has doubled: true makes
	// it told, and its step Opened. If nil, it stays as it is. It must not call the Counter.
	Again func() bool
}

// shard is a part of the keys under one lock.
type shard struct {
	mu   sync.Mutex
	sets []set
	open []Episode // those with a Key are taken
	free []uint16  // places in open
}

// set is the place that some keys share.
type set struct {
	tags    [ways]uint64 // hashes; 0 is free
	newest  [ways]tick
	entries [ways]entry
}

// entry is a key's window and the state of its episode.
type entry struct {
	ring  ring
	total uint32 // of the episode
	state state
	place uint16 // in shard.open
}

type state uint8

const (
	idle     state = iota
	followed       // an episode is open
	untold         // it would be, if there were room to follow it
)

// Episode is what one key did from the event that reached the threshold until it
// was quiet for a whole window.
type Episode struct {
	Key         string // as Key.String gives it
	First, Last time.Time
	Total       int  // events, those that led to the threshold included
	Told        bool // what Tell said of it

	set *set
	way int
}

// Step is what an event did.
type Step uint8

const (
	Quiet     Step = iota // nothing is open for the key
	Opened                // this event opened an episode
	Open                  // one is open
	Untracked             // one would be, if not too many were open already
)

// Count is what an event came to.
type Count struct {
	Events int // in the key's window
	Step   Step
	Told   bool // of the episode that is open
	Missed bool // with Untracked: this event would have opened one
}

// NewCounter makes a counter. The error says what is missing.
func NewCounter(o CounterOptions) (*Counter, error) {
	if o.Window < slots || o.Threshold < 1 {
		return nil, errors.New("making a counter: Window and Threshold must be above zero")
	}
	if o.Keys <= 0 {
		o.Keys = 65_536
	}
	if o.Open <= 0 {
		o.Open = 1_024
	}
	if o.Tell == nil {
		o.Tell = func() bool { return true }
	}
	if o.Again == nil {
		o.Again = func() bool { return false }
	}
	c := &Counter{seed: maphash.MakeSeed(), part: o.Window / slots, threshold: o.Threshold, tell: o.Tell, again: o.Again}
	for i := range c.shards {
		c.shards[i].make(roundUp(o.Keys, ways*shards), min(roundUp(o.Open, shards), 1<<16))
	}
	return c, nil
}

func roundUp(n, by int) int { return (n + by - 1) / by }

func (s *shard) make(sets, open int) {
	s.sets, s.open, s.free = make([]set, sets), make([]Episode, open), make([]uint16, open)
	for i := range s.free {
		s.free[i] = uint16(open - 1 - i)
	}
}

// Add counts an event of a key.
func (c *Counter) Add(key Key, t time.Time) Count {
	hash := key.hash(c.seed)
	s := &c.shards[(hash>>1)%shards]
	at := tickAt(t, c.part)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.sets[(hash/(2*shards))%uint64(len(s.sets))]
	way, ok := c.find(p, hash, at)
	if !ok {
		c.evicted.Add(1)
		return Count{}
	}
	return c.count(s, p, way, occurrence{key, t, at})
}

// occurrence is an event on its way into a shard.
type occurrence struct {
	key  Key
	time time.Time
	at   tick
}

func (c *Counter) count(s *shard, p *set, way int, o occurrence) Count {
	e := &p.entries[way]
	newest, ok := e.ring.add(p.newest[way], o.at)
	if p.newest[way] = newest; !ok {
		c.late.Add(1)
		return Count{Events: e.ring.sum(newest, newest), Step: e.step()}
	}
	if e.total++; e.total == 0 {
		e.total-- // full
	}
	n := e.ring.sum(newest, newest)
	if e.state == followed {
		open := &s.open[e.place]
		if open.Total = int(e.total); o.time.After(open.Last) {
			open.Last = o.time
		}
		if !open.Told && e.total&(e.total-1) == 0 && c.again() {
			open.Told = true
			return Count{Events: n, Step: Opened, Told: true}
		}
		return Count{Events: n, Step: Open, Told: open.Told}
	}
	before := e.state
	step := c.rise(s, p, way, n, o)
	return Count{Events: n, Step: step, Told: step == Opened && s.open[e.place].Told, Missed: step == Untracked && before == idle}
}

// step is what a late event finds.
func (e *entry) step() Step {
	return [...]Step{idle: Quiet, followed: Open, untold: Untracked}[e.state]
}

// rise opens an episode for a key that has reached the threshold.
func (c *Counter) rise(s *shard, p *set, way, n int, o occurrence) Step {
	e := &p.entries[way]
	switch {
	case n < c.threshold:
		e.state, e.total = idle, uint32(n)
		return Quiet
	case e.state == untold:
		return Untracked
	case len(s.free) == 0:
		e.state = untold
		return Untracked
	}
	e.state, e.place = followed, s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	s.open[e.place] = Episode{Key: o.key.String(), First: o.time, Last: o.time, Total: int(e.total), Told: c.tell(), set: p, way: way}
	return Opened
}

// find returns where a key is counted; it makes room if it is new. ok is false when
// every key of its place has an open episode.
func (c *Counter) find(p *set, tag uint64, now tick) (way int, ok bool) {
	for i, t := range p.tags {
		if t == tag {
			return i, true
		}
	}
	way, ok = p.victim(now)
	if !ok {
		return 0, false
	}
	if p.tags[way] != 0 && p.newest[way].since(now) < slots {
		c.evicted.Add(1)
	}
	p.tags[way], p.newest[way], p.entries[way] = tag, now, entry{}
	return way, true
}

// victim is who goes when there is no room.
func (p *set) victim(now tick) (way int, ok bool) {
	least := 0
	for i, tag := range p.tags {
		if tag == 0 {
			return i, true
		}
		if p.entries[i].state == followed {
			continue
		}
		n := p.entries[i].ring.sum(p.newest[i], now)
		if n == 0 {
			return i, true
		}
		if !ok || n < least || n == least && p.newest[i].since(now) > p.newest[way].since(now) {
			way, least, ok = i, n, true
		}
	}
	return way, ok
}

// Sweep closes the episodes that were quiet for a whole window, and tells of each
// after it has closed.
func (c *Counter) Sweep(now time.Time, closed func(Episode)) {
	at := tickAt(now, c.part)
	for i := range c.shards {
		for _, e := range c.shards[i].sweep(at) {
			closed(e)
		}
	}
}

func (s *shard) sweep(at tick) (closed []Episode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == len(s.open) {
		return nil
	}
	for i := range s.open {
		o := &s.open[i]
		if o.set == nil || o.set.entries[o.way].ring.sum(o.set.newest[o.way], at) > 0 {
			continue
		}
		closed = append(closed, *o)
		o.set.tags[o.way], o.set.entries[o.way] = 0, entry{}
		*o = Episode{}
		s.free = append(s.free, uint16(i))
	}
	return closed
}

// Usage is how a Counter has fared.
type Usage struct {
	Keys    int   // with events in their window
	Open    int   // episodes
	Evicted int64 // keys that went though their window had not run out, or found no room
	Late    int64 // events that were too old to count
}

// Usage reads every key: it is for statistics.
func (c *Counter) Usage(now time.Time) Usage {
	u := Usage{Evicted: c.evicted.Load(), Late: c.late.Load()}
	for i := range c.shards {
		c.shards[i].usage(&u, tickAt(now, c.part))
	}
	return u
}

func (s *shard) usage(u *Usage, now tick) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.Open += len(s.open) - len(s.free)
	for i := range s.sets {
		p := &s.sets[i]
		for w, tag := range p.tags {
			if tag != 0 && p.newest[w].since(now) < slots {
				u.Keys++
			}
		}
	}
}
