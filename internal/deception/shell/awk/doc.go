// Package awk is the language of mawk 1.3.4, the awk of Debian 12, for the
// programs that an attacker runs on a decky: patterns and actions, functions,
// arrays, getline, redirections and pipes. It touches nothing of the host: what
// a program opens and runs is what Config gives it.
//
// A program is read by Parse (lex.go, parse*.go) into a tree whose nodes run
// themselves (expr.go, stmt.go). Nesting, held memory, open files and the depth
// of calls are bounded, and every turn of a loop, call and record is counted by
// Config.Step, so that its owner can slow or end a program; so is what regular
// expressions take.
//
// To add a built-in function, write it in builtin.go, enter it in builtinTable
// and in the lexer's list; the tests run the same programs in the real mawk.
//
// Level 2: it imports the standard library and its sister regex.
package awk

import (
	"io"
	"time"
)

// Config is what a program works with. All but Files and Commands, without
// which nothing can be opened or run, must be there.
type Config struct {
	Args        []string // ARGV, from the program's name on
	Assign      []string // NAME=value, before BEGIN
	Environ     []string // NAME=value
	In          io.Reader
	Out, Err    io.Writer
	Interactive bool // what is printed is written at once
	Files       Files
	Commands    Commands
	Step        func() error     // called once per turn of a loop; an error ends the program
	Now         time.Time        // seeds the random numbers
	Memory      int              // bytes that variables may hold; 0 is 16 MiB
	Hold        func(n int) bool // counts bytes that are kept beside others', negative when they no longer are; false ends the program. nil: nobody counts
}

// Files opens files. Errors name the reason alone: No such file or directory.
type Files interface {
	Open(name string) (io.ReadCloser, error)
	Create(name string, appending bool) (io.WriteCloser, error)
}

// Commands runs command lines of the shell. Closing waits until the command
// ended; status is its exit status then.
type Commands interface {
	System(line string) (status int)
	Output(line string) (r io.ReadCloser, status func() int)
	Input(line string) (w io.WriteCloser, status func() int)
}

// Error is why a program did not run to its end.
type Error struct {
	Text   string // in mawk's words; "" when nothing is said
	Status int    // exit status
}

// Error implements error.
func (e *Error) Error() string { return e.Text }
