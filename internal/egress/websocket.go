package egress

import (
	"bufio"
	"errors"
	"io"
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
		x.f.passUnseen()
		return spliced, nil
	}
	request := x.request
	request.Address = x.up.addr
	s := newSocket(x.f, i, x.c.end(), x.up.end())
	s.sender = x.c.sender()
	s.fromClient = true
	s.judge = func(v dlp.Verdict) policy.Decision {
		_, d := x.f.judgeFound(request, v)
		return d
	}
	looked, err := s.agree(x.h, a)
	switch {
	case err != nil:
		return nil, denied(s.denied)
	case !looked:
		return spliced, nil
	}
	return s.run, nil
}

// passUnseen notes that nobody looks at the messages, or the body, that move from here on.
func (f *flow) passUnseen() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blind = true
}

func (f *flow) passesUnseen() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.blind
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

// end is one of the two connections of a WebSocket.
type end struct {
	conn   net.Conn
	r      *http1.Reader
	w      *bufio.Writer
	direct io.Writer // past w; counts what has to be counted
	abort  func()
}

func (c *client) end() end {
	return end{c.conn, c.r, c.w, c.conn, func() { abort(c.conn) }}
}

func (u *upstream) end() end {
	return end{u.conn, u.r, u.w, countedWriter{u}, u.abort}
}

// socket is a WebSocket whose messages are looked at on their way from one end to
// the other: what leaves is held until a message is whole, judged and sent on
// (websocket_out.go); what comes back is passed on as it comes, as long as it is well
// formed (websocket_in.go).
type socket struct {
	f          *flow
	i          *dlp.Inspector
	sender     string // whose earlier messages are remembered
	from, to   end
	fromClient bool // from is the client of the WebSocket, which masks its frames
	judge      func(dlp.Verdict) policy.Decision
	denied     policy.Decision
	told       map[string]bool // what was found and recorded

	r        *wsframe.Reader   // what leaves
	inflater *wsframe.Inflater // nil when nothing is compressed
	message  message
	messages trail // of the messages that left
	controls trail // of the control frames that did

	mu     sync.Mutex // guards writing to from
	frames wsframe.Follower

	gone atomic.Bool            // the gateway ends the connection to from
	cut  atomic.Pointer[string] // why it ended, if not well: what was said first
}

func newSocket(f *flow, i *dlp.Inspector, from, to end) *socket {
	return &socket{f: f, i: i, from: from, to: to, told: map[string]bool{}}
}

// agree reads what the ends agreed on. When that cannot be looked into, it reports
// whether it may pass all the same: the error is errRefused when not.
func (s *socket) agree(asked, answered *http1.Head) (looked bool, err error) {
	p, err := wsframe.Negotiated(fieldValues(asked, extensionsField), fieldValues(answered, extensionsField))
	if err != nil {
		return false, s.mayLeave(dlp.Verdict{Unseen: err.Error()})
	}
	s.r = wsframe.NewReader(flushFirst{s.to.w, s.from.r}, wsframe.Sequence{FromClient: s.fromClient, Deflate: p.On})
	s.frames.FromClient, s.frames.Deflate = !s.fromClient, p.On
	held := &s.f.client.g.held
	s.message.raw.all, s.message.plain.all = held, held
	if p.On {
		s.inflater = wsframe.NewInflater(p.ClientTakeover && s.fromClient || p.ServerTakeover && !s.fromClient)
	}
	return true, nil
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
		s.f.client.linger()
	}
	if why := s.cut.Load(); why != nil {
		return *why
	}
	return ""
}

// ended ends the connection as the end of what leaves asks for.
func (s *socket) ended(err error) {
	bad := (*wsframe.Error)(nil)
	switch {
	case err == nil || s.gone.Load():
	case errors.Is(err, errRefused):
		d := s.f.deny(s.denied)
		s.dismiss(wsframe.CodePolicy, d.Detail, string(d.Reason))
		s.leave()
	case errors.As(err, &bad):
		d := s.f.deny(denial(ReasonBadRequest, "in the WebSocket, "+bad.Problem))
		s.dismiss(bad.Code, bad.Problem, string(d.Reason))
		s.leave()
	default:
		s.because("a connection broke")
		s.to.abort()
		s.from.abort()
	}
}

// because says why the connection ends.
func (s *socket) because(why string) { s.cut.CompareAndSwap(nil, &why) }

// mayLeave judges what was found. Its error is errRefused. What goes on is recorded
// when it was not found on this connection before.
func (s *socket) mayLeave(v dlp.Verdict) error {
	d := s.judge(v)
	if !d.Allowed() {
		s.denied = d
		return errRefused
	}
	if s.news(v) {
		s.f.note()
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

// dismiss tells the end that spoke why the connection ends, unless half a frame was
// written to it, and writes nothing more.
func (s *socket) dismiss(code uint16, why, cut string) {
	if s.gone.Swap(true) {
		return
	}
	s.because(cut)
	_ = s.from.conn.SetWriteDeadline(time.Now().Add(lingerTime)) // also for who holds mu and writes
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.frames.Between() || s.frames.Closed() {
		return
	}
	payload := wsframe.ClosePayload(code, why)
	h := wsframe.Header{Fin: true, Op: wsframe.Close, Masked: !s.fromClient, Length: int64(len(payload))}
	_, _ = s.from.direct.Write(append(h.Append(nil), payload...)) // under a mask of zeros; it ends either way
}

// leave tells the other end that nobody is there any more. What was passed on before
// arrives.
func (s *socket) leave() {
	conn := s.to.conn
	_ = conn.SetWriteDeadline(time.Now().Add(lingerTime))
	if err := s.send(wsframe.Header{Fin: true, Op: wsframe.Close}, wsframe.ClosePayload(wsframe.CodeGoingAway, "")); err == nil {
		_ = s.to.w.Flush() // it ends either way
	}
	_ = halfClose(conn)
	_ = conn.SetReadDeadline(time.Now()) // wakes who listens to it
}

// halfClose says that no more will come.
func halfClose(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return conn.Close()
}
