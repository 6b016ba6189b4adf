package sftp

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/testdebian"
)

// conversation is what a client sends: each message gets the next number as its
// id.
type conversation struct {
	dir  string
	out  []byte
	next uint32
}

func (c *conversation) raw(message []byte) {
	c.out = append(c.out, wire.Packet(nil).String(message)...)
}

func (c *conversation) ask(number byte, rest wire.Packet) {
	c.next++
	c.raw(wire.Message(number).Uint32(c.next).Raw(rest))
}

func (c *conversation) extension(name string, rest wire.Packet) {
	c.ask(fxpExtended, wire.Packet(nil).Text(name).Raw(rest))
}

func path1(s string) wire.Packet    { return wire.Packet(nil).Text(s) }
func paths(a, b string) wire.Packet { return wire.Packet(nil).Text(a).Text(b) }
func number(n uint32) wire.Packet {
	return wire.Packet(nil).String(binary.BigEndian.AppendUint32(nil, n))
}
func open(name string, flags uint32) wire.Packet {
	return wire.Packet(nil).Text(name).Uint32(flags).Uint32(hasMode).Uint32(0o640)
}
func mode(m uint32) wire.Packet { return wire.Packet(nil).Uint32(hasMode).Uint32(m) }

// talk is a conversation that touches everything. It begins with three handles:
// 0 a file to read, 1 one to write, 2 a folder.
func talk(dir string) []byte {
	c := &conversation{dir: dir}
	c.raw(wire.Message(fxpInit).Uint32(3))
	c.ask(fxpOpen, open("a.txt", openRead))
	c.ask(fxpOpen, open("new.txt", openRead|openWrite|openCreate|openTruncate))
	c.ask(fxpOpendir, path1("sub"))
	c.handles()
	c.files()
	c.links()
	c.extensions()
	for n := range uint32(4) {
		c.ask(fxpClose, number(n))
	}
	c.ask(fxpRealpath, path1("."))
	return c.out
}

func (c *conversation) handles() {
	at := func(n uint32, offset uint64) wire.Packet { return number(n).Uint64(offset) }
	c.ask(fxpRead, at(0, 0).Uint32(5))
	c.ask(fxpRead, at(0, 6).Uint32(500_000))
	c.ask(fxpRead, at(0, 1000).Uint32(10))
	c.ask(fxpRead, at(0, 3).Uint32(0))
	c.ask(fxpRead, at(0, 1<<63).Uint32(10))
	c.ask(fxpRead, at(2, 0).Uint32(10))
	c.ask(fxpRead, at(9, 0).Uint32(10))
	c.ask(fxpWrite, at(1, 0).Text("hello"))
	c.ask(fxpWrite, at(1, 10).Text("world"))
	c.ask(fxpWrite, at(0, 0).Text("not for writing"))
	c.ask(fxpWrite, at(7, 0).Text("x"))
	c.ask(fxpRead, at(1, 0).Uint32(100))
	c.ask(fxpFstat, number(1))
	c.ask(fxpFstat, number(2))
	c.ask(fxpFstat, number(77))
	c.ask(fxpFstat, path1("too long for a handle"))
	c.ask(fxpFsetstat, number(1).Raw(wire.Packet(nil).Uint32(hasSize).Uint64(3)))
	c.ask(fxpFsetstat, number(1).Raw(mode(0o4755)))
	c.ask(fxpFsetstat, number(8).Raw(mode(0o755)))
	c.ask(fxpReaddir, number(2))
	c.ask(fxpReaddir, number(2))
	c.ask(fxpReaddir, number(0))
	c.ask(fxpClose, number(5))
}

func (c *conversation) files() {
	for _, name := range []string{"a.txt", "sub", "link", "dangling", "missing", "a.txt/x", "", ".", "/", "loop", strings.Repeat("n", 300), "sub/../a.txt", "missing/../a.txt"} {
		c.ask(fxpStat, path1(name))
		c.ask(fxpLstat, path1(name))
		c.ask(fxpRealpath, path1(name))
		c.ask(fxpReadlink, path1(name))
		c.ask(fxpOpen, open(name, openRead|openExclusive|openCreate))
	}
	c.ask(fxpOpen, open("sub", openWrite))
	c.ask(fxpOpendir, path1("a.txt"))
	c.ask(fxpOpendir, path1("missing"))
	c.ask(fxpMkdir, path1("sub").Raw(mode(0o700)))
	c.ask(fxpMkdir, path1("made").Raw(mode(0o2750)))
	c.ask(fxpStat, path1("made"))
	c.ask(fxpMkdir, path1("missing/made").Uint32(0))
	c.ask(fxpRmdir, path1("sub"))
	c.ask(fxpRmdir, path1("a.txt"))
	c.ask(fxpRmdir, path1("made"))
	c.ask(fxpRemove, path1("sub"))
	c.ask(fxpRemove, path1("missing"))
	c.ask(fxpSetstat, path1("a.txt").Raw(mode(0o604)))
	c.ask(fxpSetstat, path1("missing").Raw(mode(0o604)))
	c.ask(fxpSetstat, path1("sub").Uint32(hasSize).Uint64(1))
	c.ask(fxpSetstat, path1("a.txt").Uint32(hasTimes).Uint32(1_700_000_000).Uint32(1_700_000_001))
	c.ask(fxpStat, path1("a.txt"))
}

func (c *conversation) links() {
	c.ask(fxpRename, paths("a.txt", "b.txt"))
	c.ask(fxpRename, paths("b.txt", "new.txt"))
	c.ask(fxpRename, paths("missing", "b.txt"))
	c.ask(fxpRename, paths("sub", "b.txt"))
	c.ask(fxpRename, paths("sub", "sub2"))
	c.ask(fxpRename, paths("sub2", "sub"))
	c.ask(fxpSymlink, paths("b.txt", "made-link"))
	c.ask(fxpSymlink, paths("b.txt", "made-link"))
	c.ask(fxpReadlink, path1("made-link"))
	c.ask(fxpLstat, path1("made-link"))
}

func (c *conversation) extensions() {
	c.extension("posix-rename@openssh.com", paths("b.txt", "c.txt"))
	c.extension("posix-rename@openssh.com", paths("missing", "c.txt"))
	c.extension("posix-rename@openssh.com", paths("c.txt", "sub"))
	c.extension("hardlink@openssh.com", paths("c.txt", "hard"))
	c.extension("hardlink@openssh.com", paths("c.txt", "hard"))
	c.extension("hardlink@openssh.com", paths("sub", "hard2"))
	c.extension("fsync@openssh.com", number(1))
	c.extension("fsync@openssh.com", number(66))
	c.extension("lsetstat@openssh.com", path1("made-link").Uint32(hasSize).Uint64(1))
	c.extension("lsetstat@openssh.com", path1("missing").Uint32(hasTimes).Uint32(1).Uint32(2))
	c.extension("lsetstat@openssh.com", path1("made-link").Uint32(hasTimes).Uint32(1).Uint32(2))
	c.extension("limits@openssh.com", nil)
	c.extension("statvfs@openssh.com", path1("missing"))
	c.extension("fstatvfs@openssh.com", number(66))
	for _, name := range []string{"", "~/x", "~", "~nobody-at-all/x", "sub/x", "missing/x/y", "/"} {
		c.extension("expand-path@openssh.com", path1(name))
	}
	c.extension("copy-data", number(1).Uint64(0).Uint64(0).Raw(number(1)).Uint64(0))
	c.extension("copy-data", number(0).Uint64(0).Uint64(4).Raw(number(1)).Uint64(1))
	c.extension("copy-data", number(0).Uint64(2).Uint64(0).Raw(number(1)).Uint64(0))
	c.extension("copy-data", number(0).Uint64(0).Uint64(400).Raw(number(1)).Uint64(0))
	c.extension("copy-data", number(55).Uint64(0).Uint64(4).Raw(number(1)).Uint64(0))
	c.extension("home-directory", path1("nobody-at-all"))
	c.extension("users-groups-by-id@openssh.com", wire.Packet(nil).String(wire.Packet(nil).Uint32(0).Uint32(4_000_000)).String(wire.Packet(nil).Uint32(0)))
	c.extension("rot13@openssh.com", path1("x"))
}

// readable makes answers text, without what no two file systems share.
func readable(t *testing.T, b []byte) (out []string) {
	t.Helper()
	for len(b) > 0 {
		r := wire.Read(b)
		message := r.String()
		if !r.OK() {
			t.Fatalf("%d bytes of a message that ends before", len(b))
		}
		b = r.Rest()
		out = append(out, one(message))
	}
	return out
}

func one(message []byte) string {
	r := wire.Read(message)
	number := r.Byte()
	if number != fxpAttrs && number != fxpName {
		return fmt.Sprintf("%d %q", number, r.Rest())
	}
	id := r.Uint32()
	if number == fxpAttrs {
		return fmt.Sprintf("%d attributes %d %s", number, id, shown(readAttributes(r)))
	}
	var names []string
	for n := r.Uint32(); n > 0; n-- {
		name, long := r.Text(), r.Text()
		a := readAttributes(r)
		long = regexp.MustCompile(`^(d\S+) +\d+ (\S+ +\S+) +\d+`).ReplaceAllString(long, "$1 N $2 SIZE")
		names = append(names, fmt.Sprintf("%q %q %s", name, long, shown(a)))
	}
	slices.Sort(names)
	return fmt.Sprintf("%d names %d %v", number, id, names)
}

func shown(a attributes) string {
	if a.mode&0o170000 == 0o040000 {
		a.size, a.mtime = 0, 1
	}
	if a.mtime > 1_760_000_000 { // of today
		a.mtime = 1
	}
	a.atime = 1
	return fmt.Sprintf("%+v", a)
}

// Debian's sftp-server and ours say the same of the same files, byte by byte.
func TestItAnswersAsSFTPServerDoes(t *testing.T) {
	server := testdebian.Program(t, "openssh-sftp-server", "sftp-server")
	dir := t.TempDir()
	script := `umask 022; cd "$1"; printf 'some text here\n' > a.txt; mkdir sub; printf x > sub/inner; ln -s a.txt link; ln -s nowhere dangling; ln -s loop loop
touch -d '2025-03-01 09:30 UTC' a.txt sub/inner; touch -hd '2025-03-01 09:30 UTC' sub link dangling loop; chmod 644 a.txt; chmod 755 sub`
	if b, err := exec.Command("bash", "-c", script, "-", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	files := twin(t, dir)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", `ulimit -n 1024; exec "$@"`, "-", server, "-d", dir, "-u", "022")
	cmd.Env = append(os.Environ(), "TZ=UTC")
	real := answers(t, cmd, talk(dir))
	var ours bytes.Buffer
	options, _ := optionsOf(files)
	if status := Serve(context.Background(), bytes.NewReader(talk(dir)), &ours, options); status != 0 {
		t.Errorf("status %d", status)
	}
	want, got := readable(t, real), readable(t, ours.Bytes())
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) {
			t.Fatalf("sftp-server gives %d answers, ours %d", len(want), len(got))
		}
		if want[i] != got[i] {
			t.Errorf("answer %d: sftp-server says\n%s\nours\n%s", i, want[i], got[i])
		}
	}
}

// answers runs a server until it has answered everything. It throws away what it
// has to say when its client is gone.
func answers(t *testing.T, cmd *exec.Cmd, in []byte) (out []byte) {
	t.Helper()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = stdin.Write(in) }()
	for last := false; !last; {
		message, err := receive(stdout)
		if err != nil {
			t.Fatalf("after %d answers: %v", len(readable(t, out)), err)
		}
		out = wire.Packet(out).String(message)
		r := wire.Read(message)
		last = r.Byte() == fxpName && r.Uint32() == lastID(in)
	}
	_ = stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	return out
}

// lastID is that of the last request.
func lastID(in []byte) (id uint32) {
	for r := wire.Read(in); r.More(); {
		m := wire.Read(r.String())
		m.Byte()
		id = m.Uint32()
	}
	return id
}

// twin is a virtual file system with the same files.
func twin(t testing.TB, dir string) *vfs.View {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Fatal(err)
	}
	made := time.Date(2025, 3, 1, 9, 30, 0, 0, time.UTC)
	tree := vfs.NewTree(made)
	add := func(name string, n vfs.Node) {
		n.Mtime, n.UID, n.GID = made, os.Getuid(), os.Getgid()
		tree.Add(name, n)
	}
	add("/etc/passwd", vfs.Node{Mode: 0o644, Data: fmt.Appendf(nil, "root:x:0:0:root:/root:/bin/bash\n%s:x:%s:%s::%s:/bin/sh\n", me.Username, me.Uid, me.Gid, dir)})
	add("/etc/group", vfs.Node{Mode: 0o644, Data: fmt.Appendf(nil, "root:x:0:\n%s:x:%s:\n", group.Name, me.Gid)})
	add(dir, vfs.Node{Mode: fs.ModeDir | 0o755})
	add(filepath.Join(dir, "a.txt"), vfs.Node{Mode: 0o644, Data: []byte("some text here\n")})
	add(filepath.Join(dir, "sub"), vfs.Node{Mode: fs.ModeDir | 0o755})
	add(filepath.Join(dir, "sub/inner"), vfs.Node{Mode: 0o644, Data: []byte("x")})
	for name, target := range map[string]string{"link": "a.txt", "dangling": "nowhere", "loop": "loop"} {
		add(filepath.Join(dir, name), vfs.Node{Target: target})
	}
	return vfs.New(tree, time.Now, vfs.Limits{}).As(vfs.Cred{UID: os.Getuid(), GID: os.Getgid()}).In(dir)
}

func optionsOf(files *vfs.View) (Options, *servicetest.Sink) {
	sink := &servicetest.Sink{}
	s := service.NewSession(sink, clock.Real{}, "test-1", "ssh", netip.AddrPort{}, netip.AddrPort{})
	return Options{Files: files, Session: s, Now: time.Now, Zone: time.UTC, Disk: 40 << 30, Serial: 7}, sink
}

// What ends sftp-server ends ours, with its exit status.
func TestWhatEndsIt(t *testing.T) {
	begin := wire.Packet(nil).String(wire.Message(fxpInit).Uint32(3))
	for name, tt := range map[string]struct {
		in   []byte
		want int
	}{
		"the client leaves":           {begin, exitOK},
		"half a message":              {append(begin[:len(begin):len(begin)], 0, 0), exitOK},
		"a request before the first":  {wire.Packet(nil).String(wire.Message(fxpStat).Uint32(1).Text("x")), exitFatal},
		"an extension before it":      {wire.Packet(nil).String(wire.Message(fxpExtended).Uint32(1).Text("x")), exitFatal},
		"a message without a number":  {wire.Packet(nil).Raw(begin).String(wire.Message(fxpStat)), exitFatal},
		"a name that is cut":          {wire.Packet(nil).Raw(begin).String(wire.Message(fxpStat).Uint32(1).Uint32(50)), exitFatal},
		"a message that is too long":  {wire.Packet(nil).Raw(begin).Uint32(maxMessage + 1), exitLength},
		"attributes without an end":   {wire.Packet(nil).Raw(begin).String(wire.Message(fxpMkdir).Uint32(1).Text("x").Uint32(hasExtended).Uint32(1 << 30)), exitFatal},
		"a zero within a name":        {wire.Packet(nil).Raw(begin).String(wire.Message(fxpStat).Uint32(1).Text("a\x00b")), exitFatal},
		"owners by half a number":     {wire.Packet(nil).Raw(begin).String(wire.Message(fxpExtended).Uint32(1).Text("users-groups-by-id@openssh.com").Text("ab").Text("")), exitFatal},
		"a version without a version": {wire.Packet(nil).String(wire.Message(fxpInit)), exitFatal},
	} {
		options, _ := optionsOf(twin(t, "/home/x"))
		if got := Serve(context.Background(), bytes.NewReader(tt.in), io.Discard, options); got != tt.want {
			t.Errorf("%s: status %d, want %d", name, got, tt.want)
		}
	}
}

// A client that writes a large file again and again, a byte each time, does not
// have it kept as often.
func TestWhatIsKeptIsBounded(t *testing.T) {
	c := &conversation{}
	c.raw(wire.Message(fxpInit).Uint32(3))
	for i := range uint64(8) {
		c.ask(fxpOpen, open("big", openRead|openWrite|openCreate))
		c.ask(fxpWrite, number(0).Uint64(40<<20+i).Text("x"))
		c.ask(fxpClose, number(0))
	}
	options, sink := optionsOf(twin(t, "/home/x"))
	Serve(context.Background(), bytes.NewReader(c.out), io.Discard, options)
	kept := 0
	for _, o := range sink.Of(service.Upload) {
		kept += len(o.Artifact.Data)
	}
	if n := len(sink.Of(service.Upload)); n != 8 || kept != MaxKept {
		t.Errorf("%d uploads, %d bytes are kept", n, kept)
	}
}

func FuzzServe(f *testing.F) {
	f.Add(talk("/home/x"))
	f.Add([]byte(wire.Packet(nil).String(wire.Message(fxpInit).Uint32(3)).String(wire.Message(fxpExtended).Uint32(1).Text("copy-data"))))
	f.Fuzz(func(t *testing.T, in []byte) {
		options, sink := optionsOf(twin(t, "/home/x"))
		var out bytes.Buffer
		Serve(context.Background(), bytes.NewReader(in), &out, options)
		readable(t, out.Bytes())
		if len(sink.All()) == 0 {
			t.Fatal("nothing is recorded")
		}
	})
}
