package redis

import (
	"fmt"
	"strings"
)

func serverCommands() map[string]handler {
	return map[string]handler{
		"time": timeNow, "lastsave": func(k *call) { k.r.number(k.in.saved.Unix()) }, "role": role, "wait": wait,
		"slowlog|get": slowlogGet, "slowlog|len": func(k *call) { k.r.number(0) }, "slowlog|reset": func(k *call) { k.r.ok() },
		"latency|latest": func(k *call) { k.r.array(0) }, "latency|history": func(k *call) { k.r.array(0) }, "latency|reset": func(k *call) { k.r.number(0) },
		"memory|usage": memoryUsage, "memory|purge": func(k *call) { k.r.ok() }, "module|list": func(k *call) { k.r.array(0) },
	}
}

func timeNow(k *call) {
	us := k.now.UnixMicro()
	k.r.bulks([]string{itoa(us / 1e6), itoa(us % 1e6)})
}

func role(k *call) {
	p := k.in.primary
	if p.host == "" {
		k.r.array(3)
		k.r.bulk("master")
		k.r.number(0)
		k.r.array(0)
		return
	}
	state := "connect"
	if k.now.Sub(p.since).Seconds() > 1 { // the next tick of its timer
		state = "connecting"
	}
	k.r.array(5)
	k.r.bulk("slave")
	k.r.bulk(p.host)
	k.r.number(atoi(p.port))
	k.r.bulk(state)
	k.r.number(-1)
}

// wait has no replicas to wait for.
func wait(k *call) {
	if k.in.primary.host != "" {
		k.r.fail("ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.")
		return
	}
	if _, ok := k.int(k.args[1]); !ok {
		return
	}
	switch n, ok := number(k.args[2]); {
	case !ok:
		k.r.fail("ERR timeout is not an integer or out of range")
	case n < 0:
		k.r.fail("ERR timeout is negative")
	default:
		k.r.number(0)
	}
}

func slowlogGet(k *call) {
	if len(k.args) > 3 {
		k.arity()
		return
	}
	if len(k.args) == 3 {
		if n, ok := k.int(k.args[2]); !ok {
			return
		} else if n < -1 {
			k.r.fail("ERR count should be greater than or equal to -1")
			return
		}
	}
	k.r.array(0)
}

func memoryUsage(k *call) {
	if len(k.args) != 3 && !(len(k.args) == 5 && k.option(3, "SAMPLES")) {
		k.r.fail(errSyntax)
		return
	}
	v := k.peek(k.db, k.args[2])
	if v == nil {
		k.r.null()
		return
	}
	k.r.number(int64(usage(k.args[2], v)))
}

// usage is what MEMORY USAGE gives for a key: exact for small strings, about
// right for the rest.
func usage(key string, v *value) int {
	n := 24 + arena(sdsHeader(len(key))+len(key)+1) // the entry and the key
	switch {
	case v.kind != kString:
		return n + v.size() - 40
	case v.encoding() == "int":
		return n + 16
	case v.encoding() == "embstr":
		return n + arena(16+3+len(v.text)+1)
	}
	return n + 16 + arena(sdsHeader(len(v.text))+len(v.text)+1)
}

func sdsHeader(n int) int {
	switch {
	case n < 32:
		return 1
	case n < 256:
		return 3
	}
	return 5
}

// arena rounds up to a size class of jemalloc.
func arena(n int) int {
	switch {
	case n <= 8:
		return 8
	case n <= 128:
		return (n + 15) &^ 15
	}
	step := 32
	for step*8 < n {
		step *= 2
	}
	return (n + step - 1) / step * step
}

func debugCommands() map[string]handler { return map[string]handler{"debug": debug} }

// debug knows what people use it for. What would stop a real server stops the
// attacker's own.
func debug(k *call) {
	switch strings.ToLower(k.args[1]) {
	case "sleep", "jmap", "set-active-expire", "quicklist-packed-threshold", "reload", "loadaof", "flushall":
		k.r.ok()
	case "object":
		k.debugObject()
	case "segfault", "panic", "restart", "crash-and-recover", "assert", "oom":
		k.restart()
	default:
		k.r.fail(fmt.Sprintf("ERR unknown subcommand or wrong number of arguments for '%s'. Try DEBUG HELP.", k.args[1]))
	}
}

func (k *call) debugObject() {
	if len(k.args) != 3 {
		k.r.fail("ERR unknown subcommand or wrong number of arguments for 'object'. Try DEBUG HELP.")
		return
	}
	v := k.peek(k.db, k.args[2])
	if v == nil {
		k.r.fail(errNoKey)
		return
	}
	sum := k.in.srv.setup.Persona.Derive("redis: address of " + k.args[2])
	k.r.status(fmt.Sprintf("Value at:0x7f%x refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
		sum[:5], v.encoding(), len(serialized(v)), k.now.Unix()&(1<<24-1), int(k.now.Sub(v.used).Seconds())))
}

// restart ends all of the attacker's connections; when he comes back the
// server has just started.
func (k *call) restart() {
	k.in.restart = k.now
	k.in.starts++
	k.in.stats = stats{calls: map[string]*calls{}, kinds: map[string]int64{}}
	k.in.primary, k.in.changes = primary{}, 0
	clear(k.in.scripts)
	k.r.held, k.c.quit = true, true
	for _, c := range k.in.clients {
		if c != k.c {
			_ = c.conn.Close()
		}
	}
}
