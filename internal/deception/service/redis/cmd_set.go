package redis

import (
	"slices"
	"strconv"
)

func setCommands() map[string]handler {
	return map[string]handler{
		"sadd": sadd, "srem": srem, "smembers": smembers, "sismember": sismember, "smismember": smismember, "scard": scard,
		"spop": spop, "srandmember": srandmember, "smove": smove, "sinter": combineSets, "sunion": combineSets, "sdiff": combineSets,
		"sinterstore": storeSets, "sunionstore": storeSets, "sdiffstore": storeSets, "sintercard": sintercard,
	}
}

// members lists a set: numbers in order, as an intset has them.
func (v *value) members() []string {
	list := v.set.list()
	if v.encoding() == "intset" {
		slices.SortFunc(list, func(a, b string) int {
			x, _ := strconv.ParseInt(a, 10, 64)
			y, _ := strconv.ParseInt(b, 10, 64)
			if x < y {
				return -1
			}
			return 1
		})
	}
	return list
}

func sadd(k *call) {
	v, ok := k.make(k.args[1], kSet)
	if !ok {
		return
	}
	n := 0
	for _, m := range k.args[2:] {
		if v.set.put(m, struct{}{}) {
			n++
		}
	}
	k.r.number(int64(n))
}

func srem(k *call) {
	v, ok := k.look(k.args[1], kSet)
	if !ok {
		return
	}
	n := 0
	for _, m := range k.args[2:] {
		if v != nil && v.set.remove(m) {
			n++
		}
	}
	k.tidy(k.args[1], v)
	k.r.number(int64(n))
}

func (k *call) answerSet(list []string) {
	k.r.set(len(list))
	for _, m := range list {
		k.r.bulk(m)
	}
}

func smembers(k *call) {
	v, ok := k.look(k.args[1], kSet)
	if !ok {
		return
	}
	if v == nil {
		k.r.set(0)
		return
	}
	k.answerSet(v.members())
}

func (v *value) holds(m string) bool {
	if v == nil {
		return false
	}
	_, ok := v.set.get(m)
	return ok
}

func sismember(k *call) {
	if v, ok := k.look(k.args[1], kSet); ok {
		k.r.yes(v.holds(k.args[2]))
	}
}

func smismember(k *call) {
	v, ok := k.look(k.args[1], kSet)
	if !ok {
		return
	}
	k.r.array(len(k.args) - 2)
	for _, m := range k.args[2:] {
		k.r.yes(v.holds(m))
	}
}

func scard(k *call) {
	v, ok := k.look(k.args[1], kSet)
	if !ok {
		return
	}
	n := 0
	if v != nil {
		n = v.set.len()
	}
	k.r.number(int64(n))
}

// howMany reads the optional number behind a key.
func (k *call) howMany() (n int64, given, ok bool) {
	if len(k.args) > 3 {
		k.r.fail(errSyntax)
		return 0, false, false
	}
	if len(k.args) < 3 {
		return 1, false, true
	}
	n, ok = k.int(k.args[2])
	return n, true, ok
}

func spop(k *call) {
	n, given, ok := int64(1), len(k.args) > 2, true
	if len(k.args) > 3 {
		k.r.fail(errSyntax)
		return
	}
	if given {
		if n, ok = number(k.args[2]); !ok || n < 0 {
			k.r.fail(errPositive)
			return
		}
	}
	v, ok := k.look(k.args[1], kSet)
	if !ok {
		return
	}
	if v == nil {
		if given {
			k.r.set(0)
		} else {
			k.r.null()
		}
		return
	}
	all := v.members()
	k.in.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	all = all[:min(n, int64(len(all)))]
	for _, m := range all {
		v.set.remove(m)
	}
	k.tidy(k.args[1], v)
	if given {
		k.answerSet(all)
		return
	}
	k.r.bulk(all[0])
}

func srandmember(k *call) {
	n, given, ok := k.howMany()
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], kSet)
	if !ok {
		return
	}
	switch {
	case v == nil && given:
		k.r.array(0)
	case v == nil:
		k.r.null()
	case !given:
		k.r.bulk(v.set.nth(k.in.random.IntN(v.set.len())))
	default:
		k.r.bulks(k.draw(v.members(), n))
	}
}

// draw picks n at random; of a negative number some may come twice.
func (k *call) draw(all []string, n int64) []string {
	if n >= 0 {
		k.in.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all[:min(n, int64(len(all)))]
	}
	out := make([]string, 0, 16)
	for range min(-n, 1<<16) {
		out = append(out, all[k.in.random.IntN(len(all))])
	}
	return out
}

func smove(k *call) {
	from, ok := k.look(k.args[1], kSet)
	if !ok {
		return
	}
	if from == nil {
		k.r.number(0)
		return
	}
	if to := k.peek(k.db, k.args[2]); to != nil && to.kind != kSet {
		k.r.fail(errType)
		return
	}
	if !from.holds(k.args[3]) {
		k.r.number(0)
		return
	}
	to, ok := k.make(k.args[2], kSet)
	if !ok {
		return
	}
	if from != to {
		from.set.remove(k.args[3])
		to.set.put(k.args[3], struct{}{})
		k.tidy(k.args[1], from)
	}
	k.r.number(1)
}

// combined joins the sets of some keys by what the command's name says.
func (k *call) combined(names []string) (*ordered[struct{}], bool) {
	var sets []*value
	for _, key := range names {
		v, ok := k.look(key, kSet)
		if !ok {
			return nil, false
		}
		if v == nil {
			v = newValue(kSet)
		}
		sets = append(sets, v)
	}
	out := sets[0].set.clone()
	for _, s := range sets[1:] {
		if !k.afford(out.len() + s.set.len()) {
			return nil, false
		}
		switch k.cmd.name[:5] {
		case "sunio":
			for m := range s.set.all {
				out.put(m, struct{}{})
			}
		default:
			inter := k.cmd.name[:5] == "sinte"
			for _, m := range out.list() {
				if s.holds(m) != inter {
					out.remove(m)
				}
			}
		}
	}
	return out, true
}

func combineSets(k *call) {
	if set, ok := k.combined(k.args[1:]); ok {
		k.answerSet((&value{kind: kSet, set: set}).members())
	}
}

func storeSets(k *call) {
	set, ok := k.combined(k.args[2:])
	if !ok {
		return
	}
	v := &value{kind: kSet, set: set}
	if !k.grow(v.size()) {
		return
	}
	k.drop(k.args[1])
	if set.len() > 0 {
		k.put(k.args[1], v)
	}
	k.r.number(int64(set.len()))
}

func sintercard(k *call) {
	n, ok := number(k.args[1])
	if !ok || n < 1 {
		k.r.fail("ERR numkeys should be greater than 0")
		return
	}
	if n > int64(len(k.args)-2) {
		k.r.fail("ERR Number of keys can't be greater than number of args")
		return
	}
	limit, rest := int64(0), k.args[2+n:]
	switch {
	case len(rest) == 2 && k.option(len(k.args)-2, "LIMIT"):
		if limit, ok = number(rest[1]); !ok || limit < 0 {
			k.r.fail("ERR LIMIT can't be negative")
			return
		}
	case len(rest) != 0:
		k.r.fail(errSyntax)
		return
	}
	set, ok := k.combined(k.args[2 : 2+n])
	if !ok {
		return
	}
	size := int64(set.len())
	if limit > 0 {
		size = min(size, limit)
	}
	k.r.number(size)
}
