package egress

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// room is an origin of WebSockets that keeps what it is told, and answers each
// message of text with "ok".
type room struct {
	*origin
	mu    sync.Mutex
	heard []heardFrame
	ended []error
}

// heardFrame is one that arrived.
type heardFrame struct {
	wsframe.Header
	payload string
}

// openRoom opens one that agrees to those extensions. greet is sent behind the
// upgrade.
func openRoom(t *testing.T, extensions, greet string) *room {
	m := &room{}
	m.origin = listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		if _, err := http.ReadRequest(r); err != nil {
			return
		}
		head := "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		if extensions != "" {
			head += "Sec-WebSocket-Extensions: " + extensions + "\r\n"
		}
		_, _ = io.WriteString(c, head+"\r\n"+greet)
		m.hear(c, wsframe.NewReader(r, wsframe.Sequence{FromClient: true, Deflate: strings.Contains(extensions, "deflate")}))
	})
	return m
}

func (m *room) hear(c net.Conn, r *wsframe.Reader) {
	for {
		h, err := r.Next()
		payload := []byte(nil)
		if err == nil {
			payload, err = io.ReadAll(r)
		}
		m.mu.Lock()
		if err != nil {
			m.ended = append(m.ended, err)
			m.mu.Unlock()
			return
		}
		m.heard = append(m.heard, heardFrame{h, string(payload)})
		m.mu.Unlock()
		if h.Fin && !h.Op.Control() {
			_, _ = io.WriteString(c, "\x81\x02ok")
		}
	}
}

// frames is what has arrived.
func (m *room) frames() []heardFrame {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]heardFrame(nil), m.heard...)
}

// all is the payload of all that has arrived.
func (m *room) all() string {
	var b strings.Builder
	for _, f := range m.frames() {
		b.WriteString(f.payload)
	}
	return b.String()
}

// frame is one of a client, masked.
func frame(op wsframe.Opcode, fin bool, payload string) string {
	return rawFrame(wsframe.Header{Op: op, Fin: fin}, payload)
}

func rawFrame(h wsframe.Header, payload string) string {
	h.Masked, h.Key, h.Length = true, [4]byte{1, 2, 3, 4}, int64(len(payload))
	b := []byte(payload)
	wsframe.Mask(h.Key, 0, b)
	return string(h.Append(nil)) + string(b)
}

func text(payload string) string { return frame(wsframe.Text, true, payload) }

// press compresses messages as permessage-deflate does, with takeover between them.
type press struct {
	b bytes.Buffer
	w *flate.Writer
}

func (p *press) message(t testing.TB, text string) string {
	t.Helper()
	if p.w == nil {
		w, err := flate.NewWriter(&p.b, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		p.w = w
	}
	p.b.Reset()
	_, err := io.WriteString(p.w, text)
	if err = errors.Join(err, p.w.Flush()); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(p.b.String(), "\x00\x00\xff\xff")
}

func squeezed(payload string) string {
	h := wsframe.Header{Op: wsframe.Text, Fin: true}
	h.Mark(true)
	return rawFrame(h, payload)
}

const deflateOffer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"

// upgrade opens a WebSocket through the gateway.
func (w *world) upgrade(more string) *raw {
	w.t.Helper()
	c := w.connect().say("GET http://api.example/chat HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n" + more + "\r\n") // cordon:allow
	if got := c.answer("GET"); got.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(got.Body)
		w.t.Fatalf("%s %s", got.Status, body)
	}
	return c
}

// chatting is a world with a room and a WebSocket to it.
func chatting(t *testing.T, doc, extensions string) (*world, *room, *raw) {
	t.Helper()
	w, _ := inspected(t, doc)
	m := openRoom(t, extensions, "")
	w.route("203.0.113.9:80", m.addr)
	offer := ""
	if extensions != "" {
		offer = deflateOffer
	}
	return w, m, w.upgrade(offer)
}

// lastClose reads to the end, and returns the code and the reason of the closing
// frame that came last.
func (c *raw) lastClose() (code int, reason string) {
	c.t.Helper()
	defer func() { _ = c.Close() }() // nobody has to wait for it
	r := wsframe.NewReader(c.r, wsframe.Sequence{Deflate: true})
	for {
		h, err := r.Next()
		if err != nil {
			return code, reason
		}
		payload, _ := io.ReadAll(r)
		if h.Op == wsframe.Close && len(payload) >= 2 {
			code, reason = int(payload[0])<<8|int(payload[1]), string(payload[2:])
		}
	}
}

// socketLeaks are ways to send a secret over a WebSocket that is there.
func socketLeaks(t testing.TB, secret string) map[string]string {
	cut := len(secret) / 2
	bytewise := frame(wsframe.Text, false, "")
	for _, b := range []byte(`{"note":"` + secret + `"}`) {
		bytewise += frame(wsframe.Continuation, false, string(b))
	}
	return map[string]string{
		"in a message":                 text("the key is " + secret + " as you know"),
		"in a binary message":          frame(wsframe.Binary, true, "\x00\x01\x02 "+secret+" \xff\xfe"),
		"in fragments of one byte":     bytewise + frame(wsframe.Continuation, true, ""),
		"in fragments with pings":      frame(wsframe.Text, false, "id "+secret[:cut]) + frame(wsframe.Ping, true, "a") + frame(wsframe.Pong, true, "") + frame(wsframe.Continuation, true, secret[cut:]),
		"in base64 in JSON":            text(`{"id":7,"blob":"` + base64Of("aws_access_key_id="+secret+"\nregion=eu") + `"}`),
		"over two messages":            text("the key is "+secret[:cut]) + text(secret[cut:]+" thanks"),
		"over two messages of JSON":    text(`{"id":7,"chunk":"`+secret[:cut]+`"}`) + text(`{"id":8,"chunk":"`+secret[cut:]+`"}`),
		"the end first":                text(`{"rest":"`+secret[8:]+`"}`) + text(`{"begin":"`+secret[:8]+`"}`),
		"over messages of one byte":    each(" "+secret+" ", text),
		"over two pings":               frame(wsframe.Ping, true, " "+secret[:cut]) + frame(wsframe.Ping, true, secret[cut:]+" "),
		"over a message and a ping":    text("the key is "+secret[:cut]) + frame(wsframe.Ping, true, secret[cut:]),
		"over a ping and a message":    frame(wsframe.Ping, true, secret[:cut]) + text("the key is "+secret[cut:]),
		"over a pong and the close":    frame(wsframe.Pong, true, secret[:cut]) + text("hello") + frame(wsframe.Close, true, "\x03\xe8"+secret[cut:]),
		"in a ping":                    frame(wsframe.Ping, true, "id "+secret),
		"in a pong":                    frame(wsframe.Pong, true, "id "+secret),
		"in the reason of a close":     frame(wsframe.Close, true, "\x03\xe8id "+secret),
		"in a ping within a message":   frame(wsframe.Text, false, "hello ") + frame(wsframe.Ping, true, "id "+secret) + frame(wsframe.Continuation, true, "!"),
		"in a message behind an empty": text("") + text("") + text("id "+secret),
	}
}

func each(s string, f func(string) string) (all string) {
	for i := range len(s) {
		all += f(s[i : i+1])
	}
	return all
}

func TestASecretDoesNotLeaveByWebSocket(t *testing.T) {
	secret := fake(t)
	for name, said := range socketLeaks(t, secret) {
		t.Run(name, func(t *testing.T) {
			w, m, c := chatting(t, leakPolicy, "")
			c.say(text("hello") + said)
			if code, reason := c.lastClose(); code != wsframe.CodePolicy || !strings.Contains(reason, "api.example") {
				t.Errorf("closed with %d %q", code, reason)
			}
			w.leaked(t, m, secret)
		})
	}
}

// leaked holds what is left of a refused secret to what it must be.
func (w *world) leaked(t *testing.T, m *room, secret string) {
	t.Helper()
	eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
	if strings.Contains(m.all(), secret) {
		t.Error("the origin got it")
	}
	d := w.decisions()
	last := d[len(d)-1]
	if last.Decision.Allowed() || last.Decision.Reason != policy.ReasonLeak || len(last.Findings) == 0 || last.Findings[0].Rule != "aws-access-key-id" || last.Findings[0].Fingerprint != "fp20" {
		t.Errorf("%+v", last)
	}
	if last.Protocol != policy.WS || !last.Address.IsValid() || w.ends()[0].Cut != "leak" {
		t.Errorf("%+v, cut %q", last, w.ends()[0].Cut)
	}
	if n := w.gw.held.Load(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

func TestASecretDoesNotLeaveCompressed(t *testing.T) {
	secret := fake(t)
	for name, agreed := range map[string]string{"with takeover": "permessage-deflate", "without": "permessage-deflate; client_no_context_takeover"} {
		t.Run(name, func(t *testing.T) {
			w, m, c := chatting(t, leakPolicy, agreed)
			var p press
			c.say(squeezed(p.message(t, "the first says AKIA and many words")))
			c.expect("\x81\x02ok")
			if strings.Contains(agreed, "no_context") {
				p = press{}
			}
			c.say(squeezed(p.message(t, "the second says "+secret+" and many words")))
			if code, _ := c.lastClose(); code != wsframe.CodePolicy {
				t.Errorf("closed with %d", code)
			}
			if len(m.frames()) > 2 { // the first, and the close that says that nobody is there
				t.Errorf("the origin got %d frames", len(m.frames()))
			}
			w.leaked(t, m, secret)
		})
	}
}

func TestInAuditASecretLeavesByWebSocketAndIsRecorded(t *testing.T) {
	secret := fake(t)
	for name, said := range socketLeaks(t, secret) {
		t.Run(name, func(t *testing.T) {
			w, m, c := chatting(t, auditPolicy, "")
			if name == "in a message" {
				said += said // the same once more is no news
			}
			c.say(said)
			_ = c.Conn.(*net.TCPConn).CloseWrite()
			c.over()
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			if end := w.ends()[0]; len(end.Findings) == 0 || end.Decision.Would != policy.Deny {
				t.Errorf("%+v", end)
			}
			if name == "in a message" && (!strings.Contains(m.all(), secret) || len(w.decisions()) != 2) {
				t.Errorf("%q, %d records", m.all(), len(w.decisions()))
			}
		})
	}
}

// A secret that belongs to the host goes there.
func TestACredentialGoesToItsOwnHostByWebSocket(t *testing.T) {
	secret := fake(t)
	w, m, c := chatting(t, strings.Replace(leakPolicy, "host: api.example", "host: api.example, credentials: [aws-access-key-id]", 1), "")
	for range 3 {
		c.say(text("login " + secret)).expect("\x81\x02ok")
	}
	if n := strings.Count(m.all(), secret); n != 3 || len(w.decisions()) != 2 {
		t.Errorf("it arrived %d times, with %d records", n, len(w.decisions()))
	}
}

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// Secrets of many formats are found over the seam of two messages, wherever they are
// cut so that neither half is one.
func TestSecretsOverASeam(t *testing.T) {
	scanner, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"AKIA{{base32:16}}", "glpat-{{alnum:20}}", "sk_live_{{alnum:24}}", "AIza{{alnum:35}}", "npm_{{alnum:36}}", "dop_v1_{{hex:64}}"} {
		secret, err := detect.ExpandExample(format)
		if err != nil {
			t.Fatal(err)
		}
		if v := i.Text("message", []byte("id "+secret+" end")); len(v.Findings) == 0 {
			t.Errorf("%s is no secret to the rules", format)
		}
		for cut := 1; cut < len(secret); cut++ {
			var tr trail
			first := tr.look(i, "", "message", []byte("id "+secret[:cut]))
			second := tr.look(i, "", "message", []byte(secret[cut:]+" end"))
			if len(first.Findings)+len(second.Findings) == 0 {
				t.Errorf("%s, cut after %d", format, cut)
			}
		}
	}
}
