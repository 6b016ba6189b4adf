package passwords

// Recent remembers the latest Max things. It is not safe for concurrent use.
type Recent[K comparable, V any] struct {
	Max   int
	all   map[K]V
	order []K
}

// Get returns what was put under a key, if it is remembered.
func (r *Recent[K, V]) Get(k K) (V, bool) {
	v, ok := r.all[k]
	return v, ok
}

// Put keeps something under a key, unless there is something already.
func (r *Recent[K, V]) Put(k K, v V) {
	if _, ok := r.all[k]; ok {
		return
	}
	if r.all == nil {
		r.all = map[K]V{}
	}
	if len(r.order) >= r.Max {
		r.Drop()
	}
	r.all[k], r.order = v, append(r.order, k)
}

// Drop forgets what was put first and returns it; ok is false when there is nothing.
func (r *Recent[K, V]) Drop() (v V, ok bool) {
	if len(r.order) == 0 {
		return v, false
	}
	k := r.order[0]
	v = r.all[k]
	delete(r.all, k)
	r.order = r.order[1:]
	return v, true
}

// Len is how many things are remembered.
func (r *Recent[K, V]) Len() int { return len(r.order) }
