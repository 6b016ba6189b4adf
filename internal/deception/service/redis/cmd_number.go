package redis

import (
	"math"
	"math/big"
	"strconv"
)

func numberCommands() map[string]handler {
	return map[string]handler{
		"incr": func(k *call) { increase(k, 1) }, "decr": func(k *call) { increase(k, -1) },
		"incrby": func(k *call) { increaseBy(k, 1) }, "decrby": func(k *call) { increaseBy(k, -1) }, "incrbyfloat": incrbyfloat,
	}
}

func increaseBy(k *call, sign int64) {
	n, ok := k.int(k.args[2])
	if !ok {
		return
	}
	if sign < 0 && n == math.MinInt64 {
		k.r.fail("ERR decrement would overflow")
		return
	}
	increase(k, sign*n)
}

func increase(k *call, by int64) {
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	old := int64(0)
	if v != nil {
		if old, ok = k.int(v.text); !ok {
			return
		}
	}
	if by > 0 && old > math.MaxInt64-by || by < 0 && old < math.MinInt64-by {
		k.r.fail(errOverflow)
		return
	}
	if v, ok = k.make(k.args[1], kString); ok {
		v.text, v.raw, v.plain = strconv.FormatInt(old+by, 10), false, false
		k.r.number(old + by)
	}
}

func incrbyfloat(k *call) {
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	old := 0.0
	if v != nil {
		if old, ok = k.float(v.text, errFloat); !ok {
			return
		}
	}
	by, ok := k.float(k.args[2], errFloat)
	if !ok {
		return
	}
	if math.IsInf(old+by, 0) {
		k.r.fail("ERR increment would produce NaN or Infinity")
		return
	}
	text := "0"
	if v != nil {
		text = v.text
	}
	if v, ok = k.make(k.args[1], kString); ok {
		v.text, v.raw, v.plain = sum(text, k.args[2]), false, true
		k.r.bulk(v.text)
	}
}

// sum adds as the server does: in C's long double, which has 64 bits of
// precision on this kind of machine, written with at most 17 decimals.
func sum(a, b string) string {
	x, _, err1 := big.ParseFloat(a, 10, 64, big.ToNearestEven)
	y, _, err2 := big.ParseFloat(b, 10, 64, big.ToNearestEven)
	if err1 != nil || err2 != nil { // in hexadecimal, which ParseFloat of strconv reads
		f, _ := strconv.ParseFloat(a, 64)
		g, _ := strconv.ParseFloat(b, 64)
		return trimZeros(strconv.FormatFloat(f+g, 'f', 17, 64))
	}
	return trimZeros(x.Add(x, y).Text('f', 17))
}
