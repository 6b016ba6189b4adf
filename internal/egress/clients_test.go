//go:build servers

package egress

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/testdebian"
)

// runs runs a real client with the gateway in its environment, and returns what
// it printed and whether it was content.
func (w *world) runs(t *testing.T, env []string, name string, args ...string) (string, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	proxy := "http://" + w.addr
	cmd.Env = append(os.Environ(), append([]string{"http_proxy=" + proxy, "https_proxy=" + proxy, "HTTP_PROXY=" + proxy, "HTTPS_PROXY=" + proxy, "GATEWAY=" + w.addr, "no_proxy=", "NO_PROXY="}, env...)...)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// secure adds an origin with TLS (and HTTP/2) for ok.example:443 to a friendly
// world, and returns the file of its authority.
func secure(t *testing.T) (w *world, authority string) {
	w = newFriendly(t)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(obliging))
	srv.EnableHTTP2 = true
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	w.route("203.0.113.1:443", srv.Listener.Addr().String())
	authority = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.TLS.Certificates[0].Certificate[0]})
	if err := os.WriteFile(authority, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return w, authority
}

// scripts are programs in other languages; each says what it got.
var scripts = map[string]struct{ program, script string }{
	"python, urllib": {"python3", `
import os, ssl, urllib.request, urllib.error
ctx = ssl.create_default_context(cafile=os.environ["CA"])
opener = urllib.request.build_opener(urllib.request.ProxyHandler(), urllib.request.HTTPSHandler(context=ctx))
print(opener.open("http://ok.example/?size=3").read().decode(), opener.open("https://ok.example/?size=4").read().decode())
try:
    opener.open("http://evil.example/")
except urllib.error.HTTPError as e:
    print(e.code, e.headers["X-Cordon-Decision"], e.read().decode())
try:
    opener.open("https://evil.example/")
except OSError as e:
    print("tunnel:", e)
`},
	"python, requests": {"python3", `
import os, requests
s = requests.Session()
s.verify = os.environ["CA"]
print(s.get("http://ok.example/?size=3").text, s.get("https://ok.example/?size=4").text)
r = s.get("http://evil.example/")
print(r.status_code, r.headers["X-Cordon-Decision"], r.text)
try:
    s.get("https://evil.example/")
except requests.exceptions.ProxyError as e:
    print("tunnel:", e)
`},
	"python, a raw socket": {"python3", `
import os, socket, ssl
def tunnel(host):
    h, p = os.environ["GATEWAY"].split(":")
    s = socket.create_connection((h, int(p)))
    s.sendall(b"CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n" % (host, host))
    head = b""
    while b"\r\n\r\n" not in head:
        head += s.recv(1)
    return s, head
def get(s, target, host):
    s.sendall(b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (target, host))
    return b"".join(iter(lambda: s.recv(65536), b"")).decode()
h, p = os.environ["GATEWAY"].split(":")
ctx = ssl.create_default_context(cafile=os.environ["CA"])
s, head = tunnel(b"ok.example")
print(get(socket.create_connection((h, int(p))), b"http://ok.example/?size=3", b"ok.example").split("\r\n\r\n")[1],
      get(ctx.wrap_socket(s, server_hostname="ok.example"), b"/?size=4", b"ok.example").split("\r\n\r\n")[1])
print(get(socket.create_connection((h, int(p))), b"http://evil.example/", b"evil.example").replace("HTTP/1.1 403", "403 deny"))
print("tunnel:", tunnel(b"evil.example")[1].decode().replace("\r\n", " "))
`},
	"node": {"node", `
const http = require('http'), https = require('https'), fs = require('fs'), tls = require('tls');
const [host, port] = process.env.GATEWAY.split(':');
const read = (res) => new Promise((ok) => { let s = ''; res.on('data', (d) => s += d); res.on('end', () => ok(s)); });
const plain = (name) => new Promise((ok, no) => http.get({ host, port, path: 'http://' + name + '/?size=3', headers: { Host: name } }, ok).on('error', no));
const tunnel = (name) => new Promise((ok, no) => http.request({ host, port, method: 'CONNECT', path: name + ':443' }).on('connect', (res, socket) => ok([res, socket])).on('error', no).end());
(async () => {
  const [, socket] = await tunnel('ok.example');
  const inner = tls.connect({ socket, servername: 'ok.example', ca: fs.readFileSync(process.env.CA) });
  const got = await new Promise((ok, no) => https.get({ createConnection: () => inner, host: 'ok.example', path: '/?size=4' }, ok).on('error', no));
  console.log(await read(await plain('ok.example')), await read(got));
  const denied = await plain('evil.example');
  console.log(denied.statusCode, denied.headers['x-cordon-decision'], await read(denied));
  console.log('tunnel:', (await tunnel('evil.example'))[0].statusCode);
  process.exit(0);
})();
`},
}

func TestProgramsOfOtherLanguages(t *testing.T) {
	for name, s := range scripts {
		t.Run(name, func(t *testing.T) {
			w, ca := secure(t)
			flag := map[string]string{"python3": "-c", "node": "-e"}[s.program]
			out, content := w.runs(t, []string{"CA=" + ca, "REQUESTS_CA_BUNDLE=" + ca, "SSL_CERT_FILE=" + ca}, s.program, flag, s.script)
			for _, want := range []string{"xxx xxxx\n", "403", "deny", `"reason":"default_policy"`, "tunnel: "} {
				if !content || !strings.Contains(out, want) {
					t.Fatalf("content=%t, it did not print %q:\n%s\n%+v", content, want, out, w.gw.Blocked(0))
				}
			}
			if n := w.gw.Stats().Denied[policy.ReasonDefaultPolicy]; n != 2 {
				t.Errorf("%d denials", n)
			}
		})
	}
}

func TestCurl(t *testing.T) {
	w, ca := secure(t)
	socks := "socks5h://" + w.addr
	for what, tt := range map[string]struct {
		args []string
		want string // in what it prints; empty for failure
	}{
		"HTTP":                        {[]string{"http://ok.example/?size=5"}, "xxxxx"},
		"HTTPS":                       {[]string{"https://ok.example/?size=5"}, "xxxxx"},
		"HTTP/2 in a tunnel":          {[]string{"--http2", "-w", "%{http_version}", "https://ok.example/?size=5"}, "xxxxx2"},
		"HTTP/1.0":                    {[]string{"-0", "http://ok.example/?size=5"}, "xxxxx"},
		"an offer of HTTP/2":          {[]string{"--http2", "http://ok.example/?size=5"}, "xxxxx"},
		"HTTP in a tunnel":            {[]string{"-p", "http://ok.example/?size=5"}, "xxxxx"},
		"SOCKS5":                      {[]string{"-x", socks, "http://ok.example/?size=5"}, "xxxxx"},
		"SOCKS5 and TLS":              {[]string{"-x", socks, "https://ok.example/?size=5"}, "xxxxx"},
		"an upload with 100-continue": {[]string{"-H", "Expect: 100-continue", "--data-binary", "@" + ca, "-o", "/dev/null", "-w", "%{http_code}", "http://ok.example/"}, "200"},
		"an upload in chunks":         {[]string{"-H", "Transfer-Encoding: chunked", "-T", ca, "-o", "/dev/null", "-w", "%{http_code}", "http://ok.example/"}, "200"},
		"three URLs":                  {[]string{"http://ok.example/?size=1", "http://ok.example/?size=2", "http://www.ok.example/?size=3"}, "xxxxxx"},
		"a denied host":               {[]string{"http://evil.example/"}, `"allow_command":"cordon egress add evil.example`},
		"a denied tunnel":             {[]string{"https://evil.example/"}, ""},
		"a denied tunnel of SOCKS5":   {[]string{"-x", socks, "http://evil.example/"}, ""},
		"SOCKS4":                      {[]string{"-x", "socks4a://" + w.addr, "http://ok.example/"}, ""},
		"an address it found itself":  {[]string{"-x", "socks5://" + w.addr, "--resolve", "ok.example:443:198.51.100.1", "https://ok.example/"}, ""},
		"another name inside":         {[]string{"-k", "--connect-to", "evil.example:443:ok.example:443", "https://evil.example/"}, ""},
		"the metadata service":        {[]string{"http://169.254.169.254/latest/"}, `"reason":"metadata_address"`},
	} {
		t.Run(what, func(t *testing.T) {
			out, content := w.runs(t, nil, "curl", append([]string{"-sS", "-m", "30", "--cacert", ca}, tt.args...)...)
			if content != (tt.want != "") || !strings.Contains(out, tt.want) {
				t.Errorf("content=%t: %s", content, out)
			}
		})
	}
}

// forwarder lets a client that knows no proxies through: it takes connections
// and sends each through a tunnel.
func (w *world) forwarder(t *testing.T, to string) (port string) {
	l := listen(t, func(c net.Conn) {
		up, err := net.Dial("tcp", w.addr)
		if err != nil {
			return
		}
		defer func() { _ = up.Close() }()
		_, _ = fmt.Fprintf(up, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to)
		const granted = "HTTP/1.1 200 Connection established\r\n\r\n"
		if _, err := io.ReadFull(up, make([]byte, len(granted))); err != nil {
			return
		}
		go func() { _, _ = io.Copy(up, c); _ = up.(*net.TCPConn).CloseWrite() }()
		_, _ = io.Copy(c, up)
	})
	_, port, _ = net.SplitHostPort(l.addr)
	return port
}

func TestRedisCLI(t *testing.T) {
	cli := testdebian.Program(t, "redis-tools", "redis-cli")
	server := listen(t, func(c net.Conn) {
		for buf := make([]byte, 4096); ; {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			answer := "-ERR unknown command\r\n"
			if strings.Contains(strings.ToUpper(string(buf[:n])), "PING") {
				answer = "+PONG\r\n"
			}
			_, _ = io.WriteString(c, answer)
		}
	})
	for rule, want := range map[string]bool{"redis": true, "http": false} {
		w := open(t, "mode: strict\ndefault_policy: deny\nallowlist: {rules: [{host: redis.example, protocols: ["+rule+"]}]}\n", nil)
		w.name("redis.example", "203.0.113.1")
		w.route("203.0.113.1:6379", server.addr)
		out, _ := w.runs(t, nil, cli, "-h", "127.0.0.1", "-p", w.forwarder(t, "redis.example:6379"), "PING")
		if strings.Contains(out, "PONG") != want {
			t.Errorf("a rule for %s: %s", rule, out)
		}
	}
}

func TestSSH(t *testing.T) {
	const banner = "SSH-2.0-Test_1.0\r\n"
	for rule, want := range map[string]bool{"ssh": true, "https": false} {
		heard := make(chan string, 1)
		server := listen(t, func(c net.Conn) {
			_, _ = io.WriteString(c, banner)
			b := make([]byte, 7)
			n, _ := io.ReadFull(c, b)
			heard <- string(b[:n])
		})
		w := open(t, "mode: strict\ndefault_policy: deny\nallowlist: {rules: [{host: ssh.example, protocols: ["+rule+"]}]}\n", nil)
		w.name("ssh.example", "203.0.113.1")
		w.route("203.0.113.1:22", server.addr)
		out, _ := w.runs(t, nil, "ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=20", "-p", w.forwarder(t, "ssh.example:22"), "x@127.0.0.1")
		if got := <-heard; (got == "SSH-2.0") != want {
			t.Errorf("a rule for %s: the server heard %q\n%s", rule, got, out)
		}
	}
}
