package app

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"go.cordon.dev/cordon/internal/redact"
)

// Everything that a node opens is printed: no socket of the process listens
// that the person who started it was not told of.
func TestEverythingThatIsOpenIsPrinted(t *testing.T) {
	h := newHouse(t, threeSources)
	before := listening(t)
	h.start()
	h.until("all is printed", func() bool { return strings.Contains(h.out.String(), h.cfg.Leak.Sources[2].Path) })
	said := h.out.String()
	ports, sockets := 0, 0
	for inode, where := range listening(t) {
		switch _, known := before[inode]; {
		case known:
		case strings.HasPrefix(where, "/"):
			sockets++
			// It was bound under another name in the data directory (see httpx).
			if !strings.HasPrefix(where, h.data+"/") || !strings.Contains(said, filepath.Join(h.data, socketName)+"\n") {
				t.Errorf("listens on %s unsaid:\n%s", where, said)
			}
		default:
			ports++
			if !strings.Contains(said, "127.0.0.1:"+where+"\n") {
				t.Errorf("listens on port %s unsaid:\n%s", where, said)
			}
		}
	}
	if ports != 1 || sockets != 1 {
		t.Errorf("%d ports and %d sockets, want one each", ports, sockets)
	}
	for _, s := range h.cfg.Leak.Sources {
		if !strings.Contains(said, s.Path) {
			t.Errorf("watches %s unsaid:\n%s", s.Path, said)
		}
	}
}

// listening maps the listening sockets of this process, by their inodes, to
// their TCP ports or paths (proc(5)).
func listening(t *testing.T) map[string]string {
	t.Helper()
	own := map[string]bool{}
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if link, err := os.Readlink(fd); err == nil && strings.HasPrefix(link, "socket:[") {
			own[strings.Trim(link, "socket:[]")] = true
		}
	}
	found := map[string]string{}
	for _, table := range []string{"tcp", "tcp6", "unix"} {
		for _, f := range rows(t, "/proc/net/"+table) {
			switch {
			case table == "unix" && len(f) > 7 && f[3] == "00010000" && own[f[6]]: // __SO_ACCEPTCON
				found[f[6]] = f[7]
			case table != "unix" && len(f) > 9 && f[3] == "0A" && own[f[9]]: // TCP_LISTEN
				found[f[9]] = port(t, f[1])
			}
		}
	}
	return found
}

func rows(t *testing.T, path string) (out [][]string) {
	t.Helper()
	f, err := os.Open(path)
	if os.IsNotExist(err) { // no IPv6 here
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		out = append(out, strings.Fields(lines.Text()))
	}
	return out
}

func port(t *testing.T, hexed string) string {
	t.Helper()
	_, digits, err := net.SplitHostPort(hexed)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(digits, 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatUint(n, 10)
}

// At a terminal the setup link is shown to the person who sits there. Where the
// output is none, cmd/cordon's setup.txtar has it in a file only.
func TestTheSetupLinkIsShownAtATerminal(t *testing.T) {
	screen, terminal := pseudoTerminal(t)
	h := newHouse(t, "")
	n := newNode(h.cfg, nil, terminal)
	n.announceSetup(redact.NewSecret("http://127.0.0.1:1/setup#token=abc"))
	if err := terminal.Close(); err != nil {
		t.Fatal(err)
	}
	shown := make([]byte, 4096)
	got, err := screen.Read(shown)
	if text := string(shown[:got]); err != nil || !strings.Contains(text, "15 minutes") || !strings.Contains(text, "/setup#token=abc") {
		t.Errorf("the terminal shows %q, %v", text, err)
	}
}

// pseudoTerminal opens both ends of a new terminal (pty(7)).
func pseudoTerminal(t *testing.T) (screen, terminal *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return screen, terminal
}
