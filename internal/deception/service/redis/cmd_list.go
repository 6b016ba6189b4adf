package redis

import (
	"slices"
	"strings"
)

func listCommands() map[string]handler {
	return map[string]handler{
		"lpush": func(k *call) { push(k, true, false) }, "rpush": func(k *call) { push(k, false, false) },
		"lpushx": func(k *call) { push(k, true, true) }, "rpushx": func(k *call) { push(k, false, true) },
		"lpop": func(k *call) { pop(k, true) }, "rpop": func(k *call) { pop(k, false) },
		"llen": llen, "lrange": lrange, "lindex": lindex, "lset": lset, "linsert": linsert, "lrem": lrem, "ltrim": ltrim, "lpos": lpos,
		"rpoplpush": func(k *call) { shift(k, false, true) }, "lmove": lmove,
	}
}

func push(k *call, left, onlyExisting bool) {
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v == nil && onlyExisting {
		k.r.number(0)
		return
	}
	if v, ok = k.make(k.args[1], kList); !ok {
		return
	}
	more := slices.Clone(k.args[2:])
	if left {
		slices.Reverse(more)
		v.list = append(more, v.list...)
	} else {
		v.list = append(v.list, more...)
	}
	k.r.number(int64(len(v.list)))
}

func (v *value) take(left bool) string {
	if left {
		s := v.list[0]
		v.list = v.list[1:]
		return s
	}
	s := v.list[len(v.list)-1]
	v.list = v.list[:len(v.list)-1]
	return s
}

func pop(k *call, left bool) {
	if len(k.args) > 3 {
		k.arity()
		return
	}
	n := int64(1)
	if len(k.args) == 3 {
		var ok bool
		if n, ok = number(k.args[2]); !ok || n < 0 {
			k.r.fail(errPositive)
			return
		}
	}
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v == nil {
		if len(k.args) == 3 {
			k.r.nullArray()
		} else {
			k.r.null()
		}
		return
	}
	if len(k.args) == 3 {
		n = min(n, int64(len(v.list)))
		k.r.array(int(n))
	}
	for range n {
		k.r.bulk(v.take(left))
	}
	k.tidy(k.args[1], v)
}

func llen(k *call) {
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v == nil {
		k.r.number(0)
		return
	}
	k.r.number(int64(len(v.list)))
}

// bounds reads two places.
func (k *call) bounds(from int) (a, b int64, ok bool) {
	if a, ok = k.int(k.args[from]); !ok {
		return 0, 0, false
	}
	b, ok = k.int(k.args[from+1])
	return a, b, ok
}

func lrange(k *call) {
	from, to, ok := k.bounds(2)
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v == nil {
		k.r.array(0)
		return
	}
	if a, b := span(from, to, len(v.list)); a <= b {
		k.r.bulks(v.list[a : b+1])
		return
	}
	k.r.array(0)
}

// place turns an index that may count from the end into one of v.
func (v *value) place(i int64) (int, bool) {
	if i < 0 {
		i += int64(len(v.list))
	}
	return int(i), i >= 0 && i < int64(len(v.list))
}

func lindex(k *call) {
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v == nil {
		k.r.null()
		return
	}
	n, ok := k.int(k.args[2])
	if !ok {
		return
	}
	i, ok := v.place(n)
	if !ok {
		k.r.null()
		return
	}
	k.r.bulk(v.list[i])
}

func lset(k *call) {
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v == nil {
		k.r.fail(errNoKey)
		return
	}
	n, ok := k.int(k.args[2])
	if !ok {
		return
	}
	i, ok := v.place(n)
	if !ok {
		k.r.fail(errRange)
		return
	}
	v.list[i] = k.args[3]
	k.r.ok()
}

func linsert(k *call) {
	where := strings.ToLower(k.args[2])
	if where != "before" && where != "after" {
		k.r.fail(errSyntax)
		return
	}
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v == nil {
		k.r.number(0)
		return
	}
	i := slices.Index(v.list, k.args[3])
	if i < 0 {
		k.r.number(-1)
		return
	}
	if where == "after" {
		i++
	}
	v.list = slices.Insert(v.list, i, k.args[4])
	k.r.number(int64(len(v.list)))
}

func lrem(k *call) {
	n, ok := k.int(k.args[2])
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v == nil {
		k.r.number(0)
		return
	}
	before, most := len(v.list), n
	if n < 0 {
		slices.Reverse(v.list)
		most = -n
	}
	removed := int64(0)
	v.list = slices.DeleteFunc(v.list, func(e string) bool {
		hit := e == k.args[3] && (n == 0 || removed < most)
		if hit {
			removed++
		}
		return hit
	})
	if n < 0 {
		slices.Reverse(v.list)
	}
	k.r.number(int64(before - len(v.list)))
	k.tidy(k.args[1], v)
}

func ltrim(k *call) {
	from, to, ok := k.bounds(2)
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if v != nil {
		a, b := span(from, to, len(v.list))
		v.list = slices.Clone(v.list[min(a, b+1) : b+1])
		k.tidy(k.args[1], v)
	}
	k.r.ok()
}

// searching is the options of LPOS.
type searching struct{ rank, count, most int64 }

func (s *searching) parse(k *call) bool {
	s.rank, s.count = 1, -1
	for i := 3; i < len(k.args); i += 2 {
		if i+1 == len(k.args) || !k.option(i, "RANK") && !k.option(i, "COUNT") && !k.option(i, "MAXLEN") {
			k.r.fail(errSyntax)
			return false
		}
		n, ok := k.int(k.args[i+1])
		if !ok {
			return false
		}
		switch {
		case k.option(i, "RANK") && n == 0:
			k.r.fail("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")
			return false
		case k.option(i, "RANK"):
			s.rank = n
		case n < 0:
			k.r.fail("ERR " + strings.ToUpper(k.args[i]) + " can't be negative")
			return false
		case k.option(i, "COUNT"):
			s.count = n
		default:
			s.most = n
		}
	}
	return true
}

func (s searching) in(list []string, want string) (out []int) {
	skip, step, at := s.rank-1, 1, 0
	if s.rank < 0 {
		skip, step, at = -s.rank-1, -1, len(list)-1
	}
	for seen := int64(0); at >= 0 && at < len(list) && (s.most == 0 || seen < s.most); at, seen = at+step, seen+1 {
		if list[at] != want {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if out = append(out, at); s.count != 0 && int64(len(out)) >= max(s.count, 1) {
			break
		}
	}
	return out
}

func lpos(k *call) {
	var s searching
	if !s.parse(k) {
		return
	}
	v, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	var found []int
	if v != nil {
		found = s.in(v.list, k.args[2])
	}
	switch {
	case s.count >= 0:
		k.r.array(len(found))
		for _, i := range found {
			k.r.number(int64(i))
		}
	case len(found) == 0:
		k.r.null()
	default:
		k.r.number(int64(found[0]))
	}
}

func lmove(k *call) {
	side := func(s string) (left, ok bool) {
		return strings.EqualFold(s, "LEFT"), strings.EqualFold(s, "LEFT") || strings.EqualFold(s, "RIGHT")
	}
	from, ok := side(k.args[3])
	to, ok2 := side(k.args[4])
	if !ok || !ok2 {
		k.r.fail(errSyntax)
		return
	}
	shift(k, from, to)
}

func shift(k *call, fromLeft, toLeft bool) {
	from, ok := k.look(k.args[1], kList)
	if !ok {
		return
	}
	if from == nil {
		k.r.null()
		return
	}
	to, ok := k.make(k.args[2], kList)
	if !ok {
		return
	}
	s := from.take(fromLeft)
	if toLeft {
		to.list = append([]string{s}, to.list...)
	} else {
		to.list = append(to.list, s)
	}
	k.tidy(k.args[1], from)
	k.r.bulk(s)
}
