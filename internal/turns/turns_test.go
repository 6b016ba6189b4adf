package turns

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// On one processor, who waits has had a turn long before the loop is over, though that
// takes microseconds.
func TestOthersHaveTheirTurn(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var had atomic.Bool
	go had.Store(true)
	n := 0
	for ; n < 100*each && !had.Load(); n++ {
		Give(n)
	}
	if !had.Load() {
		t.Errorf("nobody had a turn in %d items", n)
	}
}
