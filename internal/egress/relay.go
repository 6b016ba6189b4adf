package egress

import (
	"errors"
	"io"
	"net"
	"sync/atomic"

	"go.cordon.dev/cordon/internal/egress/http1"
)

// direction is one half of a tunnel, moved by a goroutine of its own.
type direction struct {
	done chan struct{}
	err  error // once done is closed
}

func (d *direction) wait() error {
	<-d.done
	return d.err
}

// splice moves bytes both ways until both ends are done, or one fails. It says
// what failed.
func (c *client) splice(up *upstream, f *flow) (cut string) {
	inward := c.inward(up, f)
	cut = c.outward(up, f)
	if err := inward.wait(); err != nil && cut == "" {
		cut = "the connection to the origin broke"
	}
	return cut
}

// inward begins to move what the origin says to the client.
func (c *client) inward(up *upstream, f *flow) *direction {
	c.w, up.w = putWriter(c.w), putWriter(up.w) // idle tunnels are many
	d := &direction{done: make(chan struct{})}
	go func() {
		defer close(d.done)
		_, d.err = sendFirst(c.conn, up.r) // counted when it was read
		if d.err == nil {
			d.err = move(c.conn, up.conn, up.r, &f.in)
		}
		if d.err != nil {
			c.g.calm()
			abort(c.conn) // so that the other half ends too
			up.abort()
		}
	}()
	return d
}

// outward moves what the client says to the origin.
func (c *client) outward(up *upstream, f *flow) (cut string) {
	dst := up.outlet(f)
	n, err := sendFirst(dst, c.r)
	f.out.Add(int64(n))
	if err == nil {
		err = move(dst, c.conn, c.r, &f.out)
	}
	if err != nil {
		c.g.calm()
		up.abort()
		abort(c.conn)
		return "the connection of the client broke"
	}
	return ""
}

// sendFirst sends what was read already.
func sendFirst(dst io.Writer, r *http1.Reader) (n int, err error) {
	first := r.Buffered()
	if len(first) == 0 {
		return 0, nil
	}
	n, err = dst.Write(first)
	r.Discard(len(first))
	return n, err
}

// move sends all that src says from now on to dst, counts it, and then says that no
// more will come. r has read src so far.
func move(dst, src net.Conn, r *http1.Reader, count *atomic.Int64) error {
	r.Release()
	if err := r.Broken(); err != nil { // a reset must not reach the other end as an orderly end
		return err
	}
	if err := pump(dst, src, count); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if half, ok := dst.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return dst.Close()
}
