package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func copying() table {
	return table{"cp": cp, "mv": mv, "ln": ln, "install": install, "link": link, "unlink": unlink}
}

// transfer is one run of cp, mv, ln or install.
type transfer struct {
	ctx    context.Context
	p      *shell.Proc
	a      *arguments
	one    func(from, to string) bool
	status int
}

// targets finds out where operands go and moves each there.
func (t *transfer) targets() int {
	rest, dir := t.a.rest, t.a.value("t", "")
	switch {
	case len(rest) == 0:
		t.p.Errorf("missing file operand")
		try(t.p)
		return 1
	case dir == "" && len(rest) == 1:
		t.p.Errorf("missing destination file operand after %s", quote(t.p, rest[0]))
		try(t.p)
		return 1
	case dir == "":
		last := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		i, err := t.p.Files.Stat(last)
		isDir := err == nil && i.IsDir() && !t.a.has("T")
		if len(rest) == 1 && !isDir {
			t.do(rest[0], last)
			return t.status
		}
		if !isDir {
			t.p.Errorf("target %s: %s", quoted(last), notFolder(err))
			return 1
		}
		dir = last
	}
	for _, from := range rest {
		t.do(from, strings.TrimSuffix(dir, "/")+"/"+path.Base(from))
	}
	return t.status
}

func notFolder(err error) string {
	if err != nil {
		return reason(err)
	}
	return "Not a directory"
}

func (t *transfer) do(from, to string) {
	if t.p.Step(t.ctx) != nil || !t.one(from, to) {
		t.status = 1
	}
}

func (t *transfer) fail(format string, args ...any) bool {
	t.p.Errorf(format, args...)
	return false
}

func cp(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a,archive b backup? d f,force i,interactive H l,link L,dereference n,no-clobber P,no-dereference p preserve? no-preserve: parents R,r,recursive s,symbolic-link S,suffix: t,target-directory: T,no-target-directory u,update v,verbose x,one-file-system Z reflink? sparse: remove-destination strip-trailing-slashes attributes-only", "[OPTION]... SOURCE... DIRECTORY"))
	if a == nil {
		return status
	}
	t := &transfer{ctx: ctx, p: p, a: a}
	t.one = func(from, to string) bool { return t.copy(from, to, true) }
	return t.targets()
}

// copy copies a file, a link or, with -r, a folder.
func (t *transfer) copy(from, to string, operand bool) bool {
	follow := t.a.has("L") || !t.a.has("a", "d", "P") && (!t.a.has("R") || operand && t.a.has("H"))
	stat := t.p.Files.Lstat
	if follow {
		stat = t.p.Files.Stat
	}
	i, err := stat(from)
	switch {
	case err != nil:
		return t.fail("cannot stat %s: %s", quoted(from), reason(err))
	case i.IsDir() && !t.a.has("R", "a"):
		return t.fail("-r not specified; omitting directory %s", quoted(from))
	case i.IsDir():
		return t.copyFolder(from, to, i)
	}
	if !t.free(from, to, i) {
		return !t.same(i, to)
	}
	if err := t.place(from, to, i); err != nil {
		return t.copyFailed(from, to, err)
	}
	t.keep(to, i)
	if t.a.has("v") {
		fmt.Fprintf(t.p.Out, "%s -> %s\n", quoted(from), quoted(to))
	}
	return true
}

func (t *transfer) copyFailed(from, to string, err error) bool {
	var e *fs.PathError
	if errors.As(err, &e) && e.Path == from && e.Op == "open" {
		return t.fail("cannot open %s for reading: %s", quoted(from), reason(err))
	}
	if _, gone := t.p.Files.Lstat(to); gone != nil || errors.Is(err, vfs.EISDIR) {
		return t.fail("cannot create regular file %s: %s", quoted(to), reason(err))
	}
	return t.fail("error writing %s: %s", quoted(to), reason(err))
}

// same reports whether to is the very file i.
func (t *transfer) same(i vfs.Info, to string) bool {
	old, err := t.p.Files.Stat(to)
	return err == nil && old.Ino == i.Ino
}

// free reports whether to may be written; -n and -u leave what is there.
func (t *transfer) free(from, to string, i vfs.Info) bool {
	old, err := t.p.Files.Lstat(to)
	switch {
	case err != nil:
		return true
	case t.same(i, to):
		return t.fail("%s and %s are the same file", quoted(from), quoted(to))
	case t.a.last("n", "f", "i") == "n", t.a.has("u") && !i.Mtime.After(old.Mtime):
		return false
	case old.IsDir() && !i.IsDir():
		return t.fail("cannot overwrite directory %s with non-directory %s", quoted(to), quoted(from))
	case t.a.last("n", "f", "i") == "i":
		return t.agreed("overwrite %s? ", quoted(to))
	}
	return true
}

// agreed asks the user.
func (t *transfer) agreed(format string, args ...any) bool {
	return agreed(t.ctx, t.p, format, args...)
}

func agreed(ctx context.Context, p *shell.Proc, format string, args ...any) bool {
	fmt.Fprintf(p.Err, "%s: %s", path.Base(p.Args[0]), fmt.Sprintf(format, args...))
	answer, _ := readLine(ctx, p)
	return strings.HasPrefix(answer, "y") || strings.HasPrefix(answer, "Y")
}

// readLine reads one line byte by byte, so that what follows stays unread.
func readLine(ctx context.Context, p *shell.Proc) (string, bool) {
	var line []byte
	b := make([]byte, 1)
	for len(line) < 4096 && p.Step(ctx) == nil {
		n, err := p.In.Read(b)
		if n == 1 && b[0] == '\n' {
			return string(line), true
		}
		line = append(line, b[:n]...)
		if err != nil {
			return string(line), len(line) > 0
		}
	}
	return string(line), false
}

func (t *transfer) place(from, to string, i vfs.Info) error {
	switch {
	case t.a.has("l"):
		return t.p.Files.Link(from, to)
	case t.a.has("s"):
		return t.p.Files.Symlink(from, to)
	case i.Mode&fs.ModeSymlink != 0:
		if t.a.has("f") {
			_ = t.p.Files.Remove(to)
		}
		return t.p.Files.Symlink(i.Target, to)
	case i.Mode&fs.ModeNamedPipe != 0 && t.a.has("R", "a"):
		return t.p.Files.Mknod(to, i.Mode, vfs.Device{})
	}
	in, err := t.p.Files.Open(from, vfs.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := t.p.Files.Open(to, vfs.O_WRONLY|vfs.O_CREATE|vfs.O_TRUNC, i.Mode.Perm())
	if err != nil && t.a.has("f", "remove-destination") && t.p.Files.Remove(to) == nil {
		out, err = t.p.Files.Open(to, vfs.O_WRONLY|vfs.O_CREATE|vfs.O_TRUNC, i.Mode.Perm())
	}
	if err != nil {
		return err
	}
	defer out.Close()
	return copyTo(t.ctx, t.p, out, in)
}

// keep gives the copy what -p and -a keep.
func (t *transfer) keep(to string, i vfs.Info) {
	if !t.a.has("p", "a") && !t.a.has("preserve") || i.Mode&fs.ModeSymlink != 0 {
		return
	}
	_ = t.p.Files.Chown(to, i.UID, i.GID)
	_ = t.p.Files.Chmod(to, i.Mode&^fs.ModeType)
	_ = t.p.Files.Chtimes(to, i.Atime, i.Mtime)
}
