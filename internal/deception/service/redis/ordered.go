package redis

// ordered is a map that remembers the order of insertion, as a small hash of
// the real server does. Taking out costs constant time on average.
type ordered[V any] struct {
	at   map[string]int
	keys []string
	vals []V
	live []bool
}

func newOrdered[V any]() *ordered[V] { return &ordered[V]{at: map[string]int{}} }

func (o *ordered[V]) len() int { return len(o.at) }

func (o *ordered[V]) get(k string) (v V, ok bool) {
	i, ok := o.at[k]
	if ok {
		v = o.vals[i]
	}
	return v, ok
}

// put sets a value and reports whether the key is new.
func (o *ordered[V]) put(k string, v V) bool {
	if i, ok := o.at[k]; ok {
		o.vals[i] = v
		return false
	}
	o.at[k] = len(o.keys)
	o.keys, o.vals, o.live = append(o.keys, k), append(o.vals, v), append(o.live, true)
	return true
}

func (o *ordered[V]) remove(k string) bool {
	i, ok := o.at[k]
	if !ok {
		return false
	}
	var none V
	delete(o.at, k)
	o.keys[i], o.vals[i], o.live[i] = "", none, false
	if len(o.keys) > 16 && len(o.keys) > 2*len(o.at) {
		o.compact()
	}
	return true
}

func (o *ordered[V]) compact() {
	next := newOrdered[V]()
	for k, v := range o.all {
		next.put(k, v)
	}
	*o = *next
}

// all yields keys and values in order; nothing may be changed meanwhile.
func (o *ordered[V]) all(yield func(string, V) bool) {
	for i, k := range o.keys {
		if o.live[i] && !yield(k, o.vals[i]) {
			return
		}
	}
}

// nth returns the key at place i of the order, counted from 0; it is for
// picking at random.
func (o *ordered[V]) nth(i int) string {
	for j, k := range o.keys {
		if o.live[j] {
			if i == 0 {
				return k
			}
			i--
		}
	}
	return ""
}

func (o *ordered[V]) list() []string {
	out := make([]string, 0, o.len())
	for k := range o.all {
		out = append(out, k)
	}
	return out
}

func (o *ordered[V]) clone() *ordered[V] {
	next := newOrdered[V]()
	for k, v := range o.all {
		next.put(k, v)
	}
	return next
}
