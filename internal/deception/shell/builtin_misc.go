package shell

import (
	"context"
	"fmt"
	"io/fs"
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

func (sh *shell) biHistory(args []string) int {
	if args[0] == "fc" && (len(args) < 2 || !strings.HasPrefix(args[1], "-")) {
		sh.errorf("fc: no command found")
		return 1
	}
	rest := args[1:]
	first := 0
	if len(rest) > 0 {
		switch rest[0] {
		case "-c":
			sh.history, sh.saved = nil, 0
			return 0
		case "-w", "-a":
			sh.saveHistory()
			return 0
		case "-r", "-n":
			return 0
		case "-d":
			return sh.deleteHistory(rest[1:])
		case "-l":
			first = max(len(sh.history)-16, 0)
		default:
			n, err := strconv.Atoi(rest[0])
			if err != nil {
				sh.errorf("history: %s: numeric argument required", rest[0])
				return 1
			}
			first = max(len(sh.history)-n, 0)
		}
	}
	stamp := sh.get("HISTTIMEFORMAT")
	var b strings.Builder
	for i := first; i < len(sh.history); i++ {
		when := ""
		if stamp != "" {
			when = Strftime(stamp, sh.m.local(sh.m.Now()))
		}
		fmt.Fprintf(&b, "%5d  %s%s\n", i+1, when, sh.history[i])
	}
	return sh.write("history", b.String())
}

func (sh *shell) deleteHistory(args []string) int {
	if len(args) == 0 {
		sh.errorf("history: -d: option requires an argument")
		return 2
	}
	n, err := strconv.Atoi(args[0])
	if n < 0 {
		n += len(sh.history) + 1
	}
	if err != nil || n < 1 || n > len(sh.history) {
		sh.errorf("history: %s: history position out of range", args[0])
		return 1
	}
	sh.history = slices.Delete(sh.history, n-1, n)
	sh.saved = min(sh.saved, len(sh.history))
	return 0
}

func (sh *shell) biHelp(args []string) int {
	if len(args) < 2 {
		var b strings.Builder
		b.WriteString("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nThese shell commands are defined internally.  Type `help' to see this list.\nType `help name' to find out more about the function `name'.\nUse `info bash' to find out more about the shell in general.\nUse `man -k' or `info' to find out more about commands not in this list.\n\nA star (*) next to a name means that the command is disabled.\n\n")
		for name := range strings.FieldsSeq(builtinNames) {
			if s := synopsis(name); s != "" {
				b.WriteString(" " + s + "\n")
			}
		}
		return sh.write("help", b.String())
	}
	name := args[len(args)-1]
	if s := synopsis(name); s != "" {
		return sh.write("help", name+": "+s+"\n")
	}
	sh.errorf("help: no help topics match `%s'.  Try `help help' or `man -k %s' or `info %s'.", name, name, name)
	return 1
}

// synopsis is how a builtin is called.
func synopsis(name string) string {
	switch name {
	case "alias":
		return "alias [-p] [name[=value] ... ]"
	case "cd":
		return "cd [-L|[-P [-e]] [-@]] [dir]"
	case "command":
		return "command [-pVv] command [arg ...]"
	case "declare", "typeset":
		return name + " [-aAfFgiIlnrtux] [name[=value] ...] or " + name + " -p [-aAfFilnrtux] [name ...]"
	case "dirs":
		return "dirs [-clpv] [+N] [-N]"
	case "echo":
		return "echo [-neE] [arg ...]"
	case "enable":
		return "enable [-a] [-dnps] [-f filename] [name ...]"
	case "exec":
		return "exec [-cl] [-a name] [command [argument ...]] [redirection ...]"
	case "export":
		return "export [-fn] [name[=value] ...] or export -p"
	case "getopts":
		return "getopts optstring name [arg ...]"
	case "hash":
		return "hash [-lr] [-p pathname] [-dt] [name ...]"
	case "jobs":
		return "jobs [-lnprs] [jobspec ...] or jobs -x command [args]"
	case "local":
		return "local [option] name[=value] ..."
	case "mapfile", "readarray":
		return name + " [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]"
	case "pwd":
		return "pwd [-LP]"
	case "read":
		return "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]"
	case "readonly":
		return "readonly [-aAf] [name[=value] ...] or readonly -p"
	case "set":
		return "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]"
	case "shopt":
		return "shopt [-pqsu] [-o] [optname ...]"
	case "type":
		return "type [-afptP] name [name ...]"
	case "ulimit":
		return "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]"
	case "umask":
		return "umask [-p] [-S] [mode]"
	case "unalias":
		return "unalias [-a] name [name ...]"
	case "unset":
		return "unset [-f] [-v] [-n] [name ...]"
	case "wait":
		return "wait [-fn] [-p var] [id ...]"
	}
	return ""
}

func (sh *shell) biCompgen(args []string) int {
	on, rest, ok := sh.flags(args, "abcdefgjksuv", "oAGWFCXPS")
	if !ok {
		return 2
	}
	prefix := ""
	if len(rest) > 0 {
		prefix = rest[0]
	}
	var list []string
	if w, set := on['W']; set {
		list = append(list, strings.Fields(w)...)
	}
	if on['b'] != "" || on['c'] != "" || on['A'] == "builtin" {
		list = append(list, strings.Fields(builtinNames)...)
	}
	if on['c'] != "" || on['A'] == "command" {
		list = append(list, sh.programs()...)
	}
	if on['u'] != "" || on['A'] == "user" {
		for _, u := range sh.m.Users() {
			list = append(list, u.Name)
		}
	}
	if on['v'] != "" {
		list = append(list, sh.names()...)
	}
	found := false
	for _, s := range list {
		if strings.HasPrefix(s, prefix) {
			writeLine(sh.out(), s)
			found = true
		}
	}
	if on['f'] != "" || on['d'] != "" {
		for _, s := range sh.names1(escapePattern(prefix) + "*") {
			if i, err := sh.view().Stat(s); on['d'] == "" || err == nil && i.IsDir() {
				writeLine(sh.out(), s)
				found = true
			}
		}
	}
	return flag(found)
}

// programs are the names of all files on PATH that can be run.
func (sh *shell) programs() (out []string) {
	for dir := range strings.SplitSeq(sh.get("PATH"), ":") {
		list, err := sh.view().ReadDir(dirName(dir))
		if err != nil || !sh.step() {
			continue
		}
		for _, i := range list {
			if i.Mode.IsRegular() && i.Mode&0o111 != 0 || i.Mode&fs.ModeSymlink != 0 {
				out = append(out, i.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
