package command

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func owning() table {
	return table{"chmod": chmod, "chown": chown, "chgrp": chgrp, "chattr": chattr, "lsattr": lsattr}
}

// newMode applies a mode of chmod, octal or symbolic, to an old one.
func newMode(s string, old, mask fs.FileMode) (fs.FileMode, bool) {
	if bits, err := strconv.ParseUint(s, 8, 16); err == nil && bits <= 0o7777 {
		return old&fs.ModeType | toMode(uint32(bits)), true
	}
	bits := fromMode(old)
	for _, clause := range strings.Split(s, ",") {
		var ok bool
		if bits, ok = applyClause(clause, bits, old.IsDir(), uint32(mask)); !ok {
			return old, false
		}
	}
	return old&fs.ModeType | toMode(bits), true
}

func toMode(bits uint32) fs.FileMode {
	m := fs.FileMode(bits & 0o777)
	for i, special := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
		if bits&(0o1000<<i) != 0 {
			m |= special
		}
	}
	return m
}

func fromMode(m fs.FileMode) uint32 {
	bits := uint32(m.Perm())
	for i, special := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
		if m&special != 0 {
			bits |= 0o1000 << i
		}
	}
	return bits
}

// applyClause applies one clause such as u+rwx,go=.
func applyClause(clause string, bits uint32, dir bool, mask uint32) (uint32, bool) {
	who := uint32(0)
	i := 0
	for ; i < len(clause) && strings.IndexByte("ugoa", clause[i]) >= 0; i++ {
		who |= map[byte]uint32{'u': 0o4700, 'g': 0o2070, 'o': 0o1007, 'a': 0o7777}[clause[i]]
	}
	everybody := who == 0
	if everybody {
		who = 0o7777
	}
	if i == len(clause) {
		return 0, false
	}
	for i < len(clause) {
		op := clause[i]
		if strings.IndexByte("+-=", op) < 0 {
			return 0, false
		}
		i++
		perm := uint32(0)
		for ; i < len(clause) && strings.IndexByte("+-=", clause[i]) < 0; i++ {
			p, ok := permission(clause[i], bits, dir)
			if !ok {
				return 0, false
			}
			perm |= p
		}
		perm &= who
		if everybody {
			perm &^= mask
		}
		switch op {
		case '+':
			bits |= perm
		case '-':
			bits &^= perm
		default:
			bits = bits&^(who&0o777|who&0o7000&^(uint32(order(dir))*0o6000)) | perm
		}
	}
	return bits, true
}

func permission(c byte, bits uint32, dir bool) (uint32, bool) {
	switch c {
	case 'r':
		return 0o444, true
	case 'w':
		return 0o222, true
	case 'x':
		return 0o111, true
	case 'X':
		if dir || bits&0o111 != 0 {
			return 0o111, true
		}
		return 0, true
	case 's':
		return 0o6000, true
	case 't':
		return 0o1000, true
	case 'u':
		return bits >> 6 & 7 * 0o111, true
	case 'g':
		return bits >> 3 & 7 * 0o111, true
	case 'o':
		return bits & 7 * 0o111, true
	}
	return 0, false
}

// each calls fn for operands and, with -R, for what is below them.
func each(ctx context.Context, p *shell.Proc, a *arguments, names []string, fn func(name string, i vfs.Info) bool) (status int) {
	for _, name := range names {
		i, err := p.Files.Stat(name)
		if err != nil {
			i, err = p.Files.Lstat(name)
		}
		if err != nil {
			if !a.has("f") {
				p.Errorf("cannot access %s: %s", quoted(name), reason(err))
			}
			status = 1
			continue
		}
		if !walk(ctx, p, a.has("R"), name, i, fn) {
			status = 1
		}
	}
	return status
}

func walk(ctx context.Context, p *shell.Proc, recursive bool, name string, i vfs.Info, fn func(string, vfs.Info) bool) bool {
	if p.Step(ctx) != nil {
		return false
	}
	ok := fn(name, i)
	if !recursive || !i.IsDir() {
		return ok
	}
	list, err := p.Files.ReadDir(name)
	if err != nil {
		p.Errorf("cannot read directory %s: %s", quoted(name), reason(err))
		return false
	}
	for _, e := range list {
		if e.Mode&fs.ModeSymlink == 0 {
			ok = walk(ctx, p, true, strings.TrimSuffix(name, "/")+"/"+e.Name, e, fn) && ok
		}
	}
	return ok
}

func chmod(ctx context.Context, p *shell.Proc) int {
	// What begins with a minus may be a mode: chmod -x file.
	args, mode := p.Args, ""
	for i, arg := range args[1:] {
		if len(arg) > 1 && arg[0] == '-' && strings.Trim(arg[1:], "rwxXstugo,+-=") == "" && arg[1] != '-' && arg != "-R" {
			mode = arg
			p.Args = append(append([]string{}, args[:i+1]...), args[i+2:]...)
			break
		}
	}
	a, status := options(p, coreutils("c,changes f,silent,quiet v,verbose no-preserve-root preserve-root reference: R,recursive", "[OPTION]... MODE[,MODE]... FILE..."))
	if a == nil {
		return status
	}
	if mode == "" && !a.has("reference") && len(a.rest) > 0 {
		mode, a.rest = a.rest[0], a.rest[1:]
	}
	if len(a.rest) == 0 {
		if mode == "" {
			p.Errorf("missing operand")
		} else {
			p.Errorf("missing operand after %s", quote(p, mode))
		}
		try(p)
		return 1
	}
	if name := a.value("reference", ""); name != "" {
		i, err := p.Files.Stat(name)
		if err != nil {
			p.Errorf("failed to get attributes of %s: %s", quoted(name), reason(err))
			return 1
		}
		mode = fmt.Sprintf("%o", fromMode(i.Mode))
	}
	if _, ok := newMode(mode, 0, 0); !ok {
		p.Errorf("invalid mode: %s", quote(p, mode))
		try(p)
		return 1
	}
	return each(ctx, p, a, a.rest, func(name string, i vfs.Info) bool { return chmodOne(p, a, mode, name, i) })
}
