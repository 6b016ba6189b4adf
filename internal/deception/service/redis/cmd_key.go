package redis

import (
	"slices"
	"strings"
	"time"
)

func keyCommands() map[string]handler {
	return map[string]handler{
		"del": del, "unlink": del, "exists": exists, "touch": exists, "type": typeOf,
		"expire": func(k *call) { expire(k, "EX") }, "pexpire": func(k *call) { expire(k, "PX") },
		"expireat": func(k *call) { expire(k, "EXAT") }, "pexpireat": func(k *call) { expire(k, "PXAT") },
		"ttl": func(k *call) { ttl(k, false, time.Second) }, "pttl": func(k *call) { ttl(k, false, time.Millisecond) },
		"expiretime": func(k *call) { ttl(k, true, time.Second) }, "pexpiretime": func(k *call) { ttl(k, true, time.Millisecond) },
		"persist": persist, "rename": rename, "renamenx": rename, "copy": copyKey, "move": move, "randomkey": randomKey, "dbsize": dbsize,
		"object|encoding": encoding, "object|idletime": idletime, "object|refcount": refcount, "object|freq": freq,
	}
}

func del(k *call) {
	n := 0
	for _, key := range k.args[1:] {
		if k.peek(k.db, key) != nil && k.drop(key) {
			n++
		}
	}
	k.r.number(int64(n))
}

func exists(k *call) {
	n := 0
	for _, key := range k.args[1:] {
		if k.find(key) != nil {
			n++
		}
	}
	k.r.number(int64(n))
}

func typeOf(k *call) {
	if v := k.peek(k.db, k.args[1]); v != nil {
		k.r.status(v.kind.String())
		return
	}
	k.r.status("none")
}

// expire sets a time to live. One that lies in the past deletes.
func expire(k *call, word string) {
	n, ok := k.int(k.args[2])
	if !ok {
		return
	}
	v, at := k.peek(k.db, k.args[1]), time.Time{}
	if n > 0 {
		if at, ok = k.when(k.args[2], word); !ok {
			return
		}
	} else if at, ok = k.now.Add(-time.Second), n > -1<<52; !ok {
		k.r.fail("ERR invalid expire time in '" + k.cmd.name + "' command")
		return
	}
	want, problem := allowed(k.args[3:], v, at)
	switch {
	case problem != "":
		k.r.fail(problem)
	case v == nil || !want:
		k.r.number(0)
	case !at.After(k.now):
		k.drop(k.args[1])
		k.r.number(1)
	default:
		v.expires = at
		k.r.number(1)
	}
}

// allowed judges the options NX, XX, GT and LT of EXPIRE.
func allowed(options []string, v *value, at time.Time) (want bool, problem string) {
	var nx, xx, gt, lt bool
	for _, o := range options {
		switch strings.ToUpper(o) {
		case "NX":
			nx = true
		case "XX":
			xx = true
		case "GT":
			gt = true
		case "LT":
			lt = true
		default:
			return false, "ERR Unsupported option " + o
		}
	}
	switch {
	case nx && (xx || gt || lt):
		return false, "ERR NX and XX, GT or LT options at the same time are not compatible"
	case gt && lt:
		return false, "ERR GT and LT options at the same time are not compatible"
	case v == nil:
		return false, ""
	}
	never := v.expires.IsZero()
	refused := nx && !never || xx && never || gt && (never || !at.After(v.expires)) || lt && !never && !at.Before(v.expires)
	return !refused, ""
}

func ttl(k *call, absolute bool, unit time.Duration) {
	v := k.peek(k.db, k.args[1])
	switch {
	case v == nil:
		k.r.number(-2)
	case v.expires.IsZero():
		k.r.number(-1)
	case absolute:
		k.r.number(v.expires.UnixMilli() / unit.Milliseconds())
	default:
		k.r.number((v.expires.Sub(k.now).Milliseconds() + unit.Milliseconds()/2) / unit.Milliseconds())
	}
}

func persist(k *call) {
	v := k.peek(k.db, k.args[1])
	timed := v != nil && !v.expires.IsZero()
	if timed {
		v.expires = time.Time{}
	}
	k.r.yes(timed)
}

func rename(k *call) {
	from, to, nx := k.args[1], k.args[2], k.cmd.name == "renamenx"
	v := k.peek(k.db, from)
	if v == nil {
		k.r.fail(errNoKey)
		return
	}
	if nx && k.peek(k.db, to) != nil {
		k.r.number(0)
		return
	}
	if from != to {
		k.drop(from)
		k.put(to, v)
	}
	if nx {
		k.r.number(1)
		return
	}
	k.r.ok()
}

func copyKey(k *call) {
	to, replace := k.db, false
	for i := 3; i < len(k.args); i++ {
		switch {
		case k.option(i, "REPLACE"):
			replace = true
		case k.option(i, "DB") && i+1 < len(k.args):
			i++
			n, ok := k.int(k.args[i])
			if !ok {
				return
			}
			if n < 0 || n >= databases {
				k.r.fail(errDBIndex)
				return
			}
			to = k.in.dbs[n]
		default:
			k.r.fail(errSyntax)
			return
		}
	}
	if to == k.db && k.args[1] == k.args[2] {
		k.r.fail("ERR source and destination objects are the same")
		return
	}
	v := k.find(k.args[1])
	if v == nil || !replace && k.peek(to, k.args[2]) != nil {
		k.r.number(0)
		return
	}
	if !k.grow(v.size()) {
		return
	}
	to.keys.put(k.args[2], v.clone())
	to.touch(k.args[2])
	k.r.number(1)
}

func move(k *call) {
	n, ok := k.int(k.args[2])
	if !ok {
		return
	}
	if n < 0 || n >= databases {
		k.r.fail(errDBIndex)
		return
	}
	to := k.in.dbs[n]
	if to == k.db {
		k.r.fail("ERR source and destination objects are the same")
		return
	}
	v := k.peek(k.db, k.args[1])
	if v == nil || k.peek(to, k.args[1]) != nil {
		k.r.number(0)
		return
	}
	k.drop(k.args[1])
	to.keys.put(k.args[1], v)
	to.touch(k.args[1])
	k.r.number(1)
}

func randomKey(k *call) {
	k.in.sweep(k.db, k.now)
	if k.db.keys.len() == 0 {
		k.r.null()
		return
	}
	k.r.bulk(k.db.keys.nth(k.in.random.IntN(k.db.keys.len())))
}

func dbsize(k *call) { k.r.number(int64(k.db.keys.len())) }

// object answers OBJECT's questions of a key that exists.
func (k *call) object(answer func(*value)) {
	v := k.peek(k.db, k.args[2])
	if v == nil {
		k.r.null()
		return
	}
	answer(v)
}

func encoding(k *call) { k.object(func(v *value) { k.r.bulk(v.encoding()) }) }

func idletime(k *call) {
	k.object(func(v *value) { k.r.number(int64(k.now.Sub(v.used) / time.Second)) })
}

// refcount is that of the shared objects for small numbers, or one.
func refcount(k *call) {
	k.object(func(v *value) {
		if n, ok := integer(v.text); ok && v.kind == kString && n >= 0 && n < 10000 {
			k.r.number(1<<31 - 1)
			return
		}
		k.r.number(1)
	})
}

func freq(k *call) {
	k.object(func(*value) {
		k.r.fail("ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
	})
}

func scanCommands() map[string]handler {
	return map[string]handler{"keys": keys, "scan": scan, "hscan": hscan, "sscan": sscan, "zscan": zscan, "sort": sortKey, "sort_ro": sortKey}
}

func keys(k *call) {
	k.in.sweep(k.db, k.now)
	var out []string
	for key := range k.db.keys.all {
		if k.matches(k.args[1], key, false) {
			out = append(out, key)
		}
	}
	k.r.bulks(out)
}

// cursor is the options of SCAN and its like.
type cursor struct {
	at      int
	count   int
	pattern string
	kind    string
}

func (k *call) cursor(from int) (c cursor, ok bool) {
	at, valid := number(k.args[from-1])
	if !valid || at < 0 {
		k.r.fail("ERR invalid cursor")
		return c, false
	}
	c = cursor{at: int(at), count: 10, pattern: "*"}
	for i := from; i < len(k.args); i += 2 {
		switch {
		case i+1 == len(k.args):
			k.r.fail(errSyntax)
			return c, false
		case k.option(i, "COUNT"):
			n, ok := k.int(k.args[i+1])
			if !ok {
				return c, false
			}
			if n < 1 {
				k.r.fail(errSyntax)
				return c, false
			}
			c.count = int(min(n, 1<<20))
		case k.option(i, "MATCH"):
			c.pattern = k.args[i+1]
		case k.option(i, "TYPE") && k.cmd.name == "scan":
			c.kind = strings.ToLower(k.args[i+1])
		default:
			k.r.fail(errSyntax)
			return c, false
		}
	}
	return c, true
}

// page answers with a page of a list.
func (k *call) page(c cursor, all []string, take func(string) []string) {
	end, next := len(all), 0
	if c.at < len(all) && len(all)-c.at > c.count {
		end = c.at + c.count
		next = end
	}
	var out []string
	for _, e := range all[min(c.at, len(all)):end] {
		if k.matches(c.pattern, e, false) {
			out = append(out, take(e)...)
		}
	}
	k.r.array(2)
	k.r.bulk(fmtInt(next))
	k.r.bulks(out)
}

func scan(k *call) {
	c, ok := k.cursor(2)
	if !ok {
		return
	}
	k.in.sweep(k.db, k.now)
	all := slices.Sorted(slices.Values(k.db.keys.list()))
	k.page(c, all, func(key string) []string {
		if v := k.peek(k.db, key); c.kind != "" && (v == nil || v.kind.String() != c.kind) {
			return nil
		}
		return []string{key}
	})
}
