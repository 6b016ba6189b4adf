package egress

import (
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

var update = flag.Bool("update", false, "write BYPASS.md anew")

// guarded is the policy that every escape is tried against.
const guarded = `
mode: strict
default_policy: deny
databases:
  postgres: {enabled: true, allowed_hosts: [pg.example], require_ssl: true}
  mysql: {enabled: true, allowed_hosts: [my.example], require_ssl: true}
denylist:
  rules: [{host: listed.example}]
allowlist:
  rules:
    - {id: web, host: allowed.example, ports: [80, 443], protocols: [http, https]}
    - {id: other, host: other.example, ports: [80, 443], protocols: [http, https]}
    - {id: api, host: api.example, ports: [80], protocols: [http], methods: [GET], paths: [/v1]}
    - {id: open, host: open.example}
    - {id: below, host: '*.below.example', ports: [80, 443]}
    - {id: address, host: 203.0.113.9, ports: [443]}
    - {id: self, host: 127.0.0.9}
    - {id: turned, host: turned.example}
    - {id: old, host: old.example, expires: "2020-01-01"}
`

const goodAddress = "203.0.113.1"

// escape is one way that somebody might try to get out.
type escape struct {
	row  string // what is tried: the row of BYPASS.md
	how  string // where it enters: http, connect, socks5, tunnel (both), name, ...
	try  func(*raw)
	want policy.Reason
}

// hostile is the world in which escapes are tried: every address that has no
// origin of its own leads to the attacker.
type hostile struct {
	*world
	good, evil *origin
}

func newHostile(t *testing.T, tune func(*Options)) *hostile {
	h := &hostile{evil: listen(t, echo)}
	h.good = listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	h.world = open(t, guarded, tune)
	for _, n := range []string{"allowed.example", "other.example", "api.example", "open.example", "a.below.example", "old.example", "pg.example", "my.example"} {
		h.name(n, goodAddress)
	}
	h.name("evil.example", "203.0.113.66")
	h.elsewhere(h.evil.addr)
	for _, port := range []int{25, 80, 443, 3306, 5432} {
		h.route(fmt.Sprintf("%s:%d", goodAddress, port), h.good.addr)
		h.route(fmt.Sprintf("203.0.113.9:%d", port), h.good.addr)
	}
	return h
}

// sends says something to the gateway and reads whatever comes.
func sends(text string) func(*raw) {
	return func(c *raw) {
		c.say(text)
		_ = c.Conn.(*net.TCPConn).CloseWrite() // nothing more will come
		c.over()
	}
}

// request is a request for a URL as a proxy gets it, with the Host that belongs
// to it.
func request(url string, more ...string) string {
	_, rest, _ := strings.Cut(url, "://")
	host := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host = rest[:i]
	}
	return "GET " + url + " HTTP/1.1\r\nHost: " + host + "\r\n" + strings.Join(append(more, "\r\n"), "")
}

// wants asks for a URL.
func wants(url string) func(*raw) { return sends(request(url)) }

// connects asks for a tunnel.
func connects(to string) func(*raw) {
	return sends("CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n\r\n")
}

// with is a GET of the allowed host with these lines after its Host.
func with(lines ...string) func(*raw) {
	return sends("GET http://allowed.example/ HTTP/1.1\r\nHost: allowed.example\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n")
}

// api is a request to the host that limits methods and paths.
func api(method, path string, lines ...string) func(*raw) {
	return sends(method + " http://api.example" + path + " HTTP/1.1\r\nHost: api.example\r\n" + strings.Join(append(lines, "\r\n"), "\r\n"))
}

// socksTo asks for a tunnel by SOCKS5.
func socksTo(host string, port uint16) func(*raw) {
	return func(c *raw) {
		if code := c.socks(host, port); code == 0 {
			c.t.Error("granted")
		}
	}
}

// helloFor is the ClientHello of a client that wants that name.
func helloFor(name string) string {
	near, far := net.Pipe()
	go func() {
		_ = tls.Client(near, &tls.Config{ServerName: name, InsecureSkipVerify: true}).Handshake() // nobody answers
		_ = near.Close()
	}()
	b := make([]byte, 64<<10)
	n, _ := far.Read(b)
	_ = far.Close()
	return string(b[:n])
}

// inside says something in a tunnel, and reads whatever comes.
func inside(host string, port int, text string) func(*raw) {
	return func(c *raw) {
		inTunnel(c, host, port)
		sends(text)(c)
	}
}

// inTunnel opens a tunnel in the way that the test's name ends with.
func inTunnel(c *raw, host string, port int) {
	c.t.Helper()
	if !strings.HasSuffix(c.t.Name(), "socks5") {
		c.tunnel(fmt.Sprintf("%s:%d", host, port))
	} else if code := c.socks(host, uint16(port)); code != 0 {
		c.t.Fatalf("SOCKS reply %d", code)
	}
}

// escapes are all of them, in the order of BYPASS.md.
func escapes() []escape {
	var all []escape
	for _, some := range [][]escape{spellings(), addressEscapes(), requests(), smuggling(), limits(), proxies(), tunnels(), nameServers()} {
		all = append(all, some...)
	}
	return all
}

func TestBypass(t *testing.T) {
	for _, e := range escapes() {
		entries := []string{e.how}
		if e.how == "tunnel" {
			entries = []string{"connect", "socks5"}
		}
		for _, entry := range entries {
			t.Run(e.row+"/"+entry, func(t *testing.T) { e.run(t) })
		}
	}
}

// run tries the escape: it must be denied, for the right reason, with a record,
// and neither the attacker nor the origin may hear a byte.
func (e escape) run(t *testing.T) {
	h := newHostile(t, func(o *Options) { o.Limits.Head = time.Minute }) // what is denied is not that it is slow
	e.try(h.connect())
	eventually(t, "a denial", func() bool { return len(h.gw.Blocked(0)) > 0 })
	if got := h.gw.Blocked(1)[0].Decision; got.Reason != e.want || got.Result != policy.Deny || got.Detail == "" {
		t.Errorf("denied for %q (%s), want %q", got.Reason, got.Detail, e.want)
	}
	if n := h.evil.got.Load(); n > 0 {
		t.Errorf("the attacker got %d bytes", n)
	}
	if n := h.good.got.Load(); n > 0 {
		t.Errorf("the origin got %d bytes of what was denied", n)
	}
	for _, d := range h.dials() {
		if a := d.Addr().String(); a != goodAddress && a != "203.0.113.9" {
			t.Errorf("the gateway dialed %s", d)
		}
	}
	for _, d := range h.decisions() { // that HTTP may be spoken in a tunnel says nothing of a request
		if d.Decision.Allowed() && !(d.Protocol == policy.HTTP && d.Method == "") {
			t.Errorf("allowed: %+v", d)
		}
	}
}

// BYPASS.md lists every escape that is tried, and no other.
func TestBypassIsWritten(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Ways out that are tried\n\nEach row is a test of `TestBypass` (or the test it names) and is denied for the reason given, with a record, before a byte of it reaches anybody. `tunnel` rows run through CONNECT and through SOCKS5. This file is written by `go test ./internal/egress -run TestBypassIsWritten -update`.\n\n| # | what is tried | enters by | denied as |\n|---|---|---|---|\n")
	for i, e := range escapes() {
		_, _ = fmt.Fprintf(&b, "| %d | %s | %s | `%s` |\n", i+1, e.row, e.how, e.want)
	}
	b.WriteString("\n## Ways out that need a story of their own\n\n| what is tried | test |\n|---|---|\n")
	for _, s := range stories() {
		_, _ = fmt.Fprintf(&b, "| %s | `%s` |\n", s[0], s[1])
	}
	if *update {
		if err := os.WriteFile("BYPASS.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("BYPASS.md"); err != nil || string(got) != b.String() {
		t.Errorf("BYPASS.md is not what is tested (%v): run with -update", err)
	}
}

// stories are the escapes that one exchange cannot show.
func stories() [][2]string {
	return append([][2]string{
		{"a name that answers with an allowed and a denied address", "TestOnlyJudgedAddressesAreDialed"},
		{"a name that changes its address after it was judged", "TestANameIsLookedUpOnce"},
		{"a redirect to a denied host", "TestARedirectLeadsNowhereElse"},
		{"a second, pipelined request to a denied host", "TestEveryPipelinedRequestIsJudged"},
		{"a second request to another host inside an allowed tunnel", "TestEveryRequestInATunnelIsJudged"},
		{"a request hidden in the body of another", "TestABodyIsNoRequest"},
		{"an upgrade to HTTP/2 in the clear", "TestOnlyWebSocketIsUpgraded"},
		{"an answer that switches protocols unasked", "TestASwitchThatNobodyAskedFor"},
		{"a request that comes back through another proxy", "TestARequestThatComesBackIsRefused"},
		{"a PostgreSQL session in the clear after the server declined TLS", "TestPostgresInTheClear"},
		{"a MySQL session in the clear", "TestMySQLInTheClear"},
		{"HTTP to a server that greeted first", "TestHTTPAfterAGreeting"},
		{"HTTP to a server that greets at the same moment", "TestHTTPAtTheSameTimeAsAGreeting"},
		{"first bytes too slow to tell what they are", "TestSlowFirstBytesAreNotForwarded"},
		{"a head that never ends", "TestSlowHeadsAreCut"},
		{"traffic while the kill switch is on", "TestTheKillSwitchStopsEverything"},
		{"a connection attempt that is under way as the kill switch turns on", "TestTheKillSwitchCancelsDials"},
		{"a tunnel that lives on after its rule was removed", "TestANewPolicyCutsLiveFlows"},
		{"traffic while decisions cannot be recorded", "TestWhatCannotBeRecordedDoesNotPass"},
		{"more clients than the gateway serves", "TestTooManyClientsAreTurnedAway"},
		{"a secret in whatever form, and files that may not leave: CASES.md", "TestLeakCases"},
		{"a secret in two requests on two connections", "TestASecretDoesNotLeaveInPieces"},
		{"a redirected connection that names an allowed host and leads elsewhere", "TestRedirectedConnections"},
		{"a connection straight to the transparent door", "TestTheDoorLeadsNowhereByItself"},
		{"the gateway's own connection, redirected to itself", "TestAConnectionDoesNotGoRound"},
		{"an answer that poisons the next one", "TestWhatAnOriginSaysUnaskedIsThrownAway"},
		{"a secret in method, URL, field, body or trailer inside TLS, by HTTP/1.1 and HTTP/2", "TestASecretDoesNotLeaveInsideTLS"},
		{"a method or a path that no rule has, inside TLS", "TestMethodsAndPathsHoldInsideTLS"},
		{"another host in TLS or in the Host field than the tunnel's", "TestFrontingInsideTLS"},
		{"another host in `:authority`, CONNECT and its extension, a secret over DATA, padding, CONTINUATION, names and trailers of HTTP/2", "TestWaysAroundByHTTP2"},
		{"another host, path or secret in HTTP/2 without TLS", "TestStreamsWithoutTLSAreJudged"},
		{"HTTP/2 without TLS to a server that speaks something else", "TestHTTP2WithoutTLSIsRefusedInItsOwnWords"},
		{"a secret in a message of gRPC, compressed or cut anywhere", "TestASecretDoesNotLeaveInACall"},
		{"TLS with the origin in ways that servers know and no standard has, where it is looked into", "TestTLSAsOnlyServersKnowIt"},
		{"HTTP whose method begins like no method, its first bytes by themselves", "TestUnusualMethodsByteByByte"},
		{"a host of another rule named at an address that it does not have", "TestARuleForANameIsForNoOtherAddress"},
		{"TLS within TLS, and another protocol than the rule's inside it", "TestOtherProtocolsInsideTLS"},
		{"an origin whose certificate is not its own, expired or by nobody known", "TestAnOriginHasToProveWhoItIs"},
		{"a tunnel of TLS that was open before the policy wanted to look", "TestANewPolicyThatLooksIntoTLSCutsWhatIsHidden"},
		{"rapid reset and other floods of HTTP/2", "TestFloodsOfHTTP2"},
		{"streams of HTTP/2, in flight and idle, as the kill switch turns on", "TestTheKillSwitchCutsHTTP2"},
	}, append(socketStories(), mcpStories()...)...)
}
