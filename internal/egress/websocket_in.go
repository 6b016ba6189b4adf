package egress

import (
	"errors"
	"io"
	"net"
	"time"

	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// mostInward is how much is read of what an origin says at a time.
const mostInward = 16 << 10

// inward passes on what the origin says, as far as it is well formed.
func (s *socket) inward() {
	err := s.listen()
	bad := (*wsframe.Error)(nil)
	switch {
	case err == nil || s.gone.Load():
		return
	case errors.As(err, &bad):
		s.dismiss(wsframe.CodeProtocol, "from the origin, "+bad.Problem, "the origin's frames cannot be passed on: "+bad.Problem)
	default:
		s.because("the connection to the origin broke")
		abort(s.x.c.conn)
	}
	s.x.up.abort()
	_ = s.x.c.conn.SetReadDeadline(time.Now()) // wakes who listens to the client
}

// listen reads what the origin says until it ends.
func (s *socket) listen() error {
	r := s.x.up.r
	for {
		if len(r.Buffered()) == 0 {
			r.Rest()
			if err := r.Fill(mostInward); errors.Is(err, io.EOF) {
				return halfClose(s.x.c.conn)
			} else if err != nil {
				return err
			}
		}
		if err := s.tell(r.Buffered()); err != nil {
			return err
		}
		r.Discard(len(r.Buffered()))
	}
}

// tell passes on what is well formed. It holds the lock so that nothing comes
// between the parts of a frame.
func (s *socket) tell(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone.Load() {
		return net.ErrClosed
	}
	n, bad := s.frames.Feed(b)
	if _, err := s.x.c.conn.Write(b[:n]); err != nil {
		return err
	}
	return bad
}
