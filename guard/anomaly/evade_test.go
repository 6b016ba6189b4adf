package anomaly

import (
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"
)

// An address of IPv4 within one of IPv6 is whose it is: a translator's network is all of
// IPv4, and a 6to4 network one machine.
func TestEmbeddedAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"::ffff:203.0.113.9": "203.0.113.9", "64:ff9b::203.0.113.9": "203.0.113.9", "2002:cb00:7109:5::1": "203.0.113.9", "2002:cb00:7109:ffff::2": "203.0.113.9",
		"64:ff9b:1::203.0.113.9": "64:ff9b:1::/64", "2001:db8::7": "2001:db8::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := SourceKey(netip.MustParseAddr(text)).String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	if a, b := SubnetKey(netip.MustParseAddr("64:ff9b::198.51.100.7")), SubnetKey(netip.MustParseAddr("64:ff9b::203.0.113.9")); a == b {
		t.Errorf("all of IPv4 is one neighbourhood: %s", a)
	}
}

// Who tries one user under names that a service takes for the same is counted once.
func TestNamesThatAreOneUser(t *testing.T) {
	for _, name := range []string{"Admin", "ADMIN", " admin", "admin ", "admin\x00", "admin\t"} {
		if got, want := UserKey(name), UserKey("admin"); got != want {
			t.Errorf("%q is %q, another than %q", name, got, want)
		}
	}
	for _, name := range []string{"admin1", "a dmin", "", "ädmin"} {
		if UserKey(name) == UserKey("admin") {
			t.Errorf("%q is admin", name)
		}
	}
	if UserKey(" ") == (Key{}) {
		t.Error("a name of spaces is nobody, and counted for nobody")
	}
}

// A time that somebody forges does not make later events look old.
func TestForgedTimesBlindNobody(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 5 * 365 * 24 * time.Hour, 50 * 365 * 24 * time.Hour} {
		c := newCounter(t, CounterOptions{Window: time.Second, Threshold: 3})
		now, key := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), UserKey("x")
		c.Add(key, now)
		c.Add(key, now.Add(-back))
		c.Add(key, now)
		if got := c.Add(key, now); got.Step != Opened {
			t.Errorf("a time %s ago: %d events are counted, want 3", back, got.Events)
		}
	}
}

// Episodes for which there was no room to follow them are told of with the others.
func TestADigestCountsThemAll(t *testing.T) {
	h := during(t, func(m *Monitor) {
		for i := range 3_000 {
			m.RecordCommandInjection(address(uint32(i)), "$(id)")
		}
	})
	told := 0
	for _, a := range h.all {
		switch a.Metadata["episode"] {
		case EpisodeOpened:
			told++
		case EpisodeDigest:
			told += a.Metadata["episodes"].(int)
		}
	}
	if told != 3_000 {
		t.Errorf("%d of 3000 episodes are told of", told)
	}
}

// One request is one event of a kind, and costs no more than it has bytes: whoever sends
// it chooses how long its path is and how many values its query has.
func TestARequestIsOneEvent(t *testing.T) {
	target := "/" + strings.Repeat("a", 900<<10) + "?" + strings.Repeat("..&;id&", 10_000)
	from := netip.MustParseAddr("203.0.113.9")
	events := Requested(from, target, 401, "")
	size := 0
	for _, e := range events {
		size += len(e.Detail)
	}
	if len(events) != 3 || events[0].Kind != Traversal || events[1].Kind != Injection || events[2].Kind != FailedAuth || size > len(target) {
		t.Errorf("%d events with %d bytes of details", len(events), size)
	}
	if got := Requested(from, "/x?a=1&b=../../etc/passwd", 200, ""); len(got) != 1 || got[0].Detail != "/x?b=../../etc/passwd" {
		t.Errorf("%+v", got)
	}
}

// A header of commas is read no further than proxies are followed back.
func TestALongForwardedForIsCheap(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "10.0.0.1:1"
	r.Header.Add("X-Forwarded-For", strings.Repeat(",", 900<<10))
	r.Header.Add("X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.0.0.2")
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := ClientAddr(r, trusted)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; got != netip.MustParseAddr("203.0.113.9") || used > 64<<10 {
		t.Errorf("%s, for %d bytes", got, used)
	}
}

// Who comes in a flood is told of by himself when he goes on after it.
func TestAFloodHidesNobodyForLong(t *testing.T) {
	victim := netip.MustParseAddr("198.51.100.7")
	h := during(t, func(m *Monitor) {
		for i := range 40 {
			m.RecordCommandInjection(address(uint32(i)), "$(id)")
		}
		for range 10 {
			m.RecordCommandInjection(victim, "$(id)")
			time.Sleep(30 * time.Second)
		}
	})
	var said []string
	episodes := 0
	for _, a := range h.all {
		if a.SourceIP == victim.String() || a.Metadata["key"] == victim.String() {
			said = append(said, a.Metadata["episode"].(string))
		}
		if n, ok := a.Metadata["episodes"].(int); ok {
			episodes += n
		}
	}
	if len(said) != 2 || said[0] != EpisodeOpened || said[1] != EpisodeClosed || episodes != 11 {
		t.Errorf("of the one who went on is said %v; %d are in digests", said, episodes)
	}
}
