package egress

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// handOrigin is what an origin of HTTP/2 that works by hand is given: the first request
// has come in on stream 1.
type handOrigin struct {
	*http2.Framer
	buf strings.Builder
	enc *hpack.Encoder
}

// byHand puts an origin behind api.example that speaks frames as do says, and then
// reads on until the gateway goes.
func byHand(t *testing.T, do func(o *handOrigin)) *veiled {
	t.Helper()
	v := unveil(t, lookIntoAPI)
	conf := &tls.Config{Certificates: []tls.Certificate{v.signer.issue(nil, "api.example")}, NextProtos: []string{"h2"}}
	raw := listen(t, serveTLS(conf, func(c net.Conn) {
		if _, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface))); err != nil {
			return
		}
		o := &handOrigin{Framer: http2.NewFramer(c, c)}
		o.enc = hpack.NewEncoder(&o.buf)
		_ = o.WriteSettings()
		for {
			f, err := o.ReadFrame()
			if err != nil {
				return
			}
			if s, ok := f.(*http2.SettingsFrame); ok && !s.IsAck() {
				_ = o.WriteSettingsAck()
			}
			if h, ok := f.(*http2.HeadersFrame); ok && h.StreamID == 1 {
				do(o)
			}
		}
	}))
	v.route("203.0.113.9:443", raw.addr)
	return v
}

func (o *handOrigin) head(end bool, fields ...string) error {
	o.buf.Reset()
	for i := 0; i < len(fields); i += 2 {
		_ = o.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return o.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte(o.buf.String()), EndHeaders: true, EndStream: end})
}

// A status is three digits (RFC 9110, 15). An origin that says another is one whose
// answer cannot be passed on, and so it is told and recorded.
func TestAnAnswerWhoseStatusIsNone(t *testing.T) {
	for _, status := range []string{"7", "-200", "99", "1000", "99999999"} {
		t.Run(status, func(t *testing.T) {
			v := byHand(t, func(o *handOrigin) { _ = o.head(true, ":status", status, "x", "y") })
			r, err := v.browser(true).Get("https://api.example/")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
			if r.StatusCode != http.StatusBadGateway {
				t.Errorf("the client was told %d", r.StatusCode)
			}
			eventually(t, "a record that says why", func() bool {
				return slices.ContainsFunc(v.ends(), func(r Record) bool { return strings.Contains(r.Cut, "cannot be passed on") })
			})
		})
	}
}
