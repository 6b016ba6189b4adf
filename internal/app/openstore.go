package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/config/keys"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

// How long a server waits before it asks again for a database that did not
// answer: pauses double from the first to the longest.
const (
	firstStorePause   = 250 * time.Millisecond
	longestStorePause = 10 * time.Second
)

// errStopped says that the node was told to stop while it started.
var errStopped = errors.New("stopped while waiting for the database")

// startStore opens the database. A server (not a command) waits for one whose
// server does not answer, and says so: in the log, and at /readyz.
func (n *node) startStore(ctx context.Context) (stopFunc, error) {
	s, err := n.openStore(ctx)
	if n.stopping != nil && errors.Is(err, store.ErrUnreachable) {
		s, err = n.awaitStore(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	n.store = s
	return func(context.Context) error { return s.Close() }, nil
}

// openStore refuses a database that belongs to another key, unless this node's
// key replaced it.
func (n *node) openStore(ctx context.Context) (*store.Store, error) {
	s, err := store.Open(ctx, store.Options{URL: n.cfg.Store.URL, Log: n.log, AfterCommit: n.publish, Observe: n.metrics.Store.Batch, Query: n.metrics.Store.Query})
	if err != nil {
		return nil, err
	}
	if err := sqlstore.NewAudit(s).PinKey(ctx, n.keys.Ring, n.pins()); err != nil {
		return nil, errors.Join(n.aboutKeys(err), s.Close())
	}
	return s, nil
}

// aboutKeys says what else may have happened where the keys of this node are those that
// it made: its own were lost, or not restored.
func (n *node) aboutKeys(err error) error {
	if !errors.Is(err, store.ErrOtherKey) || !n.cfg.Fingerprint.Key.IsZero() {
		return err
	}
	return fmt.Errorf("%w. If the files in %s were lost, put their copy back, or restore a backup that was made --with-keys", err, filepath.Join(n.cfg.Data.Dir, keys.Dir))
}

// awaitStore tries until the database answers. Meanwhile the node's address
// says what it waits for.
func (n *node) awaitStore(ctx context.Context, why error) (s *store.Store, err error) {
	leave, err := n.openWaitingRoom(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	for pause := firstStorePause; ; pause = min(2*pause, longestStorePause) {
		n.log.Warn("waiting for the database", "error", why, "next_try_ms", pause.Milliseconds())
		select {
		case <-n.stopping:
			return nil, errStopped
		case <-time.After(pause):
		}
		if s, err = n.openStore(ctx); !errors.Is(err, store.ErrUnreachable) {
			return s, err
		}
		why = err
	}
}

// openWaitingRoom answers at the node's address until it is left.
func (n *node) openWaitingRoom(ctx context.Context) (leave func(), err error) {
	l, err := net.Listen("tcp", n.cfg.API.Listen)
	if err != nil {
		return nil, fmt.Errorf("%w; give another address with --listen or api.listen", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	srv := httpx.NewServer(httpx.ServerOptions{Handler: httpx.Wrap(waitingRoom(), httpx.WrapOptions{Log: n.log}), Log: n.log})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := srv.Serve(ctx, l); err != nil {
			n.log.Warn("answering while the database is away", "error", err)
		}
	})
	say(n.out, "Cordon %s waits for its database; http://%s/readyz says why.", version, l.Addr())
	return func() { cancel(); wg.Wait() }, nil
}

// waitingRoom says at every path what the node waits for. Which server that is
// stands in the log: here anybody may ask.
func waitingRoom() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintf(w, "not ready:\n%v\n", store.ErrUnreachable)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "5")
		httpx.NewProblem(http.StatusServiceUnavailable, "Cordon waits for its database; it goes on when that answers").Write(w)
	})
	return mux
}
