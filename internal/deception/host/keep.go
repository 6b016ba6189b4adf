package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// find is an attacker's room, which is made when he has none in memory. The caller
// holds the lock, which others may have in between.
func (i *Inside) find(k key) *room {
	h := i.hosts
	for {
		if r := h.rooms[k]; r != nil {
			r.used = h.deps.Clock.Now()
			return r
		}
		if ready := h.coming[k]; ready != nil { // he comes by another way, too
			h.mu.Unlock()
			<-ready
			h.mu.Lock()
			continue
		}
		if away, crowded := h.tooMany(); crowded {
			h.putAway(away)
			continue
		}
		i.fetch(k)
	}
}

// tooMany names the room that was not used for longest, when there are too many or
// little memory is left. One whose attacker is there stays: when all are, the
// fleet's limit of clients holds. The caller holds the lock.
func (h *Hosts) tooMany() (oldest key, crowded bool) {
	if len(h.rooms)+len(h.coming) < h.deps.Machines && h.held.Load() <= h.deps.Bytes/2 {
		return key{}, false
	}
	for k, r := range h.rooms {
		if r.busy == 0 && (!crowded || r.used.Before(h.rooms[oldest].used)) {
			oldest, crowded = k, true
		}
	}
	return oldest, crowded
}

// putAway saves a room that nobody uses and, unless its attacker came back
// meanwhile, forgets it. The caller holds the lock.
func (h *Hosts) putAway(k key) {
	r := h.rooms[k]
	used := r.used
	h.save(k, r)
	if r.busy == 0 && r.used.Equal(used) {
		delete(h.rooms, k)
		h.recount()
	}
}

// save writes what changed since the last time. The caller holds the lock, which is
// let go while the disk works: nobody waits for another attacker's files. The room
// is busy meanwhile, so that one at a time saves it and it stays where it is.
func (h *Hosts) save(k key, r *room) {
	bytes, count := r.files.Used()
	if count == 0 || r.busy == 0 && r.used.Before(r.saved) && bytes == r.bytes && count == r.count {
		return
	}
	now := h.deps.Clock.Now() // what is changed while it is saved is saved the next time
	r.busy++
	h.mu.Unlock()
	err := h.write(k, r)
	h.mu.Lock()
	r.busy--
	if err != nil {
		h.deps.Log.Warn("what an attacker changed on a decky is not kept", "decky", k.decky, "error", err)
		return
	}
	r.saved, r.bytes, r.count = now, bytes, count
}

var errFull = errors.New("the disk is nearly full")

// write holds the room's own lock: of two that save it, the later one wins.
func (h *Hosts) write(k key, r *room) error {
	if h.deps.Full != nil && h.deps.Full() {
		return errFull
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	h.memory <- struct{}{}
	defer func() { <-h.memory }()
	snapshot, err := r.files.Snapshot()
	if err != nil {
		return fmt.Errorf("taking down a machine: %w", err)
	}
	return h.deps.Vault.Save(k.decky, k.who, snapshot)
}

// saveEvery is how much of an attacker's changes a crash costs.
const saveEvery = time.Minute

// Run saves what changes, and puts away what nobody uses, until ctx ends; then it
// saves all.
func (h *Hosts) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			h.turn(0)
			return nil
		case <-h.deps.Clock.After(saveEvery):
			h.turn(h.deps.Rest)
		}
	}
}

// glance is how long a room stays that nobody was ever in: it is as good as new, and
// those who guess passwords from a thousand addresses have one each.
const glance = 10 * time.Minute

// rests is how long a room stays when nobody uses it; rest is that of others.
func (r *room) rests(rest time.Duration) time.Duration {
	if _, changed := r.files.Used(); changed == 0 && !r.entered {
		return min(rest, glance)
	}
	return rest
}

// turn saves all rooms and puts away those that were not used for a while; 0
// keeps all.
func (h *Hosts) turn(rest time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range slices.Collect(maps.Keys(h.rooms)) {
		r := h.rooms[k]
		if r == nil {
			continue // put away while another was saved
		}
		if rest > 0 && r.busy == 0 && h.deps.Clock.Now().Sub(r.used) > r.rests(rest) {
			h.putAway(k)
		} else {
			h.save(k, r)
		}
	}
	h.recount()
}
