package main

import (
	"fmt"
	"sync"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// receiver is whom all webhooks lead to.
type receiver struct {
	*served.Hook

	mu          sync.Mutex
	got         map[string]int // by webhook-id
	first, last time.Time
}

func newReceiver() *receiver {
	r := &receiver{got: map[string]int{}}
	r.Hook = served.NewHook(r.take)
	return r
}

func (r *receiver) take(id string, _ []byte, came time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first.IsZero() {
		r.first = came
	}
	r.last = came
	r.got[id]++
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

// print prints the table.
func (r *receiver) print(o options, spent time.Duration, memory int, limit float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	twice := 0
	for _, n := range r.got {
		twice += n - 1
	}
	n, owed := len(r.got), o.webhooks*o.events
	fmt.Printf("%d events to %d webhooks, server and receiver on one machine\n\n", o.events, o.webhooks)
	fmt.Println("| what | measured | goal |")
	fmt.Println("|---|---|---|")
	rate := float64(n) / r.last.Sub(r.first).Seconds()
	fmt.Printf("| deliveries a second, verified | %.0f/s | 10,000/s |\n", rate)
	fmt.Printf("| messages a second of a bare client without a queue | %.0f/s, %.1f times as many | |\n", limit, limit/rate)
	fmt.Printf("| processor time of the server for one | %.0f µs | |\n", float64(spent.Microseconds())/float64(max(n, 1)))
	fmt.Printf("| missing | %d of %d | 0 |\n", owed-n, owed)
	fmt.Printf("| that came twice | %d | 0 |\n", twice)
	fmt.Printf("| with a wrong signature | %d | 0 |\n", r.Forged())
	fmt.Printf("| memory of the server | %d MB | |\n", memory)
}
