package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/awk"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func languages() table {
	return table{"mawk": mawk, "perl": perl}
}

// mawk runs package awk on the machine's files and programs.
func mawk(ctx context.Context, p *shell.Proc) int {
	a := &awkArguments{p: p}
	if status, more := a.read(); !more {
		return status
	}
	prog, err := awk.Parse(a.text)
	if err != nil {
		return awkFailed(p, err)
	}
	status, err := awk.Run(prog, awk.Config{
		Args: append([]string{p.Args[0]}, a.rest...), Assign: a.assign, Environ: p.Env.All(),
		In: p.In, Out: p.Out, Err: p.Err, Interactive: p.InTerminal(0) || p.InTerminal(1),
		Files: awkFiles{p}, Commands: awkCommands{ctx, p}, Step: func() error { return p.Step(ctx) }, Hold: p.Hold, Now: p.Now(),
	})
	if err != nil {
		return awkFailed(p, err)
	}
	return status
}

func awkFailed(p *shell.Proc, err error) int {
	var e *awk.Error
	if !errors.As(err, &e) {
		return 2
	}
	if e.Text != "" {
		fmt.Fprintf(p.Err, "%s: %s\n", path.Base(p.Args[0]), strings.ReplaceAll(e.Text, "\nmawk: ", "\n"+path.Base(p.Args[0])+": "))
	}
	return e.Status
}

// awkArguments are a command line of mawk.
type awkArguments struct {
	p      *shell.Proc
	assign []string
	text   string
	given  bool // the program, by -f
	rest   []string
}

// read reads the arguments; unless more is to be done it returns the status.
func (a *awkArguments) read() (status int, more bool) {
	a.rest = a.p.Args[1:]
	for len(a.rest) > 0 && len(a.rest[0]) > 1 && a.rest[0][0] == '-' {
		arg := a.rest[0]
		a.rest = a.rest[1:]
		if arg == "--" {
			break
		}
		if status, more := a.option(arg); !more {
			return status, false
		}
	}
	if a.given {
		return 0, true
	}
	if len(a.rest) == 0 {
		fmt.Fprint(a.p.Err, awkUsage)
		return 0, false
	}
	a.text, a.rest = a.rest[0], a.rest[1:]
	return 0, true
}

func (a *awkArguments) option(arg string) (status int, more bool) {
	name := arg[1]
	if strings.IndexByte("FvfW", name) < 0 {
		a.p.Errorf("not an option: %s", arg)
		return 2, false
	}
	value := arg[2:]
	if value == "" {
		if len(a.rest) == 0 {
			a.p.Errorf("option -%c lacks argument", name)
			return 2, false
		}
		value, a.rest = a.rest[0], a.rest[1:]
	}
	switch name {
	case 'F':
		a.assign = append(a.assign, "FS="+value)
	case 'v':
		return a.variable(value)
	case 'f':
		return a.file(value)
	case 'W':
		return a.own(value)
	}
	return 0, true
}

func (a *awkArguments) variable(value string) (int, bool) {
	name, _, ok := strings.Cut(value, "=")
	if !ok || !awk.IsName(name) {
		a.p.Errorf("improper assignment: -v %s", value)
		return 2, false
	}
	a.assign = append(a.assign, value)
	return 0, true
}

// mostProgram bounds the text of a program.
const mostProgram = 512 << 10

func (a *awkArguments) file(name string) (int, bool) {
	r, err := source(a.p, name)
	if err != nil {
		a.p.Errorf("cannot open %s (%s)", name, reason(err))
		return 2, false
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, mostProgram))
	if err != nil {
		a.p.Errorf("read error (%s)", reason(err))
		return 2, false
	}
	a.text, a.given = a.text+string(text), true
	return 0, true
}

// own reads the options that only mawk has.
func (a *awkArguments) own(value string) (int, bool) {
	switch {
	case strings.HasPrefix("version", value):
		fmt.Fprint(a.p.Out, awkVersion)
		fmt.Fprint(a.p.Err, awkLimits)
		return 0, false
	case strings.HasPrefix("help", value), strings.HasPrefix("usage", value):
		fmt.Fprint(a.p.Err, awkUsage)
		return 0, false
	case strings.HasPrefix("interactive", value), strings.HasPrefix("posix_space", value):
		return 0, true
	}
	a.p.Errorf("vacuous option: -W %s", value)
	return 0, true
}

const awkVersion = `mawk 1.3.4 20200120
Copyright 2008-2019,2020, Thomas E. Dickey
Copyright 1991-1996,2014, Michael D. Brennan

`

const awkLimits = `random-funcs:       srandom/random
regex-funcs:        internal
compiled limits:
sprintf buffer      8192
maximum-integer     2147483647
`

const awkUsage = `Usage: mawk [Options] [Program] [file ...]

Program:
    The -f option value is the name of a file containing program text.
    If no -f option is given, a "--" ends option processing; the following
    parameters are the program text.

Options:
    -f program-file  Program  text is read from file instead of from the
                     command-line.  Multiple -f options are accepted.
    -F value         sets the field separator, FS, to value.
    -v var=value     assigns value to program variable var.
    --               unambiguous end of options.

    Implementation-specific options are prefixed with "-W".  They can be
    abbreviated:

    -W version       show version information and exit.
    -W dump          show assembler-like listing of program and exit.
    -W help          show this message and exit.
    -W interactive   set unbuffered output, line-buffered input.
    -W exec file     use file as program as well as last option.
    -W random=number set initial random seed.
    -W sprintf=number adjust size of sprintf buffer.
    -W posix_space   do not consider "\n" a space.
    -W usage         show this message and exit.
`

// awkFiles are the machine's files for a program of awk.
type awkFiles struct{ p *shell.Proc }

// Open implements awk.Files.
func (f awkFiles) Open(name string) (io.ReadCloser, error) { return source(f.p, name) }

// Create implements awk.Files.
func (f awkFiles) Create(name string, appending bool) (io.WriteCloser, error) {
	flag := vfs.O_WRONLY | vfs.O_CREATE | vfs.O_TRUNC
	if appending {
		flag = vfs.O_WRONLY | vfs.O_CREATE | vfs.O_APPEND
	}
	file, err := f.p.Files.Open(name, flag, 0o666)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// awkCommands are the machine's programs for a program of awk.
type awkCommands struct {
	ctx context.Context
	p   *shell.Proc
}

// System implements awk.Commands.
func (c awkCommands) System(line string) int {
	status, _ := c.p.Run(c.ctx, "/bin/sh", "-c", line)
	return status
}

// Output implements awk.Commands.
func (c awkCommands) Output(line string) (io.ReadCloser, func() int) {
	r, w := io.Pipe()
	child := *c.p
	child.Out = w
	return brokenOff{r}, c.start(&child, line, w)
}

// brokenOff is the end of a pipe behind which a writer finds nobody once it is
// closed.
type brokenOff struct{ *io.PipeReader }

// Close implements io.Closer.
func (r brokenOff) Close() error { return r.CloseWithError(vfs.EPIPE) }

// Input implements awk.Commands.
func (c awkCommands) Input(line string) (io.WriteCloser, func() int) {
	r, w := io.Pipe()
	child := *c.p
	child.In = r
	return w, c.start(&child, line, brokenOff{r})
}

// start runs a command beside the program. The function it returns waits for
// its end; our is the command's side of the pipe, closed then.
func (c awkCommands) start(child *shell.Proc, line string, our io.Closer) func() int {
	ended := child.Beside(func() int {
		defer our.Close()
		status, _ := child.Run(c.ctx, "/bin/sh", "-c", line)
		return status
	})
	return func() int { return <-ended }
}
