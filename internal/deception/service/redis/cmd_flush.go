package redis

func flushCommands() map[string]handler {
	return map[string]handler{"flushdb": flushdb, "flushall": flushall, "swapdb": swapdb}
}

func (k *call) flushOption() bool {
	if len(k.args) > 2 || len(k.args) == 2 && !k.option(1, "ASYNC") && !k.option(1, "SYNC") {
		k.r.fail(errSyntax)
		return false
	}
	return true
}

func (d *database) flush() {
	for k := range d.version {
		if _, had := d.keys.at[k]; had {
			d.touch(k)
		}
	}
	d.keys = newOrdered[*value]()
}

func flushdb(k *call) {
	if k.flushOption() {
		k.db.flush()
		k.r.ok()
	}
}

func flushall(k *call) {
	if !k.flushOption() {
		return
	}
	for _, d := range k.in.dbs {
		d.flush()
	}
	k.in.saved, k.in.changes = k.now, 0
	k.r.ok()
}

func swapdb(k *call) {
	a, ok := number(k.args[1])
	if !ok {
		k.r.fail("ERR invalid first DB index")
		return
	}
	b, ok := number(k.args[2])
	if !ok {
		k.r.fail("ERR invalid second DB index")
		return
	}
	if min(a, b) < 0 || max(a, b) >= databases {
		k.r.fail(errDBIndex)
		return
	}
	k.in.dbs[a].keys, k.in.dbs[b].keys = k.in.dbs[b].keys, k.in.dbs[a].keys
	k.r.ok()
}
