package respond_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/respondtest"
)

var errAway = errors.New("the store is away")

// rig is a block list over a store in memory.
type rig struct {
	*respond.List
	store respondtest.Memory
	clock *clock.Fake
}

func newRig(t *testing.T, change ...func(*respond.ListDeps)) *rig {
	t.Helper()
	r := &rig{clock: clock.NewFake(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))}
	d := respond.ListDeps{Store: &r.store, Operators: &r.store, Node: "n/respond", Clock: r.clock}
	for _, f := range change {
		f(&d)
	}
	var err error
	if r.List, err = respond.NewList(d); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) block(t *testing.T, network string, lasts time.Duration) (respond.Block, error) {
	t.Helper()
	b := respond.Block{Network: networks(network)[0], Origin: respond.ByPerson, By: "ada", Reason: "guesses passwords"}
	return r.Add(t.Context(), b, lasts, audit.Entry{Action: "block.add", Reason: b.Reason})
}

func (r *rig) given(t *testing.T) string {
	t.Helper()
	all, err := r.Networks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(respond.Plain(all)), " ")
}

func TestAnEntryIsInForceUntilItRunsOutOrIsEnded(t *testing.T) {
	r := newRig(t)
	first, err := r.block(t, "203.0.113.9", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.block(t, "198.51.100.0/24", 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := r.given(t); got != "198.51.100.0/24 203.0.113.9" {
		t.Errorf("given out: %s", got)
	}
	if _, err := r.End(t.Context(), first.ID, "bob", audit.Entry{Action: "block.end", Reason: "it was us"}); err != nil {
		t.Fatal(err)
	}
	if got := r.given(t); got != "198.51.100.0/24" {
		t.Errorf("after one was ended: %s", got)
	}
	r.clock.Advance(2 * time.Hour)
	if got := r.given(t); got != "" {
		t.Errorf("after both are over: %s", got)
	}
	all, err := r.Entries(t.Context(), true, "", 10)
	if err != nil || len(all) != 2 || all[1].EndedBy != "bob" {
		t.Errorf("the past: %+v, %v", all, err)
	}
	if now, err := r.Entries(t.Context(), false, "", 10); err != nil || len(now) != 0 {
		t.Errorf("the present: %+v, %v", now, err)
	}
}

func TestEachChangeIsToldAndAudited(t *testing.T) {
	r := newRig(t)
	b, err := r.block(t, "203.0.113.9", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.End(t.Context(), b.ID, "bob", audit.Entry{Action: "block.end", Target: b.ID, Reason: "it was us"}); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range r.store.Said() {
		var p event.BlockChanged
		if err := e.Decode(&p); err != nil {
			t.Fatal(err)
		}
		told = append(told, fmt.Sprintf("%s %v %s %s: %s", e.Severity, p.Active, p.SourceIP, p.ChangedBy, p.Reason))
	}
	if got := strings.Join(told, "; "); got != "medium true 203.0.113.9 ada: guesses passwords; info false 203.0.113.9 bob: it was us" {
		t.Errorf("told: %s", got)
	}
	for _, e := range r.store.Audited() {
		if e.Target != b.ID {
			t.Errorf("audited: %+v", e)
		}
	}
}

func TestWhatCannotBeOnTheList(t *testing.T) {
	for name, c := range map[string]struct {
		network string
		lasts   time.Duration
		why     string
	}{
		"half the internet":         {"128.0.0.0/1", time.Hour, "wider than a /16"},
		"a provider's IPv6":         {"2001:db0::/28", time.Hour, "wider than a /32"},
		"loopback":                  {"127.0.0.1", time.Hour, "this machine"},
		"IPv6 loopback":             {"::1", time.Hour, "this machine"},
		"loopback in IPv6":          {"::ffff:127.0.0.1", time.Hour, "this machine"},
		"link-local":                {"fe80::1", time.Hour, "this machine"},
		"the metadata service":      {"169.254.169.254", time.Hour, "this machine"},
		"this machine's own":        {"192.0.2.1", time.Hour, "this machine"},
		"a house":                   {"192.168.1.9", time.Hour, "respond.block_private"},
		"IPv6 of a company":         {"fd00::/48", time.Hour, "respond.block_private"},
		"kept by configuration":     {"203.0.113.70", time.Hour, "respond.never"},
		"around what is kept":       {"203.0.0.0/16", time.Hour, "respond.never"},
		"an operator":               {"198.51.100.7", time.Hour, "an operator"},
		"around an operator":        {"198.51.0.0/16", time.Hour, "an operator"},
		"an operator's other IPv6":  {"2001:db8:1:2::ffff", time.Hour, "an operator"},
		"a second":                  {"203.0.113.9", time.Second, "minutes"},
		"for ever":                  {"203.0.113.9", 366 * 24 * time.Hour, "minutes"},
		"a second, and an operator": {"198.51.100.7", time.Second, "minutes"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(d *respond.ListDeps) { d.Never, d.Own = networks("203.0.113.64/26"), networks("192.0.2.1") })
			r.store.From("198.51.100.7", "2001:db8:1:2::1")
			_, err := r.block(t, c.network, c.lasts)
			var input *respond.InputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v", err)
			}
			if len(r.store.Said())+len(r.store.Audited()) > 0 {
				t.Error("something was said or recorded")
			}
		})
	}
}

// A company that means its own machines says so.
func TestPrivateNetworksMayBeBlockedWhereTheConfigurationSaysSo(t *testing.T) {
	r := newRig(t, func(d *respond.ListDeps) { d.Private, d.Never = true, networks("10.0.0.0/24") })
	if _, err := r.block(t, "10.1.2.3", time.Hour); err != nil {
		t.Error(err)
	}
	if _, err := r.block(t, "10.0.0.3", time.Hour); err == nil {
		t.Error("blocked although respond.never has it")
	}
}

func TestNoReasonNoEntry(t *testing.T) {
	r := newRig(t)
	_, err := r.Add(t.Context(), respond.Block{Network: networks("203.0.113.9")[0], Origin: respond.ByPerson, By: "ada"}, time.Hour, audit.Entry{})
	if err == nil || !strings.Contains(err.Error(), "reason: say why") {
		t.Errorf("got %v", err)
	}
	_, err = r.Add(t.Context(), respond.Block{Reason: "x", By: "ada"}, time.Hour, audit.Entry{})
	if err == nil || !strings.Contains(err.Error(), "network: give an address") {
		t.Errorf("got %v", err)
	}
}

// Who logs in from a blocked address is let in by the firewalls that pull the list
// from then on.
func TestWhoBecomesAnOperatorIsLeftOut(t *testing.T) {
	r := newRig(t)
	for _, n := range []string{"203.0.113.0/24", "198.51.100.1"} {
		if _, err := r.block(t, n, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	r.store.From("203.0.113.77")
	if got := r.given(t); got != "198.51.100.1" {
		t.Errorf("given out: %s", got)
	}
	all, err := r.Entries(t.Context(), false, "", 10)
	if err != nil || !strings.Contains(all[1].Spared, "an operator") || all[0].Spared != "" {
		t.Errorf("%+v, %v", all, err)
	}
}

// A list without knowing who the operators are could shut them out.
func TestWithoutKnowingTheOperatorsNothingIsGivenOut(t *testing.T) {
	r := newRig(t)
	if _, err := r.block(t, "203.0.113.9", time.Hour); err != nil {
		t.Fatal(err)
	}
	r.store.Fail(errAway)
	if all, err := r.Networks(t.Context()); !errors.Is(err, errAway) || all != nil {
		t.Errorf("got %v, %v", all, err)
	}
	if _, err := r.block(t, "203.0.113.10", time.Hour); !errors.Is(err, errAway) {
		t.Errorf("got %v", err)
	}
}

func TestNoNetworkIsGivenOutTwice(t *testing.T) {
	r := newRig(t)
	for _, n := range []string{"203.0.113.9", "203.0.113.0/24", "203.0.113.9", "203.0.113.128/25", "2001:db8::/32", "2001:db8:5::1", "203.0.114.0/24"} {
		if _, err := r.block(t, n, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.given(t); got != "203.0.113.0/24 203.0.114.0/24 2001:db8::/32" {
		t.Errorf("given out: %s", got)
	}
}

func TestTheListIsBounded(t *testing.T) {
	r := newRig(t)
	a := netip.MustParseAddr("203.0.0.0")
	for range respond.MaxBlocks {
		if _, err := r.block(t, a.String(), time.Hour); err != nil {
			t.Fatal(err)
		}
		a = a.Next()
	}
	if _, err := r.block(t, a.String(), time.Hour); !errors.Is(err, respond.ErrTooMany) {
		t.Errorf("got %v", err)
	}
	r.clock.Advance(time.Hour)
	if _, err := r.block(t, a.String(), time.Hour); err != nil {
		t.Errorf("after the others ran out: %v", err)
	}
}

func TestAListNeedsItsParts(t *testing.T) {
	if _, err := respond.NewList(respond.ListDeps{Node: "n"}); err == nil {
		t.Error("a list without a store")
	}
}
