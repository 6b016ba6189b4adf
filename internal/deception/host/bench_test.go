package host

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// attackers is how many machines the memory of one is measured with.
const attackers = 200

// BenchmarkMachines tells what an attacker's machine costs in memory: one that was
// only looked at, as by who guesses a password, and one after a few commands.
func BenchmarkMachines(b *testing.B) {
	for _, tt := range []struct{ name, line string }{
		{"looked at", ""}, {"after commands", "cd /tmp; for i in 1 2 3; do echo $i >> x; done; ps aux | wc -l; cat /etc/passwd | head -1"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			for b.Loop() {
				h := hosts(b, vault(b), clock.Real{}, 0)
				web := h.Of(decky(b, "web"))
				visit(b, web.Machine(mallory), tt.line) // what all share
				before := inUse()
				for n := range attackers {
					visit(b, web.Machine(netip.AddrFrom4([4]byte{203, 0, 112, byte(n)})), tt.line)
				}
				b.ReportMetric(float64(inUse()-before)/attackers/1024, "KiB/machine")
				h.turn(time.Hour)
			}
		})
	}
}

func visit(b *testing.B, m *Machine, line string) {
	if _, err := m.View("root"); err != nil {
		b.Fatal(err)
	}
	if line != "" {
		does(b, m, line)
	}
}

// inUse is how many bytes the heap holds.
func inUse() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
