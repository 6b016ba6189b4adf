package redis

import (
	"slices"
	"strconv"
	"strings"
)

func fmtInt(n int) string { return strconv.Itoa(n) }

// within answers HSCAN and its like: small collections come in one page,
// whatever COUNT says, as those of the real server do.
func (k *call) within(want kind, list func(*value) []string, take func(*value, string) []string) {
	c, ok := k.cursor(3)
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], want)
	if !ok {
		return
	}
	if v == nil {
		k.page(c, nil, nil)
		return
	}
	if oneOf(v.encoding(), "listpack", "intset") {
		c.at, c.count = 0, v.len()
	}
	k.page(c, list(v), func(e string) []string { return take(v, e) })
}

func hscan(k *call) {
	k.within(kHash, func(v *value) []string { return v.hash.list() }, func(v *value, e string) []string {
		s, _ := v.hash.get(e)
		return []string{e, s}
	})
}

func sscan(k *call) {
	k.within(kSet, func(v *value) []string { return v.members() }, func(_ *value, e string) []string { return []string{e} })
}

func zscan(k *call) {
	k.within(kZset, func(v *value) (out []string) {
		for _, m := range v.zset.order {
			out = append(out, m.name)
		}
		return out
	}, func(v *value, e string) []string { return []string{e, formatScore(v.zset.scores[e])} })
}

// sorting is the options of SORT.
type sorting struct {
	by, store   string
	get         []string
	offset, n   int64
	desc, alpha bool
}

func (s *sorting) parse(k *call) bool {
	s.n = -1
	for i := 2; i < len(k.args); i++ {
		switch left := len(k.args) - i - 1; {
		case k.option(i, "ASC"):
			s.desc = false
		case k.option(i, "DESC"):
			s.desc = true
		case k.option(i, "ALPHA"):
			s.alpha = true
		case k.option(i, "LIMIT") && left >= 2:
			var ok bool
			if s.offset, ok = k.int(k.args[i+1]); !ok {
				return false
			}
			if s.n, ok = k.int(k.args[i+2]); !ok {
				return false
			}
			i += 2
		case k.option(i, "STORE") && left >= 1 && k.cmd.name == "sort":
			i++
			s.store = k.args[i]
		case k.option(i, "BY") && left >= 1:
			i++
			s.by = k.args[i]
		case k.option(i, "GET") && left >= 1:
			i++
			s.get = append(s.get, k.args[i])
		default:
			k.r.fail(errSyntax)
			return false
		}
	}
	return true
}

// perFetched weighs a value that SORT fetches: each is held until all are.
const perFetched = 64

func sortKey(k *call) {
	var s sorting
	if !s.parse(k) {
		return
	}
	v := k.find(k.args[1])
	if v != nil && (v.kind == kString || v.kind == kHash) {
		k.r.fail(errType)
		return
	}
	all, ok := k.sorted(s, elements(v))
	if !ok {
		return
	}
	if !k.afford(len(all) * len(s.get) * perFetched) {
		return
	}
	out := k.fetched(s, all)
	if s.store == "" {
		k.r.array(len(out))
		for _, e := range out {
			k.answerText(e)
		}
		return
	}
	k.drop(s.store)
	list := newValue(kList)
	for _, e := range out {
		text := ""
		if e != nil {
			text = e.text
		}
		list.list = append(list.list, text)
	}
	if len(list.list) > 0 && k.grow(list.size()) {
		k.put(s.store, list)
	}
	k.r.number(int64(len(list.list)))
}

func elements(v *value) (out []string) {
	switch {
	case v == nil:
		return nil
	case v.kind == kList:
		return slices.Clone(v.list)
	case v.kind == kSet:
		return v.members()
	}
	for _, m := range v.zset.order {
		out = append(out, m.name)
	}
	return out
}

// weighed is an element with what it is sorted by.
type weighed struct {
	name, text string
	number     float64
}

func (k *call) sorted(s sorting, all []string) ([]string, bool) {
	list := make([]weighed, len(all))
	for i, e := range all {
		list[i] = weighed{name: e, text: e}
		if s.by != "" {
			if w := k.through(s.by, e); w != nil {
				list[i].text = w.text
			} else {
				list[i].text = ""
			}
		}
		if s.alpha || s.by != "" && !strings.Contains(s.by, "*") || list[i].text == "" && s.by != "" {
			continue
		}
		f, err := strconv.ParseFloat(list[i].text, 64)
		if err != nil {
			k.r.fail("ERR One or more scores can't be converted into double")
			return nil, false
		}
		list[i].number = f
	}
	if s.by == "" || strings.Contains(s.by, "*") {
		slices.SortStableFunc(list, s.compare)
	}
	from := min(max(s.offset, 0), int64(len(list)))
	to := int64(len(list))
	if s.n >= 0 {
		to = min(to, from+s.n)
	}
	out := make([]string, 0, to-from)
	for _, w := range list[from:to] {
		out = append(out, w.name)
	}
	return out, true
}

func (s sorting) compare(a, b weighed) int {
	c := 0
	switch {
	case s.alpha:
		c = strings.Compare(a.text, b.text)
	case a.number < b.number:
		c = -1
	case a.number > b.number:
		c = 1
	default:
		c = strings.Compare(a.name, b.name)
	}
	if s.desc {
		return -c
	}
	return c
}

// through follows a pattern of BY or GET: key_* or key_*->field.
func (k *call) through(pattern, e string) *value {
	if pattern == "#" {
		return &value{text: e}
	}
	before, after, ok := strings.Cut(pattern, "*")
	if !ok {
		return nil
	}
	after, field, hash := strings.Cut(after, "->")
	v := k.peek(k.db, before+e+after)
	if !hash || field == "" {
		if v == nil || v.kind != kString {
			return nil
		}
		return v
	}
	if v == nil || v.kind != kHash {
		return nil
	}
	if s, ok := v.hash.get(field); ok {
		return &value{text: s}
	}
	return nil
}

func (k *call) fetched(s sorting, all []string) (out []*value) {
	for _, e := range all {
		if len(s.get) == 0 {
			out = append(out, &value{text: e})
		}
		for _, g := range s.get {
			out = append(out, k.through(g, e))
		}
	}
	return out
}
