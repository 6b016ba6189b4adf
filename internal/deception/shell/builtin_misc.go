package shell

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// connectTime is how long the kernel tries to reach somebody who is silent.
const connectTime = 127 * time.Second

func isAddress(host string) bool {
	return strings.Trim(host, "0123456789.") == "" && strings.Count(host, ".") == 3 || strings.Contains(host, ":")
}

// until is a context that ends when a read has waited long enough.
func (sh *shell) until(d time.Duration) (context.Context, func()) {
	if d <= 0 {
		return sh.ctx, func() {}
	}
	ctx, cancel := context.WithCancel(sh.ctx)
	go func() {
		select {
		case <-sh.m.clock.After(d):
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (sh *shell) biCd(args []string) int {
	on, rest, ok := sh.flags(args, "LPe@", "")
	if !ok {
		return 2
	}
	show := false
	target := ""
	switch {
	case len(rest) > 1 && !sh.dash:
		sh.errorf("cd: too many arguments")
		return 1
	case len(rest) == 0:
		home, set := sh.value("HOME")
		if !set {
			sh.errorf("cd: HOME not set")
			return 1
		}
		target = home
	case rest[0] == "-":
		old, set := sh.value("OLDPWD")
		if !set {
			sh.errorf("cd: OLDPWD not set")
			return 1
		}
		target, show = old, true
	default:
		target = rest[0]
	}
	dir, found := sh.cdPath(target)
	if err := sh.enter(dir, on['P'] != ""); err != nil {
		if sh.dash {
			sh.errorf("cd: can't cd to %s", target)
			return 2
		}
		sh.errorf("cd: %s: %s", target, reason(err))
		return 1
	}
	if show || found {
		writeLine(sh.out(), sh.dir)
	}
	return 0
}

// cdPath looks for a folder along CDPATH.
func (sh *shell) cdPath(target string) (dir string, found bool) {
	if search := sh.get("CDPATH"); search != "" && target != "" && !strings.HasPrefix(target, "/") && !strings.HasPrefix(target, ".") {
		for d := range strings.SplitSeq(search, ":") {
			at := path.Join(sh.abs(d), target)
			if i, err := sh.view().Stat(at); err == nil && i.IsDir() {
				return at, d != "" && d != "."
			}
		}
	}
	return target, false
}

// enter makes a folder the current one.
func (sh *shell) enter(dir string, physical bool) error {
	view := sh.view()
	if dir == "" {
		dir = "."
	}
	i, err := view.Stat(dir)
	switch {
	case err != nil:
		return err
	case !i.IsDir():
		return vfs.ENOTDIR
	}
	if err := view.Access(dir, 1); err != nil {
		return err
	}
	to := sh.abs(dir)
	if physical || sh.options.get("physical") {
		if to, err = view.Real(dir); err != nil {
			return err
		}
	}
	old := sh.dir
	sh.dir = to
	_ = sh.setVar("OLDPWD", old)
	_ = sh.setVar("PWD", to)
	for _, name := range []string{"PWD", "OLDPWD"} {
		if v := sh.raw(name); v != nil {
			v.attrs.export = true
		}
	}
	return nil
}

func (sh *shell) biPwd(args []string) int {
	on, _, ok := sh.flags(args, "LP", "")
	if !ok {
		return 2
	}
	dir := sh.dir
	if on['P'] != "" {
		if real, err := sh.view().Real("."); err == nil {
			dir = real
		}
	}
	return sh.write("pwd", dir+"\n")
}

func (sh *shell) biDirs(args []string) int {
	on, _, ok := sh.flags(args, "clpv", "")
	if !ok {
		return 2
	}
	if on['c'] != "" {
		sh.dirs = nil
		return 0
	}
	list := append([]string{sh.dir}, sh.dirs...)
	for i, d := range list {
		if on['l'] == "" {
			list[i] = sh.tilded(d)
		}
		if on['v'] != "" {
			list[i] = fmt.Sprintf("%2d  %s", i, list[i])
		}
	}
	sep := " "
	if on['p'] != "" || on['v'] != "" {
		sep = "\n"
	}
	writeLine(sh.out(), strings.Join(list, sep))
	return 0
}

// mostDirs bounds the stack of folders.
const mostDirs = 1000

func (sh *shell) biPushd(args []string) int {
	rest := slices.DeleteFunc(args[1:], func(s string) bool { return s == "-n" })
	if args[0] == "popd" {
		if len(sh.dirs) == 0 {
			sh.errorf("popd: directory stack empty")
			return 1
		}
		to := sh.dirs[0]
		if err := sh.enter(to, false); err != nil {
			sh.errorf("popd: %s: %s", to, reason(err))
			return 1
		}
		sh.dirs = sh.dirs[1:]
		return sh.biDirs([]string{"dirs"})
	}
	from := sh.dir
	switch {
	case len(rest) == 0 && len(sh.dirs) == 0:
		sh.errorf("pushd: no other directory")
		return 1
	case len(rest) == 0:
		rest = []string{sh.dirs[0]}
		sh.dirs = sh.dirs[1:]
	}
	if err := sh.enter(rest[0], false); err != nil {
		sh.errorf("pushd: %s: %s", rest[0], reason(err))
		return 1
	}
	if sh.dirs = append([]string{from}, sh.dirs...); len(sh.dirs) > mostDirs {
		sh.dirs = sh.dirs[:mostDirs]
	}
	return sh.biDirs([]string{"dirs"})
}

func (sh *shell) biUmask(args []string) int {
	on, rest, ok := sh.flags(args, "pS", "")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		text := fmt.Sprintf("%04o", sh.mask)
		if on['S'] != "" {
			text = symbolic(^sh.mask & 0o777)
		}
		if on['p'] != "" {
			text = "umask " + text
		}
		writeLine(sh.out(), text)
		return 0
	}
	if rest[0] != "" && rest[0][0] >= '0' && rest[0][0] <= '9' {
		n, err := strconv.ParseUint(rest[0], 8, 32)
		if err != nil || n > 0o777 {
			sh.errorf("umask: %s: octal number out of range", rest[0])
			return 1
		}
		sh.mask = uint32(n)
		return 0
	}
	mode, bad := symbolicMode(rest[0], ^sh.mask&0o777)
	if bad != 0 {
		sh.errorf("umask: `%c': invalid symbolic mode operator", bad)
		return 1
	}
	sh.mask = ^mode & 0o777
	return 0
}

func symbolic(mode uint32) string {
	var parts []string
	for i, who := range []string{"u", "g", "o"} {
		bits := mode >> (6 - 3*i) & 7
		s := who + "="
		for j, c := range "rwx" {
			if bits&(4>>j) != 0 {
				s += string(c)
			}
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ",")
}

// symbolicMode applies u=rwx,go-w to permissions.
func symbolicMode(s string, mode uint32) (uint32, rune) {
	for clause := range strings.SplitSeq(s, ",") {
		i := strings.IndexAny(clause, "+-=")
		if i < 0 {
			for _, c := range clause {
				if !strings.ContainsRune("ugoa", c) {
					return 0, c
				}
			}
			return 0, ','
		}
		var who, bits uint32
		for _, c := range clause[:i] {
			who |= map[rune]uint32{'u': 0o700, 'g': 0o070, 'o': 0o007, 'a': 0o777}[c]
		}
		if who == 0 {
			who = 0o777
		}
		for _, c := range clause[i+1:] {
			bits |= map[rune]uint32{'r': 0o444, 'w': 0o222, 'x': 0o111}[c]
		}
		switch clause[i] {
		case '+':
			mode |= bits & who
		case '-':
			mode &^= bits & who
		case '=':
			mode = mode&^who | bits&who
		}
	}
	return mode, 0
}

// limit is one line of ulimit -a.
type limit struct {
	letter byte
	text   string
	unit   string
	value  string
}

func (sh *shell) ulimits() []limit {
	procs := itoa(int(sh.m.persona.Memory >> 17))
	return []limit{
		{'R', "real-time non-blocking time", "(microseconds, -R)", "unlimited"},
		{'c', "core file size", "(blocks, -c)", "0"}, {'d', "data seg size", "(kbytes, -d)", "unlimited"},
		{'e', "scheduling priority", "(-e)", "0"}, {'f', "file size", "(blocks, -f)", "unlimited"},
		{'i', "pending signals", "(-i)", procs}, {'l', "max locked memory", "(kbytes, -l)", itoa(int(sh.m.persona.Memory >> 13))},
		{'m', "max memory size", "(kbytes, -m)", "unlimited"}, {'n', "open files", "(-n)", "1024"},
		{'p', "pipe size", "(512 bytes, -p)", "8"}, {'q', "POSIX message queues", "(bytes, -q)", "819200"},
		{'r', "real-time priority", "(-r)", "0"}, {'s', "stack size", "(kbytes, -s)", "8192"},
		{'t', "cpu time", "(seconds, -t)", "unlimited"}, {'u', "max user processes", "(-u)", procs},
		{'v', "virtual memory", "(kbytes, -v)", "unlimited"}, {'x', "file locks", "(-x)", "unlimited"},
	}
}

func (sh *shell) biUlimit(args []string) int {
	on, rest, ok := sh.flags(args, "HSaRcdefilmnpqrstuvx", "")
	if !ok {
		return 2
	}
	if on['a'] != "" {
		for _, l := range sh.ulimits() {
			fmt.Fprintf(sh.out(), "%-20s %20s %s\n", l.text, l.unit, sh.ulimit(l))
		}
		return 0
	}
	letter := byte('f')
	for c := range on {
		if c != 'H' && c != 'S' {
			letter = c
		}
	}
	for _, l := range sh.ulimits() {
		if l.letter != letter {
			continue
		}
		if len(rest) == 0 {
			writeLine(sh.out(), sh.ulimit(l))
			return 0
		}
		return sh.setUlimit(l, rest[0])
	}
	return 0
}

func (sh *shell) ulimit(l limit) string {
	if v, ok := sh.limitsSet[l.letter]; ok {
		return v
	}
	return l.value
}

func (sh *shell) setUlimit(l limit, value string) int {
	n, err := strconv.ParseUint(value, 10, 63)
	switch {
	case value == "unlimited" || value == "hard" || value == "soft":
	case err != nil:
		sh.errorf("ulimit: %s: invalid number", value)
		return 1
	}
	was, wasErr := strconv.ParseUint(sh.ulimit(l), 10, 63)
	if sh.user.UID != 0 && wasErr == nil && l.letter != 'c' && (err != nil || n > max(was, 1<<20)) {
		sh.errorf("ulimit: %s: cannot modify limit: Operation not permitted", strings.TrimSpace(l.text))
		return 1
	}
	if value == "unlimited" || digits(value) {
		sh.limitsSet = copied(sh.limitsSet)
		sh.limitsSet[l.letter] = value
	}
	return 0
}
