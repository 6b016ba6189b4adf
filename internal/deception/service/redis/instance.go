package redis

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// instance is one attacker's Redis.
type instance struct {
	srv      *server
	visitors int       // of srv.mu: his connections
	seen     time.Time // of srv.mu: when he last came or went
	bytes    atomic.Int64
	transit  ledger

	mu       sync.Mutex // commands run one at a time, as in the real server
	dbs      []*database
	settings *settings
	clients  []*client
	nextID   int64
	stats    stats
	primary  primary // whom he told it to follow
	scripts  map[string]string
	saved    time.Time
	changes  int64
	channels map[string][]*client
	patterns map[string][]*client
	users    map[string]*user
	random   *lottery
	reset    bool      // CONFIG RESETSTAT: the application's numbers are gone, too
	restart  time.Time // by SHUTDOWN; zero: with the machine
	starts   int
	followed int // times that he ended following a primary
}

// stats is what INFO counts.
type stats struct {
	connections, commands, hits, misses, expired, in, out, errors, saves, reads, writes int64
	calls                                                                               map[string]*calls
	kinds                                                                               map[string]int64 // errors by their first word
}

type calls struct{ n, usec, rejected, failed int64 }

// primary is where REPLICAOF points; empty: nowhere.
type primary struct {
	host  string
	port  string
	since time.Time
}

func newInstance(s *server) *instance {
	in := &instance{
		srv: s, nextID: s.face.firstID, scripts: map[string]string{}, channels: map[string][]*client{}, patterns: map[string][]*client{},
		stats: stats{calls: map[string]*calls{}, kinds: map[string]int64{}}, users: map[string]*user{}, random: newLottery(s.setup.Persona),
	}
	in.transit.most, in.transit.above = maxTransitEach, &s.transit
	in.users["default"] = defaultUser(s.config.Password)
	in.settings = newSettings(s.settings)
	in.saved = s.face.lastSave(s.now())
	return in
}

// open makes the databases when somebody first asks for data: most clients
// only look who answers. The caller holds mu.
func (in *instance) open() {
	if in.dbs != nil {
		return
	}
	for range databases {
		in.dbs = append(in.dbs, newDatabase())
	}
	in.srv.fill(in)
	in.measure()
}

const databases = 16

// measure counts what the attacker keeps. The caller holds mu.
func (in *instance) measure() {
	n := 0
	for _, d := range in.dbs {
		n += d.size()
	}
	for _, text := range in.scripts {
		n += len(text) + 128
	}
	in.bytes.Store(int64(n + in.names()))
}

// perName is what a name costs beside its bytes.
const perName = 96

// names counts what is kept beside the data: what clients watch, subscribe to
// and are called, users, settings, transactions. The caller holds mu.
func (in *instance) names() (n int) {
	for _, d := range in.dbs {
		for key := range d.version {
			n += perName + len(key)
		}
	}
	for _, c := range in.clients {
		n += len(c.name) + len(c.user) + c.queued
		for _, w := range c.watched {
			n += perName + len(w.key)
		}
		for _, list := range [][]string{c.channels, c.patterns} {
			for _, name := range list {
				n += perName + len(name)
			}
		}
	}
	for name, u := range in.users {
		n += perName + len(name) + 80*len(u.passwords)
	}
	for _, value := range in.settings.changed {
		n += perName + len(value)
	}
	return n
}

// room reports whether n more bytes may be kept. What is added is counted by
// its arguments; only when that fills the room everything is counted anew.
// The caller holds mu.
func (in *instance) room(n int) bool {
	fits := func() bool {
		return in.bytes.Load()+int64(n) <= maxMemoryEach && in.srv.used()+int64(n) <= maxMemory
	}
	if !fits() {
		in.measure()
		if !fits() {
			return false
		}
	}
	in.bytes.Add(int64(n))
	return true
}

func (in *instance) join(c *client) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.nextID++
	c.id = in.nextID
	c.known = in.users["default"].nopass
	in.clients = append(in.clients, c)
	in.stats.connections++
}

func (in *instance) part(c *client) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.clients = slices.DeleteFunc(in.clients, func(o *client) bool { return o == c })
	c.unsubscribeAll()
	c.unwatch()
}

// expire takes away a key whose time is over, and reports whether it did.
func (in *instance) expire(d *database, key string, v *value, now time.Time) bool {
	if v.expires.IsZero() || now.Before(v.expires) {
		return false
	}
	d.keys.remove(key)
	d.touch(key)
	in.stats.expired++
	return true
}

// sweep takes away all keys of a database whose time is over.
func (in *instance) sweep(d *database, now time.Time) {
	var gone []string
	for k, v := range d.keys.all {
		if !v.expires.IsZero() && !now.Before(v.expires) {
			gone = append(gone, k)
		}
	}
	for _, k := range gone {
		d.keys.remove(k)
		d.touch(k)
		in.stats.expired++
	}
}

// touch tells who watches a key that it changed.
func (d *database) touch(key string) {
	if n, ok := d.version[key]; ok {
		d.version[key] = n + 1
	}
}
