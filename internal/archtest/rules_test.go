package archtest

import (
	"strings"
)

// levels orders the rooms of internal/. A room may import lower levels, its
// own subfolders, the public libraries, and the edges listed in sideways.
var levels = map[string]int{
	"event": 0, "redact": 0, "id": 0, "clock": 0, "regular": 0, "testdebian": 0, "testport": 0, "turns": 0,
	"bus": 1, "condition": 1, "store": 1, "config": 1, "auth": 1, "audit": 1, "supervise": 1, "telemetry": 1, "httpx": 1, "follow": 1,
	"anomaly": 2, "backup": 2, "attacker": 2, "deception": 2, "egress": 2, "gossip": 2, "incident": 2, "ingest": 2, "leak": 2, "notify": 2, "respond": 2, "rules": 2, "scan": 2,
	"sqlstore": 3, "api": 3, "cli": 3,
	"app": 4,
}

// sideways lists the allowed edges within one level, each with its reason.
var sideways = map[string]string{
	"event -> id":      "an envelope has an id",
	"event -> turns":   "reading many records gives way",
	"auth -> audit":    "a change of users carries its audit entry",
	"supervise -> bus": "workers are stopped by a message",
	"cli -> api":       "the CLI is a client of the API and shares its types",
}

// public are the libraries for other people's programs: they know nothing of
// internal/. Nor do the gossip modules, to which Go itself would not forbid it.
var public = map[string]bool{"detect": true, "hypercore": true, "bzzzlog": true, "guard": true, "bzzz": true}

// confined names packages that only some rooms may import.
var confined = map[string][]string{
	"database/sql":                {"internal/store", "internal/sqlstore"},
	"github.com/uptrace/bun":      {"internal/store", "internal/sqlstore"},
	"modernc.org/sqlite":          {"internal/store", "internal/sqlstore"},
	"github.com/jackc/pgx":        {"internal/store"},
	"github.com/go-sql-driver":    {"internal/store"},
	"github.com/pressly/goose":    {"internal/store", "internal/sqlstore"},
	"github.com/nats-io":          {"internal/bus/natsbus"},
	"go.opentelemetry.io":         {"internal/telemetry"},
	"cel.dev/cel-go":              {"guard/egress/when", "internal/condition"}, // conditions on requests, and on events
	"github.com/alecthomas/kong":  {"internal/cli"},
	module + "/internal/sqlstore": {"internal/app"},
	module + "/internal/app":      {"cmd/cordon"},
	module + "/web":               {"internal/app"},
	module + "/bzzz":              {"bzzz"}, // modules of their own
	"github.com/libp2p":           {"bzzz"},
}

// room is the folder of internal/ that dir lies in; ok is false outside.
func room(dir string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(dir, "internal/")
	name, _, _ = strings.Cut(rest, "/")
	return name, ok
}

// forbidden says why the package in dir must not import target, both below the
// module's root; empty when it may.
func forbidden(dir, target string) string {
	head, _, _ := strings.Cut(dir, "/")
	to, internal := room(target)
	if public[head] && internal {
		return "a public library knows nothing of internal/"
	}
	from, inside := room(dir)
	if !inside || !internal || from == to || from == "archtest" {
		return ""
	}
	a, known := levels[from]
	b, knownTo := levels[to]
	switch {
	case !known || !knownTo:
		return "room " + from + " or " + to + " has no level: add it to the table"
	case b > a:
		return "imports go down, never up"
	case b == a && sideways[from+" -> "+to] == "":
		return "rooms of one level do not import each other"
	}
	return ""
}

// inside reports whether dir lies in one of the allowed folders.
func inside(dir string, allowed []string) bool {
	for _, a := range allowed {
		if dir == a || strings.HasPrefix(dir, a+"/") {
			return true
		}
	}
	return false
}
