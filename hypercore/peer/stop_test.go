package peer_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

// Following ends at once when it is told to, also while a peer that does not read any more
// keeps it from writing.
func TestFollowingEndsWhileWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		go wire.Handshake(context.Background(), far, wire.Responder, wire.Options{})
		dial := func(context.Context) (net.Conn, error) { return near, nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := peer.NewFollower(hypercore.Key{1}, dial, peer.Options{}).Run(ctx, nil, nil)
		if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// A peer that is away is tried again, ever more seldom, and told of once.
func TestAttemptsBecomeSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("away")
		var at []time.Duration
		start := time.Now()
		dial := func(context.Context) (net.Conn, error) {
			at = append(at, time.Since(start))
			return nil, away
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var states []peer.State
		o := peer.Options{Retry: time.Second, RetryMax: 20 * time.Second, OnState: func(s peer.State) { states = append(states, s) }}
		peer.NewFollower(hypercore.Key{1}, dial, o).Run(ctx, nil, nil)
		if len(at) < 30 || len(at) > 70 || at[1] > time.Second {
			t.Errorf("%d attempts in ten minutes, the second after %v", len(at), at[1])
		}
		for i := 1; i < len(at); i++ {
			if gap := at[i] - at[i-1]; gap > 20*time.Second {
				t.Errorf("nothing was tried for %v", gap)
			}
		}
		if len(states) != 1 || states[0].Status != peer.Connecting || !errors.Is(states[0].Err, away) {
			t.Errorf("%+v", states)
		}
	})
}
