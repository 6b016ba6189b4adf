package redis

import (
	"math"
	"slices"
	"strings"
)

func zsetCommands() map[string]handler {
	return map[string]handler{
		"zadd": zadd, "zincrby": zincrby, "zscore": zscore, "zmscore": zmscore, "zcard": zcard, "zrem": zrem, "zrank": zrank, "zrevrank": zrank,
		"zpopmin": zpop, "zpopmax": zpop, "zcount": zcount, "zlexcount": zlexcount, "zunionstore": zstore, "zinterstore": zstore,
	}
}

// adding is the options of ZADD.
type adding struct {
	nx, xx, gt, lt, ch, incr bool
}

func (a *adding) parse(k *call) (from int, ok bool) {
	from = 2
	for flags := map[string]*bool{"NX": &a.nx, "XX": &a.xx, "GT": &a.gt, "LT": &a.lt, "CH": &a.ch, "INCR": &a.incr}; from < len(k.args); from++ {
		f := flags[strings.ToUpper(k.args[from])]
		if f == nil {
			break
		}
		*f = true
	}
	problem := ""
	switch n := len(k.args) - from; {
	case n == 0 || n%2 == 1:
		problem = errSyntax
	case a.nx && a.xx:
		problem = "ERR XX and NX options at the same time are not compatible"
	case a.gt && a.nx || a.lt && a.nx || a.gt && a.lt:
		problem = "ERR GT, LT, and/or NX options at the same time are not compatible"
	case a.incr && n > 2:
		problem = "ERR INCR option supports a single increment-element pair"
	}
	if problem != "" {
		k.r.fail(problem)
	}
	return from, problem == ""
}

func zadd(k *call) {
	var a adding
	from, ok := a.parse(k)
	if !ok {
		return
	}
	k.addScores(a, from)
}

func zincrby(k *call) { k.addScores(adding{incr: true}, 2) }

func (k *call) addScores(a adding, from int) {
	scores := make([]float64, 0, (len(k.args)-from)/2)
	for i := from; i < len(k.args); i += 2 {
		f, ok := k.float(k.args[i], errFloat)
		if !ok {
			return
		}
		scores = append(scores, f)
	}
	v, ok := k.look(k.args[1], kZset)
	if !ok {
		return
	}
	if v == nil && a.xx {
		k.answerAdded(a, 0, 0, nil)
		return
	}
	if v, ok = k.make(k.args[1], kZset); !ok {
		return
	}
	if old := v.zset.scores[k.args[from+1]]; a.incr && math.IsNaN(old+scores[0]) {
		k.tidy(k.args[1], v)
		k.r.fail("ERR resulting score is not a number (NaN)")
		return
	}
	added, changed, last := 0, 0, (*float64)(nil)
	v.zset.change(len(scores), func() { added, changed, last = a.apply(v.zset, scores, k.args[from:]) })
	k.tidy(k.args[1], v)
	k.answerAdded(a, added, changed, last)
}

// apply sets scores; pairs are scores as they came, each with its member.
func (a adding) apply(z *zset, scores []float64, pairs []string) (added, changed int, last *float64) {
	for i, score := range scores {
		name := pairs[2*i+1]
		old, had := z.scores[name]
		if a.incr {
			score += old
		}
		if a.nx && had || a.xx && !had || had && (a.gt && score <= old || a.lt && score >= old) {
			continue
		}
		last = &score
		switch {
		case z.put(name, score):
			added++
		case score != old:
			changed++
		}
	}
	return added, changed, last
}

func (k *call) answerAdded(a adding, added, changed int, last *float64) {
	switch {
	case a.incr && last == nil:
		k.r.null()
	case a.incr:
		k.r.double(*last)
	case a.ch:
		k.r.number(int64(added + changed))
	default:
		k.r.number(int64(added))
	}
}

func (k *call) answerScore(v *value, name string) {
	if v != nil {
		if f, ok := v.zset.scores[name]; ok {
			k.r.double(f)
			return
		}
	}
	k.r.null()
}

func zscore(k *call) {
	if v, ok := k.look(k.args[1], kZset); ok {
		k.answerScore(v, k.args[2])
	}
}

func zmscore(k *call) {
	v, ok := k.look(k.args[1], kZset)
	if !ok {
		return
	}
	k.r.array(len(k.args) - 2)
	for _, m := range k.args[2:] {
		k.answerScore(v, m)
	}
}

func zcard(k *call) {
	v, ok := k.look(k.args[1], kZset)
	if !ok {
		return
	}
	n := 0
	if v != nil {
		n = v.len()
	}
	k.r.number(int64(n))
}

func zrem(k *call) {
	v, ok := k.look(k.args[1], kZset)
	if !ok {
		return
	}
	n := 0
	if v != nil {
		v.zset.change(len(k.args)-2, func() {
			for _, m := range k.args[2:] {
				if v.zset.remove(m) {
					n++
				}
			}
		})
	}
	k.tidy(k.args[1], v)
	k.r.number(int64(n))
}

func zrank(k *call) {
	v, ok := k.look(k.args[1], kZset)
	if !ok {
		return
	}
	if v == nil {
		k.r.null()
		return
	}
	i, ok := v.zset.rank(k.args[2])
	if !ok {
		k.r.null()
		return
	}
	if k.cmd.name == "zrevrank" {
		i = v.len() - 1 - i
	}
	k.r.number(int64(i))
}

func zpop(k *call) {
	n := int64(1)
	if len(k.args) > 3 {
		k.r.fail(errSyntax)
		return
	}
	if len(k.args) == 3 {
		var ok bool
		if n, ok = number(k.args[2]); !ok || n < 0 {
			k.r.fail(errPositive)
			return
		}
	}
	v, ok := k.look(k.args[1], kZset)
	if !ok {
		return
	}
	if v == nil {
		k.r.array(0)
		return
	}
	list := slices.Clone(v.zset.order)
	if k.cmd.name == "zpopmax" {
		slices.Reverse(list)
	}
	list = list[:min(n, int64(len(list)))]
	v.zset.change(len(list), func() {
		for _, m := range list {
			v.zset.remove(m.name)
		}
	})
	k.tidy(k.args[1], v)
	k.answerMembers(list, true, len(k.args) == 3)
}

// answerMembers lists members; in version 3 those with scores are pairs.
func (k *call) answerMembers(list []member, scores, nested bool) {
	nested = nested && scores && k.r.proto == 3
	n := len(list)
	if scores && !nested {
		n *= 2
	}
	k.r.array(n)
	for _, m := range list {
		if nested {
			k.r.array(2)
		}
		k.r.bulk(m.name)
		if scores {
			k.r.double(m.score)
		}
	}
}

func zcount(k *call) {
	r, ok := k.scoreRange(k.args[2], k.args[3])
	if !ok {
		return
	}
	k.countIn(r)
}

func zlexcount(k *call) {
	r, ok := k.lexRange(k.args[2], k.args[3])
	if !ok {
		return
	}
	k.countIn(r)
}

func (k *call) countIn(inside func(member) bool) {
	v, ok := k.look(k.args[1], kZset)
	if !ok {
		return
	}
	n := 0
	if v != nil {
		for _, m := range v.zset.order {
			if inside(m) {
				n++
			}
		}
	}
	k.r.number(int64(n))
}

// zstore adds up the scores of members that are in some or all sets. Its
// options WEIGHTS and AGGREGATE are the server's.
func zstore(k *call) {
	n, ok := k.int(k.args[2])
	if !ok {
		return
	}
	if n < 1 {
		k.r.fail("ERR at least 1 input key is needed for '" + k.cmd.name + "' command")
		return
	}
	if n > int64(len(k.args)-3) {
		k.r.fail(errSyntax)
		return
	}
	weights, join, ok := k.weights(3+int(n), int(n))
	if !ok {
		return
	}
	sums, seen := newOrdered[float64](), map[string]int{}
	for i, key := range k.args[3 : 3+n] {
		list, ok := k.scored(key)
		if !ok {
			return
		}
		if !k.afford(8 * len(list)) {
			return
		}
		for _, m := range list {
			score := m.score * weights[i]
			if old, had := sums.get(m.name); had {
				score = join(old, score)
			}
			sums.put(m.name, score)
			seen[m.name]++
		}
	}
	out := newValue(kZset)
	out.zset.change(sums.len(), func() {
		for name, score := range sums.all {
			if k.cmd.name == "zunionstore" || seen[name] == int(n) {
				out.zset.put(name, score)
			}
		}
	})
	if !k.grow(out.size()) {
		return
	}
	k.drop(k.args[1])
	if out.len() > 0 {
		k.put(k.args[1], out)
	}
	k.r.number(int64(out.len()))
}

// scored lists a sorted set, or a set as if each had the score 1.
func (k *call) scored(key string) (out []member, ok bool) {
	v := k.peek(k.db, key)
	switch {
	case v == nil:
		return nil, true
	case v.kind == kZset:
		return v.zset.order, true
	case v.kind != kSet:
		k.r.fail(errType)
		return nil, false
	}
	for m := range v.set.all {
		out = append(out, member{m, 1})
	}
	return out, true
}

func (k *call) weights(i, n int) (w []float64, join func(a, b float64) float64, ok bool) {
	w, join = slices.Repeat([]float64{1}, n), func(a, b float64) float64 { return a + b }
	for i < len(k.args) {
		switch {
		case k.option(i, "WEIGHTS") && i+n < len(k.args):
			for j := range n {
				if w[j], ok = k.float(k.args[i+1+j], "ERR weight value is not a float"); !ok {
					return nil, nil, false
				}
			}
			i += n + 1
		case k.option(i, "AGGREGATE") && (k.option(i+1, "SUM") || k.option(i+1, "MIN") || k.option(i+1, "MAX")):
			if k.option(i+1, "MIN") {
				join = math.Min
			} else if k.option(i+1, "MAX") {
				join = math.Max
			}
			i += 2
		default:
			k.r.fail(errSyntax)
			return nil, nil, false
		}
	}
	return w, join, true
}
