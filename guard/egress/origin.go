package egress

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// The reasons for which a WebSocket is not let in.
const (
	ReasonInboundDisabled = policy.ReasonInboundDisabled // websockets.inbound is missing or off
	ReasonOrigin          = policy.ReasonOrigin          // not one of allowed_origins
	ReasonAuthentication  = policy.ReasonAuthentication  // require_authentication
)

var errNoHook = errors.New("the program has no authentication")

// WebSockets is the door for WebSockets that others open to this program. It hands
// next every request that asks for none, and of the others those that
// websockets.inbound lets in: browsers send cookies along with WebSockets that any
// page opens, so that the Origin header has to be one of allowed_origins.
//
// authenticate tells who is there; its error keeps the caller out and is not shown
// to him. It is asked when the policy says require_authentication; if nil, nobody
// comes in then. In audit mode everybody comes in, and Observe hears of it.
func (g *Guard) WebSockets(next http.Handler, authenticate func(*http.Request) error) http.Handler {
	if authenticate == nil {
		authenticate = func(*http.Request) error { return errNoHook }
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !opensWebSocket(r) {
			next.ServeHTTP(w, r)
			return
		}
		d := g.admit(r, authenticate)
		g.tellInbound(r, d)
		if d.Allowed() {
			next.ServeHTTP(w, r)
			return
		}
		refuse(w, d)
	})
}

// opensWebSocket takes every sign for one: RFC 6455's upgrade, and RFC 8441's
// extended CONNECT of HTTP/2.
func opensWebSocket(r *http.Request) bool {
	return asksForWebSocket(r.Header) || r.Method == http.MethodConnect && strings.EqualFold(r.Header.Get(":protocol"), "websocket")
}

// admit judges a WebSocket that somebody opens.
func (g *Guard) admit(r *http.Request, authenticate func(*http.Request) error) policy.Decision {
	return g.current.Load().policy.Admit(policy.Visit{
		Origins: r.Header.Values("Origin"), Known: func() bool { return authenticate(r) == nil },
	})
}

// tellInbound tells of a WebSocket that came in; it is no destination, so that the
// report has nothing of it.
func (g *Guard) tellInbound(r *http.Request, d policy.Decision) {
	if g.options.Observe == nil {
		return
	}
	told := Decided{Decision: d, Inbound: true, Request: policy.Request{Time: g.options.Now(), Protocol: policy.WS, TLS: r.TLS != nil, Method: r.Method}}
	told.Request.Path, _ = policy.CleanPath(pathOf(r.URL))
	if origin, err := policy.NormalOrigin(r.Header.Get("Origin")); err == nil {
		told.Origin = origin
	}
	g.options.Observe(told)
}

// problem is the body of a refusal (RFC 9457).
type problem struct {
	Type   string        `json:"type"`
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Detail string        `json:"detail"`
	Reason policy.Reason `json:"reason"`
}

func refuse(w http.ResponseWriter, d policy.Decision) {
	status := http.StatusForbidden
	if d.Reason == ReasonAuthentication {
		status = http.StatusUnauthorized
	}
	p := problem{"about:blank", http.StatusText(status), status, d.Detail, d.Reason}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Cordon-Decision", string(policy.Deny))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}
