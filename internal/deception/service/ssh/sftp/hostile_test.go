package sftp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// hostile is what a server says to a client that is root on a machine whose
// accounts it has made up.
func hostile(t *testing.T, passwd string, in []byte, out io.Writer) (status int) {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tree := vfs.NewTree(now)
	tree.Add("/etc/passwd", vfs.Node{Mode: 0o644, Data: []byte(passwd)})
	tree.Add("/root", vfs.Node{Mode: fs.ModeDir | 0o700})
	session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "ssh", netip.MustParseAddrPort("203.0.113.9:1"), netip.AddrPort{})
	view := vfs.New(tree, clock.Real{}.Now, vfs.Limits{}).As(vfs.Cred{}).In("/root")
	return Serve(context.Background(), bytes.NewReader(in), out, Options{
		Files: view, Session: session, Now: clock.Real{}.Now, Zone: time.UTC,
	})
}

// crowd is what clients share.
type crowd struct {
	held, most int64
	turns, now int // turns so far, and those that were not given back
}

func (c *crowd) hold(n int64) bool {
	if n > 0 && c.held+n > c.most {
		return false
	}
	c.held += n
	return true
}

func (c *crowd) turn() (func(), error) {
	c.turns, c.now = c.turns+1, c.now+1
	return func() { c.now-- }, nil
}

// one lets one of the crowd say something; it returns its answers' statuses.
func (c *crowd) one(t *testing.T, files *vfs.FS, in []byte) string {
	t.Helper()
	var out bytes.Buffer
	session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "ssh", netip.MustParseAddrPort("203.0.113.9:1"), netip.AddrPort{})
	Serve(context.Background(), bytes.NewReader(in), &out, Options{
		Files: files.As(vfs.Cred{}).In("/root"), Session: session, Now: clock.Real{}.Now, Zone: time.UTC, Hold: c.hold, Turn: c.turn,
	})
	var said []byte
	for b := out.Bytes(); len(b) > 4; {
		n := wire.Read(b).Uint32()
		said = append(said, b[4])
		b = b[4+n:]
	}
	if c.now != 0 {
		t.Errorf("%d turns are not given back", c.now)
	}
	return string(said)
}

func crowded() *vfs.FS {
	tree := vfs.NewTree(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	tree.Add("/root/small", vfs.Node{Mode: fs.ModeDir | 0o700})
	for i := range 3000 {
		tree.Add(fmt.Sprint("/root/large/", i), vfs.Node{Mode: 0o600})
	}
	tree.Add("/dev/zero", vfs.Node{Mode: fs.ModeDevice | fs.ModeCharDevice | 0o666, Device: vfs.Device{Major: 1, Minor: 5}})
	tree.Add("/dev/null", vfs.Node{Mode: fs.ModeDevice | fs.ModeCharDevice | 0o666, Device: vfs.Device{Major: 1, Minor: 3}})
	return vfs.New(tree, clock.Real{}.Now, vfs.Limits{})
}

// The folders that all clients have open share a bound: who opens large ones again
// and again is refused, a small one can always be listed, and all is given back.
func TestOpenFoldersOfAllClientsAreBounded(t *testing.T) {
	c, files := &crowd{most: 1 << 20}, crowded()
	say := &conversation{}
	say.raw(wire.Message(fxpInit).Uint32(3))
	for range 5 {
		say.ask(fxpOpendir, path1("large"))
	}
	say.ask(fxpOpendir, path1("small"))
	if got, want := c.one(t, files, say.out), string([]byte{fxpVersion, fxpHandle, fxpHandle, fxpStatus, fxpStatus, fxpStatus, fxpHandle}); got != want {
		t.Errorf("answers %v, want %v", []byte(got), []byte(want))
	}
	if c.held != 0 || c.turns != 6 {
		t.Errorf("%d bytes are not given back, %d turns", c.held, c.turns)
	}
}

// A copy without an end lets others have their turn.
func TestCopiesTakeTurns(t *testing.T) {
	c := &crowd{most: 1 << 20}
	say := &conversation{}
	say.raw(wire.Message(fxpInit).Uint32(3))
	say.ask(fxpOpen, open("/dev/zero", openRead))
	say.ask(fxpOpen, open("/dev/null", openWrite))
	say.extension("copy-data", number(0).Uint64(0).Uint64(100<<20).Raw(number(1)).Uint64(0))
	if got, want := c.one(t, crowded(), say.out), string([]byte{fxpVersion, fxpHandle, fxpHandle, fxpStatus}); got != want || c.turns != 25 {
		t.Errorf("answers %v, want %v; %d turns", []byte(got), []byte(want), c.turns)
	}
}

// Nothing lies behind the largest offset that there is.
func TestAWriteBehindAllOffsetsIsAnError(t *testing.T) {
	c := &conversation{}
	c.raw(wire.Message(fxpInit).Uint32(3))
	c.ask(fxpOpen, open("f", openRead|openWrite|openCreate))
	c.ask(fxpOpen, open("g", openRead|openWrite|openCreate))
	for _, at := range []uint64{math.MaxInt64, math.MaxInt64 - 1, math.MaxUint64, 1 << 63} {
		c.ask(fxpWrite, number(0).Uint64(at).Text("xyz"))
		c.ask(fxpRead, number(0).Uint64(at).Uint32(1<<32-1))
		c.ask(fxpFsetstat, number(0).Raw(wire.Packet(nil).Uint32(hasSize).Uint64(at)))
		c.ask(fxpWrite, number(0).Uint64(0).Text("xyz"))
		c.extension("copy-data", number(0).Uint64(0).Uint64(0).Raw(number(1)).Uint64(at))
		c.extension("copy-data", number(0).Uint64(at).Uint64(at).Raw(number(1)).Uint64(0))
	}
	var out bytes.Buffer
	if status := hostile(t, "root:x:0:0::/root:/bin/sh\n", c.out, &out); status != exitOK {
		t.Errorf("status %d", status)
	}
}

// longest remembers the longest message that was written.
type longest int

func (l *longest) Write(b []byte) (int, error) {
	*l = max(*l, longest(len(b)))
	return len(b), nil
}

// An answer is no longer than a message may be, however long the names are that
// the client has given to accounts and however often it asks for them.
func TestAnswersAreAsLongAsMessagesMayBe(t *testing.T) {
	ids := bytes.Repeat([]byte{0, 0, 0, 0}, 2000)
	for name, user := range map[string]string{"a long name": strings.Repeat("r", 200_000), "a name": strings.Repeat("r", 250)} {
		t.Run(name, func(t *testing.T) {
			c := &conversation{}
			c.raw(wire.Message(fxpInit).Uint32(3))
			for range 20 {
				c.ask(fxpMkdir, path1(strings.Repeat("d", int(c.next)+1)).Uint32(0))
			}
			c.ask(fxpOpendir, path1("."))
			c.ask(fxpReaddir, number(0))
			c.extension("users-groups-by-id@openssh.com", wire.Packet(nil).String(ids).String(ids))
			c.extension("users-groups-by-id@openssh.com", wire.Packet(nil).String(ids[:40]).String(nil))
			var most longest
			if status := hostile(t, user+":x:0:0::/root:/bin/sh\n", c.out, &most); status != exitOK {
				t.Errorf("status %d", status)
			}
			if most > maxMessage+4 {
				t.Errorf("an answer has %d bytes", most)
			}
		})
	}
}
