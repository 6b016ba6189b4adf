package redis

import (
	"cmp"
	"slices"
)

// member is one of a sorted set.
type member struct {
	name  string
	score float64
}

// zset is a sorted set: by score, then by name.
type zset struct {
	scores map[string]float64
	order  []member
	loose  bool // order is made anew when all changes are done
}

func newZset() *zset { return &zset{scores: map[string]float64{}} }

func compare(a, b member) int {
	if c := cmp.Compare(a.score, b.score); c != 0 {
		return c
	}
	return cmp.Compare(a.name, b.name)
}

// change makes n changes. Many at once are not put into place one by one, which
// would take time that grows with their square.
func (z *zset) change(n int, make func()) {
	if n < 64 {
		make()
		return
	}
	z.loose = true
	make()
	z.loose, z.order = false, z.order[:0]
	for name, score := range z.scores {
		z.order = append(z.order, member{name, score})
	}
	slices.SortFunc(z.order, compare)
}

// put sets a score and reports whether the member is new.
func (z *zset) put(name string, score float64) bool {
	old, had := z.scores[name]
	if had && old == score {
		return false
	}
	if had {
		z.remove(name)
	}
	z.scores[name] = score
	if z.loose {
		return !had
	}
	i, _ := slices.BinarySearchFunc(z.order, member{name, score}, compare)
	z.order = slices.Insert(z.order, i, member{name, score})
	return !had
}

func (z *zset) remove(name string) bool {
	score, ok := z.scores[name]
	if !ok {
		return false
	}
	delete(z.scores, name)
	if z.loose {
		return true
	}
	i, _ := slices.BinarySearchFunc(z.order, member{name, score}, compare)
	z.order = slices.Delete(z.order, i, i+1)
	return true
}

func (z *zset) rank(name string) (int, bool) {
	score, ok := z.scores[name]
	if !ok {
		return 0, false
	}
	return slices.BinarySearchFunc(z.order, member{name, score}, compare)
}

func (z *zset) clone() *zset {
	next := newZset()
	for k, v := range z.scores {
		next.scores[k] = v
	}
	next.order = slices.Clone(z.order)
	return next
}
