package redis

import (
	"crypto/subtle"
	"strconv"

	"go.cordon.dev/cordon/internal/deception/service"
)

func connectionCommands() map[string]handler {
	return map[string]handler{"ping": ping, "echo": echo, "auth": auth, "hello": hello, "select": selectDB, "quit": quit, "reset": reset}
}

func ping(k *call) {
	if len(k.args) > 2 {
		k.arity()
		return
	}
	if k.r.proto == 2 && len(k.c.channels)+len(k.c.patterns) > 0 {
		k.r.bulks([]string{"pong", append(k.args, "")[1]})
		return
	}
	if len(k.args) == 2 {
		k.r.bulk(k.args[1])
		return
	}
	k.r.status("PONG")
}

func echo(k *call) { k.r.bulk(k.args[1]) }

// quit is answered before it gets here, except in a script.
func quit(k *call) { k.r.ok() }

const (
	errWrongPass = "WRONGPASS invalid username-password pair or user is disabled."
	errNoPass    = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"
	errHelloAuth = "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"
)

// login tries a credential.
func (k *call) login(name, password string) bool {
	u := k.in.users[name]
	ok := u != nil && u.on && (u.nopass || u.accepts(password))
	k.c.session.Attempt(service.Credential{Kind: service.Plaintext, Principal: name, Secret: []byte(password), Accepted: ok})
	if !ok {
		return false
	}
	k.c.session.Record(service.LoggedIn, nil, service.Field{Name: "user", Value: name})
	k.c.known, k.c.user = true, name
	return true
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func auth(k *call) {
	if len(k.args) > 3 {
		k.r.fail(errSyntax)
		return
	}
	name, password := "default", k.args[len(k.args)-1]
	if len(k.args) == 3 {
		name = k.args[1]
	} else if k.in.users["default"].nopass {
		k.c.session.Attempt(service.Credential{Kind: service.Plaintext, Principal: name, Secret: []byte(password)})
		k.r.fail(errNoPass)
		return
	}
	if !k.login(name, password) {
		k.r.fail(errWrongPass)
		return
	}
	k.r.ok()
}

func hello(k *call) {
	proto := k.r.proto
	if len(k.args) > 1 {
		n, ok := number(k.args[1])
		if !ok {
			k.r.fail("ERR Protocol version is not an integer or out of range")
			return
		}
		if n < 2 || n > 3 {
			k.r.fail("NOPROTO unsupported protocol version")
			return
		}
		proto = int(n)
	}
	name, named, ok := k.helloOptions()
	if !ok {
		return
	}
	if !k.c.known {
		k.r.fail(errHelloAuth)
		return
	}
	if named {
		if !k.grow(len(name)) {
			return
		}
		k.c.name = name
	}
	k.r.proto = proto
	k.greet()
}

// helloOptions obeys AUTH and SETNAME. A name counts only when all is right.
func (k *call) helloOptions() (name string, named, ok bool) {
	for i := 2; i < len(k.args); i++ {
		switch {
		case k.option(i, "AUTH") && i+2 < len(k.args):
			if !k.login(k.args[i+1], k.args[i+2]) {
				k.r.fail(errWrongPass)
				return "", false, false
			}
			i += 2
		case k.option(i, "SETNAME") && i+1 < len(k.args):
			if i++; !validName(k.args[i]) {
				k.r.fail(errName)
				return "", false, false
			}
			name, named = k.args[i], true
		default:
			k.r.fail("ERR Syntax error in HELLO option '" + k.args[i] + "'")
			return "", false, false
		}
	}
	return name, named, true
}

func (k *call) greet() {
	role := "master"
	if k.in.primary.host != "" {
		role = "replica"
	}
	k.r.pairs(7)
	for _, s := range []string{"server", "redis", "version", Version, "proto"} {
		k.r.bulk(s)
	}
	k.r.number(int64(k.r.proto))
	k.r.bulk("id")
	k.r.number(k.c.id)
	for _, s := range []string{"mode", "standalone", "role", role, "modules"} {
		k.r.bulk(s)
	}
	k.r.array(0)
}

func selectDB(k *call) {
	n, ok := number(k.args[1])
	if !ok || n > 1<<31-1 || n < -(1<<31) {
		k.r.fail(errInteger)
		return
	}
	if n < 0 || n >= databases {
		k.r.fail(errDBIndex)
		return
	}
	k.c.number = int(n)
	k.r.ok()
}

func reset(k *call) {
	c := k.c
	c.unsubscribeAll()
	c.unwatch()
	c.multi, c.broken, c.queue, c.queued, c.monitor = false, false, nil, 0, false
	c.number, c.name, c.user, c.r.proto = 0, "", "default", 2
	c.known = c.in.users["default"].nopass
	k.r.status("RESET")
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
