package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// tools are the few programs that the tests' scripts use, small versions of
// their own; the real ones are in package command.
func tools() map[string]Command {
	return map[string]Command{
		"cat": func(_ context.Context, p *Proc) int {
			status := 0
			if len(p.Args) == 1 {
				_, _ = io.Copy(p.Out, p.In)
			}
			for _, name := range p.Args[1:] {
				f, err := p.Files.Open(name, vfs.O_RDONLY, 0)
				if err != nil {
					var e *fs.PathError
					_ = errors.As(err, &e)
					p.Errorf("%s: %s", name, e.Err)
					status = 1
					continue
				}
				_, _ = io.Copy(p.Out, f)
				_ = f.Close()
			}
			return status
		},
		"yes": func(ctx context.Context, p *Proc) int {
			for ctx.Err() == nil {
				if _, err := io.WriteString(p.Out, strings.Repeat("y\n", 512)); err != nil {
					return 1
				}
			}
			return 0
		},
		"head": func(_ context.Context, p *Proc) int {
			n := 10
			_, _ = fmt.Sscanf(strings.Join(p.Args[1:], " "), "-n %d", &n)
			b := make([]byte, 1)
			for n > 0 {
				if _, err := p.In.Read(b); err != nil {
					break
				}
				_, _ = p.Out.Write(b)
				if b[0] == '\n' {
					n--
				}
			}
			return 0
		},
		"sleep": func(ctx context.Context, p *Proc) int {
			d, _ := time.ParseDuration(p.Args[1] + "s")
			_ = p.Sleep(ctx, d)
			return 0
		},
		"rm": func(_ context.Context, p *Proc) int {
			for _, name := range p.Args[1:] {
				if !strings.HasPrefix(name, "-") {
					_ = p.Files.Remove(name)
				}
			}
			return 0
		},
		"mkdir": func(_ context.Context, p *Proc) int {
			for _, name := range p.Args[1:] {
				if !strings.HasPrefix(name, "-") {
					_ = p.Files.MkdirAll(name, 0o777)
				}
			}
			return 0
		},
		"chmod": func(_ context.Context, p *Proc) int {
			mode := fs.FileMode(0o755)
			if p.Args[1] == "000" {
				mode = 0
			}
			for _, name := range p.Args[2:] {
				_ = p.Files.Chmod(name, mode)
			}
			return 0
		},
		"env": func(_ context.Context, p *Proc) int {
			for _, e := range p.Env.All() {
				fmt.Fprintln(p.Out, e)
			}
			return 0
		},
		"false": func(context.Context, *Proc) int { return 1 },
		"crash": func(context.Context, *Proc) int { panic("a program broke") },
	}
}

func testTree() *vfs.Tree {
	made := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	t := vfs.NewTree(made)
	t.Add("/etc/passwd", vfs.Node{Mode: 0o644, Data: []byte("root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000:Anna:/home/anna:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n")})
	t.Add("/etc/group", vfs.Node{Mode: 0o644, Data: []byte("root:x:0:\nsudo:x:27:anna\nanna:x:1000:\n")})
	t.Add("/root", vfs.Node{Mode: fs.ModeDir | 0o700})
	t.Add("/root/.bashrc", vfs.Node{Mode: 0o644, Data: []byte("# none\n")})
	t.Add("/root/.profile", vfs.Node{Mode: 0o644, Data: []byte("if [ \"$BASH\" ]; then\n  if [ -f ~/.bashrc ]; then\n    . ~/.bashrc\n  fi\nfi\n")})
	t.Add("/etc/profile", vfs.Node{Mode: 0o644, Data: []byte("if [ \"${PS1-}\" ]; then\n  PS1='${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ '\nfi\n")})
	t.Add("/home/anna", vfs.Node{Mode: fs.ModeDir | 0o755, UID: 1000, GID: 1000})
	t.Add("/tmp", vfs.Node{Mode: fs.ModeDir | fs.ModeSticky | 0o777})
	t.Add("/work", vfs.Node{Mode: fs.ModeDir | 0o777})
	elf := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 11)...)
	elf = append(elf, 0x3e, 0)
	for _, name := range append([]string{"bash", "dash"}, "cat", "yes", "head", "sleep", "rm", "mkdir", "chmod", "env", "false", "crash") {
		t.Add("/usr/bin/"+name, vfs.Node{Mode: 0o755, Data: elf})
	}
	t.Add("/usr/bin/sh", vfs.Node{Target: "dash"})
	t.Add("/bin", vfs.Node{Target: "usr/bin"})
	for name, d := range map[string]int{"null": 3, "zero": 5, "full": 7, "urandom": 9} {
		t.Add("/dev/"+name, vfs.Node{Mode: fs.ModeDevice | fs.ModeCharDevice | 0o666, Device: vfs.Device{Major: 1, Minor: d}})
	}
	return t
}

// told fails the test when something of ours broke, other than the program
// whose purpose that is.
func told(t testing.TB) func(error) {
	return func(err error) {
		if !strings.HasSuffix(err.Error(), "running crash: a program broke") {
			t.Error(err)
		}
	}
}

func testMachine(t testing.TB, limits Limits) *Machine {
	t.Helper()
	p, err := persona.New("web-1", "web-server", [persona.SeedSize]byte{1}, time.Now(), persona.Given{Hostname: "web01"})
	if err != nil {
		t.Fatal(err)
	}
	return NewMachine(p, Options{
		Clock: clock.Real{}, Files: vfs.New(testTree(), time.Now, vfs.Limits{}), Commands: tools(), Limits: limits, Report: told(t),
		Processes: []Process{{PID: 1, User: "root", Args: []string{"/sbin/init"}}},
	})
}

// result is what a run gave.
type result struct {
	out, err string
	status   int
}

func (m *Machine) try(t testing.TB, user, command, stdin string) result {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	status, _ := m.Run(ctx, Login{User: user, Command: command, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs})
	return result{out.String(), errs.String(), status}
}

func record(t testing.TB) (*service.Session, *servicetest.Sink) {
	t.Helper()
	sink := &servicetest.Sink{}
	return service.NewSession(sink, clock.Real{}, "web-1", "ssh", client, client), sink
}

// tryIn runs a script in the folder /work, with the environment that the
// comparison gives to a real shell.
func (m *Machine) tryIn(t testing.TB, shell, script string) result {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m.commands["begin"] = func(ctx context.Context, p *Proc) int {
		p.Dir, p.Env = "/work", NewEnv("PATH=/usr/bin", "HOME=/root", "LANG=C.UTF-8")
		status, err := p.Run(ctx, shell, "-c", script)
		if err != nil {
			t.Error(err)
		}
		return status
	}
	must(t, m.files.As(vfs.Cred{}).Rename("/usr/bin/crash", "/usr/bin/begin"))
	status, _ := m.Run(ctx, Login{User: "anna", Command: "exec begin", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs})
	return result{out.String(), errs.String(), status}
}
