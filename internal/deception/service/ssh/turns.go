package ssh

import (
	"context"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// shares is what the clients of all deckies share.
type shares struct {
	keys  *turns  // exchanges of keys that cost much
	files *turns  // requests of SFTP that cost much
	lists *ledger // folders that clients of SFTP have open
}

// mostLists is how many bytes the folders take that all clients have open.
const mostLists = 128 << 20

func newShares() shares { return shares{newTurns(), newTurns(), &ledger{most: mostLists}} }

// turns lets clients work one at a time. After each the processor rests for as long
// as he worked: with all of them together it is half of one core, where sshd has a
// process for each client and the kernel sees to it that others get on.
type turns struct {
	one     chan struct{} // holds one while somebody works
	rest    time.Time     // until when nobody works; of who has the turn
	waiting atomic.Int32
}

func newTurns() *turns { return &turns{one: make(chan struct{}, 1)} }

// mostRest bounds how long one client's work keeps the next waiting behind it.
const mostRest = time.Second

// take waits for a turn, until ctx ends. Whoever has it calls done soon.
func (t *turns) take(ctx context.Context, c clock.Clock) (done func(), err error) {
	t.waiting.Add(1)
	defer t.waiting.Add(-1)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case t.one <- struct{}{}:
	}
	select {
	case <-ctx.Done():
		<-t.one
		return nil, ctx.Err()
	case <-c.After(t.rest.Sub(c.Now())):
	}
	began := c.Now()
	return func() {
		now := c.Now()
		t.rest = now.Add(min(now.Sub(began), mostRest))
		<-t.one
	}, nil
}

// turn is take of one client's.
func (t *turns) turn(ctx context.Context, c clock.Clock) func() (done func(), err error) {
	return func() (func(), error) { return t.take(ctx, c) }
}
