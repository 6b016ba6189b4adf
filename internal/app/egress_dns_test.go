package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/internal/api"
)

// namesOf is an upstream name server that knows one address for every name.
func namesOf(t *testing.T, a [4]byte) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = c.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 2048)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Additionals = true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: &dnsmessage.AResource{A: a}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(out, from)
			}
		}
	}()
	return c.LocalAddr().String()
}

// A program gets an address that stands for the name, goes there through the gateway,
// and is judged by the name. What is denied is on record with the program.
func TestANameServerAndItsGateway(t *testing.T) {
	g := newGuarded(t)
	g.stop()
	port := g.origin.Listener.Addr().(*net.TCPAddr).Port
	h := newHouse(t, fmt.Sprintf("egress: {listen: '127.0.0.1:0', policy: 'DIR/policy.yaml', dns: {listen: '127.0.0.1:0', upstream: ['%s'], synthetic: [198.18.0.0/15]}}\n", namesOf(t, [4]byte{127, 0, 0, 1})))
	g = &guarded{house: h, origin: g.origin}
	g.write("mode: strict\ndefault_policy: deny\nallowlist: {rules: [{id: origin, host: origin.example, addresses: [127.0.0.0/8]}]}\n")
	g.cli = g.start()
	st, err := g.cli.Egress(t.Context())
	if err != nil || st.DNS == "" {
		t.Fatalf("%+v %v", st, err)
	}
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, st.DNS)
	}}
	got, err := resolver.LookupNetIP(t.Context(), "ip4", "origin.example.")
	if err != nil || len(got) != 1 || !strings.HasPrefix(got[0].String(), "198.1") {
		t.Fatalf("%v %v", got, err)
	}
	if code := g.tunnelled(st.Listen, fmt.Sprintf("%s:%d", got[0], port), fmt.Sprintf("origin.example:%d", port)); code != 200 {
		t.Errorf("through the gateway: %d", code)
	}
	if code := g.get(fmt.Sprintf("http://origin.example:%d/", port)); code != 200 {
		t.Errorf("the gateway looks names up elsewhere: %d", code)
	}
	var none *net.DNSError
	if _, err := resolver.LookupNetIP(t.Context(), "ip4", "evil.example."); !errors.As(err, &none) {
		t.Errorf("a denied name: %v", err)
	}
	asked := map[string]string{}
	for _, d := range g.decisions(5) {
		if d.Entry == "dns" {
			asked[d.Host] = d.Decision
			if d.PID != os.Getpid() || d.Protocol != "dns" {
				t.Errorf("%+v", d)
			}
		}
	}
	if asked["origin.example"] != "allow" || asked["evil.example"] != "deny" {
		t.Errorf("on record: %v", asked)
	}
	if code := g.get("http://" + st.DNS + "/"); code != 403 {
		t.Errorf("the gateway leads to the name server: %d", code)
	}
	if !strings.Contains(g.out.String(), st.DNS+" (DNS)") {
		t.Errorf("it is not announced: %s", g.out.String())
	}
	if c, err := g.cli.EgressChecks(t.Context()); err != nil || len(c.NameServers) != 1 || c.NameServers[0].Problem != "" {
		t.Errorf("the name server that it asks: %+v %v", c, err)
	}
	if _, err := g.cli.EgressTurn(t.Context(), api.EgressKillSwitchRequest{Active: true, Reason: "a drill"}); err != nil {
		t.Fatal(err)
	}
	if c, err := g.cli.EgressChecks(t.Context()); err != nil || len(c.NameServers) != 0 {
		t.Errorf("somebody was asked while the kill switch is on: %+v %v", c, err)
	}
}

// tunnelled asks for a page through a tunnel.
func (g *guarded) tunnelled(proxy, to, host string) int {
	g.t.Helper()
	c, err := net.Dial("tcp", proxy)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	_, _ = fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to)
	if res, err := http.ReadResponse(r, &http.Request{Method: http.MethodConnect}); err != nil || res.StatusCode != 200 {
		g.t.Fatalf("CONNECT %s: %v %v", to, res, err)
	}
	_, _ = fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host)
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// Without a file a busy default address costs the name server, not the node.
func TestABusyDefaultAddressOfTheNameServer(t *testing.T) {
	h := newHouse(t, "egress: {listen: '127.0.0.1:0', dns: {upstream: [127.0.0.2]}}\n")
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	h.cfg.Egress.DNS.Listen = busy.Addr().String()
	n := newNode(h.cfg, slog.New(slog.DiscardHandler), &h.out)
	e := &egressSensor{cfg: *h.cfg.Egress}
	if s, err := n.openNames(e, nil, nil); s != nil || err != nil {
		t.Errorf("without a file: %v %v", s, err)
	}
	n.fromCfg = true
	if _, err := n.openNames(e, nil, nil); err == nil || !strings.Contains(err.Error(), "give another address as egress.dns.listen") {
		t.Errorf("with a file: %v", err)
	}
}
