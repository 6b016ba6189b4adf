package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// aTerminal opens a new terminal of a width (pty(7)); shown says what was written to it
// and closes it.
func aTerminal(t *testing.T, width uint16) (terminal *os.File, shown func() string) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(far.Fd()), unix.TIOCGPTN)
	if err := errors.Join(err, unix.IoctlSetPointerInt(int(far.Fd()), unix.TIOCSPTLCK, 0)); err != nil {
		t.Fatal(err)
	}
	if terminal, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: width}); err != nil {
		t.Fatal(err)
	}
	return terminal, func() string {
		_ = terminal.Close()
		all, _ := io.ReadAll(far) // it ends with EIO when nobody has the terminal
		_ = far.Close()
		return string(all)
	}
}

func at(terminal *os.File, kind string) *session {
	return &session{Deps: Deps{Stderr: terminal, Lookup: func(name string) (string, bool) { return kind, name == "TERM" }}}
}

// A line of progress that does not fit cannot be written over, and fills the screen.
func TestProgressFitsTheTerminal(t *testing.T) {
	for _, width := range []uint16{40, 60, 80, 132} {
		terminal, shown := aTerminal(t, width)
		p := newProgress(at(terminal, "xterm"))
		p.file("/srv/a/folder/with/a/rather/long/name/and/a/file/in/it.txt")
		if _, err := io.Copy(io.Discard, p.reader(strings.NewReader(strings.Repeat("x", 1<<20)))); err != nil {
			t.Fatal(err)
		}
		p.done()
		text := shown()
		if width >= 60 && !strings.Contains(text, "in/it.txt") {
			t.Errorf("at %d columns the file is not named: %q", width, text)
		}
		for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
			if utf8.RuneCountInString(line) > int(width) || strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
				t.Errorf("at %d columns: %q", width, line)
			}
		}
	}
}

func TestADumbTerminalIsLeftAlone(t *testing.T) {
	terminal, shown := aTerminal(t, 80)
	p := newProgress(at(terminal, "dumb"))
	p.file("a.txt")
	p.done()
	fmt.Fprint(terminal, "end")
	if got := shown(); got != "end" {
		t.Errorf("it shows %q", got)
	}
}

// What is wrong is said in lines that the terminal does not have to break.
func TestComplaintsFitTheTerminal(t *testing.T) {
	terminal, shown := aTerminal(t, 40)
	at(terminal, "xterm").complain("there was no data directory d, so this is a new one; if yours is another, give it as --data")
	const want = "cordon: there was no data directory d,\r\n  so this is a new one; if yours is\r\n  another, give it as --data\r\n"
	if got := shown(); got != want {
		t.Errorf("%q", got)
	}
}
