//go:build servers

package egress

import (
	"bytes"
	"crypto/sha1" // RFC 6455 wants it
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/testdebian"
)

// interpreter is Debian's Python with the clients' modules.
func interpreter(t *testing.T) string {
	t.Helper()
	return testdebian.Python(t, "python3-httpx", "python3-aiohttp", "python3-websockets",
		"python3-socksio", "python3-socks", "python3-aiohttp-socks", "python3-requests")
}

// watchful is a friendly world, with HTTPS and WebSockets, in which somebody
// looks at what is sent. It returns the file of the origins' authority.
func watchful(t *testing.T) (w *world, authority string) {
	w = befriended(t, inspectors(t))
	w.name("ws.ok.example", "203.0.113.2")
	chat := httptest.NewServer(http.HandlerFunc(echoFrames))
	t.Cleanup(chat.Close)
	w.route("203.0.113.2:80", chat.Listener.Addr().String())
	cert := certificate(t)
	for addr, h := range map[string]http.HandlerFunc{"203.0.113.1:443": obliging, "203.0.113.2:443": echoFrames} {
		srv := httptest.NewUnstartedServer(h)
		srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		srv.StartTLS()
		t.Cleanup(srv.Close)
		w.route(addr, srv.Listener.Addr().String())
	}
	authority = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	return w, authority
}

// echoFrames is a WebSocket server (RFC 6455) that says back each frame it hears.
func echoFrames(w http.ResponseWriter, r *http.Request) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	c, both, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
	for echoFrame(c, both) == nil {
	}
}

// echoFrame takes a masked frame of less than 64 KB and sends it unmasked.
func echoFrame(c net.Conn, r io.Reader) error {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	n, long := int(head[1]&127), []byte(nil)
	if n == 126 {
		long = make([]byte, 2)
		if _, err := io.ReadFull(r, long); err != nil {
			return err
		}
		n = int(long[0])<<8 | int(long[1])
	}
	rest := make([]byte, 4+n)
	if _, err := io.ReadFull(r, rest); err != nil {
		return err
	}
	for i := range n {
		rest[4+i] ^= rest[i%4]
	}
	head[0] &^= 0x70 // nothing was agreed on that these bits could mean
	head[1] &= 127
	if _, err := c.Write(bytes.Join([][]byte{head, long, rest[4:]}, nil)); err != nil {
		return err
	}
	if head[0]&15 == 8 { // a farewell, answered
		return io.EOF
	}
	return nil
}

// Each client prints what happened to it; what it must print is a specification
// of what a Python program sees.
func TestPythonClients(t *testing.T) {
	python := interpreter(t)
	for script, want := range map[string][]string{
		"httpx_sync.py": {
			"proxy http xxx", "proxy https xxxx", "proxy post 500", "proxy streamed 70000",
			"proxy denied 403 default_policy", "proxy tunnel denied ProxyError",
			"proxy leak in body 403 leak", "proxy leak in field 403 leak", "proxy leak in query 403 leak",
			"socks5 http xxx", "socks5 https xxxx", "socks5 post 500", "socks5 streamed 70000",
			"socks5 denied ProxyError", "socks5 tunnel denied ProxyError",
			"socks5 leak in body 403 leak", "socks5 leak in field 403 leak", "socks5 leak in query 403 leak", "done",
		},
		"httpx_async.py": {
			"proxy http xxx", "proxy https xxxx", "proxy many 780", "proxy post 300",
			"proxy denied 403 default_policy", "proxy tunnel denied ProxyError", "proxy leak in form 403 leak", "proxy leak in file 403 leak",
			"socks5 http xxx", "socks5 https xxxx", "socks5 many 780", "socks5 post 300",
			"socks5 denied ProxyError", "socks5 tunnel denied ProxyError", "socks5 leak in form 403 leak", "socks5 leak in file 403 leak", "done",
		},
		"aiohttp_client.py": {
			"proxy http xxx", "proxy https xxxx", "proxy many 780", "proxy upload 200",
			"proxy denied 403 default_policy", "proxy tunnel denied ClientHttpProxyError", "proxy leak in body 403 leak", "proxy leak in cookie 403 leak",
			"socks5 http xxx", "socks5 https xxxx", "socks5 many 780", "socks5 upload 200",
			"socks5 denied ProxyError", "socks5 tunnel denied ProxyError", "socks5 leak in body 403 leak", "socks5 leak in cookie 403 leak", "done",
		},
		"websockets_client.py": {
			"connect ws hello 1000 00ff", "connect wss hello 1000 00ff", "connect denied HTTP/1.1 403 Forbidden",
			"connect leak in field 403 deny", "connect leak in query 403 deny",
			"socks5 ws hello 1000 00ff", "socks5 wss hello 1000 00ff", "socks5 denied Socket error: 0x02: Connection not allowed by ruleset",
			"socks5 leak in field 403 deny", "socks5 leak in query 403 deny", "done",
		},
	} {
		t.Run(strings.TrimSuffix(script, ".py"), func(t *testing.T) { isToldSo(t, python, script, want) })
	}
}

func isToldSo(t *testing.T, python, script string, want []string) {
	w, ca := watchful(t)
	secret := fake(t)
	out, content := w.runs(t, []string{"CA=" + ca, "PROXY=http://" + w.addr, "SOCKS=socks5://" + w.addr, "SECRET=" + secret}, python, filepath.Join("testdata", "clients", script))
	if got := strings.TrimSpace(out); !content || got != strings.Join(want, "\n") {
		t.Errorf("content=%t, it printed\n%s\nwant\n%s", content, strings.ReplaceAll(got, secret, "SECRET"), strings.Join(want, "\n"))
	}
	for _, r := range w.gw.Blocked(0) {
		if r.Decision.Reason != policy.ReasonDefaultPolicy && r.Decision.Reason != policy.ReasonLeak {
			t.Errorf("denied for %s: %s", r.Decision.Reason, r.Decision.Detail)
		}
	}
}
