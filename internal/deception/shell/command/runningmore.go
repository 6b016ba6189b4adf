package command

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

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
