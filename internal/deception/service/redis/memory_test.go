package redis

import (
	"fmt"
	"runtime"
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

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
