package egress

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// flushFirst reads what one end says, and before it waits for more of that, sends on
// what is ready.
type flushFirst struct {
	w *bufio.Writer
	r io.Reader
}

func (f flushFirst) Read(p []byte) (int, error) {
	if err := f.w.Flush(); err != nil {
		return 0, err
	}
	return f.r.Read(p)
}

// outward passes on what leaves, a message at a time. The error is
// errRefused, *wsframe.Error or that of a connection.
func (s *socket) outward() error {
	for {
		h, err := s.r.Next()
		if errors.Is(err, io.EOF) {
			return halfClose(s.to.conn)
		}
		if err == nil {
			err = s.frame(h)
		}
		if err != nil {
			return err
		}
		if h.Op == wsframe.Close {
			if err := s.r.Drain(); err != nil {
				return err
			}
			return halfClose(s.to.conn)
		}
	}
}

func (s *socket) frame(h wsframe.Header) error {
	if h.Op.Control() {
		return s.control(h)
	}
	if h.Op != wsframe.Continuation {
		s.message.begin(h)
	}
	if err := s.keep(h); err != nil {
		return err
	}
	if s.message.blind {
		return s.forward(h.Fin)
	}
	if h.Fin {
		return s.whole()
	}
	return nil
}

// control looks at a control frame, and passes it on at once.
func (s *socket) control(h wsframe.Header) error {
	var buf [wsframe.MaxControl]byte
	payload := buf[:h.Length]
	if _, err := io.ReadFull(s.r, payload); err != nil {
		return err
	}
	where, said := "ping", payload
	if h.Op == wsframe.Close {
		if err := wsframe.CheckClose(payload); err != nil {
			return err
		}
		where, said = "closing frame", payload[min(2, len(payload)):]
	}
	if v := s.controls.look(s.i, s.sender, where, said); !v.Clean() {
		if err := s.mayLeave(v); err != nil {
			return err
		}
	}
	return s.send(wsframe.Header{Fin: true, Op: h.Op}, payload)
}

// keep holds the payload of a frame of a message. When there is no room for it, and
// it may pass without being looked at, the message goes on blind.
func (s *socket) keep(h wsframe.Header) error {
	m := &s.message
	m.longest = max(m.longest, h.Length)
	for !m.blind && s.r.Left() > 0 {
		room, err := m.raw.room(s.r.Left())
		if err != nil {
			if err = s.mayLeave(dlp.Verdict{Unseen: err.Error()}); err != nil {
				return err
			}
			if err = s.goBlind(); err != nil {
				return err
			}
			continue
		}
		n, err := s.r.Read(room)
		m.raw.took(n)
		if err != nil {
			return err
		}
	}
	return nil
}

// goBlind sends on what is held of a message that nobody will look at.
func (s *socket) goBlind() error {
	m := &s.message
	m.blind = true
	s.messages.forget()
	if m.compressed {
		s.inflater.Lose()
	}
	err := s.emit(m.raw.b, false)
	m.release()
	return err
}

// forward passes on what is left of a frame.
func (s *socket) forward(fin bool) error {
	h := s.message.next()
	h.Fin, h.Length = fin, s.r.Left()
	if err := s.head(&h); err != nil {
		return err
	}
	var buf [4 << 10]byte
	for at := int64(0); s.r.Left() > 0; {
		n, err := s.r.Read(buf[:])
		if err != nil {
			return err
		}
		wsframe.Mask(h.Key, at, buf[:n])
		at += int64(n)
		if _, err := s.to.w.Write(buf[:n]); err != nil {
			return err
		}
	}
	return nil
}

// whole judges a message that has come whole, and sends it on.
func (s *socket) whole() error {
	m := &s.message
	defer m.release()
	v, err := s.look()
	if err != nil {
		return err
	}
	if !v.Clean() {
		if err := s.mayLeave(v); err != nil {
			return err
		}
	}
	return s.emit(m.raw.b, true)
}

// look looks at a whole message.
func (s *socket) look() (dlp.Verdict, error) {
	m := &s.message
	text := m.raw.b
	if m.compressed {
		bad := (*wsframe.Error)(nil)
		switch err := s.inflater.Message(&m.plain, m.raw.b); {
		case errors.As(err, &bad):
			return dlp.Verdict{}, bad
		case err != nil:
			s.messages.forget()
			return dlp.Verdict{Unseen: err.Error()}, nil
		}
		text = m.plain.b
	}
	if m.op == wsframe.Text && !utf8.Valid(text) {
		return dlp.Verdict{}, &wsframe.Error{Code: wsframe.CodeData, Problem: "a message of text is not UTF-8"}
	}
	return s.messages.look(s.i, s.sender, "message", text), nil
}

// emit sends a payload on, in frames no longer than the longest that came: what
// frames, lengths and masks could say beside it is lost.
func (s *socket) emit(payload []byte, fin bool) error {
	m := &s.message
	for {
		piece := payload[:min(int64(len(payload)), m.longest)]
		payload = payload[len(piece):]
		h := m.next()
		h.Fin = fin && len(payload) == 0
		if err := s.send(h, piece); err != nil || len(payload) == 0 {
			return err
		}
	}
}

// send writes a frame under a mask of its own, which it leaves on the payload.
func (s *socket) send(h wsframe.Header, payload []byte) error {
	h.Length = int64(len(payload))
	if err := s.head(&h); err != nil {
		return err
	}
	if h.Masked {
		wsframe.Mask(h.Key, 0, payload)
	}
	_, err := s.to.w.Write(payload)
	return err
}

// head writes the head of a frame. A client's has a new mask, as RFC 6455, 10.3 wants
// it: what stands on the wire is not for the client to choose.
func (s *socket) head(h *wsframe.Header) error {
	if h.Masked = s.fromClient; h.Masked {
		_, _ = rand.Read(h.Key[:]) // never fails
	}
	_, err := s.to.w.Write(h.Append(make([]byte, 0, wsframe.MaxHeader)))
	return err
}

// trail is the end of what was sent before, in which a secret may have begun that
// goes on in what comes next.
type trail struct{ b []byte }

const (
	trailSize = 512
	// sure is the least confidence in what was found over a seam, which formats of
	// providers have. What only its words call a secret does not count: words that
	// stand there side by side were not written so.
	sure      = 0.7
	wordsOnly = "generic-" // begins the ids of rules that go by words
)

// look looks at a text by itself, behind what came before it, and beside what its sender
// sent by any other way; a sender without a name is one whose words nobody remembers.
func (t *trail) look(i *dlp.Inspector, sender, where string, text []byte) dlp.Verdict {
	if len(text) == 0 {
		return dlp.Verdict{}
	}
	v := i.Message(sender).Text(where, text)
	if len(t.b) > 0 {
		v.Findings = append(v.Findings, t.seam(i, where, text[:min(len(text), trailSize)])...)
	}
	t.add(text)
	return v
}

// seam is what only shows when the text is read behind the trail.
func (t *trail) seam(i *dlp.Inspector, where string, text []byte) (found []dlp.Finding) {
	both := i.Text(where, bytes.Join([][]byte{t.b, text}, nil)).Findings
	if len(both) == 0 {
		return nil
	}
	known := map[dlp.Finding]bool{}
	for _, part := range [][]byte{t.b, text} {
		for _, f := range i.Text(where, part).Findings {
			known[f] = true
		}
	}
	for _, f := range both {
		if f.Confidence >= sure && !strings.HasPrefix(f.Rule, wordsOnly) && !known[f] {
			found = append(found, f)
		}
	}
	return found
}

func (t *trail) add(text []byte) {
	t.b = append(t.b, text[max(0, len(text)-trailSize):]...)
	if over := len(t.b) - trailSize; over > 0 {
		clear(t.b[copy(t.b, t.b[over:]):])
		t.b = t.b[:trailSize]
	}
}

func (t *trail) forget() {
	clear(t.b)
	t.b = t.b[:0]
}
