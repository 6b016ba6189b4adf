package ftp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/passwords"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// secret is the password that logs in.
const secret = servicetest.Password

// patience is how long a test waits for what must come.
const patience = 2 * time.Minute

// tiny is one machine for all: root and anna have a home, and a few files.
type tiny struct {
	files  *vfs.FS
	inside *atomic.Int64 // who has entered
}

func newTiny() tiny {
	tree := vfs.NewTree(time.Now().Add(-300 * 24 * time.Hour))
	at := time.Now().Add(-time.Hour)
	dir := func(name string, uid int, mode os.FileMode) {
		tree.Add(name, vfs.Node{Mode: os.ModeDir | mode, UID: uid, GID: uid, Mtime: at})
	}
	dir("/root", 0, 0o700)
	dir("/home/anna", 1000, 0o755)
	dir("/home/anna/docs", 1000, 0o755)
	tree.Add("/home/anna/notes.txt", vfs.Node{Mode: 0o644, UID: 1000, GID: 1000, Mtime: at, Data: []byte("one\ntwo\n")})
	tree.Add("/home/anna/shut", vfs.Node{Mode: 0o000, UID: 0, GID: 0, Mtime: at, Data: []byte("x")})
	tree.Add("/home/anna/away", vfs.Node{Mode: os.ModeSymlink | 0o777, UID: 1000, GID: 1000, Mtime: at, Target: "/etc"})
	tree.Add("/etc/hostname", vfs.Node{Mode: 0o644, Mtime: at, Data: []byte("web-1\n")})
	return tiny{vfs.New(tree, time.Now, vfs.Limits{}), new(atomic.Int64)}
}

// Machine implements Machines.
func (m tiny) Machine(netip.Addr) Machine { return m }

// Passwords implements Machines.
func (m tiny) Passwords() *passwords.Memory { return new(passwords.Memory) }

// Enter implements Machine.
func (m tiny) Enter() (leave func()) {
	m.inside.Add(1)
	return func() { m.inside.Add(-1) }
}

// View implements Machine.
func (m tiny) View(user string) (*vfs.View, error) {
	switch user {
	case "root":
		return m.files.As(vfs.Cred{}).In("/root"), nil
	case "anna":
		return m.files.As(vfs.Cred{UID: 1000, GID: 1000}).In("/home/anna"), nil
	}
	return nil, errors.New("no such user")
}

// quick is a configuration in which anna logs in without delay.
func quick(more service.Config) service.Config {
	anna := map[string]any{"users": []string{"anna"}, "passwords": []string{secret}, "after": 0}
	return servicetest.Quick(service.Config{"accept": anna}, more)
}

// decky serves FTP for one test.
func decky(t testing.TB, m Machines, config service.Config) *servicetest.Decky {
	t.Helper()
	return servicetest.Serve(t, Kind(m), config)
}

// talker is a client that sees every byte.
type talker struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// dial connects and reads the greeting.
func dial(t testing.TB, address string) *talker {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	w := &talker{t, c, bufio.NewReader(c)}
	if got := w.reply(); got != "220 (vsFTPd 3.0.3)\r\n" {
		t.Fatalf("it greets with %q", got)
	}
	return w
}

// enter connects and logs in.
func enter(t testing.TB, address string) *talker {
	t.Helper()
	w := dial(t, address)
	w.want("USER anna", "331 Please specify the password.")
	w.want("PASS "+secret, "230 Login successful.")
	return w
}

// reply reads an answer to its last line; what is cut off ends with <end>.
func (w *talker) reply() string {
	w.t.Helper()
	all := ""
	for {
		line, err := w.in.ReadString('\n')
		all += line
		if err != nil {
			return all + "<end>"
		}
		if len(line) > 3 && line[3] == ' ' && strings.Trim(line[:3], "0123456789") == "" {
			return all
		}
	}
}

func (w *talker) send(line string) {
	w.t.Helper()
	if _, err := io.WriteString(w.conn, line+"\r\n"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *talker) ask(line string) string {
	w.t.Helper()
	w.send(line)
	return w.reply()
}

func (w *talker) want(line, reply string) {
	w.t.Helper()
	if got := w.ask(line); got != reply+"\r\n" {
		w.t.Errorf("%.80q is answered %q, want %q", line, got, reply)
	}
}

var extendedPort = regexp.MustCompile(`\(\|\|\|(\d+)\|\)`)

// data opens a data connection.
func (w *talker) data() net.Conn {
	w.t.Helper()
	reply := w.ask("EPSV")
	found := extendedPort.FindStringSubmatch(reply)
	if found == nil {
		w.t.Fatalf("EPSV is answered %q", reply)
	}
	if n, _ := strconv.Atoi(found[1]); n < minPort {
		w.t.Errorf("port %d is below vsftpd's", n)
	}
	host, _, _ := net.SplitHostPort(w.conn.RemoteAddr().String())
	c, err := net.Dial("tcp", net.JoinHostPort(host, found[1]))
	if err != nil {
		w.t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

// get runs a command that sends data.
func (w *talker) get(line string) (data, reply string) {
	w.t.Helper()
	d := w.data()
	defer d.Close()
	if reply = w.ask(line); !strings.HasPrefix(reply, "150") {
		return "", reply
	}
	b, err := io.ReadAll(d)
	if err != nil {
		w.t.Errorf("%q: %v", line, err)
	}
	return string(b), reply + w.reply()
}

// put runs a command that takes data.
func (w *talker) put(line, data string) (reply string) {
	w.t.Helper()
	d := w.data()
	defer d.Close()
	if reply = w.ask(line); !strings.HasPrefix(reply, "150") {
		return reply
	}
	if _, err := io.WriteString(d, data); err != nil {
		w.t.Errorf("%q: %v", line, err)
	}
	_ = d.Close()
	return reply + w.reply()
}

// does checks what a command of data came to.
func (w *talker) does(got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("got %q, want %q", got, want)
	}
}

func fields(o service.Observation, names ...string) string {
	var out []string
	for _, n := range names {
		out = append(out, servicetest.Field(o, n))
	}
	return fmt.Sprint(out)
}
