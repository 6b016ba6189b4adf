package dns

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/clock"
)

func synthetic(t *testing.T, c clock.Clock, ranges ...string) *Synthetic {
	t.Helper()
	var all []netip.Prefix
	for _, r := range ranges {
		all = append(all, netip.MustParsePrefix(r))
	}
	s, err := NewSynthetic(all, []byte("key"), c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEachNameHasItsAddress(t *testing.T) {
	var s *Synthetic
	w := open(t, rules, func(o *Options) {
		s = synthetic(t, o.Clock, "198.18.0.0/15", "fd63:6f72:646f:6e00::/64")
		o.Synthetic = s
	})
	w.up.address("api.example", "203.0.113.1", "2001:db8::1")
	w.up.address("mail.example", "203.0.113.2")
	w.up.alias("www.wild.example", "mail.example")
	w.up.address("inside.wild.example", "10.0.0.9")
	seen := map[string]bool{}
	for _, name := range []string{"api.example", "mail.example", "www.wild.example"} {
		got := w.ask(name, dnsmessage.TypeA)
		if len(got.Answers) != 1 || len(got.addresses()) != 1 || got.Answers[0].Header.TTL != 60 {
			t.Fatalf("%s: %v", name, got.GoString())
		}
		a := got.addresses()[0]
		if again := w.ask(strings.ToUpper(name), dnsmessage.TypeA).addresses(); !slices.Equal(again, []string{a}) || seen[a] {
			t.Errorf("%s: %s, then %v", name, a, again)
		}
		seen[a] = true
		if of, ours := s.NameOf(netip.MustParseAddr(a)); of != name || !ours || !strings.HasPrefix(a, "198.1") {
			t.Errorf("%s of %s is for %q", a, name, of)
		}
	}
	six := w.ask("api.example", dnsmessage.TypeAAAA).addresses()
	if of, _ := s.NameOf(netip.MustParseAddr(six[0])); of != "api.example" || !strings.HasPrefix(six[0], "fd63:") {
		t.Errorf("%v is for %s", six, of)
	}
	if got := w.ask("mail.example", dnsmessage.TypeAAAA); len(got.Answers) != 0 || got.RCode != 0 {
		t.Errorf("a name without IPv6 got some: %v", got.addresses())
	}
	for name, want := range map[string]dnsmessage.RCode{"evil.example": dnsmessage.RCodeRefused, "none.wild.example": dnsmessage.RCodeNameError, "inside.wild.example": dnsmessage.RCodeRefused} {
		if got := w.ask(name, dnsmessage.TypeA); got.RCode != want || len(got.Answers) > 0 {
			t.Errorf("%s: %v %v", name, got.RCode, got.addresses())
		}
	}
}

// An address never stands for two names within the time that somebody may keep it.
func TestAnAddressHasOneName(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		s := synthetic(t, c, "198.18.0.0/23")
		type lease struct {
			name string
			at   time.Time
		}
		given := map[netip.Addr]lease{}
		for range rapid.IntRange(1, 2000).Draw(r, "questions") {
			c.Advance(time.Duration(rapid.IntRange(0, 3000).Draw(r, "ms")) * time.Millisecond)
			name := fmt.Sprintf("n%d.example", rapid.IntRange(0, 3000).Draw(r, "name"))
			a, ok, err := s.of(name, true)
			if err != nil {
				continue // refused rather than given twice
			}
			was, known := given[a]
			if !ok || known && was.name != name && c.Now().Sub(was.at) <= SyntheticTTL {
				r.Fatalf("%s is %s's and was %s's %v ago", a, name, was.name, c.Now().Sub(was.at))
			}
			given[a] = lease{name, c.Now()}
			if of, ours := s.NameOf(a); of != name || !ours {
				r.Fatalf("%s is %q's, given to %s", a, of, name)
			}
		}
	})
}

func TestNamesLieWhereTheyLay(t *testing.T) {
	c := clock.NewFake(time.Now())
	a, b := synthetic(t, c, "198.18.0.0/15"), synthetic(t, c, "198.18.0.0/15")
	for i := range 50 {
		name := fmt.Sprintf("n%d.example", i)
		x, _, _ := a.of(name, true)
		y, _, _ := b.of(name, true)
		if x != y {
			t.Errorf("%s was at %s and is at %s", name, x, y)
		}
	}
	for addr, want := range map[string]bool{"198.18.0.0": true, "198.19.255.255": true, "198.20.0.0": false, "203.0.113.1": false, "::ffff:198.18.3.3": true, "fd00::1": false} {
		if name, ours := a.NameOf(netip.MustParseAddr(addr)); ours != want || name != "" {
			t.Errorf("%s: %q %t", addr, name, ours)
		}
	}
}

func TestFullRangesRefuse(t *testing.T) {
	c := clock.NewFake(time.Now())
	s := synthetic(t, c, "198.18.0.0/23")
	refused := 0
	for i := range 600 {
		if _, _, err := s.of(fmt.Sprintf("n%d.example", i), true); err != nil {
			refused++
		}
	}
	if refused < 90 {
		t.Errorf("of 600 names in 510 places only %d were refused", refused)
	}
	c.Advance(keptUnusedFor + time.Second)
	if _, _, err := s.of("late.example", true); err != nil {
		t.Errorf("when none is in use any more: %v", err)
	}
}

func TestRangesOfSyntheticAddresses(t *testing.T) {
	for ranges, want := range map[string]string{
		"198.18.0.0/15": "", "10.99.0.0/16 fd63::/64": "", "8.8.8.0/23": "where others live", "198.18.0.1/15": "write 198.18.0.0/15",
		"198.18.0.0/24": "too few", "10.0.0.0/9 198.18.0.0/15": "the second range", "2001:db8::/64": "where others live", "169.254.0.0/16": "where others live",
	} {
		var all []netip.Prefix
		for r := range strings.FieldsSeq(ranges) {
			all = append(all, netip.MustParsePrefix(r))
		}
		if err := CheckSynthetic(all); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", ranges, err)
		}
	}
}
