package egress

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// What may stand in a WebSocket, and what may not, as a client says it. want is the
// code that it is closed with; 0: the answer is "ok".
func TestWhatAWebSocketMaySay(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	unmasked := wsframe.Header{Fin: true, Op: wsframe.Text, Length: 2}
	for name, tt := range map[string]struct {
		say  string
		want int
	}{
		"an empty text":                 {text(""), 0},
		"a text of 125 bytes":           {text(long[:125]), 0},
		"a text of 126 bytes":           {text(long[:126]), 0},
		"a text of 65535 bytes":         {text(long[:65535]), 0},
		"a text of 65536 bytes":         {text(long[:65536]), 0},
		"a binary message":              {frame(wsframe.Binary, true, "\xff\x00\xfe"), 0},
		"many fragments":                {frame(wsframe.Text, false, "") + strings.Repeat(frame(wsframe.Continuation, false, "x"), 300) + frame(wsframe.Continuation, true, ""), 0},
		"a ping between fragments":      {frame(wsframe.Text, false, "a") + frame(wsframe.Ping, true, long[:125]) + frame(wsframe.Continuation, true, "b"), 0},
		"a pong that nobody asked for":  {frame(wsframe.Pong, true, "") + text("a"), 0},
		"a character over two frames":   {frame(wsframe.Text, false, "\xe2\x82") + frame(wsframe.Continuation, true, "\xac"), 0},
		"no mask":                       {string(unmasked.Append(nil)) + "hi", 1002},
		"RSV1 without compression":      {rawFrame(wsframe.Header{Fin: true, RSV: 4, Op: wsframe.Text}, "a"), 1002},
		"RSV2":                          {rawFrame(wsframe.Header{Fin: true, RSV: 2, Op: wsframe.Text}, "a"), 1002},
		"RSV3 of a ping":                {rawFrame(wsframe.Header{Fin: true, RSV: 1, Op: wsframe.Ping}, "a"), 1002},
		"opcode 3":                      {frame(3, true, "a"), 1002},
		"opcode 7":                      {frame(7, true, ""), 1002},
		"opcode 11":                     {frame(11, true, ""), 1002},
		"opcode 15":                     {frame(15, true, "a"), 1002},
		"a ping of 126 bytes":           {frame(wsframe.Ping, true, long[:126]), 1002},
		"a fragmented ping":             {frame(wsframe.Ping, false, "a") + frame(wsframe.Continuation, true, "b"), 1002},
		"a message within a message":    {frame(wsframe.Text, false, "a") + text("b"), 1002},
		"a continuation of nothing":     {frame(wsframe.Continuation, true, "a"), 1002},
		"a second continuation":         {text("a") + frame(wsframe.Continuation, true, "b"), 1002},
		"a length in too many bytes":    {"\x81\xfe\x00\x05\x00\x00\x00\x00hello", 1002},
		"a length in eight bytes":       {"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00hello", 1002},
		"a length with its highest bit": {"\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 1002},
		"text that is not UTF-8":        {text("a\xc0\xaf"), 1007},
		"a surrogate in UTF-8":          {text("\xed\xa0\x80"), 1007},
		"half a character":              {frame(wsframe.Text, false, "\xe2\x82") + frame(wsframe.Continuation, true, ""), 1007},
		"a close of one byte":           {frame(wsframe.Close, true, "\x03"), 1002},
		"a close with code 999":         {frame(wsframe.Close, true, "\x03\xe7"), 1002},
		"a close with code 1005":        {frame(wsframe.Close, true, "\x03\xed"), 1002},
		"a close with code 1006":        {frame(wsframe.Close, true, "\x03\xee"), 1002},
		"a close with code 1015":        {frame(wsframe.Close, true, "\x03\xf7"), 1002},
		"a close with code 5000":        {frame(wsframe.Close, true, "\x13\x88"), 1002},
		"a close that is not UTF-8":     {frame(wsframe.Close, true, "\x03\xe8\xff"), 1007},
	} {
		t.Run(name, func(t *testing.T) {
			w, m, c := chatting(t, leakPolicy, "")
			if c.say(tt.say); tt.want == 0 {
				c.expect("\x81\x02ok")
				return
			}
			if code, reason := c.lastClose(); code != tt.want || reason == "" {
				t.Errorf("closed with %d %q, want %d; the origin got %+v", code, reason, tt.want, m.frames())
			}
			eventually(t, "a denial", func() bool { return len(w.gw.Blocked(0)) > 0 })
			if d := w.gw.Blocked(1)[0].Decision; d.Reason != ReasonBadRequest {
				t.Errorf("%+v", d)
			}
		})
	}
}

// What the client says arrives as it was said, and nothing beside it: the frames
// that arrive are no longer than those that came, under masks of the gateway's own.
func TestAMessageArrivesAsItWasSaid(t *testing.T) {
	_, m, c := chatting(t, leakPolicy, "")
	c.say(frame(wsframe.Binary, false, "abc") + frame(wsframe.Continuation, false, "defgh") + frame(wsframe.Continuation, true, "i") + frame(wsframe.Ping, true, "p"))
	c.expect("\x81\x02ok")
	eventually(t, "the ping", func() bool { return len(m.frames()) == 3 })
	got := m.frames()
	if got[0].payload != "abcde" || got[1].payload != "fghi" || got[0].Op != wsframe.Binary || got[1].Op != wsframe.Continuation || !got[1].Fin || got[2].payload != "p" {
		t.Errorf("%+v", got)
	}
	for _, f := range got {
		if f.Key == [4]byte{1, 2, 3, 4} {
			t.Error("the client's own mask went out")
		}
	}
}

// A ping does not wait for the message that it stands in.
func TestAPingOvertakesItsMessage(t *testing.T) {
	_, m, c := chatting(t, leakPolicy, "")
	c.say(frame(wsframe.Text, false, "begun ") + frame(wsframe.Ping, true, "now"))
	eventually(t, "the ping", func() bool { f := m.frames(); return len(f) == 1 && f[0].payload == "now" })
	c.say(frame(wsframe.Continuation, true, "ended")).expect("\x81\x02ok")
	if m.all() != "nowbegun ended" {
		t.Errorf("%q", m.all())
	}
}

func TestManyMessagesGoBothWays(t *testing.T) {
	w, m, c := chatting(t, leakPolicy, "permessage-deflate")
	var p press
	want := ""
	for i := range 500 {
		said := fmt.Sprintf(`{"id":%d,"text":"message number %d of the test"}`, i, i)
		if i%2 == 0 {
			c.say(text(said))
		} else {
			c.say(squeezed(p.message(t, said)))
		}
		c.expect("\x81\x02ok")
		want += said
	}
	if n := len(m.frames()); n != 500 {
		t.Errorf("%d arrived", n)
	}
	if d := w.decisions(); len(d) != 1 || len(w.gw.Blocked(0)) != 0 {
		t.Errorf("%+v", d)
	}
}

// bomb is a compressed message that inflates to so many bytes.
func bomb(t *testing.T, size int) string {
	var p press
	return squeezed(p.message(t, strings.Repeat("0", size)))
}

// What cannot be looked at whole is refused in strict, and passes in audit; what is
// said behind it is looked at again, as far as that can be.
func TestMessagesThatCannotBeLookedAt(t *testing.T) {
	huge := strings.Repeat("words and ", mostMessage/10+1)
	for name, tt := range map[string]struct{ extensions, say, why string }{
		"too long":                 {"", text(huge), "longer than"},
		"too long in fragments":    {"", frame(wsframe.Text, false, huge[:mostMessage/2]) + frame(wsframe.Ping, true, "") + frame(wsframe.Continuation, true, huge[mostMessage/2:]), "longer than"},
		"inflates to too much":     {"permessage-deflate", bomb(t, mostMessage+1), "longer than"},
		"a bomb behind a takeover": {"permessage-deflate", bomb(t, 40<<20), "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			w, m, c := chatting(t, leakPolicy, tt.extensions)
			c.say(tt.say)
			if code, _ := c.lastClose(); code != wsframe.CodePolicy {
				t.Errorf("strict closes with %d", code)
			}
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			if d := w.gw.Blocked(1)[0].Decision; d.Reason != policy.ReasonNotScanned || !strings.Contains(d.Detail, tt.why) || len(m.all()) > 2 {
				t.Errorf("%+v; %d bytes arrived", d, len(m.all()))
			}
			w, m, c = chatting(t, auditPolicy, tt.extensions)
			secret := fake(t)
			c.say(tt.say).expect("\x81\x02ok").say(text("now " + secret)).expect("\x81\x02ok")
			if d := w.decisions(); len(d) != 3 || d[1].Decision.Reason != policy.ReasonNotScanned || d[2].Decision.Reason != policy.ReasonLeak || !strings.HasSuffix(m.all(), secret) {
				t.Errorf("audit records %+v", d)
			}
			if held := w.gw.held.Load(); held > 2*keptHeld {
				t.Errorf("%d bytes are held", held)
			}
		})
	}
}

// All messages together have so much memory and no more.
func TestMessagesHaveABoundTogether(t *testing.T) {
	w, _, c := chatting(t, leakPolicy, "")
	w.gw.held.Store(mostHeld)
	defer w.gw.held.Store(0)
	c.say(text("hello"))
	if code, reason := c.lastClose(); code != wsframe.CodePolicy || !strings.Contains(reason, "not") {
		t.Errorf("%d %q", code, reason)
	}
}

// A message that is compressed in a way that receivers read differently ends the
// connection in every mode.
func TestCompressionThatCannotBeRead(t *testing.T) {
	last := "\xf3\x48\xcd\xc9\xc9\x07\x00" // "Hello" in a last block, RFC 7692, 7.2.3.4
	for name, tt := range map[string]struct {
		payload string
		want    int
	}{
		"a last block and a zero":    {last + "\x00", 0},
		"a last block":               {last, 0},
		"more behind the last block": {last + last, 1007},
		"no DEFLATE":                 {"\xff\xff\xff", 1007},
		"cut off":                    {"\xf2\x48\xcd", 1007},
	} {
		t.Run(name, func(t *testing.T) {
			_, m, c := chatting(t, auditPolicy, "permessage-deflate")
			if c.say(squeezed(tt.payload)); tt.want == 0 {
				c.expect("\x81\x02ok")
			} else if code, _ := c.lastClose(); code != tt.want || len(m.all()) > 2 {
				t.Errorf("closed with %d, %q arrived", code, m.all())
			}
		})
	}
}

// An extension that nobody can look into is refused in strict before the upgrade.
func TestExtensionsThatCannotBeLookedInto(t *testing.T) {
	for _, agreed := range []string{"x-webkit-deflate-frame", "permessage-deflate, x-mux", "permessage-deflate; client_max_window_bits=99", "permessage-deflate; client_no_context_takeover; client_no_context_takeover"} {
		t.Run(agreed, func(t *testing.T) {
			w, _ := inspected(t, leakPolicy)
			w.route("203.0.113.9:80", openRoom(t, agreed, "").addr)
			c := w.connect().say("GET http://api.example/chat HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + deflateOffer + "\r\n")
			if got := c.answer("GET"); got.StatusCode != http.StatusForbidden || w.gw.Blocked(1)[0].Decision.Reason != policy.ReasonNotScanned {
				t.Errorf("%s", got.Status)
			}
			audit, _ := inspected(t, auditPolicy)
			audit.route("203.0.113.9:80", openRoom(t, agreed, "").addr)
			audit.upgrade(deflateOffer)
			if d := audit.decisions(); len(d) != 2 || d[1].Decision.Would != policy.Deny {
				t.Errorf("audit records %+v", d)
			}
		})
	}
}

// Frames of the origin are passed on as they come, in whatever pieces, and broken
// ones end the connection.
func TestWhatAnOriginSaysOverAWebSocket(t *testing.T) {
	big := wsframe.Header{Fin: true, Op: wsframe.Binary, Length: 100_000}
	for name, tt := range map[string]struct {
		says string
		want int
	}{
		"a message":              {"\x81\x05hello", 0},
		"a large one":            {string(big.Append(nil)) + strings.Repeat("b", 100_000), 0},
		"fragments and a ping":   {"\x01\x01a\x89\x01p\x80\x01b", 0},
		"a secret":               {"\x81\x17id " + fake(t), 0},
		"a mask":                 {"\x81\x82\x00\x00\x00\x00hi", 1002},
		"a reserved bit":         {"\x91\x02hi", 1002},
		"an opcode":              {"\x83\x02hi", 1002},
		"a continuation":         {"\x80\x02hi", 1002},
		"a long ping":            {"\x89\x7e\x00\x7e" + strings.Repeat("p", 126), 1002},
		"a close that is no one": {"\x88\x01x", 1002},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := inspected(t, leakPolicy)
			w.route("203.0.113.9:80", openRoom(t, "", tt.says).addr)
			c := w.upgrade("")
			if tt.want == 0 {
				c.expect(tt.says).say(text("and you?")).expect("\x81\x02ok")
				return
			}
			if code, reason := c.lastClose(); code != tt.want || !strings.Contains(reason, "other end") {
				t.Errorf("closed with %d %q", code, reason)
			}
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			if cut := w.ends()[0].Cut; !strings.Contains(cut, "other end's frames") {
				t.Errorf("cut for %q", cut)
			}
		})
	}
}

// The kill switch and a new policy cut a WebSocket, in the middle of a message too.
func TestAWebSocketIsCut(t *testing.T) {
	for name, cut := range map[string]func(*world){
		"by the kill switch": func(w *world) { w.kill("a test") },
		"by a new policy":    func(w *world) { w.setPolicy("mode: strict\n"); w.gw.Rejudge() },
	} {
		t.Run(name, func(t *testing.T) {
			w, m, c := chatting(t, leakPolicy, "")
			c.say(text("one")).expect("\x81\x02ok").say(frame(wsframe.Text, false, "two"))
			cut(w)
			c.over()
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			if m.all() != "one" || w.ends()[0].Cut == "" || w.gw.held.Load() != 0 {
				t.Errorf("%q arrived, %+v", m.all(), w.ends()[0])
			}
		})
	}
}

// Either end may stop talking while the other goes on.
func TestAWebSocketEndsWell(t *testing.T) {
	w, m, c := chatting(t, leakPolicy, "")
	c.say(text("one")).expect("\x81\x02ok").say(frame(wsframe.Close, true, "\x03\xe8bye"))
	_ = c.Conn.(*net.TCPConn).CloseWrite()
	if rest := c.over(); rest != "" {
		t.Errorf("%q", rest)
	}
	eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
	if f := m.frames(); len(f) != 2 || binary.BigEndian.Uint16([]byte(f[1].payload)) != 1000 || w.ends()[0].Cut != "" {
		t.Errorf("%+v, %+v", f, w.ends()[0])
	}
}

// What a client says behind its closing frame goes nowhere.
func TestNothingPassesBehindAClose(t *testing.T) {
	w, m, c := chatting(t, leakPolicy, "")
	c.say(frame(wsframe.Close, true, "\x03\xe8") + text("one more") + strings.Repeat("and bytes that are no frame", 1000))
	_ = c.Conn.(*net.TCPConn).CloseWrite()
	c.over()
	eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
	if m.all() != "\x03\xe8" || len(w.gw.Blocked(0)) > 0 {
		t.Errorf("%q arrived", m.all())
	}
}

// A client that does not read keeps nobody from ending the connection.
func TestAClientThatDoesNotRead(t *testing.T) {
	w, _ := inspected(t, leakPolicy)
	flood := wsframe.Header{Fin: true, Op: wsframe.Binary, Length: 64 << 20}
	w.route("203.0.113.9:80", openRoom(t, "", string(flood.Append(nil))+strings.Repeat("f", 64<<20)).addr)
	c := w.upgrade("")
	c.say(text("id " + fake(t)))
	eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
	if cut := w.ends()[0].Cut; cut != "leak" {
		t.Errorf("cut for %q", cut)
	}
}

// Nobody who looks: bytes are moved as they are.
func TestAWebSocketThatNobodyLooksInto(t *testing.T) {
	w, _ := inspected(t, leakPolicy)
	w.gw.o.Inspector = func() *dlp.Inspector { return nil }
	m := openRoom(t, "", "")
	w.route("203.0.113.9:80", m.addr)
	c := w.upgrade("").say(frame(wsframe.Binary, true, "as it is"))
	c.expect("\x81\x02ok")
	if f := m.frames(); len(f) != 1 || f[0].Key != [4]byte{1, 2, 3, 4} {
		t.Errorf("%+v", f)
	}
}

// What looking at a message of one kilobyte costs beside passing it on.
func BenchmarkMessage(b *testing.B) {
	for _, looked := range []bool{false, true} {
		b.Run(fmt.Sprintf("looked=%t", looked), func(b *testing.B) { benchmarkMessage(b, looked) })
	}
}

func benchmarkMessage(b *testing.B, looked bool) {
	near, far := net.Pipe()
	defer func() { _ = near.Close(); _ = far.Close() }()
	scanner, err := builtin()
	if err != nil {
		b.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner})
	if err != nil {
		b.Fatal(err)
	}
	said := []byte(strings.Repeat(`{"type":"message","text":"hello there"}`, 25))
	tr := &trail{}
	b.SetBytes(int64(len(said)))
	go func() { _, _ = io.Copy(io.Discard, far) }()
	_ = near.SetDeadline(time.Now().Add(time.Minute))
	for b.Loop() {
		if looked {
			tr.look(i, "", "message", said)
		}
		if _, err := near.Write(said); err != nil {
			b.Fatal(err)
		}
	}
}
