package redis

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

// A thousand clients that sit and wait take little. The bound is wide: it is
// there to notice a buffer per client, not to measure.
func TestIdleClientsAreSmall(t *testing.T) {
	s := made(t, nil)
	before := heap()
	for i := range 1000 {
		v := visit(t, s, fmt.Sprintf("203.0.113.%d:%d", i%250, 1000+i))
		v.sink = &servicetest.Sink{}
		if got := v.ask("PING"); got != "+PONG" {
			t.Fatal(got)
		}
	}
	each := (heap() - before) / 1000
	t.Logf("%d KiB a client, the test's own side included", each>>10)
	if each > 128<<10 {
		t.Errorf("a client that waits takes %d KiB", each>>10)
	}
}

// An attacker's instance stays when he has gone: what he found there as everybody
// does is there once for all.
func TestInstancesThatNobodyChangedAreSmall(t *testing.T) {
	s := made(t, nil).(*server)
	before := heap()
	const many = 200
	for i := range many {
		in := s.enter(netip.PrefixFrom(netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}), 32))
		if got := in.settings.get("dbfilename"); got != "dump.rdb" {
			t.Fatalf("dbfilename is %q", got)
		}
		in.leave()
	}
	if each := (heap() - before) / many; each > 8<<10 {
		t.Errorf("an instance that nobody changed keeps %d bytes", each)
	}
	if len(s.instances) != many {
		t.Errorf("%d instances are kept", len(s.instances))
	}
}

// What one attacker sets, no other finds.
func TestSettingsAreOfOneInstance(t *testing.T) {
	s := made(t, nil)
	his, hers := visit(t, s, "203.0.113.9:4000"), visit(t, s, "198.51.100.7:4000")
	if got := his.ask("CONFIG SET maxmemory 5mb"); got != "+OK" {
		t.Fatal(got)
	}
	for v, want := range map[*visitor]string{his: "5242880", hers: "0"} {
		if got := v.ask("CONFIG GET maxmemory"); !strings.Contains(got, want) {
			t.Errorf("maxmemory is %q, not %s", got, want)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
