package anomaly

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"testing"
	"time"
)

// Ten million sources, IPv4 and IPv6 in turn, take no memory beyond what a counter was
// made with, and it says that it forgot some. The one who guesses passwords among them,
// two at first and then one in a million, is told of all the same.
func TestTenMillionSources(t *testing.T) {
	const sources = 10_000_000
	c := newCounter(t, CounterOptions{Window: 5 * time.Minute, Threshold: 10})
	busy, opened := SourceKey(netip.MustParseAddr("203.0.113.9")), 0
	before := heap()
	for i := range uint32(sources) {
		at := noon.Add(time.Duration(i) * 20 * time.Microsecond) // 200 s
		c.Add(SourceKey(source(i)), at)
		if (i < 2 || i%1_000_000 == 0) && c.Add(busy, at).Step == Opened {
			opened++
		}
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	u := c.Usage(noon.Add(200 * time.Second))
	if u.Keys > 2*65_536 || u.Evicted < sources/2 {
		t.Errorf("%d keys are remembered, %d were forgotten", u.Keys, u.Evicted)
	}
	if opened != 1 {
		t.Errorf("the guesser was told of %d times, want once", opened)
	}
	runtime.KeepAlive(c)
}

// source is one of many addresses; those of IPv6 are each of a network of its own.
func source(i uint32) netip.Addr {
	if i%2 == 0 {
		return address(i | 1<<31)
	}
	return netip.AddrFrom16([16]byte{0x20, 1, 0x0d, 0xb8, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i), 15: 1})
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Whatever a stranger writes into X-Forwarded-For, the request is the stranger's; what
// a proxy hands on is an address that stands there, or the proxy's.
func FuzzClientAddr(f *testing.F) {
	f.Add("203.0.113.9, 10.0.0.2")
	f.Add("[fe80::1%eth0]:80,,\r\n")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, forwarded string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["X-Forwarded-For"] = []string{forwarded}
		r.RemoteAddr = "198.51.100.7:1"
		if got := ClientAddr(r, proxies); got.String() != "198.51.100.7" {
			t.Errorf("a stranger becomes %s", got)
		}
		r.RemoteAddr = "10.0.0.1:1"
		if got := ClientAddr(r, proxies); !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Errorf("behind a proxy: %v", got)
		}
	})
}
