package httpx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The limits of every server. There is no limit on a whole answer, which may
// be an endless stream; Wrap bounds every single write instead.
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	// DefaultDrain is how long running requests may take to end on a stop.
	DefaultDrain = 5 * time.Second
)

// ServerOptions are the parts of a server.
type ServerOptions struct {
	Handler http.Handler  // Mandatory.
	Log     *slog.Logger  // If nil, discards.
	Drain   time.Duration // How long running requests may take to end on a stop. If 0, DefaultDrain.
	OnStop  func()        // Called as a stop begins, to end streams, which would not end by themselves. If nil, nothing.
}

// Server serves one handler on any number of listeners.
type Server struct{ options ServerOptions }

// NewServer makes a server.
func NewServer(o ServerOptions) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Drain == 0 {
		o.Drain = DefaultDrain
	}
	return &Server{o}
}

// Serve answers on l until ctx ends; then it takes no more connections, lets
// running requests end within Drain and cuts what is left. Requests have ctx's
// values but not its end: a review that is being stored is stored. It closes l.
// The error is nil after an orderly stop. It may be called for several
// listeners at the same time.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s.options.Handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ConnContext:       withPeer,
	}
	if s.options.OnStop != nil {
		srv.RegisterOnShutdown(s.options.OnStop)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", l.Addr(), errors.Join(err, srv.Close()))
	case <-ctx.Done():
	}
	err := s.drain(srv)
	<-served
	return err
}

func (s *Server) drain(srv *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Drain)
	defer cancel()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(fmt.Errorf("stopping HTTP: requests still ran after %v and were cut", s.options.Drain), srv.Close())
	}
	if err != nil {
		return fmt.Errorf("stopping HTTP: %w", err)
	}
	return nil
}
