package egress

import (
	"context"
	"errors"
	"net"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// headStart is how long an address may take before the next one is tried beside
// it (RFC 8305, section 5).
const headStart = 250 * time.Millisecond

// attempt is a connection to an address, or why there is none.
type attempt struct {
	conn net.Conn
	r    policy.Request
	err  error
}

// race connects to the first address that answers, one started after the other.
func (g *Guard) race(ctx context.Context, network string, allowed []policy.Request) (attempt, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan attempt, len(allowed))
	timer := time.NewTicker(headStart)
	defer timer.Stop()
	var failure error
	for started, ended := 0, 0; ended < len(allowed); {
		if started < len(allowed) {
			r := allowed[started]
			started++
			go func() {
				conn, err := g.connect(ctx, network, r)
				done <- attempt{conn, r, err}
			}()
		}
		select {
		case <-timer.C:
		case a := <-done:
			ended++
			if a.err == nil {
				go closeLate(done, started-ended)
				return a, nil
			}
			failure = errors.Join(failure, a.err)
		}
	}
	return attempt{}, failure
}

// closeLate closes what connects after the race is over; those who still run have
// been told to stop.
func closeLate(done <-chan attempt, running int) {
	for range running {
		if a := <-done; a.err == nil {
			_ = a.conn.Close()
		}
	}
}
