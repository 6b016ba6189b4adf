//go:build servers

package egress

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// trusted is a world with an origin that answers and one that asks for what it gets,
// and the file that programs are told to trust.
func trusted(t *testing.T, doc string) (*veiled, string) {
	v := unveil(t, doc)
	v.serve("ok.example", "203.0.113.1", http.HandlerFunc(obliging), nil)
	return v, v.authority.Path()
}

const (
	peerPolicy = lookInto + "mode: strict\nallowlist: {rules: [{host: ok.example, methods: [GET, POST, PUT]}]}\n"
	pinned     = "mode: strict\ndata_leak_prevention: {intercept_tls: true}\nallowlist: {rules: [{host: ok.example, intercept_tls: false}]}\n"
)

func TestCurlInsideTLS(t *testing.T) {
	secret := fake(t)
	for what, tt := range map[string]struct {
		args []string
		want string
	}{
		"HTTP/1.1":                  {[]string{"--http1.1", "-w", "%{http_version}", "https://ok.example/?size=5"}, "xxxxx1.1"},
		"HTTP/2":                    {[]string{"--http2", "-w", "%{http_version}", "https://ok.example/?size=5"}, "xxxxx2"},
		"SOCKS5":                    {[]string{"-x", "socks5h://GATEWAY", "--http2", "-w", "%{http_version}", "https://ok.example/?size=5"}, "xxxxx2"},
		"TLS 1.2":                   {[]string{"--tls-max", "1.2", "https://ok.example/?size=5"}, "xxxxx"},
		"three URLs":                {[]string{"--http2", "https://ok.example/?size=1", "https://ok.example/?size=2", "https://ok.example/?size=3"}, "xxxxxx"},
		"an upload by HTTP/1.1":     {[]string{"--http1.1", "-T", "FILE", "-o", "/dev/null", "-w", "%{http_code}", "https://ok.example/"}, "200"},
		"an upload by HTTP/2":       {[]string{"--http2", "-T", "FILE", "-o", "/dev/null", "-w", "%{http_code}", "https://ok.example/"}, "200"},
		"a secret by HTTP/1.1":      {[]string{"--http1.1", "-d", secret, "https://ok.example/"}, `"reason":"leak"`},
		"a secret by HTTP/2":        {[]string{"--http2", "-d", secret, "https://ok.example/"}, `"reason":"leak"`},
		"a secret in a field":       {[]string{"--http2", "-H", "x-note: " + secret, "https://ok.example/"}, `"reason":"leak"`},
		"a method that no rule has": {[]string{"--http2", "-X", "DELETE", "https://ok.example/"}, `"reason":"method_mismatch"`},
	} {
		t.Run(what, func(t *testing.T) {
			v, ca := trusted(t, peerPolicy)
			for i := range tt.args {
				tt.args[i] = strings.ReplaceAll(strings.ReplaceAll(tt.args[i], "GATEWAY", v.addr), "FILE", ca)
			}
			out, content := v.runs(t, nil, "curl", append([]string{"-sS", "-m", "30", "--cacert", ca}, tt.args...)...)
			if !content || !strings.Contains(out, tt.want) {
				t.Errorf("content=%t: %s\n%v", content, out, v.reasons())
			}
		})
	}
}

// A program that was not given the certificate is refused by itself, and that is said;
// where the rule leaves TLS alone it sees the origin's own.
func TestCurlThatTrustsTheOriginAlone(t *testing.T) {
	for doc, want := range map[string]bool{peerPolicy: false, pinned: true} {
		v, _ := trusted(t, doc)
		own := filepath.Join(t.TempDir(), "world.pem")
		if err := os.WriteFile(own, pemOf(v.signer.cert), 0o600); err != nil {
			t.Fatal(err)
		}
		out, content := v.runs(t, nil, "curl", "-sS", "-m", "30", "--cacert", own, "https://ok.example/?size=5")
		if content != want {
			t.Errorf("content=%t: %s", content, out)
		}
		if !want {
			eventually(t, "the denial", func() bool { return slices.Contains(v.reasons(), string(ReasonClientRefuses)) })
		}
	}
}

// Each script reads twice, writes once, and then says what it must not.
var veiledScripts = map[string]struct{ program, flag, script string }{
	"python, urllib": {"python3", "-c", `
import os, ssl, urllib.request, urllib.error
get = urllib.request.urlopen
print(get("https://ok.example/?size=3").read().decode(), get("https://ok.example/?size=4").read().decode(), get("https://ok.example/?size=2", b"x" * 300000).status)
try:
    get("https://ok.example/", os.environ["SECRET"].encode())
except urllib.error.HTTPError as e:
    print(e.code, e.read().decode())
`},
	"python, requests": {"python3", "-c", `
import os, requests
s = requests.Session()
print(s.get("https://ok.example/?size=3").text, s.get("https://ok.example/?size=4").text, s.post("https://ok.example/?size=2", data=b"x" * 300000).status_code)
r = s.post("https://ok.example/", data=os.environ["SECRET"])
print(r.status_code, r.text)
`},
	"node, http2": {"node", "-e", `
const http = require('http'), http2 = require('http2'), tls = require('tls');
const [host, port] = process.env.GATEWAY.split(':');
http.request({ host, port, method: 'CONNECT', path: 'ok.example:443' }).on('connect', (res, socket) => {
  const session = http2.connect('https://ok.example', { createConnection: () => tls.connect({ socket, servername: 'ok.example', ALPNProtocols: ['h2'] }) });
  const ask = (path, body) => new Promise((ok, no) => {
    const s = session.request({ ':path': path, ':method': body ? 'POST' : 'GET' });
    let status, text = '';
    s.on('response', (h) => status = h[':status']).on('data', (d) => text += d).on('end', () => ok([status, text])).on('error', no);
    s.end(body);
  });
  (async () => {
    const [a, b] = await Promise.all([ask('/?size=3'), ask('/?size=4')]);
    console.log(a[1], b[1], (await ask('/?size=2', 'x'.repeat(300000)))[0]);
    console.log((await ask('/', process.env.SECRET)).join(' '));
    process.exit(0);
  })().catch((e) => { console.log(e); process.exit(1); });
}).end();
`},
}

func TestProgramsOfOtherLanguagesInsideTLS(t *testing.T) {
	for name, s := range veiledScripts {
		t.Run(name, func(t *testing.T) {
			v, ca := trusted(t, peerPolicy)
			env := []string{"SECRET=" + fake(t)}
			for _, variable := range []string{"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"} {
				env = append(env, variable+"="+ca)
			}
			out, content := v.runs(t, env, s.program, s.flag, s.script)
			for _, want := range []string{"xxx xxxx 200\n", "403 ", `"reason":"leak"`} {
				if !content || !strings.Contains(out, want) {
					t.Fatalf("content=%t, it did not print %q:\n%s\n%v", content, want, out, v.reasons())
				}
			}
		})
	}
}
