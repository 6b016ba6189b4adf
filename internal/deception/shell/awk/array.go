package awk

import (
	"cmp"
	"maps"
	"slices"
)

// array is an associative array. What it holds is bounded by its program's
// memory.
type array struct {
	items map[string]*item
	born  int
}

type item struct {
	v    value
	born int
}

// itemSize is what an element takes beside its key and its value.
const itemSize = 96

func newArray() *array { return &array{items: map[string]*item{}} }

// at returns an element, which is made when it is not there.
func (a *array) at(in *interp, key string) *value {
	it := a.items[key]
	if it == nil {
		in.hold(itemSize + len(key))
		a.born++
		it = &item{born: a.born}
		a.items[key] = it
	}
	return &it.v
}

func (a *array) delete(in *interp, key string) {
	if it := a.items[key]; it != nil {
		in.hold(-itemSize - len(key) - len(it.v.s))
		delete(a.items, key)
	}
}

func (a *array) clear(in *interp) {
	for key := range a.items {
		a.delete(in, key)
	}
}

// hash is FNV-1a, by which mawk keeps its elements.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// mawk's tables begin with 64 lists, and have twice as many once their average
// is above 12.
const (
	firstLists  = 64
	averageList = 12
)

// keys lists an array in the order in which mawk goes through it: list by list,
// in each the newest first.
func (a *array) keys() []string {
	mask := uint32(firstLists - 1)
	for len(a.items) > int(mask+1)*averageList {
		mask = mask*2 + 1
	}
	return slices.SortedFunc(maps.Keys(a.items), func(x, y string) int {
		return cmp.Or(cmp.Compare(hash(x)&mask, hash(y)&mask), cmp.Compare(a.items[y].born, a.items[x].born))
	})
}
