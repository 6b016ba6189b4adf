package egress

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/wsframe"
)

const inboundPolicy = "mode: strict\nwebsockets: {inbound: {allowed_origins: ['https://app.example.com', 'http://localhost:3000'], require_authentication: %}}\n"

// Admit lets a world be an Admitter.
func (w *world) Admit(v policy.Visit) policy.Decision { return w.policy.Load().Admit(v) }

// programServer is one that serves WebSockets: it keeps the head of what it was asked, says
// what it is told to, and then back what it hears.
type programServer struct {
	*origin
	mu    sync.Mutex
	heads []*http.Request
	heard strings.Builder
}

func serveProgram(t *testing.T, extensions, says string) *programServer {
	p := &programServer{}
	p.origin = listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.heads = append(p.heads, req)
		p.mu.Unlock()
		head := "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		if extensions != "" {
			head += "Sec-WebSocket-Extensions: " + extensions + "\r\n"
		}
		_, _ = io.WriteString(c, head+"\r\n"+says)
		frames := wsframe.NewReader(r, wsframe.Sequence{FromClient: true, Deflate: extensions != ""})
		for {
			h, err := frames.Next()
			if err != nil {
				return
			}
			payload, _ := io.ReadAll(frames)
			p.mu.Lock()
			p.heard.Write(payload)
			p.mu.Unlock()
			h.Masked, h.Length = false, int64(len(payload))
			_, _ = c.Write(append(h.Append(nil), payload...))
		}
	})
	return p
}

func (p *programServer) asked() *http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.heads) == 0 {
		return nil
	}
	return p.heads[0]
}

// fromOutside is a world with a program behind a door, and returns how to get there.
func fromOutside(t *testing.T, auth string, p *programServer) (*world, func() *raw) {
	w, _ := inspected(t, strings.Replace(inboundPolicy, "%", auth, 1))
	w.route("127.0.0.1:9000", p.addr)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	door := Inbound{Admitter: w, To: netip.MustParseAddrPort("127.0.0.1:9000"), Tokens: []Token{{"ci", sha256.Sum256([]byte("first-token"))}, {"desk", sha256.Sum256([]byte("second-token"))}}}
	go func() {
		defer close(done)
		if err := w.gw.ServeInbound(ctx, l, door); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return w, (&world{t: t, addr: l.Addr().String()}).connect
}

// knock asks for a WebSocket with these lines in the head.
func knock(lines ...string) string {
	return "GET /ws/7?room=lobby&token=abc HTTP/1.1\r\nHost: program.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" + strings.Join(append(lines, "\r\n"), "\r\n")
}

const ourPage = "Origin: https://app.example.com"

func TestWebSocketsFromOutside(t *testing.T) {
	for name, tt := range map[string]struct {
		auth, say string
		want      int
		reason    policy.Reason
		subject   string
	}{
		"our page":                  {"false", knock(ourPage), 101, "", ""},
		"our page, written so":      {"false", knock("Origin: HTTPS://App.Example.Com:443"), 101, "", ""},
		"our page on a port":        {"false", knock("Origin: http://localhost:3000"), 101, "", ""},
		"another port":              {"false", knock("Origin: http://localhost:3001"), 403, policy.ReasonOrigin, ""},
		"another scheme":            {"false", knock("Origin: http://app.example.com"), 403, policy.ReasonOrigin, ""},
		"another site":              {"false", knock("Origin: https://evil.example", "Sec-Fetch-Site: cross-site"), 403, policy.ReasonOrigin, ""},
		"a suffix":                  {"false", knock("Origin: https://app.example.com.evil.example"), 403, policy.ReasonOrigin, ""},
		"user information":          {"false", knock("Origin: https://app.example.com@evil.example"), 403, policy.ReasonOrigin, ""},
		"null":                      {"false", knock("Origin: null"), 403, policy.ReasonOrigin, ""},
		"no origin":                 {"false", knock(), 403, policy.ReasonOrigin, ""},
		"two origins":               {"false", knock(ourPage, "Origin: https://evil.example"), 403, policy.ReasonOrigin, ""},
		"our page twice":            {"false", knock(ourPage, ourPage), 403, policy.ReasonOrigin, ""},
		"a list of origins":         {"false", knock(ourPage + " https://evil.example"), 403, policy.ReasonOrigin, ""},
		"no token":                  {"true", knock(ourPage), 401, policy.ReasonAuthentication, ""},
		"a token":                   {"true", knock(ourPage, "Authorization: Bearer first-token"), 101, "", "ci"},
		"a token of a page":         {"true", knock(ourPage, "Sec-WebSocket-Protocol: chat, cordon.bearer.second-token"), 101, "", "desk"},
		"a wrong token":             {"true", knock(ourPage, "Authorization: Bearer third-token"), 401, policy.ReasonAuthentication, ""},
		"a token's beginning":       {"true", knock(ourPage, "Authorization: Bearer first-toke"), 401, policy.ReasonAuthentication, ""},
		"an empty token":            {"true", knock(ourPage, "Authorization: Bearer "), 401, policy.ReasonAuthentication, ""},
		"two tokens":                {"true", knock(ourPage, "Authorization: Bearer first-token", "Sec-WebSocket-Protocol: cordon.bearer.second-token"), 401, policy.ReasonAuthentication, ""},
		"a token in the URL":        {"true", strings.Replace(knock(ourPage), "token=abc", "token=first-token", 1), 401, policy.ReasonAuthentication, ""},
		"a token from another site": {"true", knock("Origin: https://evil.example", "Authorization: Bearer first-token"), 403, policy.ReasonOrigin, "ci"},
		"no WebSocket":              {"false", "GET / HTTP/1.1\r\nHost: program.example\r\n" + ourPage + "\r\n\r\n", 426, ReasonUnsupported, ""},
		"a POST that asks for one":  {"false", strings.Replace(knock(ourPage), "GET", "POST", 1), 426, ReasonUnsupported, ""},
		"a whole URL":               {"false", strings.Replace(knock(ourPage), "GET /", "GET http://evil.example/", 1), 400, ReasonBadRequest, ""},
		"two Hosts":                 {"false", knock(ourPage, "Host: evil.example"), 400, ReasonBadRequest, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := serveProgram(t, "", "")
			w, connect := fromOutside(t, tt.auth, p)
			c := connect().say(tt.say)
			if got := c.answer("GET"); got.StatusCode != tt.want {
				t.Fatal(got.Status)
			}
			last := w.decisions()[0]
			if last.Decision.Reason != tt.reason && tt.reason != "" || last.Decision.Allowed() != (tt.want == 101) || last.Entry != EntryInbound || last.Subject != tt.subject {
				t.Errorf("%+v", last)
			}
			if tt.want != 101 {
				if p.got.Load() > 0 {
					t.Error("the program heard of it")
				}
				_ = c.Close()
				return
			}
			if last.Origin == "" || last.Port != 9000 || !strings.HasSuffix(last.URL.Reveal(), "/ws/7?room=lobby&token=abc") {
				t.Errorf("%+v", last)
			}
			c.say(text("hello")).expect("\x81\x05hello")
		})
	}
}

// The program is told who comes, by nobody else, and never sees the token.
func TestWhatTheProgramIsTold(t *testing.T) {
	p := serveProgram(t, "", "")
	_, connect := fromOutside(t, "true", p)
	c := connect().say(knock(ourPage, "Authorization: Bearer first-token", "X-Forwarded-For: 10.9.8.7", "X-Cordon-Subject: root", "Sec-WebSocket-Protocol: chat", "Cookie: a=b"))
	c.answer("GET")
	h := p.asked().Header
	if got := fmt.Sprintln(h["Authorization"], h["X-Forwarded-For"], h["X-Cordon-Subject"], h["Sec-Websocket-Protocol"], h["Cookie"], p.asked().Host); got != "[] [127.0.0.1] [ci] [chat] [a=b] program.example\n" {
		t.Error(got)
	}
}

// Servers that hand fields over as variables (CGI, WSGI, Rack) read an underscore as a
// hyphen: nobody tells the program by such a field who he is.
func TestWhatTheProgramIsToldByUnderscores(t *testing.T) {
	p := serveProgram(t, "", "")
	_, connect := fromOutside(t, "false", p)
	connect().say(knock(ourPage, "X_Cordon_Subject: root", "x-cordon_subject: root", "X_Forwarded_For: 10.9.8.7", "X_Real-IP: 10.9.8.7", "X_Room: 7")).answer("GET")
	var told []string
	for name := range p.asked().Header {
		if strings.Contains(name, "_") {
			told = append(told, strings.ToLower(name))
		}
	}
	if got := fmt.Sprint(told); got != "[x_room]" {
		t.Error(got)
	}
}

// What the program sends to the outside is looked at, as what goes out by itself.
func TestASecretDoesNotLeaveByAWebSocketFromOutside(t *testing.T) {
	secret := fake(t)
	say := func(op wsframe.Opcode, fin, compressed bool, payload string) string {
		h := wsframe.Header{Fin: fin, Op: op, Length: int64(len(payload))}
		h.Mark(compressed)
		return string(h.Append(nil)) + payload
	}
	var z press
	for name, tt := range map[string]struct{ extensions, says string }{
		"in a message":         {"", say(wsframe.Text, true, false, "id "+secret)},
		"in fragments":         {"", say(wsframe.Text, false, false, "id "+secret[:5]) + say(wsframe.Continuation, true, false, secret[5:])},
		"over two messages":    {"", say(wsframe.Text, true, false, "id "+secret[:9]) + say(wsframe.Text, true, false, secret[9:]+" ")},
		"in a compressed one":  {"permessage-deflate", say(wsframe.Text, true, true, z.message(t, "the first one")) + say(wsframe.Text, true, true, z.message(t, "the first one has "+secret+" in it"))},
		"in a ping":            {"", say(wsframe.Ping, true, false, "id "+secret)},
		"in a closing frame":   {"", say(wsframe.Close, true, false, "\x03\xe8id "+secret)},
		"behind a clean frame": {"", say(wsframe.Text, true, false, "clean") + say(wsframe.Binary, true, false, "\x00 "+secret+" \x00")},
	} {
		t.Run(name, func(t *testing.T) {
			p := serveProgram(t, tt.extensions, tt.says)
			w, connect := fromOutside(t, "false", p)
			c := connect().say(knock(ourPage, strings.TrimSpace(deflateOffer)))
			if got := c.answer("GET"); got.StatusCode != 101 {
				t.Fatal(got.Status)
			}
			var got strings.Builder
			tee := &raw{c.t, c.w, c.Conn, bufio.NewReader(io.TeeReader(c.r, &got))}
			if code, _ := tee.lastClose(); code != wsframe.CodeGoingAway || strings.Contains(got.String(), secret) {
				t.Errorf("closed with %d after %q", code, got.String())
			}
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			d := w.gw.Blocked(1)[0]
			if d.Decision.Reason != policy.ReasonLeak || len(d.Findings) == 0 || w.ends()[0].Cut != "leak" || d.Origin != "https://app.example.com" {
				t.Errorf("%+v, cut %q", d, w.ends()[0].Cut)
			}
		})
	}
}

func TestAWebSocketFromOutsideIsCut(t *testing.T) {
	for name, cut := range map[string]func(*world){
		"by the kill switch": func(w *world) { w.kill("a test") },
		"by a new policy": func(w *world) {
			w.setPolicy("websockets: {inbound: {allowed_origins: ['https://other.example']}}\n")
			w.gw.Rejudge()
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := serveProgram(t, "", "")
			w, connect := fromOutside(t, "false", p)
			c := connect().say(knock(ourPage))
			c.answer("GET")
			c.say(text("one")).expect("\x81\x03one")
			cut(w)
			c.over()
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			if end := w.ends()[0]; end.Cut == "" || end.BytesOut == 0 || end.BytesIn == 0 {
				t.Errorf("%+v", end)
			}
			if got := connect().say(knock(ourPage)).answer("GET"); got.StatusCode != http.StatusForbidden {
				t.Errorf("afterwards %s", got.Status)
			}
		})
	}
}

// A program that is away, or that does not want, is said to be.
func TestAProgramThatDoesNotOpenTheWebSocket(t *testing.T) {
	p := serveProgram(t, "", "")
	w, connect := fromOutside(t, "false", p)
	w.route("127.0.0.1:9000", web(t, http.NotFoundHandler()).addr)
	if got := connect().say(knock(ourPage)).answer("GET"); got.StatusCode != http.StatusBadGateway {
		t.Errorf("a program that answers 404: %s", got.Status)
	}
	w.route("127.0.0.1:9000", "127.0.0.1:1")
	if got := connect().say(knock(ourPage)).answer("GET"); got.StatusCode != http.StatusBadGateway {
		t.Errorf("a program that is away: %s", got.Status)
	}
}
