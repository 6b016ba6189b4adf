// Package scp is the far side of scp's old protocol, what `scp -O` starts on the
// server as `scp -t` or `scp -f`: it takes files in and gives them out, with the
// messages and errors of OpenSSH 9.2's. The files are those of a virtual file
// system; what a client leaves there is kept as an artifact.
//
// The protocol is that of BSD's rcp; nobody has written it down but in code.
//
// Level 2: it may import deception/service, deception/shell and its sibling
// sftp, whose way of keeping a file it shares.
package scp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Far is the far side of one copy.
type Far struct {
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
	Files   *vfs.View        // from the folder in which scp is started
	Session *service.Session // nil: nothing is recorded

	// Pay counts files that are looked at, before they are. An error ends the copy. If
	// nil, they cost nothing.
	Pay func(files int) error
	// Hold counts bytes that are held, or, when the number is negative, no longer are,
	// and reports whether there are so many. If nil, there are.
	Hold func(bytes int) bool
}

const (
	maxLine  = 2048 // bytes of a message
	maxDepth = 256  // folders within folders
)

// flags are scp's.
type flags struct {
	to, from             bool
	recursive, preserve  bool
	directory            bool // the target has to be a folder
	verbose, quiet, limb bool
	names                []string
}

// copier is a copy under way.
type copier struct {
	Far
	flags
	r      *bufio.Reader
	failed bool
	kept   int64 // bytes of files
}

// errStop ends the copy; the client was told why, or is gone.
var errStop = errors.New("scp: the copy ends")

// Is reports whether arguments (without the name of the program) ask for the far
// side.
func Is(args []string) bool {
	f, err := parse(args)
	return err == nil && (f.to || f.from)
}

// Run does what the arguments (without the name of the program) say, and returns
// the exit status.
func (f Far) Run(ctx context.Context, args []string) int {
	fl, err := parse(args)
	if err != nil || !fl.to && !fl.from {
		fmt.Fprint(f.Err, usage)
		return 1
	}
	f.Files = f.Files.Within(ctx)
	if f.Pay == nil {
		f.Pay = func(int) error { return nil }
	}
	if f.Hold == nil {
		f.Hold = func(int) bool { return true }
	}
	c := &copier{Far: f, flags: fl, r: bufio.NewReader(f.In)}
	if fl.from {
		err = c.send()
	} else {
		err = c.receive()
	}
	if err != nil || c.failed {
		return 1
	}
	return 0
}

const usage = `usage: scp [-346ABCOpqRrsTv] [-c cipher] [-D sftp_server_path] [-F ssh_config]
           [-i identity_file] [-J destination] [-l limit]
           [-o ssh_option] [-P port] [-S program] source ... target
`

func parse(args []string) (f flags, err error) {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		for _, letter := range arg[1:] {
			if err := f.set(letter); err != nil {
				return f, err
			}
		}
	}
	f.names = args
	return f, nil
}

func (f *flags) set(letter rune) error {
	into := map[rune]*bool{
		't': &f.to, 'f': &f.from, 'r': &f.recursive, 'p': &f.preserve, 'd': &f.directory, 'v': &f.verbose, 'q': &f.quiet,
		'B': &f.limb, 'T': &f.limb, 'O': &f.limb,
	}[letter]
	if into == nil {
		return errors.New("scp: an option that the far side does not have")
	}
	*into = true
	return nil
}

// complain tells the client of an error and goes on.
func (c *copier) complain(format string, a ...any) error {
	c.failed = true
	return c.say("\x01scp: " + fmt.Sprintf(format, a...) + "\n")
}

// screwUp ends the copy because of what the client sent.
func (c *copier) screwUp(what string) error {
	_ = c.complain("protocol error: %s", what) // the copy ends either way
	return errStop
}

func (c *copier) say(message string) error {
	if _, err := io.WriteString(c.Out, message); err != nil {
		return errStop
	}
	return nil
}

// acknowledge says that all is well.
func (c *copier) acknowledge() error { return c.say("\x00") }

// response reads how the client takes what it was sent; ok is false when it
// could not use it.
func (c *copier) response() (ok bool, err error) {
	b, err := c.r.ReadByte()
	if err != nil {
		return false, errStop
	}
	if b == 0 {
		return true, nil
	}
	c.failed = true
	if _, err := c.line(); err != nil || b != 1 {
		return false, errStop
	}
	return false, nil
}

// line reads the rest of a line, as much of it as scp keeps.
func (c *copier) line() (string, error) {
	var line []byte
	for {
		b, err := c.r.ReadByte()
		switch {
		case err != nil:
			return "", errStop
		case b == '\n':
			return string(line), nil
		case len(line) < maxLine:
			line = append(line, b)
		}
	}
}

// reason is the C library's text of an error.
func reason(err error) string {
	if errno := vfs.Errno(""); errors.As(err, &errno) {
		return errno.Error()
	}
	return "Input/output error"
}
