//go:build servers && linux

package egress_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/caller"
	"go.cordon.dev/cordon/internal/egress/dns"
	"go.cordon.dev/cordon/internal/testdebian"
)

// inside is set for the part of the test that runs in a network of its own.
const inside = "CORDON_TEST_NETWORK"

// network makes a network with one card, whose addresses are those of the world, and
// loads the rules that deploy/egress has for it, with root in the place of Cordon's
// user. It has a resolv.conf as in Kubernetes.
const network = `
set -e
ip link set lo up
ip link add out type veth peer name far
ip link set out up
ip link set far up
for a in 203.0.113.1 203.0.113.80 203.0.113.81; do ip addr add $a/24 dev out; done
for a in 2001:db8::1 2001:db8::80; do ip -6 addr add $a/64 dev out nodad; done
ip route add default dev out
ip -6 route add default dev out
sed 's/^define cordon = cordon/define cordon = 0/' ../../deploy/egress/redirect.nft > "$WORK/rules.nft"
"$NFT" -f "$WORK/rules.nft"
printf 'search default.svc.cluster.local cluster.local\nnameserver 203.0.113.53\noptions ndots:5 timeout:1 attempts:1\n' > "$WORK/resolv.conf"
mount --bind "$WORK/resolv.conf" /etc/resolv.conf
exec "$0" "$@"
`

// Programs that know of no proxy, in a network that leads them into the gateway:
// glibc's resolver, dig, Python and curl.
func TestRedirectedByTheKernel(t *testing.T) {
	if os.Getenv(inside) != "" {
		testRedirected(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Fatal("a network of its own needs root: run this test as root")
	}
	cmd := exec.Command("unshare", "--net", "--mount", "sh", "-c", network, os.Args[0], "-test.run=^TestRedirectedByTheKernel$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1", "WORK="+t.TempDir(), "NFT="+testdebian.Program(t, "nftables", "nft"), "DIG="+testdebian.Program(t, "bind9-dnsutils", "dig"))
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Fatalf("%v\n%s", err, out)
	}
}

// sensor is the gateway and the name server with a policy.
type sensor struct {
	*policy.Policy
	mu      sync.Mutex
	records []egress.Record
}

func (s *sensor) On() (bool, string)  { return false, "" }
func (s *sensor) Ended(egress.Record) {}
func (s *sensor) Decided(_ context.Context, r egress.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, r)
	return nil
}

// must is for what the test needs.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func startSensor(t *testing.T) *sensor {
	const doc = "allowlist: {rules: [{host: allowed.example, ports: [80]}, {host: six.example, ports: [80]}]}\n"
	s := &sensor{Policy: must(policy.Parse([]byte(doc)))(t)}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	t.Cleanup(func() { cancel(); all.Wait() })
	up := must(net.ListenPacket("udp", "127.0.0.1:0"))(t)
	all.Go(func() { answerNames(up) })
	context.AfterFunc(ctx, func() { _ = up.Close() })

	names := must(dns.NewSynthetic([]netip.Prefix{netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("fd63:6f72:646f:6e00::/64")}, nil, clock.Real{}))(t)
	server := must(dns.New(dns.Options{Judge: s, Recorder: s, Switch: s, Callers: caller.New(), Synthetic: names,
		Upstream: func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort(up.LocalAddr().String())} }}))(t)
	doors := must(dns.Listen(ctx, "[::]:8453"))(t)
	all.Go(func() { _ = server.Serve(ctx, doors) })

	g := must(egress.New(egress.Options{Judge: s, Recorder: s, Switch: s, Callers: caller.New(), Names: names, Resolver: server.Resolver()}))(t)
	door := must(egress.ListenTransparent(ctx, "[::]:8422"))(t)
	all.Go(func() { _ = g.ServeTransparent(ctx, door) })
	return s
}

// answerNames is the upstream.
func answerNames(c net.PacketConn) {
	buf := make([]byte, 2048)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil {
			continue
		}
		m.Response, m.Additionals = true, nil
		q := m.Questions[0]
		h := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}
		switch name := strings.ToLower(q.Name.String()); {
		case name == "allowed.example." && q.Type == dnsmessage.TypeA:
			m.Answers = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.AResource{A: [4]byte{203, 0, 113, 80}}}}
		case name == "six.example." && q.Type == dnsmessage.TypeAAAA:
			m.Answers = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr("2001:db8::80").As16()}}}
		case name != "allowed.example." && name != "six.example.":
			m.RCode = dnsmessage.RCodeNameError
		}
		if out, err := m.Pack(); err == nil {
			_, _ = c.WriteTo(out, from)
		}
	}
}

// runs runs a program as nobody, who is not let past the gateway.
func runs(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s[%v]", out, err)
	}
	return string(out)
}

// page is a Python program that prints a page, or why it is refused.
const page = `
import sys, urllib.request, urllib.error
r = urllib.request.Request(sys.argv[1])
if len(sys.argv) > 2: r.add_header("Host", sys.argv[2])
try: print(urllib.request.urlopen(r, timeout=5).read().decode())
except urllib.error.HTTPError as e: print(e.code, e.read().decode())
`

// datagram is a Python program that sends one and says what comes of it.
const datagram = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
try:
    s.connect((sys.argv[1], int(sys.argv[2])))
    s.send(b"hello")
    print("got", s.recv(100))
except OSError as e: print(type(e).__name__)
`

const stream = `
import socket, sys
try:
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
    s.send(b"\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01")
    print("got", s.recv(100))
except OSError as e: print(type(e).__name__)
`

func testRedirected(t *testing.T) {
	s := startSensor(t)
	for _, at := range []string{"203.0.113.80:80", "203.0.113.81:80", "[2001:db8::80]:80"} {
		l := must(net.Listen("tcp", at))(t)
		origin := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprintf(w, "origin %s for %s", at, r.Host) })}
		go func() { _ = origin.Serve(l) }()
		t.Cleanup(func() { _ = origin.Close() })
	}
	dig := os.Getenv("DIG")
	for _, row := range []struct {
		name    string
		want    string
		program []string
	}{
		{"getent, along a search list", "198.1", []string{"getent", "ahostsv4", "allowed.example"}},
		{"getent, IPv6", "fd63:6f72:646f:6e00:", []string{"getent", "ahostsv6", "six.example"}},
		{"getent, a denied name", "[exit status 2]", []string{"getent", "hosts", "evil.example"}},
		{"dig", "198.1", []string{dig, "+tries=1", "+time=2", "+short", "allowed.example", "A"}},
		{"dig, TCP", "198.1", []string{dig, "+tries=1", "+time=2", "+short", "+tcp", "allowed.example", "A"}},
		{"dig, another server", "198.1", []string{dig, "+tries=1", "+time=2", "+short", "@203.0.113.99", "allowed.example", "A"}},
		{"dig, a denied name", "status: REFUSED", []string{dig, "+tries=1", "+time=2", "evil.example", "A"}},
		{"dig, why it is denied", `EDE: 15 (Blocked): (Cordon: default_policy; cordon egress add evil.example "why")`, []string{dig, "+tries=1", "+time=2", "evil.example", "A"}},
		{"dig, AXFR", "failed", []string{dig, "+tries=1", "+time=2", "allowed.example", "AXFR"}},
		{"dig, ANY", "status: REFUSED", []string{dig, "+tries=1", "+time=2", "+notcp", "allowed.example", "ANY"}},
		{"dig, CHAOS", "status: REFUSED", []string{dig, "+tries=1", "+time=2", "version.bind", "CH", "TXT"}},
		{"dig, a cookie and a large buffer", "198.1", []string{dig, "+tries=1", "+time=2", "+short", "+cookie", "+bufsize=65535", "+dnssec", "allowed.example"}},
		{"dig, a version of tomorrow", "status: BADVERS", []string{dig, "+tries=1", "+time=2", "+edns=5", "+noednsnegotiation", "allowed.example"}},
		{"python, getaddrinfo", "198.1", []string{"/usr/bin/python3", "-c", "import socket; print(socket.getaddrinfo('allowed.example', 80)[0][4][0])"}},
		{"python, a page", "origin 203.0.113.80:80 for allowed.example", []string{"/usr/bin/python3", "-c", page, "http://allowed.example/"}},
		{"python, a page by IPv6", "origin [2001:db8::80]:80 for six.example", []string{"/usr/bin/python3", "-c", page, "http://six.example/"}},
		{"curl, a page", "origin 203.0.113.80:80 for allowed.example", []string{"curl", "-sS", "-m", "30", "http://allowed.example/"}},
		{"a page by address, and the name that lives there", "origin 203.0.113.80:80 for allowed.example", []string{"/usr/bin/python3", "-c", page, "http://203.0.113.80/", "allowed.example"}},
		{"a page by address, and a name that lives elsewhere", "403 ", []string{"/usr/bin/python3", "-c", page, "http://203.0.113.81/", "allowed.example"}},
		{"a page by an address alone", "cordon egress add 203.0.113.80:80", []string{"/usr/bin/python3", "-c", page, "http://203.0.113.80/"}},
		{"a page by an IPv6 address alone", "403 ", []string{"/usr/bin/python3", "-c", page, "http://[2001:db8::80]/"}},
		{"QUIC, which is refused at once", "PermissionError", []string{"/usr/bin/python3", "-c", datagram, "203.0.113.99", "443"}},
		{"another datagram", "PermissionError", []string{"/usr/bin/python3", "-c", datagram, "203.0.113.99", "123"}},
		{"a name server by TLS's port", "ConnectionResetError", []string{"/usr/bin/python3", "-c", stream, "203.0.113.99", "853"}},
		{"another port of TCP", "ConnectionResetError", []string{"/usr/bin/python3", "-c", stream, "203.0.113.81", "5353"}},
	} {
		if got := runs(t, row.program[0], row.program[1:]...); !strings.Contains(got, row.want) {
			t.Errorf("%s: %s", row.name, got)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	programs := map[string]bool{}
	for _, r := range s.records {
		programs[string(r.Entry)+" "+filepath.Base(r.Program.Exe)] = true
	}
	for _, want := range []string{"dns getent", "dns dig", "transparent curl"} {
		if !programs[want] {
			t.Errorf("no record is of %q: %v", want, programs)
		}
	}
}
