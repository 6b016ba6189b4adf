package redis

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Errors that many commands give.
const (
	errSyntax    = "ERR syntax error"
	errInteger   = "ERR value is not an integer or out of range"
	errFloat     = "ERR value is not a valid float"
	errType      = "WRONGTYPE Operation against a key holding the wrong kind of value"
	errNoKey     = "ERR no such key"
	errRange     = "ERR index out of range"
	errDBIndex   = "ERR DB index is out of range"
	errMemory    = "OOM command not allowed when used memory > 'maxmemory'."
	errReadOnly  = "READONLY You can't write against a read only replica."
	errPositive  = "ERR value is out of range, must be positive"
	errNotFloat  = "ERR min or max is not a float"
	errNotLex    = "ERR min or max not valid string range item"
	errOverflow  = "ERR increment or decrement would overflow"
	errNoAuth    = "NOAUTH Authentication required."
	errTooLong   = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	errExecAbort = "EXECABORT Transaction discarded because of previous errors."
)

// call is one command of one client while it is answered. The instance is
// locked.
type call struct {
	c    *client
	in   *instance
	cmd  *command
	db   *database
	args []string // with the name
	r    *reply
	now  time.Time
}

// process answers a request or says why not, in the order of the real server's
// checks.
func (c *client) process(args []string) {
	cmd, problem := c.in.srv.table.find(args)
	c.record(args, cmd)
	switch {
	case strings.EqualFold(args[0], "quit"):
		c.r.ok()
		c.quit = true
		return
	case cmd == nil:
		c.reject(nil, problem)
		return
	}
	c.last = cmd.name
	if why := c.refusal(cmd, args); why != "" {
		c.reject(cmd, why)
		return
	}
	if c.multi && !oneOf(cmd.name, "exec", "discard", "multi", "watch", "quit", "reset") {
		c.enqueue(cmd, args)
		return
	}
	c.call(cmd, args)
}

func (c *client) refusal(cmd *command, args []string) string {
	switch {
	case !cmd.fits(len(args)):
		return fmt.Sprintf("ERR wrong number of arguments for '%s' command", cmd.name)
	case !c.known && !cmd.is("no_auth"):
		return errNoAuth
	case c.multi && cmd.is("no_multi"):
		return "ERR Command not allowed inside a transaction"
	}
	c.in.open()
	if why := c.in.forbids(c, cmd, args); why != "" {
		return why
	}
	if setting, name := protected(cmd); setting != "" && !c.in.allows(c, setting) {
		return notAllowed(name, setting)
	}
	switch {
	case cmd.is("denyoom") && !c.in.room(weight(args)):
		return errMemory
	case cmd.is("write") && c.in.primary.host != "":
		return errReadOnly
	case c.r.proto == 2 && len(c.channels)+len(c.patterns) > 0 && !oneOf(cmd.name, "ping", "subscribe", "ssubscribe", "sunsubscribe", "psubscribe", "unsubscribe", "punsubscribe", "quit", "reset"):
		return fmt.Sprintf("ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context", cmd.name)
	}
	return ""
}

func oneOf(s string, list ...string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return false
}

// weight is what the arguments may add to what is kept.
func weight(args []string) int {
	n := 160 // of a key
	for _, a := range args[1:] {
		n += len(a) + 64
	}
	return n
}

func (c *client) reject(cmd *command, why string) {
	c.broken = c.broken || c.multi
	c.r.fail(why)
	if cmd != nil {
		c.in.counted(cmd.name).rejected++
	}
	c.in.stats.fault(c.r.last)
}

func (s *stats) fault(word string) {
	s.errors++
	if len(s.kinds) < 128 {
		s.kinds[word]++
	}
}

func (in *instance) counted(name string) *calls {
	n := in.stats.calls[name]
	if n == nil {
		n = &calls{}
		in.stats.calls[name] = n
	}
	return n
}

// call runs a command.
func (c *client) call(cmd *command, args []string) {
	c.in.open()
	k := &call{c: c, in: c.in, cmd: cmd, db: c.in.dbs[c.number], args: args, r: &c.r, now: c.in.srv.now()}
	k.run()
}

func (k *call) run() {
	before, n := k.r.errors, k.in.counted(k.cmd.name)
	k.in.monitors(k)
	if k.afford(k.cost()) {
		k.cmd.handler(k)
	}
	n.n++
	n.usec += 2 + int64(len(k.args)) + k.in.random.Int64N(5)
	switch {
	case k.r.errors > before:
		n.failed++
		k.in.stats.fault(k.r.last)
	case k.cmd.is("write"):
		k.in.changes++
		for _, key := range k.cmd.keys(k.args) {
			k.db.touch(key)
		}
	}
}

// look returns the value of a key, nil when there is none; ok is false when it
// is of another kind, and then the client has been told.
func (k *call) look(key string, want kind) (v *value, ok bool) {
	v = k.peek(k.db, key)
	if !k.cmd.is("write") {
		k.count(v)
	}
	if v != nil && v.kind != want {
		k.r.fail(errType)
		return nil, false
	}
	return v, true
}

// find is look for any kind.
func (k *call) find(key string) *value {
	v := k.peek(k.db, key)
	k.count(v)
	return v
}

func (k *call) count(v *value) {
	if v == nil {
		k.in.stats.misses++
		return
	}
	k.in.stats.hits++
	v.used = k.now
}

// peek returns a value without noting that it was used.
func (k *call) peek(d *database, key string) *value {
	v, _ := d.keys.get(key)
	if v == nil || k.in.expire(d, key, v, k.now) {
		return nil
	}
	return v
}

// make is look that makes an empty value when there is none.
func (k *call) make(key string, want kind) (v *value, ok bool) {
	if v, ok = k.look(key, want); v != nil || !ok {
		return v, ok
	}
	v = newValue(want)
	v.used = k.now
	k.db.keys.put(key, v)
	return v, true
}

func newValue(want kind) *value {
	v := &value{kind: want}
	switch want {
	case kSet:
		v.set = newOrdered[struct{}]()
	case kHash:
		v.hash = newOrdered[string]()
	case kZset:
		v.zset = newZset()
	}
	return v
}

// put sets a key, and its time to live with it.
func (k *call) put(key string, v *value) {
	v.used = k.now
	k.db.keys.put(key, v)
	k.db.touch(key)
}

// drop takes a key away.
func (k *call) drop(key string) bool {
	k.db.touch(key)
	return k.db.keys.remove(key)
}

// tidy drops a collection that became empty.
func (k *call) tidy(key string, v *value) {
	if v != nil && v.len() == 0 && v.kind != kString {
		k.drop(key)
	}
}

// grow makes sure that n more bytes may be kept, beside the arguments.
func (k *call) grow(n int) bool {
	if !k.in.room(n) {
		k.r.fail(errMemory)
		return false
	}
	return true
}

// int reads a whole number from an argument, and tells the client when it is
// none.
func (k *call) int(s string) (int64, bool) {
	n, ok := number(s)
	if !ok {
		k.r.fail(errInteger)
	}
	return n, ok
}

// number is what the server takes for one: no plus sign, no zeros in front.
func number(s string) (int64, bool) { return integer(s) }

// float reads a number; text is the error when it is none.
func (k *call) float(s, text string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f || strings.ContainsAny(s, "_") {
		k.r.fail(text)
		return 0, false
	}
	return f, true
}

// option reports whether argument i is a word, in any case.
func (k *call) option(i int, word string) bool {
	return i < len(k.args) && strings.EqualFold(k.args[i], word)
}

func (k *call) arity() {
	k.r.fail(fmt.Sprintf("ERR wrong number of arguments for '%s' command", k.cmd.name))
}
