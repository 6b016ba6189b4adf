package peer_test

import (
	"bytes"
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/peer"
)

// standsStill follows a core until the test ends, with a handler that never returns, and
// comes back when that has got its first blocks.
func standsStill(t *testing.T, key hypercore.Key, dial peer.Dial, o peer.Options) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- peer.NewFollower(key, dial, o).Run(ctx, nil, func(ctx context.Context, _ hypercore.Batch) error {
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	t.Cleanup(func() { stop(); <-ended })
	synctest.Wait()
}

// A peer is read no further while as much waits for the handler as is asked for ahead,
// whatever its frames are made of.
func TestWhatWaitsForAHandlerIsBounded(t *testing.T) {
	const frames, ahead, size = 16, 256 << 10, 128 << 10
	batch := []byte{0, 0, 1} // messages of channel 1, which is the core's
	cases := map[string][]byte{
		"messages without a body":         append(bytes.Clone(batch), bytes.Repeat([]byte{1, 6}, size/2)...),
		"a word beside much to nobody":    append(enc.AppendBuffer(bytes.Clone(batch), []byte{9, 0}), append([]byte{0, 99}, enc.AppendBuffer(nil, make([]byte, size))...)...),
		"messages of a body of some size": append(enc.AppendBuffer(bytes.Clone(batch), make([]byte, size/2)), enc.AppendBuffer(nil, make([]byte, size/2))...),
	}
	for name, frame := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCore(1)
				c.append(texts("block", 10)...)
				f := newFake(t, c)
				standsStill(t, c.key, f.dial, peer.Options{AheadBytes: ahead})
				for conn := range f.all {
					for range frames {
						conn.out <- frame
					}
					synctest.Wait()
					if taken := frames - len(conn.out); taken > ahead/size+3 {
						t.Errorf("%d frames of %d bytes were taken, where %d bytes may wait", taken, len(frame), ahead)
					}
				}
			})
		})
	}
}

// What a peer opens that is not wanted is rejected at once, also while a handler stands
// still that has something to say: nothing piles up.
func TestWhatIsNotWantedIsRejectedAtOnce(t *testing.T) {
	const frames, opens = 4, 1000
	frame := []byte{0, 0, 0}
	for range opens {
		frame = enc.AppendBuffer(frame, []byte{1, 2, 1, 'x', 0})
	}
	synctest.Test(t, func(t *testing.T) {
		c := newCore(1)
		c.append(texts("block", 10)...)
		f := newFake(t, c)
		tap := &tapped{}
		dial := func(ctx context.Context) (net.Conn, error) {
			conn, err := f.dial(ctx)
			tap.Conn = conn
			return tap, err
		}
		f.ignoreRejects = true
		standsStill(t, c.key, dial, peer.Options{Ahead: 2})
		before := tap.wrote.Load()
		for conn := range f.all {
			for range frames {
				conn.out <- frame
			}
		}
		synctest.Wait()
		if said := tap.wrote.Load() - before; said < frames*opens*3 {
			t.Errorf("%d bytes were said, where %d channels were to be rejected", said, frames*opens)
		}
	})
}

// tapped counts what is written.
type tapped struct {
	net.Conn
	wrote atomic.Int64
}

func (c *tapped) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.wrote.Add(int64(n))
	return n, err
}
