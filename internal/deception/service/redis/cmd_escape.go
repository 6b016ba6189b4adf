package redis

import (
	"bytes"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// escapeCommands lead out of a Redis: they write files, load code, or connect
// elsewhere. Here they are recorded, and what would have been written is kept.
func escapeCommands() map[string]handler {
	return map[string]handler{
		"save": save, "bgsave": bgsave, "bgrewriteaof": bgrewrite, "shutdown": shutdown, "slaveof": replicaof, "replicaof": replicaof,
		"module|load": moduleLoad, "module|unload": moduleUnload, "migrate": migrate,
	}
}

// protected names the setting that a command needs, and the command as the
// error has it.
func protected(cmd *command) (setting, name string) {
	switch cmd.name {
	case "debug":
		return "enable-debug-command", "DEBUG"
	case "module|load", "module|unload", "module|loadex":
		return "enable-module-command", "MODULE"
	}
	return "", ""
}

// file is where the database would be written.
func (in *instance) file() string {
	return path.Join(in.settings.get("dir"), in.settings.get("dbfilename"))
}

// write keeps the database as an artifact when the attacker chose its place or
// content; an application's own saves are no evidence.
func (k *call) write() bool {
	in := k.in
	where := in.file()
	if strings.HasPrefix(where, "/proc") || strings.HasPrefix(where, "/sys") {
		return false
	}
	if in.changes > 0 || in.settings.get("dir") != in.srv.face.dir {
		image := &bytes.Buffer{}
		writeImage(image, in, k.now)
		k.c.session.Keep(service.Artifact{Kind: "upload", Path: where, MediaType: "application/x-redis-rdb", Data: image.Bytes()},
			service.Field{Name: "step", Value: "write the file"})
	}
	in.saved, in.changes = k.now, 0
	in.stats.saves++
	return true
}

func save(k *call) {
	if !k.write() {
		k.r.fail("ERR")
		return
	}
	k.r.ok()
}

func bgsave(k *call) {
	if len(k.args) > 1 && !(len(k.args) == 2 && k.option(1, "SCHEDULE")) {
		k.r.fail(errSyntax)
		return
	}
	k.write() // what goes wrong in the background is told to nobody
	k.r.status("Background saving started")
}

func bgrewrite(k *call) { k.r.status("Background append only file rewriting started") }

func shutdown(k *call) {
	for i := 1; i < len(k.args); i++ {
		if !oneOf(strings.ToLower(k.args[i]), "nosave", "save", "now", "force", "abort") {
			k.r.fail(errSyntax)
			return
		}
	}
	if k.option(1, "ABORT") {
		k.r.fail("ERR No shutdown in progress.")
		return
	}
	if !k.option(1, "NOSAVE") {
		k.write()
	}
	k.restart()
}

// replicaof takes down whom the server is to follow; nobody is connected to.
func replicaof(k *call) {
	host, port := k.args[1], k.args[2]
	if strings.EqualFold(host, "no") && strings.EqualFold(port, "one") {
		if k.in.primary.host != "" {
			k.in.followed++
		}
		k.in.primary = primary{}
		k.r.ok()
		return
	}
	n, ok := number(port)
	if !ok || n < 0 || n > 65535 {
		k.r.fail("ERR Invalid master port")
		return
	}
	if k.in.primary.host == host && k.in.primary.port == port {
		k.r.status("OK Already connected to specified master")
		return
	}
	k.fetch("redis://"+strings.ToLower(host)+":"+port, "follow a foreign primary")
	k.in.primary = primary{host: strings.Clone(cut(host, 256)), port: port, since: k.now}
	k.r.ok()
}

// fetch records that the decky was told to connect elsewhere.
func (k *call) fetch(url, step string) {
	k.c.session.Record(service.Fetch, nil, service.Field{Name: "url", Value: url}, service.Field{Name: "step", Value: step})
}

// moduleLoad fails as it does when the file is no module.
func moduleLoad(k *call) {
	k.r.fail("ERR Error loading the extension. Please check the server logs.")
}

func moduleUnload(k *call) {
	k.r.fail("ERR Error unloading module: no such module with that name")
}

// migrate cannot reach its target.
func migrate(k *call) {
	port, ok := number(k.args[2])
	if !ok {
		k.r.fail(errInteger)
		return
	}
	if _, ok := k.int(k.args[4]); !ok {
		return
	}
	if _, ok := k.int(k.args[5]); !ok {
		return
	}
	if k.args[3] != "" && k.peek(k.db, k.args[3]) == nil {
		k.r.status("NOKEY")
		return
	}
	k.fetch("redis://"+k.args[1]+":"+itoa(port), "send keys elsewhere")
	k.r.fail("IOERR error or timeout connecting to the client")
}
