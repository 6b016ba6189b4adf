package redis

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// user is one of the access list: with full rights, or with none of the
// categories or commands that were taken from it.
type user struct {
	name      string
	on        bool
	nopass    bool
	passwords []string // SHA-256, hexadecimal
	all       bool     // +@all
	keys      bool     // ~*
	channels  bool     // &*
}

// maxUsers bounds what ACL SETUSER makes.
const maxUsers = 64

func hashed(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

func defaultUser(password string) *user {
	u := &user{name: "default", on: true, nopass: password == "", all: true, keys: true, channels: true}
	if password != "" {
		u.passwords = []string{hashed(password)}
	}
	return u
}

func (u *user) accepts(password string) bool {
	return slices.ContainsFunc(u.passwords, func(h string) bool { return same(h, hashed(password)) })
}

// forbids says why a user may not run a command.
func (in *instance) forbids(c *client, cmd *command, args []string) string {
	u := in.users[c.user]
	if u == nil || cmd.is("no_auth") {
		return ""
	}
	if !u.all {
		name := cmd.name
		return "NOPERM this user has no permissions to run the '" + name + "' command"
	}
	if keys := cmd.keys(args); !u.keys && len(keys) > 0 {
		return "NOPERM this user has no permissions to access one of the keys used as arguments"
	}
	return ""
}

func (u *user) describe() string {
	parts := []string{"user", u.name, map[bool]string{true: "on", false: "off"}[u.on]}
	if u.nopass {
		parts = append(parts, "nopass")
	}
	for _, p := range u.passwords {
		parts = append(parts, "#"+p)
	}
	if u.keys {
		parts = append(parts, "~*")
	}
	parts = append(parts, map[bool]string{true: "&*", false: "resetchannels"}[u.channels], map[bool]string{true: "+@all", false: "-@all"}[u.all])
	return strings.Join(parts, " ")
}

func aclCommands() map[string]handler {
	return map[string]handler{
		"acl|whoami": func(k *call) { k.r.bulk(k.c.user) }, "acl|list": aclList, "acl|users": aclUsers, "acl|cat": aclCat, "acl|getuser": aclGetUser,
		"acl|setuser": aclSetUser, "acl|deluser": aclDelUser, "acl|genpass": aclGenpass, "acl|log": aclLog,
		"acl|save": aclFile, "acl|load": aclFile,
	}
}

func (in *instance) userNames() (out []string) {
	for name := range in.users {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func aclList(k *call) {
	names := k.in.userNames()
	k.r.array(len(names))
	for _, n := range names {
		k.r.bulk(k.in.users[n].describe())
	}
}

func aclUsers(k *call) { k.r.bulks(k.in.userNames()) }

// categories in the order of ACL CAT.
func categories() []string {
	return strings.Fields("keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast slow blocking dangerous connection transaction scripting")
}

func aclCat(k *call) {
	if len(k.args) > 3 {
		k.r.fail("ERR Unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.")
		return
	}
	if len(k.args) == 2 {
		k.r.bulks(categories())
		return
	}
	if !slices.Contains(categories(), strings.ToLower(k.args[2])) {
		k.r.fail("ERR Unknown category '" + k.args[2] + "'")
		return
	}
	var out []string
	for name, c := range k.in.srv.table.byName {
		if slices.Contains(c.groups, "@"+strings.ToLower(k.args[2])) && c.handler != nil {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	k.r.bulks(out)
}

func aclGetUser(k *call) {
	u := k.in.users[k.args[2]]
	if u == nil {
		k.r.null()
		return
	}
	flags := []string{map[bool]string{true: "on", false: "off"}[u.on]}
	if u.nopass {
		flags = append(flags, "nopass")
	}
	word := func(b bool, s string) string { return map[bool]string{true: s}[b] }
	k.r.pairs(6)
	k.r.bulk("flags")
	k.r.set(len(flags))
	for _, f := range flags {
		k.r.bulk(f)
	}
	k.r.bulk("passwords")
	k.r.bulks(u.passwords)
	k.r.bulk("commands")
	k.r.bulk(map[bool]string{true: "+@all", false: "-@all"}[u.all])
	k.r.bulk("keys")
	k.r.bulk(word(u.keys, "~*"))
	k.r.bulk("channels")
	k.r.bulk(word(u.channels, "&*"))
	k.r.bulk("selectors")
	k.r.array(0)
}

// aclSetUser knows the rules that give or take everything.
func aclSetUser(k *call) {
	name := k.args[2]
	u := &user{name: name}
	if old := k.in.users[name]; old != nil {
		next := *old
		u = &next
	} else if len(k.in.users) >= maxUsers {
		k.r.fail(errMemory)
		return
	}
	for _, rule := range k.args[3:] {
		if !u.apply(rule) {
			k.r.fail("ERR Error in ACL SETUSER modifier '" + rule + "': Syntax error")
			return
		}
	}
	if !k.grow(perName + len(name) + 80*len(u.passwords)) {
		return
	}
	k.in.users[name] = u
	k.r.ok()
}

func (u *user) apply(rule string) bool {
	switch lower := strings.ToLower(rule); {
	case lower == "on", lower == "off":
		u.on = lower == "on"
	case lower == "nopass":
		u.nopass, u.passwords = true, nil
	case lower == "resetpass":
		u.nopass, u.passwords = false, nil
	case lower == "reset":
		*u = user{name: u.name}
	case rule == "~*", lower == "allkeys":
		u.keys = true
	case lower == "resetkeys":
		u.keys = false
	case rule == "&*", lower == "allchannels":
		u.channels = true
	case lower == "resetchannels":
		u.channels = false
	case lower == "+@all", lower == "allcommands":
		u.all = true
	case lower == "-@all", lower == "nocommands":
		u.all = false
	case strings.HasPrefix(rule, ">") && len(u.passwords) < 16:
		u.nopass, u.passwords = false, append(slices.Clone(u.passwords), hashed(rule[1:]))
	default:
		return false
	}
	return true
}

func aclDelUser(k *call) {
	n := 0
	for _, name := range k.args[2:] {
		if name == "default" {
			k.r.fail("ERR The 'default' user cannot be removed")
			return
		}
		if k.in.users[name] != nil {
			delete(k.in.users, name)
			n++
		}
	}
	k.r.number(int64(n))
}

func aclGenpass(k *call) {
	bits := int64(256)
	if len(k.args) > 2 {
		var ok bool
		if bits, ok = k.int(k.args[2]); !ok {
			return
		}
	}
	if bits <= 0 || bits > 4096 {
		k.r.fail("ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096")
		return
	}
	raw := make([]byte, 512)
	for i := range raw {
		raw[i] = byte(k.in.random.Uint32())
	}
	k.r.bulk(hex.EncodeToString(raw)[:(bits+3)/4])
}

func aclLog(k *call) {
	if k.option(2, "RESET") {
		k.r.ok()
		return
	}
	k.r.array(0)
}

func aclFile(k *call) {
	k.r.fail("ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.")
}
