package redis

import (
	"math"
	"strconv"
)

func hashCommands() map[string]handler {
	return map[string]handler{
		"hset": hset, "hmset": hset, "hsetnx": hsetnx, "hget": hget, "hmget": hmget, "hgetall": hgetall, "hkeys": hgetall, "hvals": hgetall,
		"hdel": hdel, "hlen": hlen, "hexists": hexists, "hstrlen": hstrlen, "hincrby": hincrby, "hincrbyfloat": hincrbyfloat, "hrandfield": hrandfield,
	}
}

func hset(k *call) {
	if len(k.args)%2 == 1 {
		k.arity()
		return
	}
	v, ok := k.make(k.args[1], kHash)
	if !ok {
		return
	}
	n := 0
	for i := 2; i < len(k.args); i += 2 {
		if v.hash.put(k.args[i], k.args[i+1]) {
			n++
		}
	}
	if k.cmd.name == "hmset" {
		k.r.ok()
		return
	}
	k.r.number(int64(n))
}

func hsetnx(k *call) {
	v, ok := k.make(k.args[1], kHash)
	if !ok {
		return
	}
	_, had := v.hash.get(k.args[2])
	if !had {
		v.hash.put(k.args[2], k.args[3])
	}
	k.r.yes(!had)
}

func (v *value) field(name string) (string, bool) {
	if v == nil {
		return "", false
	}
	return v.hash.get(name)
}

func (k *call) answerField(v *value, name string) {
	if s, ok := v.field(name); ok {
		k.r.bulk(s)
		return
	}
	k.r.null()
}

func hget(k *call) {
	if v, ok := k.look(k.args[1], kHash); ok {
		k.answerField(v, k.args[2])
	}
}

func hmget(k *call) {
	v, ok := k.look(k.args[1], kHash)
	if !ok {
		return
	}
	k.r.array(len(k.args) - 2)
	for _, f := range k.args[2:] {
		k.answerField(v, f)
	}
}

func hgetall(k *call) {
	v, ok := k.look(k.args[1], kHash)
	if !ok {
		return
	}
	if v == nil {
		v = newValue(kHash)
	}
	both := k.cmd.name == "hgetall"
	if both {
		k.r.pairs(v.hash.len())
	} else {
		k.r.array(v.hash.len())
	}
	for f, s := range v.hash.all {
		if both || k.cmd.name == "hkeys" {
			k.r.bulk(f)
		}
		if both || k.cmd.name == "hvals" {
			k.r.bulk(s)
		}
	}
}

func hdel(k *call) {
	v, ok := k.look(k.args[1], kHash)
	if !ok {
		return
	}
	n := 0
	for _, f := range k.args[2:] {
		if v != nil && v.hash.remove(f) {
			n++
		}
	}
	k.tidy(k.args[1], v)
	k.r.number(int64(n))
}

func hlen(k *call) {
	v, ok := k.look(k.args[1], kHash)
	if !ok {
		return
	}
	n := 0
	if v != nil {
		n = v.hash.len()
	}
	k.r.number(int64(n))
}

func hexists(k *call) {
	if v, ok := k.look(k.args[1], kHash); ok {
		_, has := v.field(k.args[2])
		k.r.yes(has)
	}
}

func hstrlen(k *call) {
	if v, ok := k.look(k.args[1], kHash); ok {
		s, _ := v.field(k.args[2])
		k.r.number(int64(len(s)))
	}
}

func hincrby(k *call) {
	by, ok := k.int(k.args[3])
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], kHash)
	if !ok {
		return
	}
	old := int64(0)
	if s, has := v.field(k.args[2]); has {
		if old, ok = number(s); !ok {
			k.r.fail("ERR hash value is not an integer")
			return
		}
	}
	if by > 0 && old > math.MaxInt64-by || by < 0 && old < math.MinInt64-by {
		k.r.fail(errOverflow)
		return
	}
	if v, ok = k.make(k.args[1], kHash); ok {
		v.hash.put(k.args[2], strconv.FormatInt(old+by, 10))
		k.r.number(old + by)
	}
}

func hincrbyfloat(k *call) {
	by, ok := k.float(k.args[3], errFloat)
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], kHash)
	if !ok {
		return
	}
	old := 0.0
	if s, has := v.field(k.args[2]); has {
		if old, ok = k.float(s, "ERR hash value is not a float"); !ok {
			return
		}
	}
	if math.IsInf(old+by, 0) {
		k.r.fail("ERR increment would produce NaN or Infinity")
		return
	}
	if v, ok = k.make(k.args[1], kHash); ok {
		s, _ := v.hash.get(k.args[2])
		if s == "" {
			s = "0"
		}
		s = sum(s, k.args[3])
		v.hash.put(k.args[2], s)
		k.r.bulk(s)
	}
}

func hrandfield(k *call) {
	values := len(k.args) == 4 && k.option(3, "WITHVALUES")
	if len(k.args) > 4 || len(k.args) == 4 && !values {
		k.r.fail(errSyntax)
		return
	}
	n := int64(1)
	if len(k.args) > 2 {
		var ok bool
		if n, ok = k.int(k.args[2]); !ok {
			return
		}
	}
	v, ok := k.look(k.args[1], kHash)
	switch {
	case !ok:
	case v == nil && len(k.args) > 2:
		k.r.array(0)
	case v == nil:
		k.r.null()
	case len(k.args) == 2:
		k.r.bulk(v.hash.nth(k.in.random.IntN(v.hash.len())))
	default:
		k.answerFields(v, k.draw(v.hash.list(), n), values)
	}
}

func (k *call) answerFields(v *value, fields []string, values bool) {
	nested := values && k.r.proto == 3
	n := len(fields)
	if values && !nested {
		n *= 2
	}
	k.r.array(n)
	for _, f := range fields {
		if nested {
			k.r.array(2)
		}
		k.r.bulk(f)
		if values {
			s, _ := v.hash.get(f)
			k.r.bulk(s)
		}
	}
}
