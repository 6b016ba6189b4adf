package egress

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/egress/jsonrpc"
)

// Requests of MCP over HTTP (modelcontextprotocol.io, transports) are known by their
// head and confirmed by their body: a POST of JSON-RPC, a GET that waits for events,
// a DELETE of a session. What only looks like one is judged as the HTTP that it is.

// claimsMCP reports whether the head is that of a request of MCP.
func (x *exchange) claimsMCP() bool {
	if x.upgrade {
		return false
	}
	named, accept, kind, coded := x.mcpFields()
	switch x.h.Method {
	case http.MethodPost:
		both := strings.Contains(accept, "application/json") && strings.Contains(accept, "text/event-stream")
		return (named || both) && kind == "application/json" && !coded
	case http.MethodGet:
		return named && strings.Contains(accept, "text/event-stream") && x.h.Body.Empty()
	case http.MethodDelete:
		return named && x.h.Body.Empty()
	}
	return false
}

// mcpFields reads the fields that tell: whether one of MCP's own is there, what is
// accepted, what the body is, and whether that is encoded.
func (x *exchange) mcpFields() (named bool, accept, kind string, coded bool) {
	for _, f := range x.h.Fields {
		switch {
		case http1.EqualFold(f.Name, "mcp-session-id"), http1.EqualFold(f.Name, "mcp-protocol-version"):
			named = true
		case http1.EqualFold(f.Name, "accept"):
			accept += strings.ToLower(string(f.Value)) + ","
		case http1.EqualFold(f.Name, "content-type"):
			kind, _, _ = strings.Cut(strings.ToLower(string(f.Value)), ";")
			kind = strings.Trim(kind, " \t")
		case http1.EqualFold(f.Name, "content-encoding"):
			coded = true
		}
	}
	return named, accept, kind, coded
}

// readMCP holds the body of a request that claims to be MCP, and judges what it says:
// as MCP when it is JSON-RPC, else as HTTP. Nothing was resolved or dialed yet.
// hold reads the body.
func (x *exchange) readMCP(hold func() *failure) *failure {
	if x.request.Protocol != policy.MCP || x.h.Body.Empty() {
		return nil
	}
	if x.h.Body.Kind == http1.Sized && x.h.Body.Length > mostMessage {
		x.request.Protocol = policy.HTTP // and is looked at on its way
		return x.judged(x.f.judge(x.request))
	}
	if bad := hold(); bad != nil {
		return bad
	}
	v := dlp.Verdict{}
	if x.message != nil {
		v = x.message.Text("body", x.held.b)
	}
	x.understandMCP(len(v.Findings) == 0)
	var d policy.Decision
	x.request, d = x.f.judgeFound(x.request, v)
	return x.judged(d)
}

// understandMCP reads what the body calls. Names are told only when no secret was
// found, which could stand in one.
func (x *exchange) understandMCP(tell bool) {
	m, err := jsonrpc.Parse(x.held.b)
	if err != nil {
		x.request.Protocol = policy.HTTP
		return
	}
	x.request.Tools = m.Tools
	if tell {
		x.f.says("MCP: " + m.String())
	}
}

func (x *exchange) judged(d policy.Decision) *failure {
	if d.Allowed() {
		return nil
	}
	if x.held != nil {
		x.h.Body = http1.Body{} // it was read, so that another request may come
	}
	return denied(d)
}

// holdBody reads the whole body, and has it sent from there.
func (x *exchange) holdBody() *failure {
	if x.h.Continue { // whoever waits for a word before he sends is given it here
		x.h.Continue = false
		if _, err := x.c.conn.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n")); err != nil {
			return unreachable(http.StatusBadGateway, "the client has gone")
		}
	}
	keepHead(x.h)
	x.c.within(x.c.g.o.Limits.Answer)
	defer x.c.unhurried()
	x.held = &hold{all: &x.c.g.held}
	w := bufio.NewWriter(x.held)
	err := http1.Mover{Dst: w, Src: x.c.r, Body: x.h.Body, Plain: true}.Move()
	if err == nil {
		err = w.Flush()
	}
	x.h.Close = x.h.Close || err != nil // what is left of the body is no request
	bad := (*http1.Error)(nil)
	switch {
	case err == nil:
		x.h.Body = http1.Body{Kind: http1.Sized, Length: int64(len(x.held.b))}
		return nil
	case errors.Is(err, errMessageLong), errors.Is(err, errMessageRoom):
		return x.unheld(err)
	case errors.As(err, &bad):
		return malformed(bad.Status, bad.Problem)
	}
	return unreachable(http.StatusBadGateway, "the client's request broke off")
}

// keepHead makes a head outlast what is read behind it.
func keepHead(h *http1.Head) {
	for i, f := range h.Fields {
		h.Fields[i].Name, h.Fields[i].Value = bytes.Clone(f.Name), bytes.Clone(f.Value)
	}
	for _, part := range []*[]byte{&h.Target, &h.Host, &h.Upgrade, &h.MaxForwards} {
		*part = bytes.Clone(*part)
	}
}

// unheld refuses a body that there is no room for.
func (x *exchange) unheld(why error) *failure {
	bad := denied(denial(policy.ReasonNotScanned, "what would be sent could not be looked at: "+why.Error()))
	bad.status = http.StatusRequestEntityTooLarge
	return bad
}

// heldMover moves a body that was read before.
func (x *exchange) heldMover() http1.Mover {
	return http1.Mover{Dst: x.up.w, Src: http1.NewReader(bytes.NewReader(x.held.b)), Body: x.h.Body}
}

// letGo gives back what is held of a body.
func (x *exchange) letGo() {
	if x.held != nil {
		x.held.free()
		x.held = nil
	}
}
