package vfs

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func sample() *Tree {
	t := NewTree(noon)
	t.Add("/etc/passwd", Node{Mode: 0o644, Data: []byte("root:x:0:0:root:/root:/bin/bash\n")})
	t.Add("/etc/shadow", Node{Mode: 0o640, GID: 42, Data: []byte("root:*:1::::::\n")})
	t.Add("/root", Node{Mode: fs.ModeDir | 0o700})
	t.Add("/root/note", Node{Mode: 0o644, Data: []byte("hi")})
	t.Add("/tmp", Node{Mode: fs.ModeDir | fs.ModeSticky | 0o777})
	t.Add("/tmp/theirs", Node{Mode: 0o666, UID: 0})
	t.Add("/home/anna", Node{Mode: fs.ModeDir | 0o755, UID: 1000, GID: 1000})
	t.Add("/home/anna/own", Node{Mode: 0o400, UID: 1000, GID: 1000, Data: []byte("mine")})
	t.Add("/bin", Node{Target: "usr/bin"})
	t.Add("/usr/bin/id", Node{Mode: 0o755, Data: []byte("\x7fELF")})
	t.Add("/loop", Node{Target: "loop"})
	t.Add("/proc", Node{Mode: fs.ModeDir | 0o555, ReadOnly: true})
	t.Add("/proc/uptime", Node{Mode: 0o444, Make: func() []byte { return []byte("1.00 2.00\n") }})
	for name, d := range map[string]Device{"null": {1, 3}, "zero": {1, 5}, "full": {1, 7}, "urandom": {1, 9}} {
		t.Add("/dev/"+name, Node{Mode: fs.ModeDevice | fs.ModeCharDevice | 0o666, Device: d})
	}
	return t
}

func anna(f *FS) *View { return f.As(Cred{UID: 1000, GID: 1000, Groups: []int{1000}}) }
func root(f *FS) *View { return f.As(Cred{}) }

func TestPermissions(t *testing.T) {
	f := New(sample(), clock, Limits{})
	a, r := anna(f), root(f)
	_, shadow := a.ReadFile("/etc/shadow")
	_, inRoot := a.Stat("/root/note")
	_, list := a.ReadDir("/root")
	_, open := a.Open("/home/anna/own", O_RDWR, 0)
	_, rootReads := r.ReadFile("/etc/shadow")
	_, inGroup := f.As(Cred{UID: 7, GID: 7, Groups: []int{42}}).ReadFile("/etc/shadow")
	for _, tt := range []struct {
		what string
		got  error
		want string
	}{
		{"a file that only root's group reads", shadow, "Permission denied"},
		{"the same, of that group", inGroup, ""},
		{"the same, by root", rootReads, ""},
		{"a file in a folder that may not be entered", inRoot, "Permission denied"},
		{"a folder that may not be read", list, "Permission denied"},
		{"writing to a read-only file of one's own", open, "Permission denied"},
		{"a file where only root makes some", a.WriteFile("/etc/x", nil, 0o644), "Permission denied"},
		{"somebody else's file in a sticky folder", a.Remove("/tmp/theirs"), "Operation not permitted"},
		{"its name, likewise", a.Rename("/tmp/theirs", "/tmp/mine"), "Operation not permitted"},
		{"its contents are free", a.WriteFile("/tmp/theirs", []byte("x"), 0), ""},
		{"one's own file in a sticky folder", errors.Join(a.WriteFile("/tmp/m", nil, 0o600), a.Remove("/tmp/m")), ""},
		{"the mode of another's file", a.Chmod("/tmp/theirs", 0o600), "Operation not permitted"},
		{"the mode of one's own", a.Chmod("/home/anna/own", 0o600), ""},
		{"giving a file away", a.Chown("/home/anna/own", 0, -1), "Operation not permitted"},
		{"root gives it away", r.Chown("/home/anna/own", 0, 0), ""},
		{"removing it from one's own folder", a.Remove("/home/anna/own"), ""},
		{"a link that leads to itself", statErr(r, "/loop"), "Too many levels of symbolic links"},
		{"a file as a folder", statErr(r, "/etc/passwd/x"), "Not a directory"},
		{"a long component", statErr(r, "/"+strings.Repeat("n", 256)), "File name too long"},
		{"a long path", statErr(r, strings.Repeat("/usr", 1100)), "File name too long"},
		{"an empty name", statErr(r, ""), "No such file or directory"},
		{"something new below /proc", r.WriteFile("/proc/x", nil, 0o644), "Permission denied"},
		{"away from /proc", r.Rename("/proc/uptime", "/tmp/u"), "Invalid cross-device link"},
		{"a device, made by a user", a.Mknod("/tmp/d", fs.ModeDevice|0o666, Device{1, 3}), "Operation not permitted"},
		{"root may not run what nobody may", r.Access("/etc/passwd", 1), "Permission denied"},
	} {
		if got := text(tt.got); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
		}
	}
	if _, err := a.Stat("/etc/nowhere"); !errors.Is(err, fs.ErrNotExist) || err.Error() != "stat /etc/nowhere: No such file or directory" {
		t.Errorf("a missing file is %v", err)
	}
}

func statErr(v *View, name string) error { _, err := v.Stat(name); return err }

// What one attacker does, no other sees.
func TestAttackersShareOnlyTheTree(t *testing.T) {
	tree := sample()
	one, two := root(New(tree, clock, Limits{})), root(New(tree, clock, Limits{}))
	if err := errors.Join(one.WriteFile("/etc/passwd", []byte("gone"), 0), one.Remove("/usr/bin/id"), one.Mkdir("/etc/d", 0o755), one.Rename("/home/anna", "/etc/d/b")); err != nil {
		t.Fatal(err)
	}
	if b, err := two.ReadFile("/etc/passwd"); err != nil || !strings.HasPrefix(string(b), "root:") {
		t.Errorf("the other's /etc/passwd is %q, %v", b, err)
	}
	if _, err := two.Stat("/bin/id"); err != nil {
		t.Errorf("the other's program: %v", err)
	}
	if name, err := one.Real("/etc/d/b/../b/own"); err != nil || name != "/etc/d/b/own" {
		t.Errorf("%q, %v", name, err)
	}
	if name, _ := two.Real("/bin/../bin/id"); name != "/usr/bin/id" {
		t.Errorf("through a link: %q", name)
	}
}

func TestAnAttackersRoomIsBounded(t *testing.T) {
	f := New(sample(), clock, Limits{Bytes: 1 << 20, Files: 50, Open: 8})
	v := root(f)
	var err error
	for i := 0; err == nil; i++ {
		err = v.Mkdir("/tmp/"+strings.Repeat("d", i+1), 0o755)
	}
	if _, files := f.Used(); text(err) != "No space left on device" || files > 50 {
		t.Errorf("%d folders, then %v", files, err)
	}
	f = New(sample(), clock, Limits{Bytes: 1 << 20, Open: 8})
	v = root(f)
	big, err := v.Open("/tmp/big", O_RDWR|O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	n, err := big.Write(make([]byte, 3<<20))
	if bytes, _ := f.Used(); text(err) != "No space left on device" || n == 0 || bytes > 1<<20 {
		t.Errorf("wrote %d, %v, uses %d", n, err, bytes)
	}
	for err = nil; err == nil; {
		_, err = v.Open("/etc/passwd", O_RDONLY, 0)
	}
	if text(err) != "Too many open files" {
		t.Errorf("opening for ever: %v", err)
	}
	if err := v.Remove("/tmp/big"); err != nil {
		t.Fatal(err)
	}
	held, _ := f.Used()
	if err := big.Close(); err != nil {
		t.Fatal(err)
	}
	if freed, _ := f.Used(); held < 900<<10 || freed > 4096 {
		t.Errorf("a removed file takes %d while open, %d when closed", held, freed)
	}
	if err := errors.Join(v.WriteFile("/tmp/s", nil, 0o600), v.Truncate("/tmp/s", 1<<40)); err != nil {
		t.Errorf("a hole takes no room: %v", err)
	}
}

// Files of the tree that several attackers have open are written to by none of
// them; the race detector watches.
func TestAttackersOpenTheTreesFilesAtOnce(t *testing.T) {
	tree := sample()
	var all sync.WaitGroup
	for range 4 {
		f := New(tree, clock, Limits{})
		all.Go(func() {
			for range 200 {
				if _, err := root(f).ReadFile("/etc/passwd"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// Of a file and itself nothing is to be done, as rename(2) has it: however it is
// named, full as it is, and whoever asks. Nor does one become its own folder.
func TestRenamingToItselfChangesNothing(t *testing.T) {
	f := New(sample(), clock, Limits{})
	for _, tt := range []struct {
		v        *View
		old, new string
		want     error
	}{
		{root(f), "/root", "/./root", nil},
		{root(f), "/root/", "/root", nil},
		{root(f), "/root/note", "/root/../root/note", nil},
		{anna(f), "/etc/passwd", "/etc/passwd", nil},
		{anna(f), "/home", "/home/", nil},
		{root(f), "/root/note", "/root/note/", ENOTDIR},
		{anna(f), "/etc/passwd", "/etc/shadow", EACCES},
		{root(f), "/root/note", "/root", ENOTEMPTY},
		{root(f), "/usr", "/usr/bin/usr", EINVAL},
	} {
		if err := tt.v.Rename(tt.old, tt.new); !errors.Is(err, tt.want) {
			t.Errorf("%s to %s: %v, want %v", tt.old, tt.new, err, tt.want)
		}
	}
	if b, err := root(f).ReadFile("/root/note"); err != nil || string(b) != "hi" {
		t.Errorf("the note is %q, error %v", b, err)
	}
}

// A slash behind a name asks for a folder, which open(2) does not make, also when
// the name is a link's.
func TestAFileIsNotMadeWhereAFolderIsAskedFor(t *testing.T) {
	f := New(sample(), clock, Limits{})
	v := root(f)
	for link, target := range map[string]string{"/tmp/file": "/root/note/", "/tmp/nothing": "/root/none/", "/tmp/through": "/root/note/in"} {
		if err := v.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		flag int
		want error
	}{
		{"/root/note/", O_WRONLY | O_CREATE, EISDIR},
		{"/tmp/file", O_WRONLY | O_CREATE, EISDIR},
		{"/tmp/file", O_WRONLY, ENOTDIR},
		{"/tmp/nothing", O_WRONLY | O_CREATE, EISDIR},
		{"/tmp/nothing", O_WRONLY, ENOENT},
		{"/tmp/through", O_WRONLY | O_CREATE, ENOTDIR},
	} {
		if _, err := v.Open(tt.name, tt.flag, 0o644); !errors.Is(err, tt.want) {
			t.Errorf("%s with %#x: %v, want %v", tt.name, tt.flag, err, tt.want)
		}
	}
}

func TestDevices(t *testing.T) {
	v := root(New(sample(), clock, Limits{}))
	read := func(name string) (string, error) {
		f, err := v.Open(name, O_RDWR, 0)
		if err != nil {
			return "", err
		}
		defer f.Close()
		b := make([]byte, 4)
		n, err := f.Read(b)
		return string(b[:n]), err
	}
	if s, err := read("/dev/null"); s != "" || err != io.EOF {
		t.Errorf("null: %q, %v", s, err)
	}
	if s, err := read("/dev/zero"); s != "\x00\x00\x00\x00" || err != nil {
		t.Errorf("zero: %q, %v", s, err)
	}
	a, _ := read("/dev/urandom")
	if b, err := read("/dev/urandom"); a == b || err != nil {
		t.Errorf("urandom: %q twice, %v", a, err)
	}
	if err := v.WriteFile("/dev/full", []byte("x"), 0); text(err) != "No space left on device" {
		t.Errorf("full: %v", err)
	}
	if b, err := v.ReadFile("/proc/uptime"); string(b) != "1.00 2.00\n" || err != nil {
		t.Errorf("made when read: %q, %v", b, err)
	}
}

func TestNamesOfAProcess(t *testing.T) {
	v := root(New(sample(), clock, Limits{}))
	mine, err := v.Open("/etc/passwd", O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	v = v.With(func(name string, _ int) (Stream, bool, error) {
		if name != "/dev/fd/63" {
			return nil, false, nil
		}
		return mine, true, nil
	}).In("/dev")
	if b, err := v.ReadFile("fd/63"); err != nil || !strings.HasPrefix(string(b), "root:") {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := v.Stat("fd/64"); text(err) != "No such file or directory" {
		t.Error(err)
	}
}

// A snapshot outlives a tree that has become another.
func TestASnapshotOverAnotherTree(t *testing.T) {
	f := New(sample(), clock, Limits{})
	v := root(f)
	if err := errors.Join(v.WriteFile("/root/note", []byte("changed"), 0), v.WriteFile("/root/x", []byte("new"), 0o600), v.Link("/root/x", "/etc/y"), v.Chmod("/etc/passwd", 0o600), v.Rename("/home/anna/own", "/root/own")); err != nil {
		t.Fatal(err)
	}
	b, err := f.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	other := NewTree(noon)
	other.Add("/srv/first", Node{Mode: 0o644}) // other numbers
	other.Add("/root/note", Node{Mode: 0o644, Data: []byte("newer")})
	other.Add("/etc", Node{Mode: fs.ModeDir | 0o755})
	g := New(other, clock, Limits{})
	if err := g.Restore(b); err != nil {
		t.Fatal(err)
	}
	w := root(g)
	note, _ := w.ReadFile("/root/note")
	y, _ := w.ReadFile("/etc/y")
	i, err := w.Stat("/root/x")
	if string(note) != "changed" || string(y) != "new" || err != nil || i.Nlink != 2 {
		t.Errorf("note %q, y %q, x %+v, %v", note, y, i, err)
	}
	if err := g.Restore(b); err == nil {
		t.Error("a used FS takes a snapshot")
	}
	if err := New(other, clock, Limits{Files: 2}).Restore(b); err == nil {
		t.Error("a snapshot larger than the limits is taken")
	}
}

func FuzzRestore(f *testing.F) {
	s := New(sample(), clock, Limits{})
	_ = root(s).WriteFile("/tmp/a", []byte("x"), 0o600)
	_ = root(s).Rename("/home/anna", "/tmp/b")
	b, _ := s.Snapshot()
	f.Add(b)
	f.Add([]byte(`{"version":1,"files":[{"id":1,"base":"/","mode":2147484141,"names":{"x":"/","y":"#1"}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		fsys := New(sample(), clock, Limits{Bytes: 1 << 16, Files: 64})
		if fsys.Restore(b) != nil {
			return
		}
		n := 0
		_ = root(fsys).Walk("/", func(string, Info, error) error {
			if n++; n > 500 {
				t.Fatal("the files have no end")
			}
			return nil
		})
		if _, err := fsys.Snapshot(); err != nil {
			t.Fatal(err)
		}
	})
}
