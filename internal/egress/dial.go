package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// The second address is tried when the first has not answered for this long
// (RFC 8305, 8), or has failed; and so on.
const (
	stagger  = 250 * time.Millisecond
	maxTries = 6
)

func dialSystem(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialTCP(ctx, "tcp", netip.AddrPort{}, to)
	if err != nil {
		return nil, err // a nil *TCPConn is no nil net.Conn
	}
	return c, nil
}

type attempt struct {
	conn net.Conn
	addr netip.Addr
	err  error
}

// race connects to whichever address answers first (Happy Eyeballs, RFC 8305).
// When it returns, every other attempt has ended or ends by itself with ctx's
// cancellation, and its connection is closed.
func race(ctx context.Context, dial func(context.Context, netip.AddrPort) (net.Conn, error), addrs []netip.Addr, port uint16) (net.Conn, netip.Addr, error) {
	if len(addrs) == 1 {
		conn, err := dial(ctx, netip.AddrPortFrom(addrs[0], port))
		return conn, addrs[0], err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	order := alternate(addrs)
	order = order[:min(len(order), maxTries)]
	results := make(chan attempt, len(order)) // nobody who tries ever waits
	started, failed := 0, []error(nil)
	start := func() {
		a := order[started]
		started++
		go func() {
			conn, err := dial(ctx, netip.AddrPortFrom(a, port))
			results <- attempt{conn, a, err}
		}()
	}
	start()
	timer := time.NewTicker(stagger)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			if started < len(order) {
				start()
			}
		case r := <-results:
			if r.err == nil {
				go closeRest(results, started-len(failed)-1)
				return r.conn, r.addr, nil
			}
			if failed = append(failed, r.err); len(failed) == len(order) {
				return nil, netip.Addr{}, errors.Join(failed...)
			}
			if started < len(order) {
				start()
			}
		}
	}
}

// closeRest closes the connections of those who lost; n are still to come.
func closeRest(results <-chan attempt, n int) {
	for range n {
		if r := <-results; r.conn != nil {
			_ = r.conn.Close() // never used
		}
	}
}

// alternate orders addresses so that families take turns, IPv6 first.
func alternate(addrs []netip.Addr) []netip.Addr {
	var six, four, out []netip.Addr
	for _, a := range addrs {
		if a.Is4() {
			four = append(four, a)
		} else {
			six = append(six, a)
		}
	}
	for i := range max(len(six), len(four)) {
		if i < len(six) {
			out = append(out, six[i])
		}
		if i < len(four) {
			out = append(out, four[i])
		}
	}
	return out
}
