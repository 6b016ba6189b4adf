package command

import (
	"context"
	"errors"
	"fmt"
	"path"
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
	status, err := p.Run(ctx, located(p, args)...)
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

// located gives a program its full name when there is no PATH to find it on: the
// C library then looks in two folders (confstr's _CS_PATH).
func located(p *shell.Proc, args []string) []string {
	if _, ok := p.Env.Lookup("PATH"); ok || strings.Contains(args[0], "/") {
		return args
	}
	for _, dir := range []string{"/bin/", "/usr/bin/"} {
		if p.Files.Access(dir+args[0], 1) == nil {
			return append([]string{dir + args[0]}, args[1:]...)
		}
	}
	return args
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
	if name := a.value("s", "TERM"); !isSignal(name) {
		p.Errorf("%s: invalid signal", quote(p, name))
		try(p)
		return 125
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	done := p.Beside(func() int { return start(inner, p, a.rest[1:]) })
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
		sig, _ := shell.ParseSignal(a.value("s", "TERM"))
		if sig == shell.SIGKILL || a.has("preserve-status") {
			return 128 + int(sig)
		}
		return 124
	}
}

func isSignal(name string) bool {
	_, ok := shell.ParseSignal(name)
	return ok
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
