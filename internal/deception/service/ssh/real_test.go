package ssh

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
	"go.cordon.dev/cordon/internal/testdebian"
)

// real is Debian's sshd, run by an ordinary user.
type real struct {
	address string
	patch   int
	user    string // who can log in
	key     string // with this
}

// sshd starts Debian's server on a port of its own until the test ends.
func sshd(t testing.TB, lines ...string) *real {
	t.Helper()
	dir := t.TempDir()
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	keygen := testdebian.Program(t, "openssh-client", "ssh-keygen")
	for _, kind := range []string{"rsa", "ecdsa", "ed25519"} {
		run(keygen, "-q", "-t", kind, "-N", "", "-f", filepath.Join(dir, kind))
		lines = append(lines, "HostKey "+filepath.Join(dir, kind))
	}
	run(keygen, "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, "login"))
	lines = append(lines, "PidFile none", "UsePAM no", "KbdInteractiveAuthentication no", "StrictModes no",
		"AuthorizedKeysFile "+filepath.Join(dir, "login.pub"), "AcceptEnv LANG LC_*", "PrintMotd no", "AllowTcpForwarding no",
		"AllowAgentForwarding no", "AllowStreamLocalForwarding no", "X11Forwarding yes", "Subsystem sftp internal-sftp", "MaxStartups 1000")
	port := servicetest.Port(t)
	r := &real{address: "127.0.0.1:" + port, key: filepath.Join(t.TempDir(), "login")}
	config := filepath.Join(dir, "config")
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	private, err := os.ReadFile(filepath.Join(dir, "login"))
	if err != nil || os.WriteFile(r.key, private, 0o600) != nil {
		t.Fatal("no key to log in with", err)
	}
	cmd := exec.Command(testdebian.Program(t, "openssh-server", "sshd"), "-D", "-e", "-f", config, "-p", port, "-o", "ListenAddress=127.0.0.1")
	ordinary(t, cmd, dir)
	unlocked(t, cmd, r, dir)
	start(t, cmd, r)
	return r
}

// unlocked gives the server an account that is not locked: a library stands
// between it and the system's.
func unlocked(t testing.TB, cmd *exec.Cmd, r *real, dir string) {
	t.Helper()
	library := testdebian.Library(t, "libnss-wrapper", "usr/lib/*/libnss_wrapper.so")
	uid, gid := os.Getuid(), os.Getgid()
	if c := cmd.SysProcAttr; c != nil {
		uid, gid = int(c.Credential.Uid), int(c.Credential.Gid)
	}
	r.user = "mallory"
	passwd, group := filepath.Join(t.TempDir(), "passwd"), filepath.Join(t.TempDir(), "group")
	for name, text := range map[string]string{
		passwd: fmt.Sprintf("root:x:0:0::/root:/bin/sh\nmallory:x:%d:%d::%s:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n", uid, gid, dir),
		group:  fmt.Sprintf("root:x:0:\nmallory:x:%d:\n", gid),
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Env = append(os.Environ(), "LD_PRELOAD="+library, "NSS_WRAPPER_PASSWD="+passwd, "NSS_WRAPPER_GROUP="+group)
}

// ordinary makes the server that of an ordinary user, and the folder his.
func ordinary(t testing.TB, cmd *exec.Cmd, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Chown(filepath.Join(dir, f.Name()), nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// start runs the server until the test ends, and returns when it answers.
func start(t testing.TB, cmd *exec.Cmd, r *real) {
	t.Helper()
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		banner := say(t, r.address, nil)
		m := regexp.MustCompile(`^SSH-2.0-OpenSSH_9.2p1 Debian-2\+deb12u(\d+)\r\n`).FindSubmatch(banner)
		if m != nil {
			r.patch, _ = strconv.Atoi(string(m[1]))
			return
		}
	}
	t.Fatalf("sshd does not answer: %s", log.String())
}

// say sends bytes, ends its side, and returns everything that is answered.
func say(t testing.TB, address string, b []byte) []byte {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = conn.Write(b)
	_ = conn.(*net.TCPConn).CloseWrite()
	out, err := io.ReadAll(conn)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reading: %v", err)
	}
	return out
}

// masked makes what a server says short and the same for all: the KEXINIT with
// its random cookie becomes its fingerprint.
func masked(b []byte) string {
	ident, after, ok := bytes.Cut(b, []byte("\r\n"))
	if !ok || len(after) < 22 || after[5] != transport.MsgKexInit {
		return fmt.Sprintf("%q", b)
	}
	init := after[:min(len(after), 4+int(wire.Read(after).Uint32()))]
	copy(init[6:22], make([]byte, 16))
	return fmt.Sprintf("%q KEXINIT %x %q", ident, sha256.Sum256(init), after[len(init):])
}

// hello is a client's identification and KEXINIT.
func hello(kex string) []byte {
	l := algorithms(newestPatch)
	l[transport.ListKex] = kex
	p := wire.Message(transport.MsgKexInit).Raw(make([]byte, 16))
	for _, names := range l {
		p = p.Text(names)
	}
	return append([]byte("SSH-2.0-test\r\n"), clearPacket(p.Bool(false).Uint32(0))...)
}

// clearPacket is a packet as it is before there are keys.
func clearPacket(payload []byte) []byte {
	pad := 8 - (5+len(payload))%8
	if pad < 4 {
		pad += 8
	}
	return append(wire.Packet(nil).Uint32(uint32(1+len(payload)+pad)).Byte(byte(pad)).Raw(payload), make([]byte, pad)...)
}

// Before there are keys, every byte that the decky says is the one that sshd
// says, also to those who speak badly.
func TestItAnswersAsSSHDDoes(t *testing.T) {
	r := sshd(t)
	d := decky(t, newTiny(t), quick(service.Config{"patch": r.patch}))
	for name, b := range conversations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := masked(say(t, r.address, b)), masked(say(t, d.Address, b))
			if got != want {
				t.Errorf("sshd says\n%s\nthe decky\n%s", want, got)
			}
		})
	}
}

func conversations() map[string][]byte {
	out := map[string][]byte{
		"nothing": nil, "a web client": []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "an empty line": []byte("\r\n"),
		"a zero": []byte("SSH-2.0-\x00\r\n"), "a return within": []byte("SSH-2.0-a\rb\r\n"), "two returns": []byte("SSH-2.0-a\r\r\n"),
		"a line without a return": []byte("SSH-2.0-a\n"), "without software": []byte("SSH-2.0\r\n"), "with none": []byte("SSH-2.0-\r\n"),
		"in lower case": []byte("ssh-2.0-x\r\n"), "version 1": []byte("SSH-1.5-x\r\n"), "version 1.99": []byte("SSH-1.99-x\r\n"),
		"version 3": []byte("SSH-3.0-x\r\n"), "no number": []byte("SSH-x.y-z\r\n"), "with a comment": []byte("SSH-2.0-x a comment\r\n"),
		"only blanks": []byte("SSH-2.0-  \r\n"), "a long line": append(bytes.Repeat([]byte("a"), 9000), '\n'),
		"a long name": append(append([]byte("SSH-2.0-"), bytes.Repeat([]byte("a"), 8180)...), "\r\n"...),
		"cut short":   []byte("SSH-2.0-x"), "a probe": []byte("SSH-2.0-Probe-1\r\n"), "a scanner": []byte("SSH-2.0-SSH_Version_Mapper\r\n"),
		"a minus": []byte("SSH--2.0-x\r\n"), "blanks": []byte("SSH- 2. 0-x\r\n"), "a sign": []byte("SSH-+2.+0-x\r\n"),
	}
	const ident = "SSH-2.0-test\r\n"
	for name, b := range map[string][]byte{
		"length 0": make([]byte, 16), "length 4": {0, 0, 0, 4, 0, 0, 0, 0}, "length of all": bytes.Repeat([]byte{0xff}, 16),
		"length just too much": {0, 4, 0, 1, 4, 20, 0, 0}, "length not of blocks": {0, 0, 0, 13, 4, 20, 0, 0},
		"hardly padded": {0, 0, 0, 12, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "all padding": {0, 0, 0, 12, 11, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"more padding than there is": {0, 0, 0, 12, 99, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"number 0":                   clearPacket([]byte{0}), "number 200": clearPacket([]byte{200}), "number 192": clearPacket([]byte{192}), "number 191": clearPacket([]byte{191}),
		"a goodbye": clearPacket(wire.Message(1).Uint32(11).Text("bye").Text("")), "keys at once": clearPacket([]byte{21}),
		"a service at once": clearPacket(wire.Message(5).Text("ssh-userauth")), "a login at once": clearPacket(wire.Message(50).Text("root")),
		"a method at once": clearPacket(wire.Message(30).String(make([]byte, 32))), "unimplemented": clearPacket(wire.Message(3).Uint32(0)),
		"nothing, then a service": append(clearPacket(wire.Message(2).Text("x")), clearPacket(wire.Message(5).Text("ssh-userauth"))...),
		"a short KEXINIT":         clearPacket(append([]byte{20}, make([]byte, 20)...)), "an empty KEXINIT": clearPacket([]byte{20}),
		"an odd list": clearPacket(wire.Message(20).Raw(make([]byte, 16)).Text("a\x00b")),
		"a channel":   clearPacket(wire.Message(90).Text("session")), "a debug message": clearPacket(wire.Message(4).Bool(true).Text("x").Text("")),
	} {
		out[name] = append([]byte(ident), b...)
	}
	for name, h := range exchanges() {
		out[name] = h
	}
	return out
}

// exchanges are conversations in which a method is agreed upon, or not.
func exchanges() map[string][]byte {
	join := func(b []byte, more ...[]byte) []byte { return bytes.Join(append([][]byte{b}, more...), nil) }
	plain, strict := hello("curve25519-sha256"), hello("curve25519-sha256,kex-strict-c-v00@openssh.com")
	gex := hello("diffie-hellman-group-exchange-sha256")
	late := join([]byte("SSH-2.0-test\r\n"), clearPacket(wire.Message(2).Text("x")), bytes.TrimPrefix(strict, []byte("SSH-2.0-test\r\n")))
	request := func(a, b, c uint32) []byte { return clearPacket(wire.Message(34).Uint32(a).Uint32(b).Uint32(c)) }
	return map[string][]byte{
		"nothing in common": hello("rot13"), "an empty list": hello(""), "only the strict mark": hello("kex-strict-s-v00@openssh.com"),
		"strict, but late": late,
		"ignored":          join(plain, clearPacket(wire.Message(2).Text("x"))), "strict, ignored": join(strict, clearPacket(wire.Message(2).Text("x"))),
		"a service within":        join(plain, clearPacket(wire.Message(5).Text("ssh-userauth"))),
		"strict, service within":  join(strict, clearPacket(wire.Message(5).Text("ssh-userauth"))),
		"a login within":          join(plain, clearPacket(wire.Message(50).Text("root"))),
		"strict, a login within":  join(strict, clearPacket(wire.Message(50).Text("root"))),
		"KEXINIT twice":           join(plain, bytes.TrimPrefix(plain, []byte("SSH-2.0-test\r\n"))),
		"an unknown message":      join(plain, clearPacket([]byte{49}), clearPacket([]byte{7})),
		"a point of order 1":      join(plain, clearPacket(wire.Message(30).String(make([]byte, 32)))),
		"half a point":            join(plain, clearPacket(wire.Message(30).String(make([]byte, 16)))),
		"nothing for a point":     join(plain, clearPacket([]byte{30})),
		"bounds the wrong way":    join(gex, request(4096, 3072, 2048)),
		"too small a group":       join(gex, request(512, 768, 1024)),
		"the old request":         join(gex, clearPacket(wire.Message(30).Uint32(2048))),
		"a number that is one":    join(hello("diffie-hellman-group14-sha256"), clearPacket(wire.Message(30).Mpint([]byte{1}))),
		"a number that is none":   join(hello("diffie-hellman-group14-sha256"), clearPacket(wire.Message(30).String([]byte{0x80}))),
		"a disconnect within":     join(plain, clearPacket(wire.Message(1).Uint32(3).Text("no").Text(""))),
		"the hybrid, too short":   join(hello("sntrup761x25519-sha512@openssh.com"), clearPacket(wire.Message(30).String(make([]byte, 1158)))),
		"a curve, off it":         join(hello("ecdh-sha2-nistp256"), clearPacket(wire.Message(30).String(append([]byte{4}, make([]byte, 64)...)))),
		"a curve, the wrong size": join(hello("ecdh-sha2-nistp384"), clearPacket(wire.Message(30).String(append([]byte{4}, make([]byte, 64)...)))),
	}
}

// HASSH fingerprints a server by its lists; ours is that of Debian's.
func TestTheFingerprintIsSSHDs(t *testing.T) {
	r := sshd(t)
	got, want := "", ""
	d := decky(t, newTiny(t), quick(service.Config{"patch": r.patch}))
	for address, into := range map[string]*string{r.address: &want, d.Address: &got} {
		_, packet, ok := bytes.Cut(say(t, address, []byte("SSH-2.0-test\r\n")), []byte("\r\n"))
		if !ok || len(packet) < 30 {
			t.Fatal("no KEXINIT")
		}
		in := wire.Read(packet[22:])
		var l transport.Lists
		for i := range l {
			l[i] = in.Text()
		}
		*into = hassh(l, transport.ListCipherOut)
	}
	if got != want || len(got) != 32 {
		t.Errorf("HASSH-server %s, sshd's %s", got, want)
	}
	t.Logf("HASSH-server of deb12u%d: %s", r.patch, got)
}

// seen is what a client's log says was received, without what differs from one
// connection to the next.
func seen(log string) string {
	var out []string
	for line := range strings.SplitSeq(log, "\n") {
		line = strings.TrimRight(line, "\r")
		if regexp.MustCompile(`receive packet|Permission denied|Received disconnect|Disconnected from|Connection closed|Authentications that|rtype|server-sig-algs|publickey-hostbound|ext_info|open failed|kex_input_ext|input_channel|rcvd|Remote:|remote software|peer server|algos|host key alg|ciphers|MACs|compression|eow|authentication succeeded|request failed|Authenticat`).MatchString(line) {
			line = regexp.MustCompile(`port \d+|:\d+\]?|\[127.0.0.1\]`).ReplaceAllString(line, "")
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		if i >= len(x) || i >= len(y) || x[i] != y[i] {
			return fmt.Sprintf("line %d:\nsshd:  %s\ndecky: %s", i, at(x, i), at(y, i))
		}
	}
	return ""
}

func at(l []string, i int) string {
	return strings.Join(l[min(i, len(l)):min(i+3, len(l))], "\n       ")
}

// What a client sees when its logins fail is what it sees of sshd.
func TestFailedLoginsLookLikeSSHDs(t *testing.T) {
	r := sshd(t)
	d := decky(t, newTiny(t), quick(service.Config{"patch": r.patch}))
	spare := filepath.Join(t.TempDir(), "spare")
	if out, err := exec.Command(testdebian.Program(t, "openssh-client", "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", spare).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, options := range map[string][]string{
		"a wrong password":            {"-o", "PreferredAuthentications=password", "x@127.0.0.1"},
		"a wrong password, and again": {"-o", "NumberOfPasswordPrompts=9", "-o", "PreferredAuthentications=password", "x@127.0.0.1"},
		"an unknown key":              {"-i", spare, "-o", "PreferredAuthentications=publickey", "x@127.0.0.1"},
		"no method":                   {"-o", "PreferredAuthentications=none", "x@127.0.0.1"},
		"nothing that is offered":     {"-o", "PreferredAuthentications=keyboard-interactive", "x@127.0.0.1"},
		"all there is":                {"-i", spare, "x@127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // sshd takes its time
			want := newClient(t, r.address).run("ssh", "", append([]string{"-vvv"}, options...)...)
			got := newClient(t, d.Address).run("ssh", "", append([]string{"-vvv"}, options...)...)
			if diff := difference(seen(want.log), seen(got.log)); diff != "" || want.status != got.status {
				t.Errorf("%s", diff)
			}
		})
	}
}
