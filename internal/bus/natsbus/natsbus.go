// Package natsbus is the bus over NATS: a server embedded in this process, or
// an external one (a cluster) by URL. Both use the same client code.
//
// Listeners of this process are served directly, by membus; NATS carries each
// event once to every other node. So a lost NATS costs a node the hints of
// others, never its own, and no event is encoded and decoded just to come back.
//
// An event's subject is Prefix followed by its topic: NATS's wildcards are
// ours, and any NATS client can listen in with `cordon.leak.>`.
//
// Level 1: it may import bus, membus and what bus may import.
package natsbus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/bus/membus"
	"go.cordon.dev/cordon/internal/event"
)

// Prefix stands before every topic to make a NATS subject, so that Cordon can
// share a NATS cluster with others.
const Prefix = "cordon."

// The deadlines of the connection. A write that waits longer ends the
// connection, and a new one is made.
const (
	connectTimeout = 3 * time.Second
	writeTimeout   = 2 * time.Second
	reconnectWait  = time.Second
)

// Options are the settings of a bus.
type Options struct {
	Name     string                // This node's name, shown in NATS's monitoring. If empty, "cordon".
	Log      *slog.Logger          // If nil, discards.
	OnDrop   func(pattern string)  // Called for every event a slow listener loses; must return at once. If nil, only counted.
	OnHealth func(event.BusHealth) // Called when the connection is made (perhaps before Connect returns), lost or back; must not call Close. If nil, only logged.
}

// Bus implements bus.Bus. Embed or Connect make one.
type Bus struct {
	local   *membus.Bus
	conn    *nats.Conn
	stop    func() // ends the embedded server; nothing for an external one
	log     *slog.Logger
	health  health
	closed  atomic.Bool
	refused atomic.Uint64
}

var _ bus.Bus = (*Bus)(nil)

// Connect joins an external NATS at a URL such as nats://host:4222, or several
// joined by commas. The servers need not be up: the bus keeps trying, for good,
// and OnHealth tells. Credentials in the URL are never logged.
func Connect(rawURL string, o Options) (*Bus, error) {
	if err := checkURLs(rawURL); err != nil {
		return nil, fmt.Errorf("connecting to NATS: %w", err)
	}
	return dial(rawURL, o, func() {})
}

func dial(rawURL string, o Options, stop func(), extra ...nats.Option) (*Bus, error) {
	b := &Bus{local: membus.New(membus.Options{Log: o.Log, OnDrop: o.OnDrop}), stop: stop, log: o.Log}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.health = health{log: b.log, tell: o.OnHealth, embedded: rawURL == ""}
	conn, err := nats.Connect(rawURL, append(b.connOptions(o.Name), extra...)...)
	if err != nil {
		return nil, fmt.Errorf("connecting to NATS: %w", hideURL(err))
	}
	b.conn = conn
	b.health.begin(conn)
	if err := b.listen(); err != nil {
		conn.Close()
		return nil, err
	}
	return b, nil
}

func (b *Bus) connOptions(name string) []nats.Option {
	if name == "" {
		name = "cordon"
	}
	return []nats.Option{
		nats.Name(name),
		nats.NoEcho(), // listeners of this process have the event already
		nats.Timeout(connectTimeout),
		nats.FlusherTimeout(writeTimeout),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectBufSize(-1), // a hint that comes late is worth nothing: say so instead
		nats.NoCallbacksAfterClientClose(),
		nats.IgnoreAuthErrorAbort(), // a server that is being set up may refuse us twice
		nats.ConnectHandler(b.health.connected),
		nats.ReconnectHandler(b.health.connected),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.health.lost(err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.log.Warn("NATS error", "error", hideURL(err)) }),
	}
}

// listen brings the events of other nodes to the listeners of this one.
func (b *Bus) listen() error {
	if _, err := b.conn.Subscribe(Prefix+">", b.receive); err != nil {
		return fmt.Errorf("subscribing to NATS: %w", err)
	}
	if !b.conn.IsConnected() {
		return nil // the subscription is sent on connecting
	}
	if err := b.conn.FlushTimeout(connectTimeout); err != nil && b.conn.IsConnected() {
		return fmt.Errorf("subscribing to NATS: %w", err)
	}
	return nil
}

// Publish implements bus.Bus.
func (b *Bus) Publish(ctx context.Context, e event.Event) error {
	if err := b.local.Publish(ctx, e); err != nil {
		return err
	}
	text, err := e.AppendJSON(nil) // its data was checked
	if err != nil {
		return fmt.Errorf("publishing %s: %w", e.Topic, err)
	}
	if !b.conn.IsConnected() {
		return fmt.Errorf("publishing %s: NATS is not connected; other nodes miss it", e.Topic)
	}
	if limit := b.conn.MaxPayload(); int64(len(text)) > limit {
		return fmt.Errorf("publishing %s: event %s has %d bytes, the NATS server takes %d: raise its max_payload",
			e.Topic, e.ID, len(text), limit)
	}
	if err := b.conn.Publish(Prefix+e.Topic, text); err != nil {
		return fmt.Errorf("publishing %s to NATS: %w", e.Topic, err)
	}
	return nil
}

// Subscribe implements bus.Bus.
func (b *Bus) Subscribe(pattern string, handle func(event.Event)) (bus.Subscription, error) {
	return b.local.Subscribe(pattern, handle)
}

// Refused is the number of messages from other nodes that were not valid
// events and were not handed on.
func (b *Bus) Refused() uint64 { return b.refused.Load() }

// Close implements bus.Bus. What was published before is sent.
func (b *Bus) Close() error {
	if b.closed.Swap(true) {
		return nil
	}
	err := b.flush()
	b.conn.Close()
	b.stop()
	return errors.Join(err, b.local.Close())
}

func (b *Bus) flush() error {
	if !b.conn.IsConnected() {
		return nil
	}
	err := b.conn.FlushTimeout(writeTimeout)
	if err != nil && b.conn.IsConnected() { // a server that has gone meanwhile is one that was gone
		return fmt.Errorf("sending the last events to NATS: %w", err)
	}
	return nil
}

// checkURLs refuses what nats.go would only refuse in words that hold the URL
// and its password.
func checkURLs(list string) error {
	for one := range strings.SplitSeq(list, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Host == "" {
			return errors.New("bus.url is not of the form nats://HOST:PORT")
		}
		if !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
			return fmt.Errorf("bus.url has scheme %q, want nats, tls, ws or wss", u.Scheme)
		}
	}
	return nil
}
