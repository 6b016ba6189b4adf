package egress

import (
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// errRefused is the error of a message that may not leave.
var errRefused = errors.New("the message holds what may not leave")

// messages readies the way of what is said behind an upgrade to WebSocket. carry
// moves it, and says why it was cut, if it was. When nobody looks at what is sent,
// bytes are moved as they are.
func (x *exchange) messages(a *http1.Head) (carry func() (cut string), bad *failure) {
	spliced := func() string { return x.c.splice(x.up, x.f) }
	i := x.c.g.o.Inspector()
	if i == nil {
		return spliced, nil
	}
	s := &socket{x: x, i: i, request: x.request, told: map[string]bool{}}
	s.request.Address = x.up.addr
	p, err := wsframe.Negotiated(fieldValues(x.h, extensionsField), fieldValues(a, extensionsField))
	if err == nil {
		s.agree(p)
		return s.run, nil
	}
	if s.mayLeave(dlp.Verdict{Unseen: err.Error()}) != nil {
		return nil, denied(s.denied)
	}
	return spliced, nil
}

const extensionsField = "sec-websocket-extensions"

// fieldValues are the values of all fields of that name, in lower case.
func fieldValues(h *http1.Head, name string) (all []string) {
	for _, f := range h.Fields {
		if http1.EqualFold(f.Name, name) {
			all = append(all, string(f.Value))
		}
	}
	return all
}

// socket is a WebSocket whose messages are looked at: what the client says is held
// until a message is whole, judged and sent on (websocket_out.go), what the origin
// says is passed on as it comes, as long as it is well formed (websocket_in.go).
type socket struct {
	x       *exchange
	i       *dlp.Inspector
	request policy.Request // as every message is judged
	denied  policy.Decision
	told    map[string]bool // what was found and recorded

	r        *wsframe.Reader   // what the client says
	inflater *wsframe.Inflater // nil when nothing is compressed
	message  message
	messages trail // of the client's messages
	controls trail // of its control frames

	mu     sync.Mutex // guards writing to the client
	frames wsframe.Follower

	gone atomic.Bool            // the gateway ends the connection to the client
	cut  atomic.Pointer[string] // why it ended, if not well: what was said first
}

// agree takes what the ends agreed on about compression.
func (s *socket) agree(p wsframe.Params) {
	c := s.x.c
	s.r = wsframe.NewReader(flushFirst{s.x.up.w, c.r}, wsframe.Sequence{FromClient: true, Deflate: p.On})
	s.frames.Deflate = p.On
	s.message.raw.all, s.message.plain.all = &c.g.held, &c.g.held
	if p.On {
		s.inflater = wsframe.NewInflater(p.ClientTakeover)
	}
}

// run carries the WebSocket to its end, and says why it was cut, if it was.
func (s *socket) run() (cut string) {
	inward := make(chan struct{})
	go func() { defer close(inward); s.inward() }()
	s.ended(s.outward())
	s.message.free()
	s.messages.forget()
	s.controls.forget()
	<-inward
	if s.gone.Load() {
		s.x.c.linger()
	}
	if why := s.cut.Load(); why != nil {
		return *why
	}
	return ""
}

// ended ends the connection as the end of the client's side asks for.
func (s *socket) ended(err error) {
	bad := (*wsframe.Error)(nil)
	switch {
	case err == nil || s.gone.Load():
	case errors.Is(err, errRefused):
		d := s.x.f.deny(s.denied)
		s.dismiss(wsframe.CodePolicy, d.Detail, string(d.Reason))
		s.leave()
	case errors.As(err, &bad):
		d := s.x.f.deny(denial(ReasonBadRequest, "in the WebSocket, "+bad.Problem))
		s.dismiss(bad.Code, bad.Problem, string(d.Reason))
		s.leave()
	default:
		s.because("the connection of the client broke")
		s.x.up.abort()
		abort(s.x.c.conn)
	}
}

// because says why the connection ends.
func (s *socket) because(why string) { s.cut.CompareAndSwap(nil, &why) }

// mayLeave judges what was found. Its error is errRefused. What goes on is recorded
// when it was not found on this connection before.
func (s *socket) mayLeave(v dlp.Verdict) error {
	_, d := s.x.f.judgeFound(s.request, v)
	if !d.Allowed() {
		s.denied = d
		return errRefused
	}
	if s.news(v) {
		s.x.f.note()
	}
	return nil
}

// news notes what was found, up to so many things, and reports whether any is new.
func (s *socket) news(v dlp.Verdict) (fresh bool) {
	keys := []string{v.Unseen}
	for _, f := range v.Findings {
		keys = append(keys, f.Rule+" "+f.Redacted+" "+f.Fingerprint)
	}
	for _, key := range slices.Compact(keys) {
		if key != "" && !s.told[key] && len(s.told) < mostFindings {
			s.told[key], fresh = true, true
		}
	}
	return fresh
}

// dismiss tells the client why the connection ends, unless half a frame was written
// to it, and writes nothing more.
func (s *socket) dismiss(code uint16, why, cut string) {
	if s.gone.Swap(true) {
		return
	}
	s.because(cut)
	conn := s.x.c.conn
	_ = conn.SetWriteDeadline(time.Now().Add(lingerTime)) // also for who holds mu and writes
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.frames.Between() || s.frames.Closed() {
		return
	}
	payload := wsframe.ClosePayload(code, why)
	b := wsframe.Header{Fin: true, Op: wsframe.Close, Length: int64(len(payload))}.Append(nil)
	_, _ = conn.Write(append(b, payload...)) // it ends either way
}

// leave tells the origin that nobody is there any more. What was passed on before
// arrives.
func (s *socket) leave() {
	up := s.x.up
	_ = up.conn.SetWriteDeadline(time.Now().Add(lingerTime))
	if err := s.send(wsframe.Header{Fin: true, Op: wsframe.Close}, wsframe.ClosePayload(wsframe.CodeGoingAway, "")); err == nil {
		_ = up.w.Flush() // it ends either way
	}
	_ = up.conn.Close()
}

// halfClose says that no more will come.
func halfClose(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return conn.Close()
}
