package redis

import "time"

func dumpCommands() map[string]handler {
	return map[string]handler{"dump": dump, "restore": restore, "restore-asking": restore}
}

func dump(k *call) {
	v := k.find(k.args[1])
	if v == nil {
		k.r.null()
		return
	}
	k.r.bulk(string(serialized(v)))
}

func restore(k *call) {
	replace, absolute := false, false
	for i := 4; i < len(k.args); i++ {
		switch {
		case k.option(i, "REPLACE"):
			replace = true
		case k.option(i, "ABSTTL"):
			absolute = true
		case (k.option(i, "IDLETIME") || k.option(i, "FREQ")) && i+1 < len(k.args):
			i++
			if _, ok := k.int(k.args[i]); !ok {
				return
			}
		default:
			k.r.fail(errSyntax)
			return
		}
	}
	if !replace && k.peek(k.db, k.args[1]) != nil {
		k.r.fail("BUSYKEY Target key name already exists.")
		return
	}
	ttl, ok := k.int(k.args[2])
	if !ok {
		return
	}
	if ttl < 0 || ttl > 1<<52 {
		k.r.fail("ERR Invalid TTL value, must be >= 0")
		return
	}
	v, problem := deserialized(k.args[3])
	if problem != "" {
		k.r.fail(problem)
		return
	}
	switch {
	case ttl > 0 && absolute:
		v.expires = time.UnixMilli(ttl)
	case ttl > 0:
		v.expires = k.now.Add(time.Duration(ttl) * time.Millisecond)
	}
	if k.grow(v.size()) {
		k.put(k.args[1], v)
		k.r.ok()
	}
}
