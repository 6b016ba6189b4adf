package redis

import (
	"math/bits"
	"strings"
)

func bitCommands() map[string]handler {
	return map[string]handler{"setbit": setbit, "getbit": getbit, "bitcount": bitcount, "bitop": bitop}
}

const errBit = "ERR bit offset is not an integer or out of range"

func (k *call) bitOffset(s string) (int, bool) {
	n, ok := number(s)
	if !ok || n < 0 || n >= maxBulk*8 {
		k.r.fail(errBit)
		return 0, false
	}
	return int(n), true
}

func setbit(k *call) {
	at, ok := k.bitOffset(k.args[2])
	if !ok {
		return
	}
	if k.args[3] != "0" && k.args[3] != "1" {
		k.r.fail("ERR bit is not an integer or out of range")
		return
	}
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	old := 0
	if v != nil {
		old = len(v.text)
	}
	if !k.grow(max(0, at/8+1-old)) {
		return
	}
	if v, ok = k.make(k.args[1], kString); !ok {
		return
	}
	b := append([]byte(v.text), make([]byte, max(0, at/8+1-len(v.text)))...)
	mask := byte(1) << (7 - at%8)
	k.r.yes(b[at/8]&mask != 0)
	b[at/8] &^= mask
	if k.args[3] == "1" {
		b[at/8] |= mask
	}
	v.text, v.raw = string(b), true
}

func getbit(k *call) {
	at, ok := k.bitOffset(k.args[2])
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	k.r.yes(v != nil && at/8 < len(v.text) && v.text[at/8]&(1<<(7-at%8)) != 0)
}

func bitcount(k *call) {
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	if len(k.args) == 3 || len(k.args) > 5 || len(k.args) == 5 && !k.option(4, "BYTE") {
		k.r.fail(errSyntax)
		return
	}
	from, to := int64(0), int64(-1)
	if len(k.args) > 3 {
		if from, ok = k.int(k.args[2]); !ok {
			return
		}
		if to, ok = k.int(k.args[3]); !ok {
			return
		}
	}
	if v == nil {
		k.r.number(0)
		return
	}
	n := 0
	if a, b := span(from, to, len(v.text)); a <= b {
		for _, c := range []byte(v.text[a : b+1]) {
			n += bits.OnesCount8(c)
		}
	}
	k.r.number(int64(n))
}

func bitop(k *call) {
	op := strings.ToUpper(k.args[1])
	if !oneOf(op, "AND", "OR", "XOR", "NOT") {
		k.r.fail(errSyntax)
		return
	}
	if op == "NOT" && len(k.args) != 4 {
		k.r.fail("ERR BITOP NOT must be called with a single source key.")
		return
	}
	var from []string
	size := 0
	for _, key := range k.args[3:] {
		v, ok := k.look(key, kString)
		if !ok {
			return
		}
		text := ""
		if v != nil {
			text = v.text
		}
		from, size = append(from, text), max(size, len(text))
	}
	if size == 0 {
		k.drop(k.args[2])
		k.r.number(0)
		return
	}
	if k.grow(size) {
		k.put(k.args[2], &value{text: string(combine(op, from, size)), raw: true})
		k.r.number(int64(size))
	}
}

func combine(op string, from []string, size int) []byte {
	out := make([]byte, size)
	copy(out, from[0])
	for _, s := range from[1:] {
		for i := range out {
			c := byte(0)
			if i < len(s) {
				c = s[i]
			}
			switch op {
			case "AND":
				out[i] &= c
			case "OR":
				out[i] |= c
			default:
				out[i] ^= c
			}
		}
	}
	for i := range out {
		if op == "NOT" {
			out[i] = ^out[i]
		}
	}
	return out
}
