package dns

import "container/list"

// lru is a map with a bound that forgets what was used longest ago. It is not safe
// for concurrent use.
type lru[K comparable, V any] struct {
	size  func(V) int // what an entry counts for the bound
	most  int
	held  int
	items map[K]*list.Element
	order *list.List // of *item, the latest first
	gone  func(V)    // is told of what is forgotten; may be nil
}

type item[K comparable, V any] struct {
	key   K
	value V
}

func newLRU[K comparable, V any](most int, size func(V) int) *lru[K, V] {
	return &lru[K, V]{size: size, most: most, items: map[K]*list.Element{}, order: list.New()}
}

// one counts entries.
func one[V any](V) int { return 1 }

func (l *lru[K, V]) get(k K) (v V, ok bool) {
	e, ok := l.items[k]
	if !ok {
		return v, false
	}
	l.order.MoveToFront(e)
	return e.Value.(*item[K, V]).value, true
}

// put keeps v, and forgets others until all fit. What alone is too large is not kept.
func (l *lru[K, V]) put(k K, v V) {
	l.remove(k)
	if l.size(v) > l.most {
		return
	}
	l.items[k] = l.order.PushFront(&item[K, V]{k, v})
	l.held += l.size(v)
	for l.held > l.most {
		l.forget(l.order.Back())
	}
}

func (l *lru[K, V]) remove(k K) {
	if e, ok := l.items[k]; ok {
		l.forget(e)
	}
}

func (l *lru[K, V]) forget(e *list.Element) {
	it := l.order.Remove(e).(*item[K, V])
	delete(l.items, it.key)
	l.held -= l.size(it.value)
	if l.gone != nil {
		l.gone(it.value)
	}
}
