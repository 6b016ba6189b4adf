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

func chmodOne(p *shell.Proc, a *arguments, mode, name string, i vfs.Info) bool {
	m, _ := newMode(mode, i.Mode, fs.FileMode(p.Umask()))
	if m.IsDir() && len(mode) < 5 && strings.Trim(mode, "01234567") == "" {
		m |= i.Mode & (fs.ModeSetgid | fs.ModeSetuid) // numbers leave these of folders alone
	}
	if err := p.Files.Chmod(name, m&^fs.ModeType); err != nil {
		if !a.has("f") {
			p.Errorf("changing permissions of %s: %s", quoted(name), reason(err))
		}
		return false
	}
	old, now := modeString(i.Mode)[1:], modeString(m)[1:]
	switch {
	case old != now && a.has("v", "c"):
		fmt.Fprintf(p.Out, "mode of %s changed from %04o (%s) to %04o (%s)\n", quoted(name), fromMode(i.Mode), old, fromMode(m), now)
	case a.has("v"):
		fmt.Fprintf(p.Out, "mode of %s retained as %04o (%s)\n", quoted(name), fromMode(m), now)
	}
	return true
}

// group is a line of /etc/group.
type group struct {
	name    string
	gid     int
	members []string
}

// paid counts the reading of the files of accounts, which each question for one
// reads from the beginning, before it is done; false says that the program has
// ended. Who asks for one of many names asks here first.
func paid(ctx context.Context, p *shell.Proc) bool {
	units := 0
	for _, name := range []string{"/etc/passwd", "/etc/group", "/etc/shadow"} {
		if i, err := p.Machine.Files().As(vfs.Cred{}).Stat(name); err == nil {
			units += int(min(i.Size, vfs.MostRead))
		}
	}
	return p.Work(ctx, units) == nil
}

func groups(m *shell.Machine) (out []group) {
	b, _ := m.Files().As(vfs.Cred{}).ReadFirst("/etc/group", 256<<10)
	for line := range strings.SplitSeq(string(b), "\n") {
		f := strings.Split(line, ":")
		if len(f) < 4 {
			continue
		}
		gid, err := strconv.Atoi(f[2])
		if err != nil {
			continue
		}
		g := group{name: f[0], gid: gid}
		if f[3] != "" {
			g.members = strings.Split(f[3], ",")
		}
		out = append(out, g)
	}
	return out
}

func groupNamed(m *shell.Machine, name string) (group, bool) {
	gid, err := strconv.Atoi(name)
	for _, g := range groups(m) {
		if g.name == name || err == nil && g.gid == gid {
			return g, true
		}
	}
	return group{name: name, gid: gid}, err == nil
}

// owners reads USER[:GROUP]; -1 leaves one as it is.
func ownersOf(p *shell.Proc, s string) (uid, gid int, problem string) {
	uid, gid = -1, -1
	name, grp, both := strings.Cut(s, ":")
	if !both {
		if n, g, ok := strings.Cut(s, "."); ok {
			if _, known := p.Machine.User(s); !known {
				name, grp, both = n, g, true
			}
		}
	}
	if name != "" {
		if u, ok := p.Machine.User(name); ok {
			uid = u.UID
			if both && grp == "" {
				gid = u.GID
			}
		} else if n, err := strconv.Atoi(name); err == nil {
			uid = n
		} else {
			return 0, 0, "invalid user"
		}
	}
	if grp != "" {
		g, ok := groupNamed(p.Machine, grp)
		if !ok {
			return 0, 0, "invalid group"
		}
		gid = g.gid
	}
	return uid, gid, ""
}

const chownOptions = "c,changes f,silent,quiet v,verbose dereference h,no-dereference from: no-preserve-root preserve-root reference: R,recursive H L P"

func chown(ctx context.Context, p *shell.Proc) int {
	return changeOwner(ctx, p, "[OPTION]... [OWNER][:[GROUP]] FILE...", "ownership", func(s string) (int, int, string) { return ownersOf(p, s) })
}

func chgrp(ctx context.Context, p *shell.Proc) int {
	return changeOwner(ctx, p, "[OPTION]... GROUP FILE...", "group", func(s string) (int, int, string) {
		if g, ok := groupNamed(p.Machine, s); ok {
			return -1, g.gid, ""
		}
		return 0, 0, "invalid group"
	})
}

func changeOwner(ctx context.Context, p *shell.Proc, usage, what string, read func(string) (uid, gid int, problem string)) int {
	a, status := options(p, coreutils(chownOptions, usage))
	if a == nil {
		return status
	}
	var uid, gid int
	if name := a.value("reference", ""); name != "" {
		i, err := p.Files.Stat(name)
		if err != nil {
			p.Errorf("failed to get attributes of %s: %s", quoted(name), reason(err))
			return 1
		}
		uid, gid = i.UID, i.GID
	} else {
		if status, ok := missing(p, a, 2, -1); !ok {
			return status
		}
		var problem string
		if uid, gid, problem = read(a.rest[0]); problem != "" {
			p.Errorf("%s: %s", problem, quote(p, a.rest[0]))
			return 1
		}
		a.rest = a.rest[1:]
	}
	return each(ctx, p, a, a.rest, func(name string, i vfs.Info) bool {
		change := p.Files.Chown
		if a.has("h") {
			change = p.Files.Lchown
		}
		if err := change(name, uid, gid); err != nil {
			if !a.has("f") {
				p.Errorf("changing %s of %s: %s", what, quoted(name), reason(err))
			}
			return false
		}
		return true
	})
}

// chattr changes what ext4 keeps beside the mode, which nothing here looks at:
// it is allowed to whom it would be, and is not kept.
func chattr(_ context.Context, p *shell.Proc) int {
	var files []string
	for _, arg := range p.Args[1:] {
		if arg != "" && strings.IndexByte("+-=", arg[0]) < 0 {
			files = append(files, arg)
		}
	}
	if len(p.Args) < 3 || len(files) == 0 {
		fmt.Fprint(p.Err, "Usage: chattr [-pRVf] [-+=aAcCdDeijPsStTuFx] [-v version] files...\n")
		return 1
	}
	status := 0
	for _, name := range files {
		i, err := p.Files.Lstat(name)
		if err != nil {
			fmt.Fprintf(p.Err, "chattr: %s while trying to stat %s\n", reason(err), name)
			status = 1
		} else if p.User.UID != 0 && (i.UID != p.User.UID || strings.ContainsAny(p.Args[1], "ai")) {
			fmt.Fprintf(p.Err, "chattr: Operation not permitted while setting flags on %s\n", name)
			status = 1
		}
	}
	return status
}

func lsattr(_ context.Context, p *shell.Proc) int {
	var names []string
	dir := false
	for _, arg := range p.Args[1:] {
		if strings.HasPrefix(arg, "-") {
			dir = dir || strings.Contains(arg, "d")
			continue
		}
		names = append(names, arg)
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	for _, name := range names {
		i, err := p.Files.Lstat(name)
		if err != nil {
			fmt.Fprintf(p.Err, "lsattr: %s while trying to stat %s\n", reason(err), name)
			continue
		}
		if !i.IsDir() || dir {
			fmt.Fprintf(p.Out, "--------------e------- %s\n", name)
			continue
		}
		list, _ := p.Files.ReadDir(name)
		for _, e := range list {
			if !strings.HasPrefix(e.Name, ".") {
				fmt.Fprintf(p.Out, "--------------e------- %s\n", strings.TrimSuffix(name, "/")+"/"+e.Name)
			}
		}
	}
	return 0
}
