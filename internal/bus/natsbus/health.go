package natsbus

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"sync"

	"github.com/nats-io/nats.go"

	"go.cordon.dev/cordon/internal/event"
)

// health tells how the connection fares, one report at a time.
type health struct {
	log  *slog.Logger
	tell func(event.BusHealth) // nil: only logged
	// embedded: the server is in this process, and its address is made up.
	embedded bool

	mu   sync.Mutex
	told bool
}

// begin tells of a server that is not there yet: nats.go does so only for
// connections that once were.
func (h *health) begin(c *nats.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.told && !c.IsConnected() {
		h.report(false, "no NATS server answers yet")
	}
}

func (h *health) connected(c *nats.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.report(true, h.where(c))
}

func (h *health) where(c *nats.Conn) string {
	if h.embedded {
		return "the server is in this process; no port is open"
	}
	return "connected to " + host(c.ConnectedUrl())
}

func (h *health) lost(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.report(false, "the server closed the connection")
		return
	}
	h.report(false, hideURL(err).Error())
}

func (h *health) report(connected bool, detail string) {
	h.told = true
	level := slog.LevelInfo
	if !connected {
		level = slog.LevelWarn
	}
	h.log.Log(context.Background(), level, "bus connection", "connected", connected, "detail", detail)
	if h.tell != nil {
		h.tell(event.BusHealth{Kind: "nats", Connected: connected, Detail: detail})
	}
}

// host leaves only host and port of a URL.
func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "the embedded server"
	}
	return u.Host
}

// hideURL makes an error that holds no URL (which may hold a password).
func hideURL(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) {
		return parse.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op
	}
	return err
}
