package egress

import (
	"net"
	"sync"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// connections are those that are open, with what they were allowed as.
type connections struct {
	mu   sync.Mutex
	open map[*connection]policy.Request
}

func newConnections() *connections {
	return &connections{open: map[*connection]policy.Request{}}
}

// connection leaves the list when it is closed.
type connection struct {
	net.Conn
	list *connections
}

func (l *connections) hold(conn net.Conn, r policy.Request) net.Conn {
	c := &connection{Conn: conn, list: l}
	l.mu.Lock()
	l.open[c] = r
	l.mu.Unlock()
	return c
}

// Close closes the connection; more than once does no harm.
func (c *connection) Close() error {
	c.list.mu.Lock()
	delete(c.list.open, c)
	c.list.mu.Unlock()
	return c.Conn.Close()
}

func (l *connections) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// closeUnless closes every connection that is not allowed any more.
func (l *connections) closeUnless(allowed func(policy.Request) bool) {
	l.mu.Lock()
	var doomed []*connection
	for c, r := range l.open {
		if !allowed(r) {
			doomed = append(doomed, c)
		}
	}
	l.mu.Unlock()
	for _, c := range doomed {
		_ = c.Close()
	}
}
