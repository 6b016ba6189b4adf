package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/config"
)

// local opens the API of a data directory for a command on this machine: of
// the server that runs there, else, if the command can do without one, within
// this process.
func local(ctx context.Context, cfg *config.Config, offline bool) (*client.Client, func() error, error) {
	socket := filepath.Join(cfg.Data.Dir, socketName)
	if answers(ctx, socket) {
		c, err := client.New(client.Options{BaseURL: client.LocalURL, HTTP: client.OverSocket(socket)})
		return c, func() error { return nil }, err
	}
	if !offline {
		return nil, nil, fmt.Errorf("no server runs on %s; start one with: cordon serve", cfg.Data.Dir)
	}
	return within(ctx, cfg)
}

func answers(ctx context.Context, socket string) bool {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// within opens the store in this process, behind the same API, and holds the
// data directory's lock until the returned function is called.
func within(ctx context.Context, cfg *config.Config) (*client.Client, func() error, error) {
	log := slog.New(slog.DiscardHandler)
	n := newNode(cfg, log, io.Discard)
	l := &life{log: log}
	if err := l.start(context.WithoutCancel(ctx), n.localParts()); err != nil {
		return nil, nil, err
	}
	who := localAdmin(strconv.Itoa(os.Getuid()))
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.api.ServeHTTP(w, r.WithContext(auth.WithPrincipal(r.Context(), who)))
	})
	c, err := client.New(client.Options{BaseURL: client.LocalURL, HTTP: client.OverHandler(h)})
	return c, func() error { return l.stop(config.StopDeadline) }, err
}
