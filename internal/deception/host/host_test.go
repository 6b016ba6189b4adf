package host

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	mallory = netip.MustParseAddr("203.0.113.9")
	eve     = netip.MustParseAddr("198.51.100.7")
)

func sealer(t testing.TB, key byte) *capture.Sealer {
	t.Helper()
	ring, err := redact.NewKeyring(bytes.Repeat([]byte{key}, redact.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	s, err := capture.NewSealer(ring)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hosts(t testing.TB, v Vault, c clock.Clock, machines int) *Hosts {
	t.Helper()
	h, err := New(Deps{Vault: v, Clock: c, Log: slog.New(slog.DiscardHandler), Machines: machines})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func vault(t testing.TB) *Files {
	t.Helper()
	v, err := OpenFiles(t.TempDir(), sealer(t, 1), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// does runs a command on a machine and returns what it printed.
func does(t testing.TB, m *Machine, line string) string {
	t.Helper()
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m.Run(ctx, shell.Login{User: "root", Client: netip.AddrPortFrom(mallory, 4022), Command: line, Stdin: io.NopCloser(strings.NewReader("")), Stdout: &out, Stderr: &out})
	return out.String()
}

func decky(t testing.TB, name string) *persona.Persona {
	return servicetest.Persona(t, name, "linux-server")
}

func TestEveryAttackerHasAMachineOfHisOwn(t *testing.T) {
	h := hosts(t, vault(t), clock.Real{}, 0)
	web := h.Of(decky(t, "web"))
	does(t, web.Machine(mallory), "echo pwned > /tmp/x")
	if got := does(t, web.Machine(mallory), "cat /tmp/x"); got != "pwned\n" {
		t.Errorf("at the next login he finds %q", got)
	}
	if got := does(t, web.Machine(eve), "cat /tmp/x"); !strings.Contains(got, "No such file or directory") {
		t.Errorf("somebody else finds %q", got)
	}
	if got := does(t, h.Of(decky(t, "db")).Machine(mallory), "cat /tmp/x"); !strings.Contains(got, "No such file or directory") {
		t.Errorf("on another decky he finds %q", got)
	}
	if h.Of(decky(t, "web")) != web {
		t.Error("two services of one decky have two insides")
	}
}

// What he changed is there at his next visit, also after a restart, and on disk
// it is sealed.
func TestWhatAnAttackerChangedStays(t *testing.T) {
	v, c := vault(t), clock.NewFake(time.Now())
	h := hosts(t, v, c, 0)
	does(t, h.Of(decky(t, "web")).Machine(mallory), "echo hunter2-in-a-file > /root/.profile2; rm /etc/motd")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	for c.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	sealed, err := v.Load("web", netip.PrefixFrom(mallory, 32))
	if err != nil || !bytes.Contains(sealed, []byte("hunter2")) && !bytes.Contains(sealed, []byte("aHVudGVyMi")) {
		t.Fatalf("the vault opens %d bytes, error %v", len(sealed), err)
	}
	again := hosts(t, v, c, 0)
	if got := does(t, again.Of(decky(t, "web")).Machine(mallory), "cat /root/.profile2; ls /etc/motd"); !strings.Contains(got, "hunter2-in-a-file\n") || !strings.Contains(got, "No such file") {
		t.Errorf("after the restart he finds %q", got)
	}
}

func TestMachinesAreBoundedAndNobodyLosesHis(t *testing.T) {
	h := hosts(t, vault(t), clock.Real{}, 2)
	for _, name := range []string{"a", "b", "c", "d"} {
		does(t, h.Of(decky(t, name)).Machine(mallory), "echo "+name+" > /tmp/mine")
	}
	if got := h.Deckies(); len(got) != 2 || !slices.Contains(got, "d") {
		t.Errorf("in memory: %v", got)
	}
	if got := does(t, h.Of(decky(t, "a")).Machine(mallory), "cat /tmp/mine"); got != "a\n" {
		t.Errorf("what was put away comes back as %q", got)
	}
}

func TestAMachineInUseIsNotPutAway(t *testing.T) {
	h := hosts(t, vault(t), clock.Real{}, 1)
	m := h.Of(decky(t, "a")).Machine(mallory)
	in, feed := io.Pipe()
	var out bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Run(t.Context(), shell.Login{User: "root", Command: "read x; echo got $x", Stdin: in, Stdout: &out, Stderr: &out})
	}()
	for busy := 0; busy == 0; time.Sleep(time.Millisecond) {
		h.mu.Lock()
		busy = h.rooms[m.key].busy
		h.mu.Unlock()
	}
	h.Of(decky(t, "b")).Machine(mallory)
	if got := h.Deckies(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("in memory: %v", got)
	}
	if _, err := io.WriteString(feed, "it\n"); err != nil {
		t.Fatal(err)
	}
	<-done
	_ = feed.Close()
	if out.String() != "got it\n" {
		t.Errorf("the login says %q", out.String())
	}
}

func TestTheVaultShowsNothing(t *testing.T) {
	v := vault(t)
	who := netip.PrefixFrom(mallory, 32)
	if b, err := v.Load("web", who); b != nil || err != nil {
		t.Errorf("an empty vault gives %q, error %v", b, err)
	}
	if err := v.Save("web", who, []byte("the snapshot")); err != nil {
		t.Fatal(err)
	}
	other := &Files{dir: v.dir, sealer: sealer(t, 2)}
	if _, err := other.Load("web", who); err == nil {
		t.Error("another key opens it")
	}
	path, _ := v.path("web", who)
	wrong, _ := v.path("db", who)
	if err := copyFile(path, wrong); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Load("db", who); err == nil {
		t.Error("the file of one decky opens as another's")
	}
	if err := v.Save("web", who, make([]byte, MaxSnapshot+1)); err == nil {
		t.Error("a snapshot without measure is kept")
	}
	if err := v.Expire(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if b, err := v.Load("web", who); b != nil || err != nil {
		t.Errorf("what is old is still there: %q, %v", b, err)
	}
}

func TestTheOldestMachinesGoFirst(t *testing.T) {
	v := vault(t)
	for i, name := range []string{"old", "new"} {
		if err := v.Save(name, netip.PrefixFrom(mallory, 32), make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		path, _ := v.path(name, netip.PrefixFrom(mallory, 32))
		if err := age(path, time.Duration(2-i)*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	v.most = 1500
	if err := v.Expire(time.Time{}); err != nil {
		t.Fatal(err)
	}
	old, err1 := v.Load("old", netip.PrefixFrom(mallory, 32))
	kept, err2 := v.Load("new", netip.PrefixFrom(mallory, 32))
	if old != nil || len(kept) != 1000 || errors.Join(err1, err2) != nil {
		t.Errorf("old %d bytes, new %d, errors %v %v", len(old), len(kept), err1, err2)
	}
}

// Whoever comes from a thousand networks fills neither memory nor disk.
func TestAllMachinesTogetherAreBounded(t *testing.T) {
	v := vault(t)
	v.most = 900 << 10
	h, err := New(Deps{Vault: v, Log: slog.New(slog.DiscardHandler), Bytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	inside, full := h.Of(decky(t, "web")), ""
	var there []func()
	for n := range 8 {
		m := inside.Machine(netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}))
		there = append(there, m.Enter())
		full += does(t, m, "head -c 300000 /dev/zero > /tmp/fill")
	}
	if held := h.held.Load(); held > 1<<20 || !strings.Contains(full, "No space left on device") {
		t.Errorf("in memory are %d bytes, the attackers read %q", held, full)
	}
	for _, leave := range there {
		leave()
	}
	if got := does(t, inside.Machine(eve), "head -c 300000 /dev/zero > /tmp/fill && echo fits"); got != "fits\n" {
		t.Errorf("after they have gone the next one reads %q", got)
	}
	entries, err := os.ReadDir(v.dir)
	var size int64
	for _, e := range entries {
		if i, err := e.Info(); err == nil {
			size += i.Size()
		}
	}
	if err != nil || len(entries) == 0 || size > v.most+v.most/8 {
		t.Errorf("on disk are %d files, %d bytes, error %v", len(entries), size, err)
	}
}
