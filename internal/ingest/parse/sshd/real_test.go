//go:build servers && unix

package sshd

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/ingest/parse"
	"go.cordon.dev/cordon/internal/ingest/parse/parsetest"
	"go.cordon.dev/cordon/internal/testdebian"
)

// real is Debian's sshd, run by an ordinary user, and what it has logged.
type real struct {
	address string
	log     string
	key     ssh.Signer // with which mallory may log in
}

func start(t *testing.T) *real {
	t.Helper()
	dir, port := servicetest.Folder(t), servicetest.Port(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	r := &real{address: "127.0.0.1:" + port, log: file("log")}
	host, _ := key(t)
	_, r.key = key(t)
	own(t, file("host"), pem.EncodeToMemory(host), 0o600)
	own(t, file("keys"), ssh.MarshalAuthorizedKey(r.key.PublicKey()), 0o644)
	own(t, file("config"), []byte(strings.Join([]string{
		"HostKey " + file("host"), "PidFile none", "UsePAM no", "StrictModes no", "AuthorizedKeysFile " + file("keys"),
		"KbdInteractiveAuthentication no", "MaxAuthTries 4", "MaxStartups 100", "PermitRootLogin yes",
	}, "\n")+"\n"), 0o644)
	servicetest.Peer(t, r.address, unlocked(t, dir), "-D", "-E", r.log, "-f", file("config"), "-p", port, "-o", "ListenAddress=127.0.0.1")
	return r
}

// unlocked returns the server as a program whose users are root and mallory, its
// own: a library stands between it and the system's users, who may be locked.
func unlocked(t *testing.T, dir string) string {
	t.Helper()
	library := testdebian.Library(t, "libnss-wrapper", "usr/lib/*/libnss_wrapper.so")
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := info.Sys().(*syscall.Stat_t)
	own(t, dir+"/passwd", fmt.Appendf(nil, "root:x:0:0::/root:/bin/sh\nmallory:x:%d:%d::%s:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n", id.Uid, id.Gid, dir), 0o644)
	own(t, dir+"/group", fmt.Appendf(nil, "root:x:0:\nmallory:x:%d:\n", id.Gid), 0o644)
	own(t, dir+"/sshd", fmt.Appendf(nil, "#!/bin/sh\nexport LD_PRELOAD=%s NSS_WRAPPER_PASSWD=%s/passwd NSS_WRAPPER_GROUP=%s/group\nexec %s \"$@\"\n",
		library, dir, dir, testdebian.Program(t, "openssh-server", "sshd")), 0o755)
	return dir + "/sshd"
}

func key(t *testing.T) (*pem.Block, ssh.Signer) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return block, signer
}

// own writes a file that belongs to the server's user.
func own(t *testing.T, path string, text []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, text, mode); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	id := info.Sys().(*syscall.Stat_t)
	if err := os.Chown(path, int(id.Uid), int(id.Gid)); err != nil {
		t.Fatal(err)
	}
}

// try logs in and leaves, and returns the client's port.
func (r *real) try(t *testing.T, name string, methods ...ssh.AuthMethod) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", r.address, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	config := &ssh.ClientConfig{User: name, Auth: methods, HostKeyCallback: ssh.InsecureIgnoreHostKey()}
	if c, _, _, err := ssh.NewClientConn(conn, r.address, config); err == nil {
		_ = c.Close()
	}
	return port
}

// records returns what became of a client, once the server has logged its end.
func (r *real) records(t *testing.T, port string) (out []string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(r.log)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return !strings.Contains(l, " port "+port) || !strings.HasSuffix(l, "\n") })
		ended := slices.ContainsFunc(lines, func(l string) bool {
			return strings.HasPrefix(l, "Connection closed by") || strings.HasPrefix(l, "Connection reset by") || strings.HasPrefix(l, "Disconnect") || strings.HasPrefix(l, "Accepted")
		})
		if ended {
			return parsetest.Read(Plugin(), "Nov 22 07:50:09 web-1 sshd[1]: "+strings.Join(lines, "Nov 22 07:50:09 web-1 sshd[1]: "))
		}
		if time.Now().After(end) {
			t.Fatalf("the server has not logged the end of port %s:\n%s", port, text)
		}
	}
}

func passwords(n int) ssh.AuthMethod {
	return ssh.RetryableAuthMethod(ssh.PasswordCallback(func() (string, error) { return "wrong", nil }), n)
}

// What Debian's server logs gives one record for each attempt, whatever kind it
// was, and the client's address and port.
func TestWhatDebiansServerLogs(t *testing.T) {
	r := start(t)
	_, other := key(t)
	failed := func(name, more string) string { return record(parse.AuthFailed, name, more) }
	const mallory = "mallory"
	const method = `method="password" `
	const unknown = ` reason="invalid_user"`
	tests := []struct {
		what, name string
		methods    []ssh.AuthMethod
		want       []string
	}{
		{"two passwords", "root", []ssh.AuthMethod{passwords(2)}, []string{failed("root", method+"PORT") + " (2 times)"}},
		{"a user that does not exist", "no-such", []ssh.AuthMethod{passwords(3)},
			[]string{failed("no-such", "PORT"+unknown), failed("no-such", method+"PORT"+unknown) + " (2 times)"}},
		{"a look at who exists", "no-such", nil, []string{failed("no-such", "PORT"+unknown)}},
		{"a key that does not fit", mallory, []ssh.AuthMethod{ssh.PublicKeys(other)}, []string{failed(mallory, `PORT reason="left"`)}},
		{"too many passwords", "root", []ssh.AuthMethod{passwords(9)}, []string{failed("root", method+"PORT") + " (4 times)"}},
		{"a key that fits", mallory, []ssh.AuthMethod{ssh.PublicKeys(other, r.key)}, []string{record(parse.AuthSucceeded, mallory, `method="publickey" PORT`)}},
		{"a name that forges a line", "root from 192.0.2.1 port 22 ssh2", []ssh.AuthMethod{passwords(1)},
			[]string{failed("root from 192.0.2.1 port 22 ssh2", "PORT"+unknown)}},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			port := r.try(t, tt.name, tt.methods...)
			got := r.records(t, port)
			for i := range tt.want {
				tt.want[i] = strings.ReplaceAll(tt.want[i], "PORT", fmt.Sprintf("port=%q", port))
			}
			if !slices.Equal(got, tt.want) {
				text, _ := os.ReadFile(r.log)
				t.Errorf("records\n%s\nwant\n%s\nof\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"), text)
			}
		})
	}
}

func record(kind parse.Kind, name, more string) string {
	return fmt.Sprintf(`2026-11-22T07:50:09Z %s 127.0.0.1 %q host="web-1" %s service="sshd"`, kind, name, more)
}
