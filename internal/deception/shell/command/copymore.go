package command

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func (t *transfer) copyFolder(from, to string, i vfs.Info) bool {
	if within(t.p, from, to) {
		return t.fail("cannot copy a directory, %s, into itself, %s", quoted(from), quoted(to))
	}
	old, err := t.p.Files.Stat(to)
	switch {
	case err == nil && !old.IsDir():
		return t.fail("cannot overwrite non-directory %s with directory %s", quoted(to), quoted(from))
	case err != nil:
		if err := t.p.Files.Mkdir(to, i.Mode.Perm()|0o700); err != nil {
			return t.fail("cannot create directory %s: %s", quoted(to), reason(err))
		}
		if t.a.has("v") {
			fmt.Fprintf(t.p.Out, "%s -> %s\n", quoted(from), quoted(to))
		}
	}
	list, err := t.p.Files.ReadDir(from)
	if err != nil {
		return t.fail("cannot access %s: %s", quoted(from), reason(err))
	}
	ok := true
	for _, e := range list {
		if t.p.Step(t.ctx) != nil {
			return false
		}
		ok = t.copy(from+"/"+e.Name, to+"/"+e.Name, false) && ok
	}
	if err := t.p.Files.Chmod(to, i.Mode.Perm()&^fs.FileMode(t.p.Umask())); err == nil {
		t.keep(to, i)
	}
	return ok
}

// within reports whether to lies in from, or is it.
func within(p *shell.Proc, from, to string) bool {
	f, err := p.Files.Real(from)
	if err != nil {
		return false
	}
	parent, err := p.Files.Real(path.Dir(strings.TrimRight(to, "/")))
	if err != nil {
		return false
	}
	return strings.HasPrefix(path.Join(parent, path.Base(to))+"/", f+"/")
}

func mv(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("b backup? f,force i,interactive n,no-clobber strip-trailing-slashes S,suffix: t,target-directory: T,no-target-directory u,update v,verbose Z,context", "[OPTION]... SOURCE... DIRECTORY"))
	if a == nil {
		return status
	}
	t := &transfer{ctx: ctx, p: p, a: a}
	t.one = t.move
	return t.targets()
}

func (t *transfer) move(from, to string) bool {
	from = trimSlash(from)
	i, err := t.p.Files.Lstat(from)
	if err != nil {
		return t.fail("cannot stat %s: %s", quoted(from), reason(err))
	}
	if i.IsDir() && within(t.p, from, to) {
		return t.fail("cannot move %s to a subdirectory of itself, %s", quoted(from), quoted(to))
	}
	if old, err := t.p.Files.Lstat(to); err == nil {
		if i.IsDir() && !old.IsDir() {
			return t.fail("cannot overwrite non-directory %s with directory %s", quoted(to), quoted(from))
		}
		if !t.free(from, to, i) {
			return old.Ino != i.Ino && !(old.IsDir() && !i.IsDir())
		}
	}
	if err := t.p.Files.Rename(from, to); err != nil {
		return t.fail("cannot move %s to %s: %s", quoted(from), quoted(to), reason(err))
	}
	if t.a.has("v") {
		fmt.Fprintf(t.p.Out, "renamed %s -> %s\n", quoted(from), quoted(to))
	}
	return true
}

func trimSlash(s string) string {
	if t := strings.TrimRight(s, "/"); t != "" {
		return t
	}
	return s
}

func ln(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("b backup? d,F,directory f,force i,interactive L,logical n,no-dereference P,physical r,relative s,symbolic S,suffix: t,target-directory: T,no-target-directory v,verbose", "[OPTION]... TARGET... DIRECTORY"))
	if a == nil {
		return status
	}
	t := &transfer{ctx: ctx, p: p, a: a}
	t.one = t.link
	if len(a.rest) == 1 && !a.has("t") {
		a.rest = append(a.rest, ".")
	}
	if n := len(a.rest); a.has("n") && n == 2 {
		if i, err := p.Files.Lstat(a.rest[1]); err == nil && i.Mode&fs.ModeSymlink != 0 {
			t.do(a.rest[0], a.rest[1])
			return t.status
		}
	}
	return t.targets()
}

func (t *transfer) link(from, to string) bool {
	kind, make := "hard", t.p.Files.Link
	if t.a.has("s") {
		kind, make = "symbolic", t.p.Files.Symlink
	} else if i, err := t.p.Files.Lstat(from); err != nil {
		return t.fail("failed to access %s: %s", quoted(from), reason(err))
	} else if i.IsDir() {
		return t.fail("%s: hard link not allowed for directory", colon(from))
	}
	if t.a.has("f") {
		_ = t.p.Files.Remove(to)
	}
	if err := make(from, to); err != nil {
		if kind == "hard" {
			return t.fail("failed to create hard link %s => %s: %s", quoted(to), quoted(from), reason(err))
		}
		return t.fail("failed to create symbolic link %s: %s", quoted(to), reason(err))
	}
	if t.a.has("v") {
		arrow := "=>"
		if kind == "symbolic" {
			arrow = "->"
		}
		fmt.Fprintf(t.p.Out, "%s %s %s\n", quoted(to), arrow, quoted(from))
	}
	return true
}

func link(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("", "FILE1 FILE2"))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 2, 2); !ok {
		return status
	}
	if err := p.Files.Link(a.rest[0], a.rest[1]); err != nil {
		p.Errorf("cannot create link %s to %s: %s", quoted(a.rest[1]), quoted(a.rest[0]), reason(err))
		return 1
	}
	return 0
}

func unlink(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("", "FILE"))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, 1); !ok {
		return status
	}
	if err := p.Files.Remove(a.rest[0]); err != nil {
		p.Errorf("cannot unlink %s: %s", quoted(a.rest[0]), reason(err))
		return 1
	}
	return 0
}

// install copies files with modes and makes folders.
func install(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("b backup? c C,compare d,directory D g,group: m,mode: o,owner: p,preserve-timestamps s,strip S,suffix: t,target-directory: T,no-target-directory v,verbose", "[OPTION]... SOURCE... DIRECTORY"))
	if a == nil {
		return status
	}
	mode, ok := newMode(a.value("m", "755"), 0, 0)
	if !ok {
		p.Errorf("invalid mode %s", quote(p, a.value("m", "")))
		return 1
	}
	if a.has("d") {
		for _, name := range a.rest {
			if err := p.Files.MkdirAll(name, mode); err != nil {
				p.Errorf("cannot create directory %s: %s", quoted(name), reason(err))
				status = 1
			}
		}
		return status
	}
	t := &transfer{ctx: ctx, p: p, a: a}
	t.one = func(from, to string) bool {
		if a.has("D") {
			_ = p.Files.MkdirAll(path.Dir(to), 0o755)
		}
		return t.copy(from, to, true) && p.Files.Chmod(to, mode) == nil
	}
	return t.targets()
}
