package egress

import (
	"bytes"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/redact"
)

// place is the tunnel in which requests are read.
type place struct {
	target
	alias string // as of an upstream
	f     *flow
	tls   *interception // nil where it is not encrypted
}

// secure reports whether TLS was taken off around the request.
func (x *exchange) secure() bool { return x.in != nil && x.in.tls != nil }

// serveHTTP serves one request after the other. Within a tunnel the same rules hold,
// for requests to one host only.
func (c *client) serveHTTP(in *place) {
	var h http1.Head
	for c.nextRequest(&h) && c.oneRequest(&h, in) {
	}
}

// nextRequest reads the head of a request.
func (c *client) nextRequest(h *http1.Head) bool {
	if !c.awaitRequest() {
		return false
	}
	c.within(c.g.o.Limits.Head)
	err := c.r.Request(h)
	c.hasAsked()
	if bad := (*http1.Error)(nil); errors.As(err, &bad) {
		c.turnDown(EntryHTTP, denial(ReasonBadRequest, bad.Problem))
		c.answer(&http1.Head{Minor: 1, Close: true}, malformed(bad.Status, bad.Problem))
	}
	return err == nil
}

// awaitRequest waits until a request begins.
func (c *client) awaitRequest() bool {
	c.owesRequest()
	if len(c.r.Buffered()) > 0 {
		return !c.waits(false)
	}
	c.r.Rest()
	if c.waits(true) || c.r.Fill(http1.MaxHead) != nil {
		return false
	}
	return !c.waits(false)
}

// exchange is one request and its answer.
type exchange struct {
	c  *client
	f  *flow
	h  *http1.Head
	in *place // the tunnel it is in; nil outside of one

	link
	request policy.Request
	upgrade bool  // to WebSocket
	held    *hold // its body, if that was read before it is sent
	up      *upstream
	body    *sending                        // nil when there is none
	leak    atomic.Pointer[policy.Decision] // of what the body holds, if that may not leave
	hang    *hangup                         // who watches the client meanwhile
	halt    func()                          // ends the wait for an answer, when the body may not leave
	cut     string                          // why it ended, if not well
	message *dlp.Message                    // what is looked at; nil: nothing is
}

// oneRequest does what a request asks for, and reports whether another may come.
func (c *client) oneRequest(h *http1.Head, in *place) (keep bool) {
	x := c.exchange(h, in)
	x.halt = func() { _ = x.up.conn.SetReadDeadline(time.Now()) }
	defer func() { x.f.end(x.cut) }()
	if h.Method == http.MethodConnect && in == nil {
		x.connect()
		return false
	}
	if bad := x.understand(); bad != nil {
		return x.refuse(bad)
	}
	if d := x.overrides(); !d.Allowed() {
		return x.refuse(denied(d))
	}
	if d := x.inspectHead(); !d.Allowed() {
		return x.refuse(denied(d))
	}
	defer x.letGo()
	if bad := x.readMCP(x.holdBody); bad != nil {
		return x.refuse(bad)
	}
	if bad := x.open(); bad != nil {
		return x.refuse(bad)
	}
	x.noteUpgrade()
	if d, ok := x.f.allow(); !ok {
		return x.refuse(recorded(d))
	}
	return x.transfer()
}

// exchange begins a flow for a request.
func (c *client) exchange(h *http1.Head, in *place) *exchange {
	entry := EntryHTTP
	if in != nil || h.Method == http.MethodConnect {
		entry = EntryConnect
	}
	x := &exchange{c: c, f: c.begin(entry), h: h, in: in}
	if in != nil {
		x.f.within = in.f
		in.f.touch(x.f.began)
	}
	return x
}

// understand finds out what is asked for and from whom.
func (x *exchange) understand() *failure {
	l, err := x.where()
	if err != nil {
		return malformed(http.StatusBadRequest, err.Error())
	}
	if x.in == nil {
		if bad := x.f.nameHolds(authorityOf(string(x.h.Target))); bad != nil {
			return bad
		}
	}
	x.link = l
	scheme, protocols := "http", [2]policy.Protocol{policy.HTTP, policy.WS}
	if x.secure() {
		scheme, protocols = "https", [2]policy.Protocol{policy.HTTPS, policy.WSS}
	}
	x.request = policy.Request{Host: l.host, Port: l.port, Protocol: protocols[0], TLS: x.secure(), Method: x.h.Method, Path: l.cleanPath()}
	x.f.asks(x.request, redact.NewSecret(scheme+"://"+x.hostField()+l.path))
	if bad := x.unserved(); bad != nil {
		return bad
	}
	x.upgrade = x.h.Method == http.MethodGet && x.h.Minor == 1 && http1.EqualFold(x.h.Upgrade, "websocket")
	if x.upgrade {
		x.request.Protocol = protocols[1]
	} else if x.claimsMCP() {
		x.request.Protocol = policy.MCP
	}
	return nil
}

// where reads the target and holds it to the Host field.
func (x *exchange) where() (link, error) {
	l, err := x.destination()
	if err != nil || x.h.Host == nil {
		return l, err
	}
	named, err := parseAuthority(string(x.h.Host), 80)
	if err != nil {
		return link{}, errors.New("the Host field: " + err.Error())
	}
	if x.in != nil && x.in.called(named.host) { // who came through a tunnel may leave the port out
		return l, nil
	}
	if named != l.target {
		return link{}, errors.New("the Host field names another host than the request")
	}
	return l, nil
}

func (x *exchange) destination() (link, error) {
	text := string(x.h.Target)
	switch {
	case x.in == nil:
		return parseLink(text)
	case text[0] != '/':
		return link{}, errors.New("within a tunnel a request names a path only")
	}
	return link{x.in.target, text}, nil
}

// called reports whether the tunnel leads to who is called so: the host that was
// asked for, its alias, or the name in TLS that was let pass beside it.
func (in *place) called(host string) bool {
	return host == in.host || in.alias != "" && host == in.alias || in.tls != nil && host == in.tls.name
}

// hostField is the host as the origin is to be told.
func (x *exchange) hostField() string {
	t := x.target
	if !x.secure() {
		if x.in != nil && x.in.alias != "" {
			t.host = x.in.alias
		}
		return t.hostField(80)
	}
	t.host = x.in.tls.name
	return t.hostField(443)
}

// unserved refuses what no rule can allow.
func (x *exchange) unserved() *failure {
	switch x.h.Method {
	case "TRACE", "TRACK":
		return denied(denial(ReasonUnsupported, "TRACE shows what others put into a request, so it is not passed on"))
	case http.MethodConnect:
		return denied(denial(ReasonUnsupported, "a tunnel within a tunnel cannot be judged"))
	}
	for _, f := range x.h.Fields {
		if f.Kind == http1.Via && bytes.Contains(f.Value, []byte(x.c.g.via)) {
			return denied(denial(ReasonLoop, "the request has come through this gateway before"))
		}
		if f.Kind == http1.Forwards && http1.EqualFold(f.Value, "0") {
			return denied(denial(ReasonUnsupported, "Max-Forwards is 0, and the gateway does not answer in an origin's place"))
		}
	}
	if http1.EqualFold(x.h.Upgrade, "websocket") && !x.h.Body.Empty() {
		return malformed(http.StatusBadRequest, "a request with a body asks for an upgrade")
	}
	return nil
}

// overrides judges the request, once more for each field by which some servers
// take another method or path than the first line has, or the method for that in
// capitals, and last as it stands.
func (x *exchange) overrides() policy.Decision {
	if r := x.request; r.Method != strings.ToUpper(r.Method) {
		r.Method = strings.ToUpper(r.Method)
		if d := x.f.judge(r); !d.Allowed() {
			return d
		}
	}
	for _, f := range x.h.Fields {
		r := x.request
		switch f.Kind {
		case http1.Method:
			r.Method = strings.ToUpper(string(f.Value))
		case http1.Path:
			r.Path = link{path: string(f.Value)}.cleanPath()
		default:
			continue
		}
		if d := x.f.judge(r); !d.Allowed() {
			return d
		}
	}
	return x.f.judge(x.request)
}

// open finds or makes a connection to the origin.
func (x *exchange) open() (bad *failure) {
	if up := x.c.idle(x.host, x.port, x.secure()); up != nil {
		x.request.Address = up.addr
		if d := x.f.judge(x.request); !d.Allowed() {
			x.c.rest(up)
			return denied(d)
		}
		if up.used && !x.safe() && !alive(up) {
			x.c.detach(up)
			x.request.Address = netip.Addr{}
		} else {
			x.up, up.flow = up, x.f
			x.f.reached(up)
			return nil
		}
	}
	x.up, bad = x.f.reach(x.target, x.request)
	if bad == nil && x.secure() {
		bad = x.in.tls.again(x.c, x.f, x.up, alpnHTTP1)
	}
	return bad
}

// safe reports whether the request may be sent a second time when the
// connection it was sent on turns out to be closed (RFC 9110, 9.2.2).
func (x *exchange) safe() bool {
	switch x.h.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return x.h.Body.Empty() && !x.upgrade
	}
	return false
}

// refuse answers with why the request does not go on.
func (x *exchange) refuse(bad *failure) (keep bool) { return x.c.answer(x.h, x.settle(bad)) }

// settle records why the request does not go on, and returns it as it is then.
func (x *exchange) settle(bad *failure) *failure {
	switch {
	case !bad.denied:
		x.cut = bad.detail
		if d, ok := x.f.allow(); !ok {
			bad = recorded(d)
		}
	case !bad.recorded:
		bad.decision = x.f.deny(bad.decision)
	}
	return bad
}
