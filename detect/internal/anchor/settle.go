package anchor

// What is found for a literal costs time in three ways: its bucket marks places,
// its window stands at some of them, and there the literal is compared. Which window
// and bucket are best depends on all others, so that every literal chooses again
// until none has a better choice.

// The costs of a place, in that of a mark, as they were measured.
const (
	costOfMark  = 3
	costOfPlace = 20  // of looking a window up where it stands, for all of its literals
	costOfEntry = 0.5 // of each literal there
)

// settlings is how often literals choose again at most; after some four they keep
// to what they have.
const settlings = 16

// settling is the choices so far.
type settling struct {
	text     *halves
	literals []string
	windows  []window
	all      [buckets]bucket
	members  [buckets]map[uint64]window // by their keys
	users    map[uint64]int
	homes    map[uint64]uint8
	shares   map[uint64]float64
	buffer   []window
}

// settle gives the windows better places and returns the buckets that they make.
func settle(literals []string, windows []window) [buckets]bucket {
	s := &settling{text: newHalves(), literals: literals, windows: windows, users: map[uint64]int{}, homes: map[uint64]uint8{}, shares: map[uint64]float64{}}
	for i := range s.members {
		s.members[i] = map[uint64]window{}
	}
	for _, w := range windows {
		s.add(w)
	}
	for range settlings {
		moved := false
		for i := range windows {
			moved = s.again(&windows[i]) || moved
		}
		if !moved {
			break
		}
	}
	return s.all
}

// add lets one more literal be known by a window.
func (s *settling) add(w window) {
	key := w.key()
	if s.users[key]++; s.users[key] == 1 {
		s.homes[key] = w.bucket
		s.members[w.bucket][key] = w
		s.all[w.bucket] = s.all[w.bucket].with(w.shape(), s.text)
	}
}

// take undoes add.
func (s *settling) take(w window) {
	key := w.key()
	if s.users[key]--; s.users[key] > 0 {
		return
	}
	delete(s.homes, key)
	delete(s.members[w.bucket], key)
	var b bucket
	for _, m := range s.members[w.bucket] {
		b.join(m.shape())
	}
	if len(s.members[w.bucket]) > 0 {
		b.share = b.estimate(s.text)
	}
	s.all[w.bucket] = b
}

// again lets a literal choose once more, and says whether it chose otherwise.
func (s *settling) again(w *window) (moved bool) {
	s.take(*w)
	best, least := *w, s.cost(w)
	s.buffer = windowsOf(s.literals[w.literal], s.buffer[:0])
	for _, other := range s.buffer {
		if cost := s.cost(&other); cost < least {
			best, least, moved = other, cost, true
		}
	}
	best.literal = w.literal
	*w = best
	s.add(best)
	return moved
}

// cost is that of a window for one more literal. A window that has no bucket gets
// the one where it costs least.
func (s *settling) cost(w *window) float64 {
	key := w.key()
	share, ok := s.shares[key]
	if !ok {
		share = shareOf(string(w.bytes[:w.size])) + echoOf(*w)
		s.shares[key] = share
	}
	users := float64(s.users[key] + 1)
	cost := share * (costOfEntry + costOfPlace/users)
	if home, ok := s.homes[key]; ok {
		w.bucket = home
		return cost
	}
	if w.bucket == none {
		w.bucket = cheapest(s.all[:], *w, s.text)
	}
	b := &s.all[w.bucket]
	return cost + costOfMark*(b.with(w.shape(), s.text).share-b.share)
}
