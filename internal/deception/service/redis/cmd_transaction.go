package redis

import (
	"slices"
	"strings"
)

// maxQueued bounds what MULTI keeps, in bytes of arguments.
const maxQueued = maxRequest

func transactionCommands() map[string]handler {
	return map[string]handler{"multi": multi, "exec": execute, "discard": discard, "watch": watchKeys, "unwatch": unwatch}
}

func multi(k *call) {
	if k.c.multi {
		k.r.fail("ERR MULTI calls can not be nested")
		return
	}
	k.c.multi = true
	k.r.ok()
}

func (c *client) enqueue(cmd *command, args []string) {
	n := weight(args) + len(args[0])
	if c.queued+n > maxQueued || !c.in.room(n) {
		c.reject(cmd, errMemory)
		return
	}
	c.queued += n
	c.queue = append(c.queue, queued{cmd, args})
	c.r.status("QUEUED")
}

func (c *client) endMulti() (queue []queued, broken bool) {
	queue, broken = c.queue, c.broken
	c.multi, c.broken, c.queue, c.queued = false, false, nil, 0
	return queue, broken
}

func execute(k *call) {
	if !k.c.multi {
		k.r.fail("ERR EXEC without MULTI")
		return
	}
	changed := k.c.dirty()
	queue, broken := k.c.endMulti()
	k.c.unwatch()
	switch {
	case broken:
		k.r.fail(errExecAbort)
		return
	case changed:
		k.r.nullArray()
		return
	}
	k.r.array(len(queue))
	for _, q := range queue {
		k.c.call(q.cmd, q.args)
	}
}

func discard(k *call) {
	if !k.c.multi {
		k.r.fail("ERR DISCARD without MULTI")
		return
	}
	k.c.endMulti()
	k.c.unwatch()
	k.r.ok()
}

// maxWatched bounds the keys that one client watches.
const maxWatched = 4096

func watchKeys(k *call) {
	if k.c.multi {
		k.r.fail("ERR WATCH inside MULTI is not allowed")
		return
	}
	for _, key := range k.args[1:] {
		if len(k.c.watched) >= maxWatched {
			break
		}
		if !k.grow(2 * (len(key) + perName)) {
			return
		}
		key = strings.Clone(key)
		if _, ok := k.db.version[key]; !ok {
			k.db.version[key] = 1
		}
		k.c.watched = append(k.c.watched, watch{k.db, key, k.db.version[key]})
	}
	k.r.ok()
}

func (c *client) dirty() bool {
	for _, w := range c.watched {
		if v := w.db.version[w.key]; v != w.version {
			return true
		}
	}
	return false
}

// unwatch forgets what a client watches, and versions once nobody watches.
func (c *client) unwatch() {
	c.watched = nil
	if slices.ContainsFunc(c.in.clients, func(o *client) bool { return len(o.watched) > 0 }) {
		return
	}
	for _, d := range c.in.dbs {
		clear(d.version)
	}
}

func unwatch(k *call) {
	k.c.unwatch()
	k.r.ok()
}
