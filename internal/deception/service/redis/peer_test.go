//go:build servers && unix

package redis

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testdebian"
)

// debians starts Debian's server with what an administrator changed who opened it
// to the network.
func debians(t *testing.T, more ...string) string {
	t.Helper()
	port := servicetest.Port(t)
	args := append([]string{"--port", port, "--dir", servicetest.Folder(t), "--protected-mode", "no", "--enable-protected-configs", "yes"}, more...)
	servicetest.Peer(t, "127.0.0.1:"+port, testdebian.Program(t, "redis-server", "redis-server"), args...)
	return "127.0.0.1:" + port
}

// wire is a client that shows the bytes of replies.
type wire struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func dialWire(t *testing.T, address string) *wire {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return &wire{t, c, bufio.NewReader(c)}
}

func (w *wire) ask(args []string) []string {
	w.t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := w.conn.Write(b.Bytes()); err != nil {
		w.t.Fatal(err)
	}
	return w.reply()
}

// reply reads one and returns its pieces, so that they can be sorted.
func (w *wire) reply() []string {
	w.t.Helper()
	line, err := w.in.ReadString('\n')
	if err != nil {
		w.t.Fatalf("reading a reply: %v", err)
	}
	n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
	switch line[0] {
	case '$', '=':
		if n < 0 {
			return []string{line}
		}
		body := make([]byte, n+2)
		if _, err := io.ReadFull(w.in, body); err != nil {
			w.t.Fatal(err)
		}
		return []string{line + string(body)}
	case '%':
		n *= 2
	case '*', '~', '>':
	default:
		return []string{line}
	}
	out := []string{line}
	for range n {
		out = append(out, strings.Join(w.reply(), ""))
	}
	return out
}

// Every reply of the decky is the bytes that Debian's server sends.
func TestTheTranscriptIsTheRealServers(t *testing.T) {
	kind := Kind()
	s, err := kind.New(servicetest.Setup(t, service.Config{"keys": -1}))
	if err != nil {
		t.Fatal(err)
	}
	decky, peer := dialWire(t, servicetest.Listen(t, "redis", s).Address), dialWire(t, debians(t))
	text, err := os.ReadFile(filepath.Join("testdata", "transcript.txt"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if proto, ok := strings.CutPrefix(line, "-- "); ok {
			decky.ask([]string{"HELLO", proto})
			peer.ask([]string{"HELLO", proto})
			continue
		}
		how := byte(' ')
		if strings.HasPrefix(line, "? ") || strings.HasPrefix(line, "= ") {
			how, line = line[0], line[2:]
		}
		args, ok := split(line)
		if !ok {
			t.Fatalf("line %d has unbalanced quotes", i+1)
		}
		got, want := decky.ask(args), peer.ask(args)
		if compared++; canonical(got, how) != canonical(want, how) {
			t.Errorf("%s\n got %.600q\nwant %.600q", line, strings.Join(got, ""), strings.Join(want, ""))
		}
	}
	if compared < 150 {
		t.Errorf("only %d commands are compared", compared)
	}
}

func canonical(reply []string, how byte) string {
	if how == '?' {
		return reply[0][:1]
	}
	if how == '=' {
		reply = append([]string{reply[0]}, slices.Sorted(slices.Values(reply[1:]))...)
	}
	return strings.Join(reply, "")
}

// What is not the protocol gets the real server's answer, and its silence.
func TestBadPacketsGetTheRealAnswer(t *testing.T) {
	s, err := Kind().New(servicetest.Setup(t, service.Config{"keys": -1}))
	if err != nil {
		t.Fatal(err)
	}
	decky, peer := servicetest.Listen(t, "redis", s).Address, debians(t)
	secret := "p" + strings.Repeat("w", 8)
	locked, err := Kind().New(servicetest.Setup(t, service.Config{"keys": -1, "password": secret}))
	if err != nil {
		t.Fatal(err)
	}
	lockedDecky, lockedPeer := servicetest.Listen(t, "redis", locked).Address, debians(t, "--requirepass", secret)
	tests := []string{
		"*abc\r\n", "*99999999999\r\n", "*-1\r\nPING\r\n", "*0\r\nPING\r\n", "*1\r\nPING\r\n", "*1\r\n$abc\r\n", "*1\r\n$-1\r\n", "*1\r\n$999999999999\r\n",
		"*1\r\n\r\n", "SET a 'b\r\n", "SET a \"b\"c\r\n", "set a \"\\x41\\n\"\r\nget a\r\n", "\r\n\r\nPING\r\n", "PING\n", "GET / HTTP/1.0\r\n\r\n", "POST / HTTP/1.0\r\n",
		"Host: x\r\n", "*" + strings.Repeat("1", 70000), strings.Repeat("a", 70000), "*1\r\n$" + strings.Repeat("1", 70000), "\x16\x03\x01\x02\x00\n",
		"*11\r\n", "*2\r\n$4\r\nAUTH\r\n$20000\r\n", "GET a\r\n", "foo\r\n", "get\r\n", "AUTH wrong\r\n", "AUTH x y\r\n", "HELLO 3\r\n", "HELLO 2 AUTH default no\r\n",
		"AUTH " + secret + "\r\nACL WHOAMI\r\nPING\r\n", "HELLO 3 AUTH default " + secret + " SETNAME x\r\nCLIENT GETNAME\r\n", "MULTI\r\nQUIT\r\n", "RESET\r\nPING\r\n",
		"CLIENT REPLY SKIP\r\nPING\r\nECHO a\r\n", "CLIENT REPLY OFF\r\nPING\r\nCLIENT REPLY ON\r\nPING\r\n",
	}
	for _, sent := range tests {
		for _, pair := range [][2]string{{decky, peer}, {lockedDecky, lockedPeer}} {
			got, want := say(t, pair[0], sent), say(t, pair[1], sent)
			if mask(got) != mask(want) {
				t.Errorf("%.80q at %v\n got %.300q\nwant %.300q", sent, pair == [2]string{lockedDecky, lockedPeer}, got, want)
			}
		}
	}
}

// mask hides a connection's number.
func mask(s string) string {
	before, after, ok := strings.Cut(s, "$2\r\nid\r\n:")
	if !ok {
		return s
	}
	_, after, _ = strings.Cut(after, "\r\n")
	return before + after
}

func say(t *testing.T, address, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	_, _ = c.Write([]byte(text))
	_ = c.(*net.TCPConn).CloseWrite()
	b, _ := io.ReadAll(c)
	return string(b)
}

// INFO has the real server's fields in their order.
func TestInfoHasTheRealFields(t *testing.T) {
	s, err := Kind().New(servicetest.Setup(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	decky, peer := servicetest.Listen(t, "redis", s).Address, debians(t)
	for _, sections := range []string{"", "replication", "everything", "server clients"} {
		got, want := fields(say(t, decky, "INFO "+sections+"\r\n")), fields(say(t, peer, "INFO "+sections+"\r\n"))
		if !slices.Equal(got, want) {
			t.Errorf("INFO %s:\n got %v\nwant %v", sections, got, want)
		}
	}
	build := func(s string) string {
		_, rest, _ := strings.Cut(s, "redis_build_id:")
		return strings.SplitN(rest, "\r", 2)[0]
	}
	// Debian builds a version anew for security; a mirror may still have the build before.
	// The decky names the newest.
	builds := []string{"ae4d7c971a948f0", "e08dbad3e06f3fb"}
	if got, want := build(say(t, decky, "INFO server\r\n")), build(say(t, peer, "INFO server\r\n")); got != builds[len(builds)-1] || !slices.Contains(builds, want) {
		t.Errorf("build %q; Debian's is %q, known are %q", got, want, builds)
	}

}

func fields(info string) (out []string) {
	for _, line := range strings.Split(info, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		if !strings.HasPrefix(name, "db") && !strings.HasPrefix(name, "cmdstat_") && !strings.HasPrefix(name, "latency_percentiles") && !strings.HasPrefix(name, "$") {
			out = append(out, name)
		}
	}
	return out
}

// The settings are the real server's, all of them.
func TestTheSettingsAreTheRealOnes(t *testing.T) {
	peer := dialWire(t, debians(t))
	all := peer.ask([]string{"CONFIG", "GET", "*"})
	s, err := Kind().New(servicetest.Setup(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	mine := dialWire(t, servicetest.Listen(t, "redis", s).Address).ask([]string{"CONFIG", "GET", "*"})
	names := func(pairs []string) (out []string) {
		for i := 1; i < len(pairs); i += 2 {
			out = append(out, pairs[i])
		}
		slices.Sort(out)
		return out
	}
	if got, want := names(mine), names(all); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// What DUMP gives, a real server restores, and so does SAVE's file load.
func TestARealServerTakesWhatIsDumped(t *testing.T) {
	s, err := Kind().New(servicetest.Setup(t, service.Config{"keys": -1}))
	if err != nil {
		t.Fatal(err)
	}
	d := servicetest.Listen(t, "redis", s)
	decky, peer := dialWire(t, d.Address), dialWire(t, debians(t))
	for _, line := range []string{"SET s " + strings.Repeat("x", 300), "SET n -70000", "RPUSH l a b 3", "SADD set a 1", "HSET h a 1 b 2", "ZADD z 1.5 a -inf b"} {
		args, _ := split(line)
		decky.ask(args)
		dumped := decky.ask([]string{"DUMP", args[1]})[0]
		_, payload, _ := strings.Cut(dumped, "\r\n")
		if got := peer.ask([]string{"RESTORE", args[1], "0", strings.TrimSuffix(payload, "\r\n")})[0]; got != "+OK\r\n" {
			t.Errorf("%s: RESTORE says %q", line, got)
		}
	}
	decky.ask([]string{"SAVE"})
	image := d.Sink.Wait(t, service.Upload, 1)[0].Artifact
	dir := servicetest.Folder(t)
	if err := os.WriteFile(filepath.Join(dir, "dump.rdb"), image.Data, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := dialWire(t, debians(t, "--dir", dir)).ask([]string{"DBSIZE"})[0]; got != ":6\r\n" {
		t.Errorf("a real server loads %q keys of the file, want 6", got)
	}
}

// The command line client works as with any server, and the benchmark's load
// is served.
func TestTheRealClients(t *testing.T) {
	s, err := Kind().New(servicetest.Setup(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	d := servicetest.Listen(t, "redis", s)
	_, port, _ := net.SplitHostPort(d.Address)
	cli := func(args ...string) string {
		out, err := exec.Command(testdebian.Program(t, "redis-tools", "redis-cli"), append([]string{"-p", port}, args...)...).CombinedOutput()
		if err != nil {
			t.Errorf("redis-cli %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"PING"}, "PONG\n"},
		{[]string{"-3", "SET", "a", "b"}, "OK\n"},
		{[]string{"GET", "a"}, "b\n"},
		{[]string{"INFO", "server"}, "redis_version:7.0.15"},
		{[]string{"--scan", "--pattern", "*:flags"}, ":flags\n"},
		{[]string{"--bigkeys"}, "Biggest"},
		{[]string{"--memkeys"}, "Biggest"},
		{[]string{"CONFIG", "GET", "dir"}, "/var/lib/redis"},
	} {
		if got := cli(tt.args...); !strings.Contains(got, tt.want) {
			t.Errorf("redis-cli %v prints %q, want %q", tt.args, got, tt.want)
		}
	}
	out, err := exec.Command(testdebian.Program(t, "redis-tools", "redis-benchmark"), "-p", port, "-q", "-n", "500", "-c", "10", "-t", "ping,set,get,incr,lpush,rpop,sadd,hset,spop,zadd,zpopmin,lrange,mset").CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERR") || !strings.Contains(string(out), "MSET") {
		t.Errorf("redis-benchmark: %v\n%s", err, out)
	}
}
