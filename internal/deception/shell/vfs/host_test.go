package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// pair is a folder of the host and an FS that are treated alike.
type pair struct {
	root string
	v    *View
}

// call is one system call, made on both.
type call struct {
	what string
	real func(root string) error
	ours func(v *View) error
}

// text is the C library's words for what went wrong, whoever says so.
func text(err error) string {
	var no syscall.Errno
	var ours Errno
	switch {
	case err == nil:
		return ""
	case errors.As(err, &ours):
		return ours.Error()
	case errors.As(err, &no):
		return strings.ToUpper(no.Error()[:1]) + no.Error()[1:]
	}
	return err.Error()
}

func drawName(t *rapid.T, label string) string {
	part := rapid.SampledFrom([]string{"a", "b", "c", "..", ".", "l"})
	name := strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, label), "/")
	if rapid.IntRange(0, 9).Draw(t, label+" slash") == 0 {
		name += "/"
	}
	return name
}

// under is where the names begin: so deep that no "..", even of as many links as
// the kernel follows, climbs out of the test's folder to the host's files.
var under = strings.Repeat("/d", 3+3*40+5)

// raw calls the kernel with the name as it is: package os would clean it.
func raw(root, name string) string { return root + under + "/" + name }

// shownFrom is where the files are compared from: as far up as one name goes.
var shownFrom = under[:len(under)-len("/d/d/d/d")]

func drawCall(t *rapid.T) call {
	a, b := drawName(t, "name"), drawName(t, "other")
	mode := uint32(rapid.SampledFrom([]int{0o644, 0o755, 0o600, 0o4755}).Draw(t, "mode"))
	data := rapid.SampledFrom([]string{"", "x", "hello\n", strings.Repeat("z", 5000)}).Draw(t, "data")
	calls := []call{
		{"mkdir", func(r string) error { return syscall.Mkdir(raw(r, a), 0o755) }, func(v *View) error { return v.Mkdir(a, 0o755) }},
		{"unlink", func(r string) error { return syscall.Unlink(raw(r, a)) }, func(v *View) error { return v.Remove(a) }},
		{"rmdir", func(r string) error { return syscall.Rmdir(raw(r, a)) }, func(v *View) error { return v.Rmdir(a) }},
		{"symlink", func(r string) error { return syscall.Symlink(b, raw(r, a)) }, func(v *View) error { return v.Symlink(b, a) }},
		{"link", func(r string) error { return syscall.Link(raw(r, a), raw(r, b)) }, func(v *View) error { return v.Link(a, b) }},
		{"rename", func(r string) error { return syscall.Rename(raw(r, a), raw(r, b)) }, func(v *View) error { return v.Rename(a, b) }},
		{"chmod", func(r string) error { return syscall.Chmod(raw(r, a), mode) }, func(v *View) error { return v.Chmod(a, fileMode(mode)) }},
		{"truncate", func(r string) error { return syscall.Truncate(raw(r, a), 7) }, func(v *View) error { return v.Truncate(a, 7) }},
		{"write", func(r string) error { return writeReal(raw(r, a), data, false) }, func(v *View) error { return writeOurs(v, a, data, false) }},
		{"append", func(r string) error { return writeReal(raw(r, a), data, true) }, func(v *View) error { return writeOurs(v, a, data, true) }},
	}
	c := calls[rapid.IntRange(0, len(calls)-1).Draw(t, "call")]
	c.what = fmt.Sprintf("%s(%q, %q)", c.what, a, b)
	return c
}

func fileMode(m uint32) fs.FileMode {
	out := fs.FileMode(m & 0o777)
	if m&0o4000 != 0 {
		out |= fs.ModeSetuid
	}
	return out
}

func writeReal(name, data string, add bool) error {
	flag := syscall.O_WRONLY | syscall.O_CREAT | syscall.O_TRUNC
	if add {
		flag = syscall.O_WRONLY | syscall.O_APPEND | syscall.O_CREAT
	}
	fd, err := syscall.Open(name, flag, 0o644)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	_, err = syscall.Write(fd, []byte(data))
	return err
}

func writeOurs(v *View, name, data string, add bool) error {
	flag := O_WRONLY | O_CREATE | O_TRUNC
	if add {
		flag = O_WRONLY | O_APPEND | O_CREATE
	}
	f, err := v.Open(name, flag, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write([]byte(data))
	return err
}

// list describes all files near those that the calls are for.
func (p pair) list(t *rapid.T) (host, mine []string) {
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(filepath.WalkDir(p.root+shownFrom, func(name string, d fs.DirEntry, err error) error {
		must(err)
		i, err := d.Info()
		must(err)
		st := i.Sys().(*syscall.Stat_t)
		content, target := "", ""
		if i.Mode().IsRegular() {
			b, err := os.ReadFile(name)
			must(err)
			content = string(b)
		}
		if i.Mode()&fs.ModeSymlink != 0 {
			target, _ = os.Readlink(name)
		}
		links := uint64(st.Nlink)
		host = append(host, describe(strings.TrimPrefix(name, p.root), i.Mode(), int(links), content, target))
		return nil
	}))
	must(p.v.Walk(shownFrom, func(name string, i Info, err error) error {
		must(err)
		content := ""
		if i.Mode.IsRegular() {
			b, err := p.v.ReadFile(name)
			must(err)
			content = string(b)
		}
		mine = append(mine, describe(name, i.Mode, i.Nlink, content, i.Target))
		return nil
	}))
	slices.Sort(host)
	slices.Sort(mine)
	return host, mine
}

func describe(name string, m fs.FileMode, links int, content, target string) string {
	if m.IsDir() {
		links = 0 // file systems of the host count them differently
	}
	return fmt.Sprintf("%s %v %d %q -> %q", name, m, links, content, target)
}

// The host's kernel is the specification: the same calls succeed, fail for the
// same reason, and leave the same files. Half-way the FS goes through a
// snapshot.
func TestCallsAreAsTheHostsKernelHasThem(t *testing.T) {
	syscall.Umask(0o022)
	rapid.Check(t, func(t *rapid.T) {
		root, err := os.MkdirTemp("", "vfs")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(root)
		if err := os.MkdirAll(root+under+"/c", 0o755); err != nil {
			t.Fatal(err)
		}
		tree := NewTree(noon)
		tree.Add(under+"/c", Node{Mode: fs.ModeDir | 0o755})
		tree.Add(under+"/b", Node{Mode: 0o644, Data: []byte("base")})
		if err := os.WriteFile(root+under+"/b", []byte("base"), 0o644); err != nil {
			t.Fatal(err)
		}
		p := pair{root: root, v: New(tree, clock, Limits{}).As(Cred{UID: os.Getuid(), GID: os.Getgid()}).In(under)}
		n := rapid.IntRange(1, 40).Draw(t, "calls")
		for i := range n {
			c := drawCall(t)
			want, got := text(c.real(root)), text(c.ours(p.v))
			if want != got {
				t.Fatalf("%s: the kernel says %q, we say %q", c.what, want, got)
			}
			if i == n/2 {
				p.v = again(t, p.v, tree)
			}
			if host, mine := p.list(t); !slices.Equal(host, mine) {
				t.Fatalf("after %s:\nkernel %s\nours   %s", c.what, strings.Join(host, "\n       "), strings.Join(mine, "\n       "))
			}
		}
	})
}

// again takes the files through a snapshot into a new FS.
func again(t *rapid.T, v *View, tree *Tree) *View {
	b, err := v.FS().Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	f := New(tree, clock, Limits{})
	if err := f.Restore(b); err != nil {
		t.Fatal(err)
	}
	oldBytes, oldFiles := v.FS().Used()
	if bytes, files := f.Used(); bytes > oldBytes+1024 || files > oldFiles {
		t.Fatalf("restored, %d bytes in %d files are %d in %d", oldBytes, oldFiles, bytes, files)
	}
	return f.As(v.Cred()).In(v.Dir())
}
