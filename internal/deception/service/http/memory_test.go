package http

import (
	"io"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

// A thousand clients that sit and wait take little. The bound is wide: it is
// there to notice a buffer per client, not to measure.
func TestIdleClientsAreSmall(t *testing.T) {
	s := made(t, nil)
	var all sync.WaitGroup
	var clients []net.Conn
	before := heap()
	for range 1000 {
		mine, theirs := net.Pipe()
		clients = append(clients, mine)
		session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "http", netip.MustParseAddrPort("203.0.113.9:1"), netip.MustParseAddrPort("192.0.2.7:80"))
		all.Go(func() { s.Serve(t.Context(), theirs, session) })
		if _, err := io.WriteString(mine, "GET /"); err != nil {
			t.Fatal(err)
		}
	}
	each := (heap() - before) / 1000
	t.Logf("%d KiB a client, the test's own side included", each>>10)
	if each > 64<<10 {
		t.Errorf("a client that waits takes %d KiB", each>>10)
	}
	for _, c := range clients {
		_ = c.Close()
	}
	all.Wait()
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
