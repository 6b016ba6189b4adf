package redis

import (
	"slices"
	"strconv"
	"strings"
)

func zrangeCommands() map[string]handler {
	return map[string]handler{
		"zrange": zrange, "zrevrange": zrange, "zrangebyscore": zrange, "zrevrangebyscore": zrange, "zrangebylex": zrange, "zrevrangebylex": zrange,
		"zremrangebyrank": zremrange, "zremrangebyscore": zremrange, "zremrangebylex": zremrange,
	}
}

// scoreRange reads a range such as "(1" and "+inf".
func (k *call) scoreRange(low, high string) (func(member) bool, bool) {
	a, openA, ok := scoreBound(low)
	b, openB, ok2 := scoreBound(high)
	if !ok || !ok2 {
		k.r.fail(errNotFloat)
		return nil, false
	}
	return func(m member) bool {
		return (m.score > a || m.score == a && !openA) && (m.score < b || m.score == b && !openB)
	}, true
}

func scoreBound(s string) (f float64, open, ok bool) {
	s, open = strings.CutPrefix(s, "(")
	f, err := strconv.ParseFloat(s, 64)
	return f, open, err == nil && f == f
}

// lexRange reads a range such as "[a" and "+".
func (k *call) lexRange(low, high string) (func(member) bool, bool) {
	a, ok := readLexBound(low)
	b, ok2 := readLexBound(high)
	if !ok || !ok2 {
		k.r.fail(errNotLex)
		return nil, false
	}
	return func(m member) bool {
		l, h := a.compare(m.name), b.compare(m.name)
		return (l > 0 || l == 0 && !a.open) && (h < 0 || h == 0 && !b.open)
	}, true
}

// lexBound is one end of a range by name.
type lexBound struct {
	text string
	open bool
	end  int // -1: before all names, 1: after them
}

func readLexBound(s string) (lexBound, bool) {
	switch {
	case s == "-":
		return lexBound{end: -1}, true
	case s == "+":
		return lexBound{end: 1}, true
	case strings.HasPrefix(s, "["), strings.HasPrefix(s, "("):
		return lexBound{text: s[1:], open: s[0] == '('}, true
	}
	return lexBound{}, false
}

// compare says how a name lies to the bound.
func (b lexBound) compare(name string) int {
	if b.end != 0 {
		return -b.end
	}
	return strings.Compare(name, b.text)
}

// ranging is what ZRANGE and its older forms ask for.
type ranging struct {
	by         string // rank, score, lex
	rev        bool
	scores     bool
	limited    bool
	offset, n  int64
	start, end string
}

func (r *ranging) parse(k *call) bool {
	name := k.cmd.name
	r.n, r.by, r.rev = -1, "rank", strings.Contains(name, "rev")
	if strings.HasSuffix(name, "score") {
		r.by = "score"
	} else if strings.HasSuffix(name, "lex") {
		r.by = "lex"
	}
	for i := 4; i < len(k.args); i++ {
		switch {
		case k.option(i, "WITHSCORES") && r.by != "lex":
			r.scores = true
		case k.option(i, "LIMIT") && i+2 < len(k.args):
			var ok bool
			if r.offset, r.n, ok = k.bounds(i + 1); !ok {
				return false
			}
			r.limited = true
			i += 2
		case name == "zrange" && k.option(i, "REV"):
			r.rev = true
		case name == "zrange" && k.option(i, "BYSCORE"):
			r.by = "score"
		case name == "zrange" && k.option(i, "BYLEX"):
			r.by = "lex"
		default:
			k.r.fail(errSyntax)
			return false
		}
	}
	if r.limited && r.by == "rank" {
		k.r.fail("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
		return false
	}
	if r.scores && r.by == "lex" {
		k.r.fail("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
		return false
	}
	r.start, r.end = k.args[2], k.args[3]
	if r.rev && r.by != "rank" {
		r.start, r.end = r.end, r.start
	}
	return true
}

// inside returns what tells who is in a range by score or name.
func (r *ranging) inside(k *call) (func(member) bool, bool) {
	if r.by == "score" {
		return k.scoreRange(r.start, r.end)
	}
	return k.lexRange(r.start, r.end)
}

func zrange(k *call) {
	var r ranging
	if !r.parse(k) {
		return
	}
	list, ok := r.of(k)
	if !ok {
		return
	}
	k.answerMembers(list, r.scores, true)
}

// of returns the members of the range.
func (r *ranging) of(k *call) (list []member, ok bool) {
	from, to := int64(0), int64(-1)
	var inside func(member) bool
	if r.by == "rank" {
		from, to, ok = k.bounds(2)
	} else {
		inside, ok = r.inside(k)
	}
	if !ok {
		return nil, false
	}
	v, ok := k.look(k.args[1], kZset)
	if v == nil || !ok {
		return nil, ok
	}
	list = slices.Clone(v.zset.order)
	if inside != nil {
		list = slices.DeleteFunc(list, func(m member) bool { return !inside(m) })
	}
	if r.rev {
		slices.Reverse(list)
	}
	if r.by == "rank" {
		a, b := span(from, to, len(list))
		return list[min(a, b+1) : b+1], true
	}
	if r.offset < 0 {
		return nil, true
	}
	list = list[min(r.offset, int64(len(list))):]
	if r.n >= 0 {
		list = list[:min(r.n, int64(len(list)))]
	}
	return list, true
}

func zremrange(k *call) {
	r := ranging{by: strings.TrimPrefix(k.cmd.name, "zremrangeby"), n: -1, start: k.args[2], end: k.args[3]}
	list, ok := r.of(k)
	if !ok {
		return
	}
	v := k.peek(k.db, k.args[1])
	if gone := slices.Clone(list); len(gone) > 0 {
		v.zset.change(len(gone), func() {
			for _, m := range gone {
				v.zset.remove(m.name)
			}
		})
	}
	k.tidy(k.args[1], v)
	k.r.number(int64(len(list)))
}
