package egress

import (
	"errors"
	"io"
	"net"
	"time"

	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// mostInward is how much is read at a time of what comes back.
const mostInward = 16 << 10

// inward passes on what comes back, as far as it is well formed.
func (s *socket) inward() {
	err := s.listen()
	bad := (*wsframe.Error)(nil)
	switch {
	case err == nil || s.gone.Load():
		return
	case errors.As(err, &bad):
		s.dismiss(wsframe.CodeProtocol, "from the other end, "+bad.Problem, "the other end's frames cannot be passed on: "+bad.Problem)
	default:
		s.because("a connection broke")
		s.from.abort()
	}
	s.to.abort()
	_ = s.from.conn.SetReadDeadline(time.Now()) // wakes who listens to it
}

// listen reads what comes back until it ends.
func (s *socket) listen() error {
	r := s.to.r
	for {
		if len(r.Buffered()) == 0 {
			r.Rest()
			if err := r.Fill(mostInward); errors.Is(err, io.EOF) {
				return halfClose(s.from.conn)
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
	if _, err := s.from.direct.Write(b[:n]); err != nil {
		return err
	}
	return bad
}
