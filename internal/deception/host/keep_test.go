package host

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// slowVault is a disk that takes as long as the test wants.
type slowVault struct {
	Vault
	asked   chan string   // a decky that is to be saved
	proceed chan struct{} // for each
}

func (v *slowVault) Save(decky string, who netip.Prefix, snapshot []byte) error {
	v.asked <- decky
	<-v.proceed
	return v.Vault.Save(decky, who, snapshot)
}

func slow(t *testing.T) *slowVault {
	return &slowVault{vault(t), make(chan string), make(chan struct{})}
}

// While the disk takes one attacker's files, others come, work and go.
func TestNobodyWaitsForAnothersFiles(t *testing.T) {
	v := slow(t)
	h := hosts(t, v, clock.Real{}, 0)
	web := h.Of(decky(t, "web"))
	does(t, web.Machine(mallory), "echo hers > /tmp/x")
	done := make(chan struct{})
	go func() { defer close(done); h.turn(time.Hour) }()
	<-v.asked
	if got := does(t, web.Machine(eve), "echo his > /tmp/x; cat /tmp/x"); got != "his\n" {
		t.Errorf("meanwhile somebody else reads %q", got)
	}
	if got := does(t, web.Machine(mallory), "echo more >> /tmp/x; cat /tmp/x"); got != "hers\nmore\n" {
		t.Errorf("meanwhile she reads %q herself", got)
	}
	close(v.proceed)
	<-done
}

// What is changed while it is saved is saved the next time.
func TestWhatChangesWhileItIsSavedIsKept(t *testing.T) {
	v := slow(t)
	h := hosts(t, v, clock.Real{}, 0)
	m := h.Of(decky(t, "web")).Machine(mallory)
	does(t, m, "echo 1 > /tmp/x")
	for _, next := range []string{"echo 2 > /tmp/x", "true"} {
		done := make(chan struct{})
		go func() { defer close(done); h.turn(0) }()
		<-v.asked
		does(t, m, next)
		v.proceed <- struct{}{}
		<-done
	}
	again := hosts(t, v.Vault, clock.Real{}, 0)
	if got := does(t, again.Of(decky(t, "web")).Machine(mallory), "cat /tmp/x"); got != "2\n" {
		t.Errorf("after a restart the file holds %q", got)
	}
}

// Who comes back while his machine is being put away finds it, and it stays.
func TestWhoComesBackKeepsHisMachine(t *testing.T) {
	v := slow(t)
	h := hosts(t, v, clock.Real{}, 1)
	m := h.Of(decky(t, "a")).Machine(mallory)
	does(t, m, "echo mine > /tmp/x")
	done := make(chan struct{})
	go func() { defer close(done); h.Of(decky(t, "b")).Machine(mallory) }()
	<-v.asked
	leave := m.Enter()
	v.proceed <- struct{}{}
	<-done
	if got := h.Deckies(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("in memory: %v", got)
	}
	if got := does(t, m, "cat /tmp/x"); got != "mine\n" {
		t.Errorf("he finds %q", got)
	}
	leave()
}

// Whoever works with a machine's files for hours, without a login that runs, works
// with those that are kept.
func TestWhoHasEnteredIsNotPutAway(t *testing.T) {
	c := clock.NewFake(time.Now())
	v := vault(t)
	h := hosts(t, v, c, 0)
	m := h.Of(decky(t, "web")).Machine(mallory)
	leave := m.Enter()
	files, err := m.View("root")
	if err != nil {
		t.Fatal(err)
	}
	c.Advance(3 * time.Hour)
	h.turn(time.Hour)
	if err := files.WriteFile("/tmp/late", []byte("here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	leave()
	if got := does(t, h.Of(decky(t, "web")).Machine(mallory), "cat /tmp/late"); got != "here\n" {
		t.Errorf("what was written after hours reads %q", got)
	}
	c.Advance(3 * time.Hour)
	h.turn(time.Hour)
	if got := h.Deckies(); len(got) != 0 {
		t.Errorf("after that nobody is there, and in memory are %v", got)
	}
	if got := does(t, m, "cat /tmp/late"); got != "here\n" {
		t.Errorf("a connection that slept reads %q", got)
	}
}

// Whoever only guesses passwords costs nothing for long.
func TestAMachineThatNobodyWasInGoesSoon(t *testing.T) {
	c := clock.NewFake(time.Now())
	h := hosts(t, vault(t), c, 0)
	h.Of(decky(t, "guessed")).Machine(mallory)
	h.Of(decky(t, "let-in")).Machine(mallory).Enter()()
	changed, err := h.Of(decky(t, "changed")).Machine(mallory).View("root")
	if err != nil || changed.WriteFile("/tmp/x", []byte("x"), 0o600) != nil {
		t.Fatal("a file cannot be written", err)
	}
	c.Advance(glance + time.Minute)
	h.turn(time.Hour)
	if got := h.Deckies(); !slices.Equal(got, []string{"changed", "let-in"}) {
		t.Errorf("after some minutes, in memory are %v", got)
	}
	c.Advance(time.Hour)
	h.turn(time.Hour)
	if got := h.Deckies(); len(got) != 0 {
		t.Errorf("after the rest, in memory are %v", got)
	}
}

// A file takes its name when all of it is on the disk, and not before.
func TestACrashLeavesTheOldFileOrTheNewOne(t *testing.T) {
	v, who := vault(t), netip.PrefixFrom(mallory, 32)
	save := func(text string) error { return v.Save("web", who, []byte(text)) }
	if err := save("old"); err != nil {
		t.Fatal(err)
	}
	synced := ""
	v.sync = func(f *os.File) error {
		sealed, err := os.ReadFile(f.Name())
		if err != nil {
			return err
		}
		_, aad := v.path("web", who)
		plain, err := v.sealer.Open(aad, sealed)
		before, _ := v.Load("web", who)
		synced = string(before) + " stands, on the disk is " + string(plain)
		return err
	}
	if err := save("new"); err != nil || synced != "old stands, on the disk is new" {
		t.Errorf("when it is synced, %q; error %v", synced, err)
	}
	v.sync = func(*os.File) error { return errors.New("the disk is broken") }
	if err := save("newer"); err == nil {
		t.Error("what is not on the disk counts as kept")
	}
	if got, err := v.Load("web", who); err != nil || string(got) != "new" {
		t.Errorf("after a failure it holds %q, error %v", got, err)
	}
	left, err := filepath.Glob(filepath.Join(v.dir, "*.new"))
	if err != nil || len(left) != 0 {
		t.Errorf("a failure leaves %v, error %v", left, err)
	}
}

// busyVault counts who loads and saves at once.
type busyVault struct {
	Vault
	now, most atomic.Int32
	loads     chan string // a decky that is being loaded; nil: nobody asks
	proceed   chan struct{}
}

func (v *busyVault) at(work func()) {
	n := v.now.Add(1)
	for most := v.most.Load(); n > most && !v.most.CompareAndSwap(most, n); most = v.most.Load() {
	}
	for range 2000 { // whoever may come in does
		runtime.Gosched()
	}
	work()
	v.now.Add(-1)
}

func (v *busyVault) Save(decky string, who netip.Prefix, snapshot []byte) (err error) {
	v.at(func() { err = v.Vault.Save(decky, who, snapshot) })
	return err
}

func (v *busyVault) Load(decky string, who netip.Prefix) (b []byte, err error) {
	if v.loads != nil {
		v.loads <- decky
		<-v.proceed
	}
	v.at(func() { b, err = v.Vault.Load(decky, who) })
	return b, err
}

// A snapshot takes several times what it is of: few are made or read at once, however
// many attackers come.
func TestFewSnapshotsAreInMemoryAtOnce(t *testing.T) {
	v := &busyVault{Vault: vault(t)}
	h := hosts(t, v, clock.Real{}, 8)
	i := h.Of(decky(t, "web"))
	from := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}) }
	for _, round := range [][2]int{{0, 8}, {8, 24}, {0, 8}, {8, 24}} { // who comes later has others put away
		var all sync.WaitGroup
		for n := round[0]; n < round[1]; n++ {
			all.Go(func() { does(t, i.Machine(from(n)), "echo x >> /tmp/x") })
		}
		all.Wait()
	}
	if most := v.most.Load(); most < 1 || most > mostSnapshots {
		t.Errorf("%d are in memory at once", most)
	}
}

// While one attacker's files are read, others come, work and go, and he himself waits.
func TestNobodyWaitsForAnothersReturn(t *testing.T) {
	v := &busyVault{Vault: vault(t)}
	does(t, hosts(t, v, clock.Real{}, 0).Of(decky(t, "web")).Machine(mallory), "true")
	before := hosts(t, v, clock.Real{}, 0)
	does(t, before.Of(decky(t, "web")).Machine(mallory), "echo hers > /tmp/x")
	before.turn(0)
	v.loads, v.proceed = make(chan string), make(chan struct{})
	web := hosts(t, v, clock.Real{}, 0).Of(decky(t, "web"))
	got := make(chan string, 2)
	for range 2 {
		go func() { got <- does(t, web.Machine(mallory), "cat /tmp/x") }()
	}
	<-v.loads
	if got := does(t, web.Machine(eve), "echo here"); got != "here\n" {
		t.Errorf("meanwhile somebody else reads %q", got)
	}
	close(v.proceed)
	for range 2 {
		if text := <-got; text != "hers\n" {
			t.Errorf("she finds %q", text)
		}
	}
}
