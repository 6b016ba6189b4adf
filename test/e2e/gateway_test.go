//go:build servers

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testport"
)

// gateway is a node whose egress gateway lets programs reach this machine.
type gateway struct {
	*node
	proxy  string // its address
	policy string // its file
	logs   string // folder of the record
}

// newGateway adds more to its section, and other sections to its configuration.
func newGateway(t *testing.T, more string, sections ...string) *gateway {
	t.Helper()
	dir := t.TempDir()
	g := &gateway{proxy: testport.Addr(t), policy: filepath.Join(dir, "policy.yaml"), logs: filepath.Join(dir, "record")}
	const policy = "mode: strict\ndefault_policy: deny\nglobal: {network_enabled: true}\nallowlist: {rules: [{id: here, host: 127.0.0.0/8}]}\n"
	mustDo(t, os.WriteFile(g.policy, []byte(policy), 0o600))
	g.node = newNode(t, fmt.Sprintf("egress: {listen: %q, policy: %q, log_dir: %q%s}\n%s", g.proxy, g.policy, g.logs, more, strings.Join(sections, "")))
	return g
}

// verified runs the gateway's own proof of its record.
func (g *gateway) verified() {
	g.t.Helper()
	if out := g.cli("egress", "verify-audit"); !strings.Contains(out, "ok: the egress audit log is whole") {
		g.t.Error(out)
	}
}

// allowed is what the record lets out: the paths of requests and the hosts of
// tunnels.
func (g *gateway) allowed() map[string]bool {
	g.t.Helper()
	all := map[string]bool{}
	for name, text := range tree(g.t, g.logs) {
		if base := filepath.Base(name); !strings.HasPrefix(base, "audit") || !strings.HasSuffix(base, ".log") {
			continue
		}
		for line := range bytes.Lines(text) {
			var l struct{ Kind, Decision, Host, URL string }
			if err := json.Unmarshal(line, &l); err != nil {
				g.t.Fatalf("%s: %v in %q", name, err, line)
			}
			if l.Kind != "decision" || l.Decision != "allow" {
				continue
			}
			all[l.Host] = true
			if u, err := url.Parse(l.URL); err == nil {
				all[u.Path] = true
			}
		}
	}
	return all
}

// load is many clients of a gateway, who go on whatever becomes of it, and the
// origins they want to reach. Each request has a name of its own, and what an
// origin heard a byte of is known by it.
type load struct {
	gateway string
	web     *httptest.Server
	names   atomic.Uint32
	failed  atomic.Int64
	stop    chan struct{}
	all     sync.WaitGroup

	mu    sync.Mutex
	heard map[string]bool
}

func newLoad(t *testing.T, gateway string, clients int) *load {
	l := &load{gateway: gateway, stop: make(chan struct{}), heard: map[string]bool{}}
	l.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.hears(r.URL.Path)
		_, _ = io.Copy(w, r.Body)
	}))
	for i := range clients {
		l.all.Go(func() { l.client(i) })
	}
	t.Cleanup(l.end)
	return l
}

func (l *load) hears(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard[name] = true
}

// so far is a copy of the names that were heard.
func (l *load) soFar() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.heard)
}

// end waits until no client has anything open.
func (l *load) end() {
	select {
	case <-l.stop:
		return
	default:
	}
	close(l.stop)
	l.all.Wait()
	l.web.Close()
}

// client sends one request after the other, each kind by a third of the clients.
func (l *load) client(i int) {
	tr := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: l.gateway})}
	defer tr.CloseIdleConnections()
	c := &http.Client{Transport: tr, Timeout: time.Minute}
	for {
		select {
		case <-l.stop:
			return
		default:
		}
		err := error(nil)
		switch i % 3 {
		case 0:
			err = l.request(c)
		case 1:
			err = l.tunnel(connect)
		default:
			err = l.tunnel(socks)
		}
		if err != nil {
			l.failed.Add(1)
			time.Sleep(5 * time.Millisecond) // the gateway is away
		}
	}
}

func (l *load) request(c *http.Client) error {
	url := fmt.Sprintf("%s/r/%d", l.web.URL, l.names.Add(1))
	got, err := c.Post(url, "text/plain", strings.NewReader("some words"))
	if err != nil {
		return err
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err == nil && string(body) != "some words" {
		err = fmt.Errorf("%s %s", got.Status, body)
	}
	return err
}

// tunnel goes to an origin that has an address of its own.
func (l *load) tunnel(open func(c net.Conn, to *net.TCPAddr) error) error {
	n := l.names.Add(1)
	origin, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 1+n>>16, byte(n>>8), byte(n)))
	if err != nil {
		return err
	}
	served := make(chan struct{})
	go func() { defer close(served); l.echo(origin) }()
	defer func() { _ = origin.Close(); <-served }()
	c, err := net.Dial("tcp", l.gateway)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // before the origin is waited for
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if err := open(c, origin.Addr().(*net.TCPAddr)); err != nil {
		return err
	}
	if _, err := c.Write([]byte{1}); err != nil {
		return err
	}
	_, err = io.ReadFull(c, make([]byte, 1))
	return err
}

// echo takes one connection and says back one byte.
func (l *load) echo(origin net.Listener) {
	c, err := origin.Accept()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	b := make([]byte, 1)
	if n, _ := c.Read(b); n == 1 {
		l.hears(origin.Addr().(*net.TCPAddr).IP.String())
		_, _ = c.Write(b) // whoever asked may be gone
	}
}

var errRefused = errors.New("the gateway refused the tunnel")

func connect(c net.Conn, to *net.TCPAddr) error {
	if _, err := fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to); err != nil {
		return err
	}
	const granted = "HTTP/1.1 200 Connection established\r\n\r\n"
	b := make([]byte, len(granted))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != granted {
		return errors.Join(errRefused, err)
	}
	return nil
}

func socks(c net.Conn, to *net.TCPAddr) error {
	ask := append([]byte("\x05\x01\x00\x05\x01\x00\x01"), to.IP.To4()...)
	if _, err := c.Write(append(ask, byte(to.Port>>8), byte(to.Port))); err != nil {
		return err
	}
	b := make([]byte, 12)
	if _, err := io.ReadFull(c, b); err != nil || b[3] != 0 {
		return errors.Join(errRefused, err)
	}
	return nil
}

// Whatever an origin heard is in the record: the gateway is killed twenty times
// in the middle of the work of 120 clients, then stopped and started three
// times. The record is whole, and has a decision for every name that was heard.
func TestNothingLeavesUnrecordedOverTwentyKills(t *testing.T) {
	t.Parallel()
	const clients, kills, stops = 120, 20, 3
	g := newGateway(t, "")
	g.start()
	l := newLoad(t, g.proxy, clients)
	g.restarted(l, kills, g.kill)
	g.verified()
	g.restarted(l, stops, g.stop)
	l.end()
	g.stop()
	g.verified()

	heard, recorded := l.soFar(), g.allowed()
	for name := range heard {
		if !recorded[name] {
			t.Errorf("an origin heard %s, and the record has no decision of it", name)
		}
	}
	t.Logf("%d requests were heard, %d failed while the gateway was away, %d are recorded as allowed", len(heard), l.failed.Load(), len(recorded))
	if l.failed.Load() < clients {
		t.Error("hardly any request was under way when the gateway went: this proves nothing")
	}
}

// restarted takes the gateway down in the middle of its work, and brings it up
// again, n times.
func (g *gateway) restarted(l *load, n int, down func()) {
	g.t.Helper()
	for range n {
		before := len(l.soFar())
		eventually(g.t, time.Minute, "clients are served", func() bool { return len(l.soFar()) > before+200 })
		down()
		g.start()
	}
}
