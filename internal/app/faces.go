package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/web"
)

// socketName is the control socket in the data directory.
const socketName = "cordon.sock"

func (n *node) startAPI(context.Context) (_ stopFunc, err error) {
	access, db := sqlstore.NewAccess(n.store), sqlstore.NewAPI(n.store)
	n.users = auth.NewUsers(auth.UsersDeps{Store: access, Audit: access, Mark: n.mark(), Log: n.log})
	if err := n.newNotary(); err != nil {
		return nil, err
	}
	n.setup = auth.NewSetup(n.cfg.Data.Dir, clock.Real{}, n.cfg.API.URL())
	n.api, err = api.New(api.Deps{
		Quarantine: db, Findings: db, Metrics: db, Events: db, Incidents: sqlstore.NewIncidents(n.store), Anomalies: sqlstore.NewAnomalies(n.store), Gossip: sqlstore.NewGossip(n.store),
		Audit: sqlstore.NewAudit(n.store), Notary: n.notary,
		Rules:          n.rules,
		AnomalyRules:   n.rulebook,
		Users:          n.users,
		Keys:           auth.NewKeys(auth.KeysDeps{Store: access, Source: n.name + "/api", Log: n.log}),
		Sessions:       auth.NewSessions(auth.SessionsDeps{Store: sqlstore.NewSessions(n.store), Users: access, Log: n.log}),
		Webhooks:       n.notifier,
		Blocks:         n.blocks,
		Playbooks:      n.answers,
		Setup:          n.setup,
		Sources:        n,
		Checks:         n,
		Workers:        n,
		Reloader:       n.reloads(),
		Configured:     n.configures(),
		Log:            n.log,
		Node:           n.name + "/api",
		Version:        version,
		Recommendation: n.rules.Recommendation,
		Fingerprints:   n.keys.Ring.Fingerprints,
		Intake:         n.takes(),
		Egress:         n.egressFace(),
		Deception:      n.deceptionFace(),
		Redact:         n.words(),
		Backup:         n.backup,
		Limit:          httpx.NewLimiter(httpx.LimiterOptions{Every: n.cfg.API.RateLimit.Every(), Burst: n.cfg.API.RateLimit.Most()}),
		Wake:           n.wakes.listen,
		Ready:          n.notReady,
		Prometheus:     n.metrics.Handler(),
		Dashboard:      web.Dashboard(),
	})
	if err != nil {
		return nil, err
	}
	return func(context.Context) error { n.api.Close(); return nil }, nil
}

// startSocket opens the door for commands on this machine. Whoever the file
// mode lets in is the local administrator.
func (n *node) startSocket(ctx context.Context) (stopFunc, error) {
	if runtime.GOOS != "linux" {
		n.log.Warn("no control socket: it needs Linux; commands need --server and an API key")
		return nil, nil
	}
	l, err := httpx.ListenSocket(filepath.Join(n.cfg.Data.Dir, socketName))
	if err != nil {
		return nil, err
	}
	return n.serve(ctx, l, asLocalAdmin(n.api), httpx.WrapOptions{}), nil
}

// takeAddress binds the API's address. From here on cfg holds the real one, where
// the configuration left the port to the system.
func (n *node) takeAddress(context.Context) (stopFunc, error) {
	l, err := net.Listen("tcp", n.cfg.API.Listen)
	if err != nil {
		return nil, fmt.Errorf("%w; give another address with --listen or api.listen", err)
	}
	n.listener, n.cfg.API.Listen = l, l.Addr().String()
	return func(context.Context) error { _ = l.Close(); return nil }, nil // closed before, if it was served
}

func (n *node) startListener(ctx context.Context) (stopFunc, error) {
	l, err := n.withTLS(n.listener)
	if err != nil {
		return nil, err
	}
	door, err := n.door()
	if err != nil {
		return nil, err
	}
	return n.serve(ctx, l, n.api, door), nil
}

// serve answers on a listener until the returned function is called.
func (n *node) serve(ctx context.Context, l net.Listener, h http.Handler, door httpx.WrapOptions) stopFunc {
	ctx, cancel := context.WithCancel(ctx)
	door.Log, door.Observe, door.MaxBody = n.log, n.metrics.HTTP.Answered, api.MaxBody
	srv := httpx.NewServer(httpx.ServerOptions{Handler: httpx.Wrap(h, door), Log: n.log, OnStop: n.api.Close})
	var wg sync.WaitGroup
	var err error
	wg.Go(func() { err = srv.Serve(ctx, l) })
	return func(context.Context) error {
		cancel()
		wg.Wait()
		return err
	}
}

// asLocalAdmin names whoever comes through the control socket after the user
// that the kernel says it is. A peer without a user is turned away.
func asLocalAdmin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, ok := httpx.PeerOf(r.Context())
		if !ok {
			httpx.NewProblem(http.StatusForbidden, "the control socket cannot tell who calls").Write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.WithPrincipal(r.Context(), localAdmin(strconv.Itoa(int(peer.UID))))))
	})
}

func localAdmin(uid string) auth.Principal {
	name := "uid-" + uid
	if u, err := user.LookupId(uid); err == nil {
		name = u.Username
	}
	return auth.Principal{Kind: auth.KindLocal, Name: name, Role: auth.Admin}
}

// startSetup opens the one-time link while there is no user.
func (n *node) startSetup(ctx context.Context) (stopFunc, error) {
	count, err := n.users.Count(ctx)
	if err != nil || count > 0 {
		return nil, err
	}
	link, err := n.setup.Open()
	if err != nil {
		return nil, err
	}
	n.announceSetup(link)
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := n.setup.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			n.log.Warn("removing the setup link", "error", err)
		}
	})
	return func(context.Context) error {
		cancel()
		wg.Wait()
		return nil
	}, nil
}
