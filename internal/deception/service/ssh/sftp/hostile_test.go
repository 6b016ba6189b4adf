package sftp

import (
	"bytes"
	"context"
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
