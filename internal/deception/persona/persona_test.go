package persona

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func make1(t testing.TB, decky, archetype string, seed byte, now time.Time) *Persona {
	t.Helper()
	p, err := New(decky, archetype, [SeedSize]byte{seed}, now, Given{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheSameDeckyIsTheSameAgain(t *testing.T) {
	a, b := make1(t, "web-1", "web-server", 1, noon), make1(t, "web-1", "web-server", 1, noon.Add(time.Hour))
	if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) {
		t.Errorf("an hour later it is another:\n%+v\n%+v", a, b)
	}
	if a.Derive("x") == a.Derive("y") {
		t.Error("two purposes give the same bytes")
	}
	if a.Rand("x").Uint64() != b.Rand("x").Uint64() {
		t.Error("the same purpose gives other numbers")
	}
}

func TestDeckiesDiffer(t *testing.T) {
	macs, hosts := map[string]bool{}, map[string]bool{}
	for i := range 200 {
		p := make1(t, fmt.Sprint("decky-", i), "linux-server", 1, noon)
		macs[p.MAC.String()], hosts[p.Hostname+p.OS.Release+p.CPU+fmt.Sprint(p.Memory)+p.Users[0].Name] = true, true
	}
	if len(macs) != 200 || len(hosts) < 190 {
		t.Errorf("of 200 deckies %d have an address and %d a face of their own", len(macs), len(hosts))
	}
	if make1(t, "a", "web-server", 1, noon).Derive("k") == make1(t, "a", "web-server", 2, noon).Derive("k") {
		t.Error("two installations give one decky the same keys")
	}
}

// A decky never contradicts itself in time: installed before it was started,
// both in the past, and the start does not move while it runs.
func TestTimesArePlausible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "name")
		now := noon.Add(time.Duration(rapid.Int64Range(0, 5*365*24*3600).Draw(t, "later")) * time.Second)
		p, err := New(name, rapid.SampledFrom(Archetypes()).Draw(t, "archetype"), [SeedSize]byte{7}, now, Given{})
		if err != nil {
			t.Fatal(err)
		}
		if !p.Installed.Before(p.Booted) || !p.Booted.Before(now) {
			t.Fatalf("installed %v, started %v, now %v", p.Installed, p.Booted, now)
		}
		if up := now.Sub(p.Booted); up > 91*24*time.Hour {
			t.Fatalf("up for %v", up)
		}
		again, err := New(name, p.Archetype, [SeedSize]byte{7}, p.Booted.Add(time.Minute), Given{})
		if err != nil || !again.Booted.Equal(p.Booted) {
			t.Fatalf("a minute after its start it says %v, later %v", again.Booted, p.Booted)
		}
	})
}

func TestOverridesAndErrors(t *testing.T) {
	p, err := New("a", "web-server", [SeedSize]byte{}, noon, Given{Hostname: "portal01", Domain: "corp.example"})
	if err != nil || p.FQDN() != "portal01.corp.example" {
		t.Errorf("%v, error %v", p, err)
	}
	if _, err := New("a", "toaster", [SeedSize]byte{}, noon, Given{}); err == nil {
		t.Error("an unknown archetype is accepted")
	}
}
