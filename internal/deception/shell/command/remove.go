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

func removing() table {
	return table{"rm": rm, "rmdir": rmdir, "mkdir": mkdir, "mktemp": mktemp, "mkfifo": mkfifo, "mknod": mknod, "shred": shred, "truncate": truncate, "sync": succeed, "tempfile": mktemp}
}

// succeed is a program that has nothing to do.
func succeed(context.Context, *shell.Proc) int { return 0 }

type remover struct {
	ctx    context.Context
	p      *shell.Proc
	a      *arguments
	force  bool
	status int
}

func rm(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("f,force i I interactive? one-file-system no-preserve-root preserve-root? R,r,recursive d,dir v,verbose", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	r := &remover{ctx: ctx, p: p, a: a, force: a.last("f", "i", "I") == "f"}
	if len(a.rest) == 0 {
		if r.force {
			return 0
		}
		p.Errorf("missing operand")
		try(p)
		return 1
	}
	for _, name := range a.rest {
		r.operand(name)
	}
	return r.status
}

func (r *remover) fail(format string, args ...any) {
	r.p.Errorf(format, args...)
	r.status = 1
}

func (r *remover) operand(name string) {
	base := path.Base(trimSlash(name))
	if r.a.has("R") && (base == "." || base == "..") && name != "/" {
		r.fail("refusing to remove '.' or '..' directory: skipping %s", quoted(name))
		return
	}
	if real, err := r.p.Files.Real(name); err == nil && real == "/" && r.a.has("R") && !r.a.has("no-preserve-root") {
		r.p.Errorf("it is dangerous to operate recursively on '/'")
		r.fail("use --no-preserve-root to override this failsafe")
		return
	}
	r.remove(name)
}

func (r *remover) remove(name string) {
	if r.p.Step(r.ctx) != nil {
		r.status = 1
		return
	}
	i, err := r.p.Files.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && r.force, errors.Is(err, vfs.ENOTDIR) && r.force:
		return
	case err != nil:
		r.fail("cannot remove %s: %s", quoted(name), reason(err))
	case i.IsDir() && !r.a.has("R", "d"):
		r.fail("cannot remove %s: Is a directory", quoted(name))
	case i.IsDir():
		r.folder(name)
	default:
		r.file(name, i)
	}
}

func (r *remover) file(name string, i vfs.Info) {
	if !r.allowed(name, i) {
		return
	}
	if err := r.p.Files.Remove(name); err != nil {
		r.fail("cannot remove %s: %s", quoted(name), reason(err))
		return
	}
	if r.a.has("v") {
		fmt.Fprintf(r.p.Out, "removed %s\n", quoted(name))
	}
}

// allowed asks where rm does: with -i, and at a terminal for what is protected.
func (r *remover) allowed(name string, i vfs.Info) bool {
	kind := "regular file"
	if i.Size == 0 {
		kind = "regular empty file"
	}
	if i.Mode&fs.ModeSymlink != 0 {
		kind = "symbolic link"
	}
	if i.IsDir() {
		kind = "directory"
	}
	switch {
	case r.force:
		return true
	case r.a.has("i"):
		return agreed(r.ctx, r.p, "remove %s %s? ", kind, quoted(name))
	case r.p.InTerminal(0) && i.Mode&fs.ModeSymlink == 0 && r.p.Files.Access(name, 2) != nil:
		return agreed(r.ctx, r.p, "remove write-protected %s %s? ", kind, quoted(name))
	}
	return true
}

func (r *remover) folder(name string) {
	list, err := r.p.Files.ReadDir(name)
	if err != nil && r.a.has("R") {
		r.fail("cannot remove %s: %s", quoted(name), reason(err))
		return
	}
	if r.a.has("R") {
		if len(list) > 0 && r.a.has("i") && !agreed(r.ctx, r.p, "descend into directory %s? ", quoted(name)) {
			return
		}
		for _, e := range list {
			r.remove(strings.TrimSuffix(name, "/") + "/" + e.Name)
		}
	}
	before := r.status
	if i, err := r.p.Files.Lstat(name); err == nil && !r.allowed(name, i) {
		return
	}
	if err := r.p.Files.Rmdir(name); err != nil {
		if before == 0 || !errors.Is(err, vfs.ENOTEMPTY) {
			r.fail("cannot remove %s: %s", quoted(name), reason(err))
		}
		return
	}
	if r.a.has("v") {
		fmt.Fprintf(r.p.Out, "removed directory %s\n", quoted(name))
	}
}

func rmdir(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("ignore-fail-on-non-empty p,parents v,verbose", "[OPTION]... DIRECTORY..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, -1); !ok {
		return status
	}
	for _, name := range a.rest {
		for name = trimSlash(name); ; name = path.Dir(name) {
			if a.has("v") {
				fmt.Fprintf(p.Out, "%s: removing directory, %s\n", p.Args[0], quoted(name))
			}
			err := p.Files.Rmdir(name)
			if err != nil && !(a.has("ignore-fail-on-non-empty") && errors.Is(err, vfs.ENOTEMPTY)) {
				p.Errorf("failed to remove %s: %s", quoted(name), reason(err))
				status = 1
			}
			if err != nil || !a.has("p") || path.Dir(name) == "." || path.Dir(name) == "/" {
				break
			}
		}
	}
	return status
}

func mkdir(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("m,mode: p,parents v,verbose Z context?", "[OPTION]... DIRECTORY..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, -1); !ok {
		return status
	}
	mode := fs.FileMode(0o777)
	if a.has("m") {
		var ok bool
		if mode, ok = newMode(a.value("m", ""), 0o777|fs.ModeDir, fs.FileMode(p.Umask())); !ok {
			p.Errorf("invalid mode %s", quote(p, a.value("m", "")))
			return 1
		}
	}
	for _, name := range a.rest {
		if !mkdirOne(p, a, name, mode) {
			status = 1
		}
	}
	return status
}
