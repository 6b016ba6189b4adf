package redis

import (
	"slices"
	"strings"
)

// maxChannels bounds the subscriptions of one client.
const maxChannels = 1024

func pubsubCommands() map[string]handler {
	return map[string]handler{
		"subscribe": subscribe, "psubscribe": subscribe, "unsubscribe": unsubscribe, "punsubscribe": unsubscribe, "publish": publish,
		"pubsub|channels": pubsubChannels, "pubsub|numsub": pubsubNumsub, "pubsub|numpat": func(k *call) { k.r.number(int64(len(k.in.patterns))) },
		"monitor": monitor,
	}
}

// subscriptions returns where subscriptions of a command's kind are kept.
func (k *call) subscriptions() (mine *[]string, all map[string][]*client) {
	if strings.HasPrefix(k.cmd.name, "p") {
		return &k.c.patterns, k.in.patterns
	}
	return &k.c.channels, k.in.channels
}

func (k *call) confirm(channel *string) {
	k.r.push(3)
	k.r.bulk(k.cmd.name)
	if channel == nil {
		k.r.null()
	} else {
		k.r.bulk(*channel)
	}
	k.r.number(int64(len(k.c.channels) + len(k.c.patterns)))
}

func subscribe(k *call) {
	mine, all := k.subscriptions()
	for _, name := range k.args[1:] {
		if !slices.Contains(*mine, name) && len(*mine) < maxChannels {
			if !k.grow(len(name) + perName) {
				return
			}
			*mine = append(*mine, name)
			all[name] = append(all[name], k.c)
		}
		k.confirm(&name)
	}
}

func unsubscribe(k *call) {
	mine, all := k.subscriptions()
	names := k.args[1:]
	if len(names) == 0 {
		names = slices.Clone(*mine)
	}
	for _, name := range names {
		if i := slices.Index(*mine, name); i >= 0 {
			*mine = slices.Delete(*mine, i, i+1)
			k.c.leave(all, name)
		}
		k.confirm(&name)
	}
	if len(names) == 0 {
		k.confirm(nil)
	}
}

func (c *client) leave(all map[string][]*client, name string) {
	all[name] = slices.DeleteFunc(all[name], func(o *client) bool { return o == c })
	if len(all[name]) == 0 {
		delete(all, name)
	}
}

func (c *client) unsubscribeAll() {
	for _, name := range c.channels {
		c.leave(c.in.channels, name)
	}
	for _, name := range c.patterns {
		c.leave(c.in.patterns, name)
	}
	c.channels, c.patterns = nil, nil
}

func publish(k *call) {
	n := 0
	for _, c := range k.in.channels[k.args[1]] {
		c.message("message", k.args[1:3])
		n++
	}
	for pattern, list := range k.in.patterns {
		if !k.matches(pattern, k.args[1], false) {
			continue
		}
		for _, c := range list {
			c.message("pmessage", []string{pattern, k.args[1], k.args[2]})
			n++
		}
	}
	k.r.number(int64(n))
}

func (c *client) message(kind string, parts []string) {
	r := reply{proto: c.r.proto}
	r.push(1 + len(parts))
	r.bulk(kind)
	for _, p := range parts {
		r.bulk(p)
	}
	c.tell(r.buf)
}

func pubsubChannels(k *call) {
	if len(k.args) > 3 {
		k.arity()
		return
	}
	var out []string
	for name := range k.in.channels {
		if len(k.args) == 2 || k.matches(k.args[2], name, false) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	k.r.bulks(out)
}

func pubsubNumsub(k *call) {
	k.r.array(2 * (len(k.args) - 2))
	for _, name := range k.args[2:] {
		k.r.bulk(name)
		k.r.number(int64(len(k.in.channels[name])))
	}
}

func monitor(k *call) {
	k.c.monitor = true
	k.r.ok()
}

// monitors tells those who watch all commands of one. Their own instance is
// all that they see.
func (in *instance) monitors(k *call) {
	if k.cmd.is("admin") || k.cmd.is("skip_monitor") {
		return
	}
	line := ""
	for _, c := range in.clients {
		if !c.monitor {
			continue
		}
		if line == "" {
			line = k.monitored()
		}
		c.tell([]byte("+" + line + "\r\n"))
	}
}

func (k *call) monitored() string {
	var b strings.Builder
	micros := k.now.UnixMicro()
	b.WriteString(itoa(micros/1e6) + "." + pad6(micros%1e6) + " [" + itoa(int64(k.c.number)) + " " + k.c.session.Client().String() + "]")
	for _, a := range k.args {
		b.WriteString(" " + quote(a))
	}
	return b.String()
}

func pad6(n int64) string {
	s := "000000" + itoa(n)
	return s[len(s)-6:]
}
