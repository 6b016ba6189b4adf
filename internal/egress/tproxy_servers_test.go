//go:build servers && linux

package egress_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"go.cordon.dev/cordon/internal/testdebian"
)

// routed makes three networks: a client's, this machine's, which is its router, and the
// world's, which knows the way back, so that without the rules everything gets through.
// The networks have names that only this test sees.
const routed = `
set -e
mount -t tmpfs tmpfs /run
ip netns add client
ip netns add world
ip link set lo up
ip link add inside type veth peer name eth0 netns client
ip link add out type veth peer name eth0 netns world
ip addr add 10.20.0.1/24 dev inside
ip -6 addr add fd20::1/64 dev inside nodad
ip addr add 203.0.113.1/24 dev out
ip -6 addr add 2001:db8::1/64 dev out nodad
ip link set inside up
ip link set out up
ip -n client link set lo up
ip -n client addr add 10.20.0.2/24 dev eth0
ip -n client -6 addr add fd20::2/64 dev eth0 nodad
ip -n client link set eth0 up
ip -n client route add default via 10.20.0.1
ip -n client -6 route add default via fd20::1
ip -n world link set lo up
for a in 203.0.113.80 203.0.113.81; do ip -n world addr add $a/24 dev eth0; done
ip -n world -6 addr add 2001:db8::80/64 dev eth0 nodad
ip -n world link set eth0 up
ip -n world route add default via 203.0.113.1
ip -n world -6 route add default via 2001:db8::1
sysctl() { for s in "$@"; do echo "${s#*=}" > "/proc/sys/$(echo "${s%%=*}" | tr . /)"; done; }
sed -n 's/^#   \(sysctl \|ip \)/\1/p' ../../deploy/egress/router.nft > "$WORK/router.sh"
. "$WORK/router.sh"
printf 'nameserver 203.0.113.53\noptions timeout:1 attempts:1\n' > "$WORK/resolv.conf"
mount --bind "$WORK/resolv.conf" /etc/resolv.conf
exec "$0" "$@"
`

// Programs on a machine behind the gateway's, which know of no proxy: the kernel hands
// their connections to the gateway with TPROXY, by the rules of deploy/egress.
func TestRoutedByTheKernel(t *testing.T) {
	if os.Getenv(inside) != "" {
		testRouted(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Fatal("networks of its own need root: run this test as root")
	}
	cmd := exec.Command("unshare", "--net", "--mount", "sh", "-c", routed, os.Args[0], "-test.run=^TestRoutedByTheKernel$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1", "WORK="+t.TempDir(), "NFT="+testdebian.Program(t, "nftables", "nft"))
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Fatalf("%v\n%s", err, out)
	}
}

// inNetwork runs f in a network with a name. Its sockets stay there.
func inNetwork[T any](t *testing.T, name string, f func() (T, error)) T {
	t.Helper()
	type result struct {
		v   T
		err error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with its network
		var r result
		if r.err = enter(name); r.err == nil {
			r.v, r.err = f()
		}
		done <- r
	}()
	r := <-done
	return must(r.v, r.err)(t)
}

func enter(name string) error {
	f, err := os.Open(filepath.Join("/run/netns", name))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only
	return unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
}

// client runs a program as nobody on the client's machine.
func client(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nsenter", append([]string{"--net=/run/netns/client", "--setuid=65534", "--setgid=65534"}, args...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"}
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s[%v]", out, err)
	}
	return string(out)
}

// startWorld serves pages that say who asked.
func startWorld(t *testing.T) {
	t.Helper()
	for _, at := range []string{"203.0.113.80:80", "203.0.113.81:80", "203.0.113.81:5353", "[2001:db8::80]:80"} {
		l := inNetwork(t, "world", func() (net.Listener, error) { return net.Listen("tcp", at) })
		origin := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			from, _, _ := net.SplitHostPort(r.RemoteAddr)
			_, _ = fmt.Fprintf(w, "origin %s for %s, asked by %s", at, r.Host, from)
		})}
		go func() { _ = origin.Serve(l) }()
		t.Cleanup(func() { _ = origin.Close() })
	}
}

func testRouted(t *testing.T) {
	startWorld(t)
	get := func(url ...string) []string { return append([]string{"/usr/bin/python3", "-c", page}, url...) }
	for _, url := range []string{"http://203.0.113.80/", "http://[2001:db8::80]/"} {
		if got := client(t, get(url)...); !strings.Contains(got, "asked by 10.20.0.2") && !strings.Contains(got, "asked by fd20::2") {
			t.Fatalf("without the rules nobody is between: %s", got)
		}
	}
	if out, err := exec.Command(os.Getenv("NFT"), "-f", "../../deploy/egress/router.nft").CombinedOutput(); err != nil {
		t.Fatalf("the kernel does not take the rules: %v\n%s", err, out)
	}
	s := startSensor(t)
	for _, row := range []struct {
		name    string
		want    string
		program []string
	}{
		{"a name", "198.1", []string{"getent", "ahostsv4", "allowed.example"}},
		{"a denied name", "[exit status 2]", []string{"getent", "hosts", "evil.example"}},
		{"a page, curl", "origin 203.0.113.80:80 for allowed.example, asked by 203.0.113.1", []string{"curl", "-sS", "-m", "30", "http://allowed.example/"}},
		{"a page, python", "origin 203.0.113.80:80 for allowed.example, asked by 203.0.113.1", get("http://allowed.example/")},
		{"a page by IPv6", "origin [2001:db8::80]:80 for six.example, asked by 2001:db8::1", get("http://six.example/")},
		{"a page by address, and the name that lives there", "origin 203.0.113.80:80 for allowed.example, asked by 203.0.113.1", get("http://203.0.113.80/", "allowed.example")},
		{"a page by an IPv6 address, and the name that lives there", "origin [2001:db8::80]:80 for six.example, asked by 2001:db8::1", get("http://[2001:db8::80]/", "six.example")},
		{"a page by address, and a name that lives elsewhere", "403 ", get("http://203.0.113.81/", "allowed.example")},
		{"a page by an address alone", "cordon egress add 203.0.113.80:80", get("http://203.0.113.80/")},
		{"a page by an IPv6 address alone", "403 ", get("http://[2001:db8::80]/")},
		{"an address where nobody lives", "403 ", get("http://203.0.113.99/")},
		{"another port", "ConnectionResetError", []string{"/usr/bin/python3", "-c", stream, "203.0.113.81", "5353"}},
		{"QUIC, which is refused at once", "ConnectionRefusedError", []string{"/usr/bin/python3", "-c", datagram, "203.0.113.80", "443"}},
		{"another datagram", "OSError", []string{"/usr/bin/python3", "-c", datagram, "203.0.113.80", "123"}},
		{"the door itself", "ConnectionRefusedError", []string{"/usr/bin/python3", "-c", stream, "10.20.0.1", "8422"}},
		{"the door at the router's other address", "ConnectionRefusedError", []string{"/usr/bin/python3", "-c", stream, "203.0.113.1", "8422"}},
		{"a stranger's port that is numbered like the door", "ConnectionResetError", []string{"/usr/bin/python3", "-c", stream, "203.0.113.81", "8422"}},
	} {
		if got := client(t, row.program...); !strings.Contains(got, row.want) {
			t.Errorf("%s: %s", row.name, got)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := map[string]int{}
	for _, r := range s.records {
		if r.Client.Addr().String() == "10.20.0.2" || r.Client.Addr().String() == "fd20::2" {
			answers[string(r.Entry)+" "+string(r.Decision.Result)+" "+r.Host]++
		}
	}
	for _, want := range []string{"dns deny evil.example", "transparent allow allowed.example", "transparent allow six.example", "transparent deny 203.0.113.81"} {
		if answers[want] == 0 {
			t.Errorf("no record of the client is %q: %v", want, answers)
		}
	}
}
