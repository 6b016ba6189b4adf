package respond_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/respond"
)

const blockers = "  - {id: guessers, topics: [anomaly.*.detected], mode: act, per_hour: 3, block: {for: 2h}}\n"

// One noisy attacker makes many events, and does not use up what is for the others.
func TestOneAttackerIsBlockedOnce(t *testing.T) {
	h := newHouse(t, blockers)
	for range 12 {
		h.guess(t, "203.0.113.9")
	}
	h.guess(t, "203.0.113.10")
	h.step(t)
	for range 12 {
		h.guess(t, "203.0.113.9")
	}
	h.guess(t, "203.0.113.11")
	h.step(t)
	if got := h.given(t); got != "203.0.113.9 203.0.113.10 203.0.113.11" {
		t.Errorf("blocked: %s; %s", got, h.states())
	}
	h.clock.Advance(3 * time.Hour)
	h.guess(t, "203.0.113.9")
	h.step(t)
	if got := h.given(t); got != "203.0.113.9" {
		t.Errorf("when the block is over: %q", got)
	}
}

// What could not be stored, or done, is proposed again.
func TestWhatFailedIsProposedAgain(t *testing.T) {
	h := newHouse(t, blockers)
	h.guess(t, "203.0.113.9")
	h.actions.Fail(errors.New("the store is away"))
	if err := respond.Step(t.Context(), h.reactor); err == nil {
		t.Fatal("no error of a store that is away")
	}
	h.actions.Fail(nil)
	h.store.From("198.51.100.7")
	h.guess(t, "198.51.100.7")
	h.step(t)
	if got := h.given(t); got != "203.0.113.9" {
		t.Errorf("blocked: %q; %s", got, h.states())
	}
	h.store.From()
	h.guess(t, "198.51.100.7") // an operator no longer
	h.step(t)
	if got := h.given(t); got != "198.51.100.7 203.0.113.9" {
		t.Errorf("blocked: %q; %s", got, h.states())
	}
}

// An attacker who has a network of IPv6 does not get on with its next address; those with
// whom he shares one are left alone.
func TestABlockOfIPv6(t *testing.T) {
	for from, want := range map[string]string{
		"2001:db8:1:2::7": "2001:db8:1:2::/64", "2002:cb00:7109:5::1": "2002:cb00:7109::/48", "64:ff9b::203.0.113.9": "64:ff9b::cb00:7109",
		"2001:0:4136:e378:8000:63bf:34ff:8ef6": "2001:0:4136:e378:8000:63bf:34ff:8ef6", "::ffff:203.0.113.9": "203.0.113.9",
	} {
		h := newHouse(t, blockers)
		h.guess(t, from)
		h.step(t)
		if got := h.given(t); got != want {
			t.Errorf("of %s is blocked %s, want %s", from, got, want)
		}
	}
}

func TestABlockSparesTheNeighbours(t *testing.T) {
	r := newRig(t, func(d *respond.ListDeps) { d.Never = []netip.Prefix{netip.MustParsePrefix("2001:db8:1:2::1/128")} })
	h := newHouseWith(t, r, blockers)
	h.guess(t, "2001:db8:1:2::7")
	h.step(t)
	if got := h.given(t); got != "2001:db8:1:2::7" {
		t.Errorf("blocked: %q; %s", got, h.states())
	}
}

// Who comes back is shut out for twice as long, up to a bound; who was forgiven, or was
// away for long, is one who comes for the first time. A dry run says how long it would be.
func TestWhoComesBackIsBlockedLonger(t *testing.T) {
	h := newHouse(t, "  - {id: guessers, topics: [anomaly.*.detected], mode: act, block: {for: 2h, up_to: 7h}}\n")
	newest := func() respond.Block {
		t.Helper()
		all, err := h.Entries(t.Context(), true, "", 1)
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		return all[0].Block
	}
	for _, c := range []struct {
		why  string
		away time.Duration // before
		want time.Duration
	}{
		{"at first", 0, 2 * time.Hour}, {"back an hour after it", 3 * time.Hour, 4 * time.Hour}, {"and again", 5 * time.Hour, 7 * time.Hour}, {"no longer than that", 8 * time.Hour, 7 * time.Hour},
		{"after a long time", 15 * time.Hour, 2 * time.Hour},
	} {
		h.clock.Advance(c.away)
		h.guess(t, "203.0.113.9")
		h.step(t)
		if b := newest(); b.Until.Sub(b.CreatedAt) != c.want {
			t.Errorf("%s: blocked for %v, want %v", c.why, b.Until.Sub(b.CreatedAt), c.want)
		}
	}
	actions := h.actions.All()
	if a := actions[1]; a.For != 4*time.Hour || !strings.Contains(h.actions.Said()[2].Subject, "block 203.0.113.9 for 4h") {
		t.Errorf("%+v, said %q", a, h.actions.Said()[2].Subject)
	}
	if _, err := h.End(t.Context(), newest().ID, "ada", audit.Entry{Reason: "it was us"}); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(3 * time.Hour)
	h.guess(t, "203.0.113.9")
	h.step(t)
	if b := newest(); b.Until.Sub(b.CreatedAt) != 2*time.Hour {
		t.Errorf("after it was forgiven: %v", b.Until.Sub(b.CreatedAt))
	}
}
