package command

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func running() table {
	return table{
		"true": succeed, "false": fail, "env": env, "printenv": printenv, "timeout": timeout, "nohup": nohup, "nice": passing("n,adjustment:", 125), "stdbuf": passing("i,input: o,output: e,error:", 125), "ionice": passing("c,class: n,classdata: p,pid: t,ignore", 1),
		"setsid": passing("c,ctty f,fork w,wait", 1), "xargs": xargs, "watch": watch, "chroot": chroot, "basename": basename, "dirname": dirname, "pwd": pwd, "realpath": realpath, "readlink": readlink,
		"which": which, "which.debianutils": which, "whereis": whereis, "test": test, "[": test, "echo": echo, "expr": expr, "renice": renice, "taskset": passing("p,pid a,all-tasks c,cpu-list", 1), "stty": stty, "clear": clear, "reset": clear, "tput": tput, "mesg": mesg, "run-parts": runParts, "flock": flock,
	}
}

func fail(context.Context, *shell.Proc) int { return 1 }

// start runs another program and says in a caller's words why it did not.
func start(ctx context.Context, p *shell.Proc, args []string) int {
	status, err := p.Run(ctx, args...)
	if err == nil {
		return status
	}
	name := quoted(args[0])
	if base := path.Base(p.Args[0]); base == "env" || base == "timeout" || base == "nohup" || base == "nice" || base == "stdbuf" {
		name = quote(p, args[0])
	}
	switch path.Base(p.Args[0]) {
	case "xargs":
		p.Errorf("%s: %s", args[0], reason(err))
	case "timeout", "nohup", "nice", "env", "stdbuf":
		verb := map[string]string{"timeout": "failed to run command ", "nohup": "failed to run command ", "stdbuf": "failed to run command "}[path.Base(p.Args[0])]
		p.Errorf("%s%s: %s", verb, name, reason(err))
	default:
		p.Errorf("failed to execute %s: %s", args[0], reason(err))
	}
	if errors.Is(err, vfs.ENOENT) {
		return 127
	}
	return 126
}

// passing is a program that runs another and changes nothing that shows here.
func passing(spec string, bad int) shell.Command {
	return func(ctx context.Context, p *shell.Proc) int {
		t := coreutils(spec, "[OPTION] [COMMAND [ARG]...]")
		t.bad, t.posix = bad, true
		numbered(p, false)
		a, status := options(p, t)
		if a == nil {
			return status
		}
		if path.Base(p.Args[0]) == "taskset" && len(a.rest) > 0 && !a.has("p") {
			a.rest = a.rest[1:]
		}
		if len(a.rest) == 0 {
			if path.Base(p.Args[0]) == "nice" {
				fmt.Fprintln(p.Out, "0")
				return 0
			}
			p.Errorf("missing operand")
			try(p)
			return bad
		}
		return start(ctx, p, a.rest)
	}
}

func env(ctx context.Context, p *shell.Proc) int {
	t := coreutils("i,ignore-environment 0,null u,unset: C,chdir: S,split-string: v,debug", "[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]")
	t.bad, t.posix = 125, true
	a, status := options(p, t)
	if a == nil {
		return status
	}
	if a.has("i") || len(a.rest) > 0 && a.rest[0] == "-" {
		p.Env = shell.NewEnv()
		if len(a.rest) > 0 && a.rest[0] == "-" {
			a.rest = a.rest[1:]
		}
	}
	for _, o := range a.all {
		if o.name == "u" {
			p.Env.Unset(o.value)
		}
		if o.name == "S" {
			a.rest = append(strings.Fields(o.value), a.rest...)
		}
	}
	for len(a.rest) > 0 && strings.Contains(a.rest[0], "=") {
		name, value, _ := strings.Cut(a.rest[0], "=")
		p.Env.Set(name, value)
		a.rest = a.rest[1:]
	}
	if len(a.rest) > 0 {
		return start(ctx, p, a.rest)
	}
	end := "\n"
	if a.has("0") {
		end = "\x00"
	}
	for _, v := range p.Env.All() {
		fmt.Fprint(p.Out, v+end)
	}
	return 0
}

func printenv(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "0,null", usage: "[OPTION]... [VARIABLE]...", version: "(GNU coreutils) 9.1", bad: 2})
	if a == nil {
		return status
	}
	for _, name := range a.rest {
		if v, ok := p.Env.Lookup(name); ok {
			fmt.Fprintln(p.Out, v)
		} else {
			status = 1
		}
	}
	if len(a.rest) == 0 {
		for _, v := range p.Env.All() {
			fmt.Fprintln(p.Out, v)
		}
	}
	return status
}

func timeout(ctx context.Context, p *shell.Proc) int {
	t := coreutils("foreground k,kill-after: preserve-status s,signal: v,verbose", "[OPTION] DURATION COMMAND [ARG]...")
	t.bad, t.posix = 125, true
	a, status := options(p, t)
	if a == nil {
		return status
	}
	if len(a.rest) < 2 {
		if len(a.rest) == 0 {
			p.Errorf("missing operand")
		} else {
			p.Errorf("missing operand after %s", quote(p, a.rest[0]))
		}
		try(p)
		return 125
	}
	d, ok := parseInterval(a.rest[0])
	if !ok {
		p.Errorf("invalid time interval %s", quote(p, a.rest[0]))
		try(p)
		return 125
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan int, 1)
	go func() { done <- start(inner, p, a.rest[1:]) }()
	var over <-chan time.Time
	if d > 0 {
		over = p.Machine.Clock().After(d)
	}
	select {
	case status := <-done:
		return status
	case <-over:
		cancel()
		<-done
		if a.value("s", "TERM") == "KILL" || a.value("s", "") == "9" {
			return 137
		}
		return 124
	}
}

func nohup(ctx context.Context, p *shell.Proc) int {
	t := coreutils("", "COMMAND [ARG]...")
	t.bad, t.posix = 125, true
	a, status := options(p, t)
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		p.Errorf("missing operand")
		try(p)
		return 125
	}
	if !p.InTerminal(1) {
		if p.InTerminal(0) {
			p.Errorf("ignoring input")
		}
		return start(ctx, p, a.rest)
	}
	f, err := p.Files.Open("nohup.out", vfs.O_WRONLY|vfs.O_CREATE|vfs.O_APPEND, 0o600)
	if err != nil {
		p.Errorf("failed to open 'nohup.out': %s", reason(err))
		return 125
	}
	defer f.Close()
	p.Errorf("ignoring input and appending output to 'nohup.out'")
	p.Out, p.Err = f, f
	return start(ctx, p, a.rest)
}

func watch(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "b,beep c,color d,differences? e,errexit g,chgexit n,interval: p,precise t,no-title x,exec w,no-wrap", usage: "[options] command", version: "from procps-ng 4.0.2", posix: true})
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		fmt.Fprint(p.Err, "\nUsage:\n watch [options] command\n\n")
		return 1
	}
	every, ok := parseInterval(a.value("n", "2"))
	if !ok {
		every = 2 * time.Second
	}
	for ctx.Err() == nil {
		fmt.Fprintf(p.Out, "\x1b[H\x1b[2JEvery %.1fs: %s\n\n", every.Seconds(), strings.Join(a.rest, " "))
		start(ctx, p, []string{"sh", "-c", strings.Join(a.rest, " ")})
		if p.Sleep(ctx, max(every, 100*time.Millisecond)) != nil {
			break
		}
	}
	return 130
}

func chroot(ctx context.Context, p *shell.Proc) int {
	t := coreutils("groups: userspec: skip-chdir", "[OPTION] NEWROOT [COMMAND [ARG]...]")
	t.bad, t.posix = 125, true
	a, status := options(p, t)
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		p.Errorf("missing operand")
		try(p)
		return 125
	}
	if p.User.UID != 0 {
		p.Errorf("cannot change root directory to %s: Operation not permitted", quoted(a.rest[0]))
		return 125
	}
	i, err := p.Files.Stat(a.rest[0])
	if err != nil || !i.IsDir() {
		p.Errorf("cannot change root directory to %s: %s", quoted(a.rest[0]), notFolder(err))
		return 125
	}
	if real, _ := p.Files.Real(a.rest[0]); real == "/" && len(a.rest) > 1 {
		return start(ctx, p, a.rest[1:])
	}
	shell := "/bin/bash"
	if len(a.rest) > 1 {
		shell = a.rest[1]
	}
	p.Errorf("failed to run command %s: No such file or directory", quote(p, shell))
	return 127
}

func basename(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a,multiple s,suffix: z,zero", "NAME [SUFFIX]"))
	if a == nil {
		return status
	}
	most, suffix := 2, ""
	if a.has("a", "s") {
		most, suffix = -1, a.value("s", "")
	}
	if status, ok := missing(p, a, 1, most); !ok {
		return status
	}
	if most == 2 && len(a.rest) == 2 {
		suffix, a.rest = a.rest[1], a.rest[:1]
	}
	for _, name := range a.rest {
		base := path.Base(name)
		if name == "" {
			base = ""
		}
		if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		fmt.Fprintln(p.Out, base)
	}
	return 0
}

func dirname(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("z,zero", "[OPTION] NAME..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, -1); !ok {
		return status
	}
	for _, name := range a.rest {
		name = trimSlash(name)
		i := strings.LastIndexByte(name, '/')
		switch {
		case i < 0:
			name = "."
		case i == 0:
			name = "/"
		default:
			name = strings.TrimRight(name[:i], "/")
		}
		fmt.Fprintln(p.Out, orElse(name, "/"))
	}
	return 0
}

func pwd(_ context.Context, p *shell.Proc) int {
	real, err := p.Files.Real(".")
	if err != nil {
		real = p.Dir
	}
	fmt.Fprintln(p.Out, real)
	return 0
}

func realpath(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("e,canonicalize-existing m,canonicalize-missing L,logical P,physical q,quiet relative-to: relative-base: s,strip,no-symlinks z,zero", "[OPTION]... FILE..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, -1); !ok {
		return status
	}
	for _, name := range a.rest {
		real, err := canonical(p, name, a.has("e"), a.has("m"))
		if a.has("s") {
			real, err = path.Join(p.Dir, name), nil
			if path.IsAbs(name) {
				real = path.Clean(name)
			}
		}
		if err != nil {
			if !a.has("q") {
				p.Errorf("%s: %s", colon(name), reason(err))
			}
			status = 1
			continue
		}
		fmt.Fprintln(p.Out, real)
	}
	return status
}

// canonical is a name without links; unless all of it must be there, the last
// part (with missing: any) need not be.
func canonical(p *shell.Proc, name string, all, missing bool) (string, error) {
	if name == "" {
		return "", vfs.ENOENT
	}
	real, err := p.Files.Real(name)
	if err == nil || all || !errors.Is(err, vfs.ENOENT) && !missing {
		return real, err
	}
	abs := name
	if !path.IsAbs(name) {
		abs = p.Dir + "/" + name
	}
	dir, rest := path.Dir(path.Clean(abs)), path.Base(path.Clean(abs))
	for ; ; dir, rest = path.Dir(dir), path.Join(path.Base(dir), rest) {
		if parent, err := p.Files.Real(dir); err == nil {
			return path.Join(parent, rest), nil
		}
		if !missing || dir == "/" {
			return "", vfs.ENOENT
		}
	}
}

func readlink(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("f,canonicalize e,canonicalize-existing m,canonicalize-missing n,no-newline q,quiet s,silent v,verbose z,zero", "[OPTION]... FILE..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, -1); !ok {
		return status
	}
	for _, name := range a.rest {
		target, err := p.Files.Readlink(name)
		if a.has("f", "e", "m") {
			target, err = canonical(p, name, a.has("e"), a.has("m"))
		}
		if err != nil {
			if a.has("v") {
				p.Errorf("%s: %s", colon(name), reason(err))
			}
			status = 1
			continue
		}
		fmt.Fprint(p.Out, target)
		if !a.has("n") || len(a.rest) > 1 {
			fmt.Fprintln(p.Out)
		}
	}
	return status
}

// find on PATH what would be run.
func onPath(p *shell.Proc, name string, all bool) (out []string) {
	if strings.Contains(name, "/") {
		if i, err := p.Files.Stat(name); err == nil && i.Mode.IsRegular() && p.Files.Access(name, 1) == nil {
			return []string{name}
		}
		return nil
	}
	for _, dir := range strings.Split(p.Env.Get("PATH"), ":") {
		full := orElse(dir, ".") + "/" + name
		if i, err := p.Files.Stat(full); err == nil && i.Mode.IsRegular() && p.Files.Access(full, 1) == nil {
			if out = append(out, full); !all {
				return out
			}
		}
	}
	return out
}

func which(_ context.Context, p *shell.Proc) int {
	all, status := false, 0
	for i, arg := range p.Args[1:] {
		switch {
		case arg == "-a":
			all = true
		case strings.HasPrefix(arg, "-") && len(arg) > 1 && i == 0:
			fmt.Fprintf(p.Err, "Illegal option %s\nUsage: %s [-a] args\n", arg, p.Args[0])
			return 2
		default:
			found := onPath(p, arg, all)
			for _, f := range found {
				fmt.Fprintln(p.Out, f)
			}
			if len(found) == 0 {
				status = 1
			}
		}
	}
	if len(p.Args) == 1 {
		return 1
	}
	return status
}

func whereis(_ context.Context, p *shell.Proc) int {
	for _, name := range p.Args[1:] {
		if strings.HasPrefix(name, "-") {
			continue
		}
		line := name + ":"
		for _, dir := range []string{"/usr/bin", "/usr/sbin", "/usr/lib", "/etc", "/usr/local/bin"} {
			if _, err := p.Files.Stat(dir + "/" + name); err == nil {
				line += " " + dir + "/" + name
			}
		}
		fmt.Fprintln(p.Out, line)
	}
	return 0
}

func echo(_ context.Context, p *shell.Proc) int {
	args, end, escapes := p.Args[1:], "\n", false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		for _, c := range args[0][1:] {
			switch c {
			case 'n':
				end = ""
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if escapes {
		text = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`, `\e`, "\x1b", `\r`, "\r", `\a`, "\a").Replace(text)
	}
	fmt.Fprint(p.Out, text+end)
	return 0
}

func renice(_ context.Context, p *shell.Proc) int {
	for _, arg := range p.Args[1:] {
		if pid, err := strconv.Atoi(arg); err == nil && pid > 19 {
			fmt.Fprintf(p.Out, "%d (process ID) old priority 0, new priority %s\n", pid, strings.TrimPrefix(p.Args[min(2, len(p.Args)-1)], "+"))
		}
	}
	return 0
}

func mesg(_ context.Context, p *shell.Proc) int {
	if !p.InTerminal(0) {
		fmt.Fprintln(p.Err, "mesg: ttyname failed: Inappropriate ioctl for device")
		return 2
	}
	if len(p.Args) == 1 {
		fmt.Fprintln(p.Out, "is n")
		return 1
	}
	return 0
}

func clear(_ context.Context, p *shell.Proc) int {
	if p.Env.Get("TERM") == "" {
		fmt.Fprintln(p.Err, "TERM environment variable not set.")
		return 1
	}
	fmt.Fprint(p.Out, "\x1b[H\x1b[2J\x1b[3J")
	return 0
}

func tput(_ context.Context, p *shell.Proc) int {
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Err, "usage: tput [-V] [-S] [-T term] capname")
		return 2
	}
	columns, rows := 80, 24
	if p.Terminal != nil && p.Terminal.Columns > 0 {
		columns, rows = p.Terminal.Columns, p.Terminal.Rows
	}
	text, ok := map[string]string{"cols": fmt.Sprintln(columns), "lines": fmt.Sprintln(rows), "colors": "8\n", "bold": "\x1b[1m", "sgr0": "\x1b(B\x1b[m", "clear": "\x1b[H\x1b[2J\x1b[3J", "civis": "\x1b[?25l", "cnorm": "\x1b[?12l\x1b[?25h", "el": "\x1b[K", "smul": "\x1b[4m", "rmul": "\x1b[24m", "rev": "\x1b[7m", "cup": "\x1b[1;1H", "smcup": "\x1b[?1049h", "rmcup": "\x1b[?1049l"}[p.Args[1]]
	if n := field(p.Args, 2); (p.Args[1] == "setaf" || p.Args[1] == "setab") && n != "" {
		text, ok = "\x1b["+map[string]string{"setaf": "3", "setab": "4"}[p.Args[1]]+n+"m", true
	}
	if !ok {
		fmt.Fprintf(p.Err, "tput: unknown terminfo capability '%s'\n", p.Args[1])
		return 4
	}
	fmt.Fprint(p.Out, text)
	return 0
}

func stty(_ context.Context, p *shell.Proc) int {
	if !p.InTerminal(0) {
		p.Errorf("'standard input': Inappropriate ioctl for device")
		return 1
	}
	columns, rows := 80, 24
	if p.Terminal != nil && p.Terminal.Columns > 0 {
		columns, rows = p.Terminal.Columns, p.Terminal.Rows
	}
	switch {
	case len(p.Args) == 1:
		fmt.Fprint(p.Out, "speed 38400 baud; line = 0;\n-brkint -imaxbel iutf8\n")
	case p.Args[1] == "size":
		fmt.Fprintf(p.Out, "%d %d\n", rows, columns)
	case p.Args[1] == "-g":
		fmt.Fprintln(p.Out, "4500:5:bf:8a3b:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0")
	case p.Args[1] == "-a":
		fmt.Fprintf(p.Out, "speed 38400 baud; rows %d; columns %d; line = 0;\n", rows, columns)
	}
	return 0
}

func runParts(ctx context.Context, p *shell.Proc) int {
	dir := p.Args[len(p.Args)-1]
	list, err := p.Files.ReadDir(dir)
	if err != nil || len(p.Args) < 2 {
		p.Errorf("failed to open directory %s: %s", dir, reason(err))
		return 1
	}
	status := 0
	for _, e := range list {
		if !strings.ContainsAny(e.Name, ".~") && e.Mode.IsRegular() && e.Mode&0o111 != 0 {
			if s, _ := p.Run(ctx, dir+"/"+e.Name); s != 0 {
				p.Errorf("%s/%s exited with return code %d", dir, e.Name, s)
				status = 1
			}
		}
	}
	return status
}

// flock runs a program; nobody else holds a lock.
func flock(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "s,shared x,e,exclusive u,unlock n,nonblock,nb w,timeout,wait: E,conflict-exit-code: o,close c,command: F,no-fork verbose", usage: "[options] <file>|<directory> <command> [<argument>...]", version: "from util-linux 2.38.1", bad: 64, posix: true})
	if a == nil {
		return status
	}
	switch {
	case len(a.rest) > 2 && a.rest[1] == "-c":
		return start(ctx, p, []string{"sh", "-c", a.rest[2]})
	case len(a.rest) > 1:
		return start(ctx, p, a.rest[1:])
	}
	return 0
}
