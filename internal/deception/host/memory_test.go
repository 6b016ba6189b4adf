package host

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/shell"
)

// The programs of all attackers share one bound: of one who takes much the others
// notice it only when they want much, too.
func TestProgramsOfAllAttackersShareTheMemory(t *testing.T) {
	h, err := New(Deps{Vault: vault(t), Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler), Memory: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	web := h.Of(decky(t, "web"))
	const much = "seq 40000 | sort -rn | head -1" // keeps 850 KiB
	if got := does(t, web.Machine(mallory), much); got != "40000\n" {
		t.Errorf("alone, one attacker reads %q", got)
	}
	if h.working.Load() != 0 {
		t.Errorf("after that, %d bytes count as used", h.working.Load())
	}
	h.working.Add(800 << 10) // others work
	if got := does(t, web.Machine(eve), much); !strings.Contains(got, "memory exhausted") {
		t.Errorf("when others have the memory, another reads %q", got)
	}
	if got := does(t, web.Machine(eve), "echo $(uname) | sort"); got != "Linux\n" {
		t.Errorf("when others have the memory, a small command says %q", got)
	}
	if got := h.working.Load(); got != 800<<10 {
		t.Errorf("after that, %d bytes count as used", got)
	}
}

// Who guesses passwords from a thousand addresses has as many machines: what is the
// same of all is there once. The bound is wide; a list of processes of one's own alone
// is more.
func TestAMachineThatIsLookedAtIsSmall(t *testing.T) {
	h := hosts(t, vault(t), clock.NewFake(clock.Real{}.Now()), 0)
	web := h.Of(decky(t, "web"))
	look := func(n int) {
		if _, err := web.Machine(netip.AddrFrom4([4]byte{203, 0, byte(n >> 8), byte(n)})).View("root"); err != nil {
			t.Fatal(err)
		}
	}
	look(0)
	before := inUse()
	for n := range attackers {
		look(n + 1)
	}
	if each := int64(inUse()-before) / attackers; each > 8<<10 {
		t.Errorf("a machine that was looked at keeps %d bytes", each)
	}
	if len(h.Deckies()) != attackers+1 {
		t.Errorf("%d machines are in memory", len(h.Deckies()))
	}
}

// The list of what runs is that of all who come within a minute; who comes later
// finds that the programs worked meanwhile.
func TestProgramsUseUpTime(t *testing.T) {
	c := clock.NewFake(clock.Real{}.Now())
	h := hosts(t, vault(t), c, 0)
	web := h.Of(decky(t, "web"))
	list := func() []shell.Process {
		h.mu.Lock()
		defer h.mu.Unlock()
		return web.processes()
	}
	first, second := list(), list()
	c.Advance(30 * 24 * time.Hour)
	later := list()
	if &first[0] != &second[0] {
		t.Error("two who come at once have two lists")
	}
	if first[0].CPU >= later[0].CPU {
		t.Errorf("the first process has used %v, a month later %v", first[0].CPU, later[0].CPU)
	}
}
