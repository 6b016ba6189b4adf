package anomaly

import (
	"sync"
	"time"
)

// How long it is remembered that a key had an episode, and of how many keys.
const (
	pastFor  = 24 * time.Hour
	mostPast = 4_096
)

// past remembers which keys had episodes that are over, so that a handler may treat who
// comes back otherwise than who comes first.
type past struct {
	mu sync.Mutex
	of map[string]repeats
}

// repeats is how many episodes a key had, none of them long after the one before.
type repeats struct {
	times int
	last  time.Time
}

// add notes that an episode has ended. When there is no room, who came the fewest times is
// forgotten, of those who came longest ago: many who come once push out nobody who comes
// back.
func (p *past) add(key string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string]repeats{}
	}
	r, known := p.of[key]
	if !known && len(p.of) >= mostPast {
		p.forget()
	}
	if !r.recent(at) {
		r.times = 0
	}
	p.of[key] = repeats{r.times + 1, at}
}

func (p *past) forget() {
	least, found := "", false
	for key, r := range p.of {
		if l := p.of[least]; !found || r.times < l.times || r.times == l.times && r.last.Before(l.last) {
			least, found = key, true
		}
	}
	delete(p.of, least)
}

// times is how many episodes a key had, up to a day before now.
func (p *past) times(key string, now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.of[key]; r.recent(now) {
		return r.times
	}
	return 0
}

func (r repeats) recent(now time.Time) bool { return now.Sub(r.last) <= pastFor }
