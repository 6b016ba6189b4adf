package redis

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// slowReader is how long a client may leave what it is sent unread.
const slowReader = time.Minute

// client is one connection.
type client struct {
	in      *instance
	conn    net.Conn
	session *service.Session
	ask     *requests
	r       reply

	id      int64
	name    string
	user    string
	known   bool // logged in, or nobody needs to
	number  int  // of the database
	created time.Time
	active  time.Time
	last    string // command, as CLIENT LIST names it
	quit    bool
	broke   error // why no more requests are read

	multi   bool
	broken  bool // a command of the transaction was refused
	queue   []queued
	queued  int // bytes of the queue
	watched []watch

	channels, patterns []string
	monitor            bool
	effort             int // of the request
	loan               loan
	skip               int // CLIENT REPLY SKIP: replies that are not sent

	hears   bool       // pending is being passed on
	out     sync.Mutex // held by who writes to conn
	box     sync.Mutex // guards pending
	gone    bool       // nothing more is passed on
	pending []byte     // messages from others, not yet sent
	wake    chan struct{}
}

type queued struct {
	cmd  *command
	args []string
}

type watch struct {
	db      *database
	key     string
	version uint64
}

func newClient(in *instance, conn net.Conn, s *service.Session) *client {
	now := in.srv.now()
	c := &client{in: in, conn: conn, session: s, created: now, active: now, user: "default", r: reply{proto: 2}, wake: make(chan struct{}, 1)}
	c.loan.from = &in.transit
	c.ask, c.r.loan = newRequests(arrivals{c}), &c.loan
	c.ask.loan = &c.loan
	return c
}

// denied is what protected mode says to whoever comes from elsewhere.
const denied = "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. " +
	"In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: " +
	"1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. " +
	"2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. " +
	"3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. " +
	"4) Setup a an authentication password for the default user. " +
	"NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n"

func (c *client) refuse() { c.write([]byte(denied)) }

// run answers until either side ends it.
func (c *client) run(ctx context.Context) {
	done, cancel := context.WithCancel(ctx)
	var pusher service.Crew
	defer c.forget()
	defer pusher.Wait()
	defer cancel()
	for !c.quit {
		args, err := c.ask.next(c.known)
		if err != nil {
			c.stop(err)
			return
		}
		if len(args) == 0 {
			continue
		}
		if !c.answer(args) {
			return
		}
		if !c.hears && (len(c.channels)+len(c.patterns) > 0 || c.monitor) {
			c.hear(done, &pusher)
		}
	}
}

// forget gives back what the client's request, reply and messages held.
func (c *client) forget() {
	c.loan.done(0)
	c.box.Lock()
	defer c.box.Unlock()
	c.in.transit.give(int64(len(c.pending)))
	c.pending, c.gone = nil, true
}

// answer answers one request. What others publish meanwhile is sent after it.
func (c *client) answer(args []string) bool {
	c.out.Lock()
	defer c.out.Unlock()
	c.one(args)
	return c.flush()
}

// stop tells a client what was wrong with its request, if anything was.
func (c *client) stop(err error) {
	c.broke = err
	var wrong protocolError
	if errors.As(err, &wrong) {
		c.session.Record(service.ProtocolError, nil, service.Field{Name: "error", Value: wrong.Error()})
		c.r.fail("ERR " + wrong.Error())
	} else if errors.Is(err, errTooLarge) {
		c.session.Record(service.ProtocolError, nil, service.Field{Name: "error", Value: err.Error()})
	} else if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return
	}
	c.out.Lock()
	defer c.out.Unlock()
	c.flush()
	c.drain()
}

// drain takes what the client is still sending, so that it gets to read the
// last answer: a connection that is closed with something unread is reset.
func (c *client) drain() {
	half, ok := c.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.CopyN(io.Discard, c.conn, maxRequest)
}

// one answers one request.
func (c *client) one(args []string) {
	if name := strings.ToLower(args[0]); name == "post" || name == "host:" { // a web page speaks to this port; the server hangs up
		c.record(args, nil)
		c.quit = true
		return
	}
	c.in.mu.Lock()
	c.effort = 0
	c.active = c.in.srv.now()
	c.in.stats.commands++
	c.in.stats.reads++
	for _, a := range args {
		c.in.stats.in += int64(len(a) + 8)
	}
	c.process(args)
	c.in.mu.Unlock()
	if c.skip > 0 {
		c.skip--
		c.r.held = c.skip > 0
	}
}

// flush sends what is to be sent, unless more requests lie ready: those are
// answered first, as a pipeline is. The caller holds out.
func (c *client) flush() bool {
	if c.r.over {
		return false
	}
	if c.ask.in.Buffered() > 0 && c.broke == nil && len(c.r.buf) < free && !c.quit && !c.hears {
		c.loan.done(len(c.r.buf))
		return true
	}
	defer c.loan.done(0)
	return c.send()
}

// send sends what was answered; the caller holds out.
func (c *client) send() bool {
	ok := c.write(c.r.buf)
	c.r.sent += int64(len(c.r.buf))
	if c.r.buf = c.r.buf[:0]; cap(c.r.buf) > 64<<10 {
		c.r.buf = nil
	}
	return ok
}

// arrivals is what comes from the client. Before it waits for more, the answers
// that were kept for the rest of a pipeline go out: the rest may be half a
// request, or an empty line that nothing answers.
type arrivals struct{ *client }

func (a arrivals) Read(p []byte) (int, error) {
	a.out.Lock()
	ok := a.send()
	a.out.Unlock()
	if !ok {
		return 0, net.ErrClosed
	}
	return a.conn.Read(p)
}

// write sends; the caller holds out.
func (c *client) write(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(slowReader))
	_, err := c.conn.Write(b)
	return err == nil
}

// hear starts to pass on what others publish, until the client leaves.
func (c *client) hear(ctx context.Context, owner *service.Crew) {
	c.hears = true
	owner.Go(func() { _ = c.conn.Close() }, func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-c.wake:
				c.pass()
			}
		}
	})
}

func (c *client) pass() {
	c.out.Lock()
	defer c.out.Unlock()
	c.box.Lock()
	b := c.pending
	c.pending = nil
	c.box.Unlock()
	defer c.in.transit.give(int64(len(b)))
	if !c.write(b) {
		_ = c.conn.Close()
	}
}

// maxPending bounds the messages that wait for one client; who is slower loses
// the connection, as client-output-buffer-limit pubsub has it.
const maxPending = 1 << 20

// tell leaves a message for a client, which may be another, and waits for
// nobody.
func (c *client) tell(b []byte) {
	c.box.Lock()
	defer c.box.Unlock()
	if len(c.pending)+len(b) > maxPending || c.gone || !c.in.transit.take(int64(len(b))) {
		_ = c.conn.Close()
		return
	}
	c.pending = append(c.pending, b...)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
