package redis

import (
	"slices"
	"strconv"
	"time"
)

// kind is a type of value.
type kind byte

const (
	kString kind = iota
	kList
	kSet
	kHash
	kZset
)

func (k kind) String() string { return [...]string{"string", "list", "set", "hash", "zset"}[k] }

// value is what a key holds. Only the field of its kind is set.
type value struct {
	kind    kind
	text    string
	raw     bool // of a string: it was changed in place, so that its encoding is raw
	plain   bool // of a string: a number that is held as text
	list    []string
	set     *ordered[struct{}]
	hash    *ordered[string]
	zset    *zset
	expires time.Time // zero: never
	used    time.Time // last
}

// size is about what the value takes in memory.
func (v *value) size() int {
	const each = 48
	n := 96 + len(v.text)
	for _, e := range v.list {
		n += each + len(e)
	}
	if v.set != nil {
		for k := range v.set.all {
			n += each + len(k)
		}
	}
	if v.hash != nil {
		for k, e := range v.hash.all {
			n += 2*each + len(k) + len(e)
		}
	}
	if v.zset != nil {
		for _, m := range v.zset.order {
			n += 2*each + len(m.name)
		}
	}
	return n
}

func (v *value) len() int {
	switch v.kind {
	case kList:
		return len(v.list)
	case kSet:
		return v.set.len()
	case kHash:
		return v.hash.len()
	case kZset:
		return len(v.zset.order)
	}
	return len(v.text)
}

func (v *value) clone() *value {
	c := *v
	c.list = slices.Clone(v.list)
	if v.set != nil {
		c.set = v.set.clone()
	}
	if v.hash != nil {
		c.hash = v.hash.clone()
	}
	if v.zset != nil {
		c.zset = v.zset.clone()
	}
	return &c
}

// encoding is how the real server would hold the value with its default
// limits.
func (v *value) encoding() string {
	switch v.kind {
	case kString:
		return v.stringEncoding()
	case kList:
		return "quicklist"
	case kSet:
		return v.setEncoding()
	case kHash:
		if v.hash.len() <= 512 && allShort(v.hash.keys) && allShort(v.hash.vals) {
			return "listpack"
		}
		return "hashtable"
	}
	if len(v.zset.order) <= 128 && !slices.ContainsFunc(v.zset.order, func(m member) bool { return len(m.name) > 64 }) {
		return "listpack"
	}
	return "skiplist"
}

func (v *value) stringEncoding() string {
	if v.raw {
		return "raw"
	}
	if _, ok := integer(v.text); ok && !v.plain {
		return "int"
	}
	if len(v.text) <= 44 {
		return "embstr"
	}
	return "raw"
}

func (v *value) setEncoding() string {
	if v.set.len() > 512 {
		return "hashtable"
	}
	for k := range v.set.all {
		if _, ok := integer(k); !ok {
			return "hashtable"
		}
	}
	return "intset"
}

func allShort(list []string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return len(s) > 64 })
}

// integer reads a 64 bit number written the one way that the server writes it.
func integer(s string) (int64, bool) {
	if len(s) > 20 {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

// database is one of the sixteen.
type database struct {
	keys    *ordered[*value]
	version map[string]uint64 // of keys that somebody watches
}

func newDatabase() *database {
	return &database{keys: newOrdered[*value](), version: map[string]uint64{}}
}

func (d *database) size() (n int) {
	for k, v := range d.keys.all {
		n += 64 + len(k) + v.size()
	}
	return n
}

// expiring counts keys that have a time to live, and adds up what is left.
func (d *database) expiring(now time.Time) (n int, sum time.Duration) {
	for _, v := range d.keys.all {
		if !v.expires.IsZero() {
			n++
			sum += v.expires.Sub(now)
		}
	}
	return n, sum
}
