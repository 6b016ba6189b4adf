package egress

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/http1"
)

// problem is what a client is told (RFC 9457), with what a program may compare
// and what a person may do.
type problem struct {
	Type         string        `json:"type"`
	Title        string        `json:"title"`
	Status       int           `json:"status"`
	Detail       string        `json:"detail"`
	Rule         string        `json:"rule,omitempty"`
	Reason       policy.Reason `json:"reason"`
	AllowCommand string        `json:"allow_command,omitempty"`
}

// reasonUnreachable is told when the policy has nothing against it, and the
// origin does not answer. It is no decision.
const reasonUnreachable policy.Reason = "unreachable"

func (bad *failure) problem() problem {
	p := problem{Type: "about:blank", Title: http.StatusText(bad.status), Status: bad.status, Detail: bad.detail, Reason: reasonUnreachable}
	if bad.denied {
		p.Rule, p.Reason, p.AllowCommand = bad.decision.RuleID, bad.decision.Reason, bad.decision.AllowCommand
	}
	return p
}

// answer tells a client why its request does not go on. It reports whether the
// connection stays open: only when nothing else of the request can come.
func (c *client) answer(h *http1.Head, bad *failure) (keep bool) {
	keep = !h.Close && h.Body.Empty() && h.Method != http.MethodConnect && c.why() == ""
	body, err := json.Marshal(bad.problem())
	if err != nil { // strings and a number always encode
		return false
	}
	verdict, connection := policy.Allow, ""
	if bad.denied {
		verdict = policy.Deny
	}
	switch {
	case !keep:
		connection = "Connection: close\r\n"
	case h.Minor == 0:
		connection = "Connection: keep-alive\r\n"
	}
	_, _ = fmt.Fprintf(c.w, "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\nCache-Control: no-store\r\nX-Cordon-Decision: %s\r\n%s\r\n",
		bad.status, http.StatusText(bad.status), len(body), verdict, connection) // comes back from Flush
	if h.Method != http.MethodHead {
		_, _ = c.w.Write(body)
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.g.o.Limits.Head)) // for who does not read
	defer func() { _ = c.conn.SetWriteDeadline(time.Time{}) }()
	if c.w.Flush() != nil {
		return false
	}
	if !keep {
		c.linger()
	}
	return keep
}

// What a client that was answered may still send, before it is cut off.
const (
	lingerBytes = 256 << 10
	lingerTime  = time.Second
)

// linger lets a client read its answer: closing while it still sends would
// reset the connection, and the answer with it.
func (c *client) linger() {
	if half, ok := c.conn.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	c.within(lingerTime)
	_, _ = io.CopyN(io.Discard, c.r, lingerBytes) // nobody wants it
}
