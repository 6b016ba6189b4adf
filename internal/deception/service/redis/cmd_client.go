package redis

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func clientCommands() map[string]handler {
	return map[string]handler{
		"client|id": clientID, "client|getname": clientGetName, "client|setname": clientSetName, "client|list": clientList, "client|info": clientInfo,
		"client|kill": clientKill, "client|reply": clientReply, "client|no-evict": clientFlag, "client|pause": clientPause, "client|unpause": func(k *call) { k.r.ok() },
		"client|getredir": func(k *call) { k.r.number(-1) },
	}
}

const errName = "ERR Client names cannot contain spaces, newlines or special characters."

func validName(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '!' || r > '~' }) < 0
}

func clientID(k *call) { k.r.number(k.c.id) }

func clientGetName(k *call) {
	if k.c.name == "" {
		k.r.null()
		return
	}
	k.r.bulk(k.c.name)
}

func clientSetName(k *call) {
	if !validName(k.args[2]) {
		k.r.fail(errName)
		return
	}
	if !k.grow(len(k.args[2])) {
		return
	}
	k.c.name = k.args[2]
	k.r.ok()
}

// describe is a client's line of CLIENT LIST.
func (c *client) describe(now time.Time) string {
	flags, multi := "N", -1
	switch {
	case c.monitor:
		flags = "O"
	case c.multi:
		flags, multi = "x", len(c.queue)
	case len(c.channels)+len(c.patterns) > 0:
		flags = "P"
	}
	cmd := c.last
	if cmd == "" {
		cmd = "NULL"
	}
	return fmt.Sprintf("id=%d addr=%s laddr=%s fd=%d name=%s age=%d idle=%d flags=%s db=%d sub=%d psub=%d ssub=0 multi=%d qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=%d rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=22298 events=r cmd=%s user=%s redir=-1 resp=%d",
		c.id, c.session.Client(), c.session.Local(), 8+slices.Index(c.in.clients, c), c.name, int(now.Sub(c.created).Seconds()), int(now.Sub(c.active).Seconds()),
		flags, c.number, len(c.channels), len(c.patterns), multi, c.queued, cmd, c.user, c.r.proto)
}

func clientList(k *call) {
	var b strings.Builder
	switch {
	case len(k.args) == 4 && k.option(2, "TYPE"):
		if !oneOf(strings.ToLower(k.args[3]), "normal", "master", "replica", "slave", "pubsub") {
			k.r.fail(fmt.Sprintf("ERR Unknown client type '%s'", k.args[3]))
			return
		}
	case len(k.args) > 3 && k.option(2, "ID"):
	case len(k.args) != 2:
		k.r.fail(errSyntax)
		return
	}
	for _, c := range k.in.clients {
		if k.lists(c) {
			b.WriteString(c.describe(k.now) + "\n")
		}
	}
	k.r.text(b.String())
}

// lists reports whether CLIENT LIST's arguments ask for a client.
func (k *call) lists(c *client) bool {
	if k.option(2, "ID") {
		return slices.Contains(k.args[3:], itoa(c.id))
	}
	if !k.option(2, "TYPE") {
		return true
	}
	pubsub := len(c.channels)+len(c.patterns) > 0
	return k.option(3, "pubsub") && pubsub || k.option(3, "normal") && !pubsub
}

func clientInfo(k *call) { k.r.text(k.c.describe(k.now) + "\n") }

// clientKill ends connections of this attacker, by address or id.
func clientKill(k *call) {
	old := len(k.args) == 3
	if !old && len(k.args)%2 == 1 {
		k.r.fail(errSyntax)
		return
	}
	n := 0
	for _, c := range k.in.clients {
		addr := c.session.Client().String()
		hit := old && k.args[2] == addr
		for i := 2; i+1 < len(k.args); i += 2 {
			hit = k.option(i, "ID") && k.args[i+1] == itoa(c.id) || k.option(i, "ADDR") && k.args[i+1] == addr
		}
		if !hit {
			continue
		}
		n++
		if c == k.c {
			c.quit = true
		} else {
			_ = c.conn.Close()
		}
	}
	switch {
	case !old:
		k.r.number(int64(n))
	case n == 0:
		k.r.fail("ERR No such client")
	default:
		k.r.ok()
	}
}

func clientReply(k *call) {
	switch strings.ToLower(k.args[2]) {
	case "on":
		k.c.skip, k.r.held = 0, false
		k.r.ok()
	case "off":
		k.r.held = true
	case "skip":
		if !k.r.held {
			k.c.skip, k.r.held = 2, true
		}
	default:
		k.r.fail(errSyntax)
	}
}

func clientFlag(k *call) {
	if !k.option(2, "ON") && !k.option(2, "OFF") {
		k.r.fail(errSyntax)
		return
	}
	k.r.ok()
}

func clientPause(k *call) {
	if n, ok := number(k.args[2]); !ok || n < 0 {
		k.r.fail("ERR timeout is not an integer or out of range")
		return
	}
	k.r.ok()
}
