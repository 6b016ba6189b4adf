package egress

import "net"

// given is a connection to an origin that somebody else closes.
type given struct {
	net.Conn
	c  *client
	up *upstream
}

// Close takes it from its client.
func (g given) Close() error {
	g.c.detach(g.up)
	return nil
}

// NetConn is for below.
func (g given) NetConn() net.Conn { return g.Conn }
