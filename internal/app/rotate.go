package app

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/config/keys"
	"go.cordon.dev/cordon/internal/id"
)

// rotateKey replaces the installation key of a node that does not run, and
// returns the ids of the old and the new one. The data directory is locked
// meanwhile. If it dies in between, the next start completes it.
func rotateKey(ctx context.Context, cfg *config.Config) (was, now string, err error) {
	log := slog.New(slog.DiscardHandler)
	n := newNode(cfg, log, io.Discard)
	who := localAdmin(strconv.Itoa(os.Getuid())).Actor()
	n.pinner = &who
	parts := n.platform()
	at := slices.IndexFunc(parts, func(p part) bool { return p.name == "keys" })
	parts = slices.Insert(parts, at+1, part{"key rotation", func(context.Context) (_ stopFunc, err error) {
		if was, now, err = keys.Rotate(cfg.Data.Dir, cfg.Fingerprint); err != nil {
			return nil, err
		}
		n.keys, err = keys.Open(cfg.Data.Dir, cfg.Fingerprint)
		return nil, err
	}})
	l := &life{log: log}
	if err := l.start(context.WithoutCancel(ctx), parts); err != nil {
		return "", "", err
	}
	return was, now, l.stop(config.StopDeadline)
}

// pins begins the audit entry of a change of the installation key: by whoever
// asked for it, else by the node that found its key replaced.
func (n *node) pins() audit.Entry {
	e := audit.Entry{ID: id.New(), Time: time.Now(), Actor: audit.Actor{Kind: "system", Name: n.name}, Reason: "the node's key replaced the one the database was made with"}
	if n.pinner != nil {
		e.Actor, e.Reason = *n.pinner, ""
	}
	return e
}
