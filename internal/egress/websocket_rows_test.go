package egress

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/websocket"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// socketStories are the rows of BYPASS.md about WebSockets.
func socketStories() [][2]string {
	const sent, squeezed, opened, odd = "TestASecretDoesNotLeaveByWebSocket", "TestASecretDoesNotLeaveCompressed", "TestASecretDoesNotLeaveAsAWebSocketOpens", "TestWhatAWebSocketMaySay"
	return [][2]string{
		{"a secret in one message of a WebSocket", sent},
		{"a secret in a binary message", sent},
		{"a secret in fragments of one byte", sent},
		{"a secret in fragments with pings between them", sent},
		{"a secret in base64 inside JSON in a message", sent},
		{"a secret over two messages", sent},
		{"a secret in messages of one byte", sent},
		{"a secret in the payload of a ping or a pong", sent},
		{"a secret over two pings", sent},
		{"a secret in the reason of a closing frame", sent},
		{"a secret in a compressed message", squeezed},
		{"a secret in a message that refers to the one before it", squeezed},
		{"a secret as the subprotocol, the key or an extension of a WebSocket", opened},
		{"frames that receivers read differently", odd},
		{"a frame behind the closing frame", "TestNothingPassesBehindAClose"},
		{"a message behind the last block of its compression", "TestCompressionThatCannotBeRead"},
		{"a message too long to be looked at, and one that inflates to too much", "TestMessagesThatCannotBeLookedAt"},
		{"an extension that nobody can look into", "TestExtensionsThatCannotBeLookedInto"},
		{"a page of another site that opens a WebSocket to a program here", "TestWebSocketsFromOutside"},
		{"a secret that a program sends over a WebSocket from outside", "TestASecretDoesNotLeaveByAWebSocketFromOutside"},
		{"a WebSocket that lives on after the kill switch or a new policy", "TestAWebSocketIsCut"},
	}
}

func TestASecretDoesNotLeaveAsAWebSocketOpens(t *testing.T) {
	secret := fake(t)
	for _, field := range []string{"Sec-WebSocket-Protocol: chat, " + secret, "Sec-WebSocket-Key: " + secret, "Sec-WebSocket-Extensions: permessage-deflate; x=" + secret, "Sec-WebSocket-Protocol: " + base64Of("id "+secret)} {
		t.Run(strings.SplitN(field, ":", 2)[0], func(t *testing.T) {
			w, _ := inspected(t, leakPolicy)
			m := openRoom(t, "", "")
			w.route("203.0.113.9:80", m.addr)
			c := w.connect().say("GET http://api.example/chat HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + field + "\r\n\r\n")
			if got := c.answer("GET"); got.StatusCode != http.StatusForbidden || m.got.Load() > 0 || w.gw.Blocked(1)[0].Decision.Reason != policy.ReasonLeak {
				t.Errorf("%s, the origin got %d bytes", got.Status, m.got.Load())
			}
		})
	}
}

// noise is what nobody could guess, the same in every run.
func noise(n int) string {
	r := rand.NewChaCha8([32]byte{7})
	b := make([]byte, n)
	_, _ = r.Read(b) // never fails
	return string(b)
}

// What people and programs say to each other passes, and arrives unchanged.
func TestBenignWebSockets(t *testing.T) {
	for name, tt := range map[string]struct {
		binary bool
		say    []string
	}{
		"chat":                                {false, []string{`{"type":"message","text":"good morning, did the release go out?"}`, `{"type":"typing"}`, "ok 👍"}},
		"ids and hashes":                      {false, []string{`{"id":"0192f0c1-7d2b-7aa0-8000-3b1f4c9de001","sha":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}`}},
		"binary":                              {true, []string{noise(10), noise(5000), "\x00\x01\x02"}},
		"large":                               {false, []string{strings.Repeat("a line of an ordinary document that is shared\n", 60_000)}},
		"large and binary":                    {true, []string{noise(3 << 20)}},
		"many small":                          {false, strings.Split(strings.Repeat("tick,tock,", 1000), ",")},
		"a login that is a field's name only": {false, []string{`{"fields":["user","password","token"]}`}},
		"words that only meet at a seam":      {false, []string{"and what is the password?", "correct, I forgot", "my key: ", "the one under the mat", "token=", "0192f0c1-7d2b-7aa0-8000-3b1f4c9de001"}},
		"text cut anywhere":                   {false, strings.SplitAfter("the quick brown fox says that password = and then nothing more comes of it", "")},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := inspected(t, leakPolicy)
			srv := httptest.NewServer(websocket.Handler(func(c *websocket.Conn) {
				if c.PayloadType = websocket.TextFrame; tt.binary {
					c.PayloadType = websocket.BinaryFrame
				}
				c.MaxPayloadBytes = mostMessage
				_, _ = io.Copy(c, c)
			}))
			t.Cleanup(srv.Close)
			w.route("203.0.113.9:80", srv.Listener.Addr().String())
			c := w.dialSocket(t)
			if c.PayloadType = websocket.TextFrame; tt.binary {
				c.PayloadType = websocket.BinaryFrame
			}
			for _, said := range tt.say {
				if said == "" {
					continue
				}
				_, err := io.WriteString(c, said)
				back := make([]byte, len(said))
				if err == nil {
					_, err = io.ReadFull(c, back)
				}
				if err != nil || string(back) != said {
					t.Fatalf("%v; %d bytes came back changed", err, len(back))
				}
			}
			if err := errors.Join(c.WriteClose(1000), c.Close()); err != nil {
				t.Error(err)
			}
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 2 })
			if len(w.gw.Blocked(0)) > 0 || len(w.ends()[0].Findings) > 0 {
				t.Errorf("denied %+v, found %+v", w.gw.Blocked(0), w.ends()[0].Findings)
			}
		})
	}
}

// dialSocket opens a WebSocket with the client of x/net, in a tunnel.
func (w *world) dialSocket(t *testing.T) *websocket.Conn {
	t.Helper()
	config, err := websocket.NewConfig("ws://api.example/chat", "http://api.example")
	if err != nil {
		t.Fatal(err)
	}
	c, err := websocket.NewClient(config, w.connect().tunnel("api.example:80").Conn)
	if err != nil {
		t.Fatal(err)
	}
	c.MaxPayloadBytes = mostMessage
	return c
}

// Compressed talk passes, too, whether messages refer to each other or not.
func TestBenignCompressedWebSocket(t *testing.T) {
	for _, agreed := range []string{"permessage-deflate", "permessage-deflate; client_no_context_takeover"} {
		w, m, c := chatting(t, leakPolicy, agreed)
		var p press
		for range 50 {
			if strings.Contains(agreed, "no_context") {
				p = press{}
			}
			c.say(squeezed(p.message(t, strings.Repeat("the same words again and again ", 500)))).expect("\x81\x02ok")
		}
		c.say(frame(wsframe.Close, true, ""))
		_ = c.Conn.(*net.TCPConn).CloseWrite()
		eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
		if f := m.frames(); len(f) != 51 || !f[0].Compressed() || len(w.gw.Blocked(0)) > 0 {
			t.Errorf("%d frames, %+v", len(f), w.gw.Blocked(0))
		}
	}
}
