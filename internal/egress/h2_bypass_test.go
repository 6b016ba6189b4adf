package egress

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// frames is a client that speaks HTTP/2 by hand.
type frames struct {
	t *testing.T
	*http2.Framer
	c   *tls.Conn
	buf strings.Builder
	enc *hpack.Encoder
}

func (v *veiled) frames() *frames {
	v.t.Helper()
	conf := v.trusting()
	conf.ServerName, conf.NextProtos = "api.example", []string{"h2"}
	c, err := v.inTLS("api.example:443", conf)
	if err != nil {
		v.t.Fatal(err)
	}
	f := &frames{t: v.t, c: c, Framer: http2.NewFramer(c, c)}
	f.enc = hpack.NewEncoder(&f.buf)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_, _ = io.WriteString(c, http2.ClientPreface)
	if err := f.WriteSettings(); err != nil {
		v.t.Fatal(err)
	}
	return f
}

// head encodes fields, given as name and value in turn.
func (f *frames) head(fields ...string) []byte {
	f.buf.Reset()
	for i := 0; i < len(fields); i += 2 {
		_ = f.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return []byte(f.buf.String())
}

// request opens a stream; more are further fields.
func (f *frames) request(id uint32, end bool, more ...string) {
	f.t.Helper()
	fields := append([]string{":method", "POST", ":scheme", "https", ":authority", "api.example", ":path", "/x"}, more...)
	if len(more) > 0 && more[0] == ":method" {
		fields = more
	}
	if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: f.head(fields...), EndHeaders: true, EndStream: end}); err != nil {
		f.t.Fatal(err)
	}
}

// status reads on to the head of an answer; it is empty when the stream or the
// connection ends without one.
func (f *frames) status(id uint32) (status string, fields map[string]string) {
	f.t.Helper()
	for {
		got, err := f.ReadFrame()
		if err != nil {
			return "", nil
		}
		switch got := got.(type) {
		case *http2.MetaHeadersFrame:
			if got.StreamID == id {
				fields = map[string]string{}
				for _, h := range got.Fields {
					fields[h.Name] = h.Value
				}
				return got.PseudoValue("status"), fields
			}
		case *http2.RSTStreamFrame:
			if got.StreamID == id {
				return "reset", nil
			}
		case *http2.SettingsFrame:
			if !got.IsAck() {
				_ = f.WriteSettingsAck()
			}
		case *http2.GoAwayFrame:
			return "", nil
		}
	}
}

// What HTTP/2 adds to the ways around a rule.
func TestWaysAroundByHTTP2(t *testing.T) {
	secret := fake(t)
	for name, tt := range map[string]struct {
		do   func(f *frames)
		want string // status
		why  policy.Reason
	}{
		"another :authority": {func(f *frames) {
			f.request(1, true, ":method", "GET", ":scheme", "https", ":authority", "evil.example", ":path", "/")
		}, "400", ReasonBadRequest},
		"an :authority with user information": {func(f *frames) {
			f.request(1, true, ":method", "GET", ":scheme", "https", ":authority", "x@api.example", ":path", "/")
		}, "reset", ""},
		"another Host beside :authority": {func(f *frames) { f.request(1, true, "host", "evil.example") }, "reset", ""},
		"another Host in place of :authority": {func(f *frames) {
			f.request(1, true, ":method", "GET", ":scheme", "https", ":path", "/", "host", "evil.example")
		}, "400", ReasonBadRequest},
		"CONNECT": {func(f *frames) { f.request(1, false, ":method", "CONNECT", ":authority", "evil.example:443") }, "400", ReasonBadRequest},
		"TRACE": {func(f *frames) {
			f.request(1, true, ":method", "TRACE", ":scheme", "https", ":authority", "api.example", ":path", "/")
		}, "403", ReasonUnsupported},
		"an extended CONNECT": {func(f *frames) {
			f.request(1, false, ":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "api.example", ":path", "/")
		}, "reset", ""},
		"an absolute :path": {func(f *frames) {
			f.request(1, true, ":method", "GET", ":scheme", "https", ":authority", "api.example", ":path", "http://evil.example/")
		}, "reset", ""},
		"Transfer-Encoding":   {func(f *frames) { f.request(1, true, "transfer-encoding", "chunked") }, "400", ""},
		"Connection":          {func(f *frames) { f.request(1, true, "connection", "x-a") }, "400", ""},
		"a secret in a field": {func(f *frames) { f.request(1, true, "x-note", secret) }, "403", policy.ReasonLeak},
		"a secret in :path": {func(f *frames) {
			f.request(1, true, ":method", "GET", ":scheme", "https", ":authority", "api.example", ":path", "/"+secret)
		}, "403", policy.ReasonLeak},
		"a secret in a cookie":              {func(f *frames) { f.request(1, true, "cookie", "a=1", "cookie", "b="+secret) }, "403", policy.ReasonLeak},
		"a secret as the name of a trailer": {func(f *frames) { f.request(1, false, "trailer", "x-end, "+secret) }, "403", policy.ReasonLeak},
		"a secret as the name of a field":   {func(f *frames) { f.request(1, true, strings.ToLower(secret), "1") }, "403", policy.ReasonLeak},
		"a secret over many DATA frames": {func(f *frames) {
			f.request(1, false)
			for i := range secret {
				_ = f.WriteData(1, i == len(secret)-1, []byte{secret[i]})
			}
		}, "403", policy.ReasonLeak},
		"a secret in padded DATA": {func(f *frames) {
			f.request(1, false)
			_ = f.WriteDataPadded(1, false, []byte(secret[:9]), make([]byte, 100))
			_ = f.WriteDataPadded(1, true, []byte(secret[9:]), make([]byte, 100))
		}, "403", policy.ReasonLeak},
		"a secret in a trailer": {func(f *frames) {
			f.request(1, false, "trailer", "x-end")
			_ = f.WriteData(1, false, []byte("x"))
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: f.head("x-end", secret), EndHeaders: true, EndStream: true})
		}, "403", policy.ReasonLeak},
		"a secret in a head over CONTINUATION frames": {func(f *frames) {
			block := f.head(":method", "GET", ":scheme", "https", ":authority", "api.example", ":path", "/", "x-note", secret)
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block[:20], EndStream: true})
			_ = f.WriteContinuation(1, true, block[20:])
		}, "403", policy.ReasonLeak},
	} {
		t.Run(name, func(t *testing.T) {
			v := unveil(t, lookIntoAPI)
			f := v.frames()
			tt.do(f)
			status, fields := f.status(1)
			if status != tt.want {
				t.Errorf("the client got %q %v", status, fields)
			}
			_ = f.c.Close()
			if all := v.reasons(); tt.why != "" && (len(all) != 1 || all[0] != string(tt.why)) {
				t.Errorf("denied: %v", all)
			}
			v.gw.Sever("the test is over")
			if got := v.box.all(); strings.Contains(strings.ToUpper(got), secret) || strings.Contains(got, "evil") {
				t.Errorf("the origin got %q", got)
			}
		})
	}
}

// Names that TLS, the tunnel and the request disagree about.
func TestFrontingInsideTLS(t *testing.T) {
	for name, tt := range map[string]struct {
		tunnel, sni, host string
		want              policy.Reason
	}{
		"all agree":                                {"api.example:443", "api.example", "api.example", ""},
		"the Host field with its port":             {"api.example:443", "api.example", "api.example:443", ""},
		"TLS names another":                        {"api.example:443", "evil.example", "api.example", ReasonHostMismatch},
		"the Host field names another":             {"api.example:443", "api.example", "evil.example", ReasonBadRequest},
		"by address, TLS and the Host field agree": {"203.0.113.9:443", "api.example", "api.example", ""},
		"by address, the Host field differs":       {"203.0.113.9:443", "api.example", "evil.example", ReasonBadRequest},
		"by address, TLS names who is forbidden":   {"203.0.113.9:443", "never.example", "never.example", policy.ReasonDenylist},
	} {
		t.Run(name, func(t *testing.T) {
			v := unveil(t, lookInto+"mode: strict\nallowlist: {rules: [{host: api.example}, {host: 203.0.113.9}]}\ndenylist: {rules: [{host: never.example}]}\n")
			conf := v.trusting()
			conf.ServerName = tt.sni
			c, err := v.inTLS(tt.tunnel, conf)
			if err == nil {
				_, _ = fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", tt.host)
				_, _ = io.ReadAll(c)
			}
			_ = c.Close()
			got := strings.Join(v.reasons(), " ")
			if got != string(tt.want) || (v.box.all() != "") != (tt.want == "") {
				t.Errorf("denied %q, the origin got %q", got, v.box.all())
			}
		})
	}
}

// Floods end the connection that they come on, and nothing else.
func TestFloodsOfHTTP2(t *testing.T) {
	for name, flood := range map[string]func(f *frames) error{
		"rapid reset": func(f *frames) (err error) {
			for id := uint32(1); id < 40_001 && err == nil; id += 2 {
				_ = f.c.SetDeadline(time.Now().Add(time.Minute)) // for each, since all may take longer where much else runs
				f.request2(id)
				err = f.WriteRSTStream(id, http2.ErrCodeCancel)
			}
			return err
		},
		"CONTINUATION without end": func(f *frames) (err error) {
			err = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: f.head(":method", "GET"), EndStream: true})
			for range 10_000 {
				if err == nil {
					err = f.WriteContinuation(1, false, f.head("x-a", strings.Repeat("a", 1000)))
				}
			}
			return err
		},
		"a bomb of references": func(f *frames) (err error) {
			f.request(1, true, "x-bomb", strings.Repeat("b", 4000))
			more := make([]string, 0, 2000)
			for range 1000 {
				more = append(more, "x-bomb", strings.Repeat("b", 4000))
			}
			f.request(3, true, more...)
			if status, _ := f.status(3); status == "200" {
				return errors.New("it went through")
			}
			return io.EOF
		},
		"PING without end": func(f *frames) (err error) {
			for range 200_000 {
				if err == nil {
					err = f.WritePing(false, [8]byte{})
				}
			}
			return err
		},
		"SETTINGS without end": func(f *frames) (err error) {
			for range 200_000 {
				if err == nil {
					err = f.WriteSettings()
				}
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := unveil(t, lookIntoAPI)
			f := v.frames()
			_ = f.c.SetDeadline(time.Now().Add(time.Minute))
			err := flood(f)
			if ne := net.Error(nil); err != nil && errors.As(err, &ne) && ne.Timeout() && name == "rapid reset" {
				t.Errorf("it was neither served nor cut: %v", err)
			}
			_ = f.c.Close()
			got, err := v.browser(true).Get("https://api.example/after")
			if err != nil || got.StatusCode != 200 {
				t.Fatalf("the next client: %v, %v", got, err)
			}
			_ = got.Body.Close()
			eventually(t, "the end of its flows", func() bool { return v.gw.Stats().Flows <= 2 })
		})
	}
}

// request2 opens a stream and ends it.
func (f *frames) request2(id uint32) {
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: f.head(":method", "GET", ":scheme", "https", ":authority", "api.example", ":path", "/"), EndHeaders: true, EndStream: true})
}
