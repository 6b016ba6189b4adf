package anomaly

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// sketch is what a monitor is usually made of: a map of addresses to slices of times,
// which are copied at each event and read at each count.
type sketch struct {
	mu     sync.Mutex
	byIP   map[string]*times
	window time.Duration
}

type times struct {
	mu  sync.RWMutex
	all []time.Time
}

func (s *sketch) add(ip string, t time.Time) (count int) {
	s.mu.Lock()
	w, ok := s.byIP[ip]
	if !ok {
		w = &times{}
		s.byIP[ip] = w
	}
	s.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := make([]time.Time, 0, len(w.all)+1)
	for _, e := range w.all {
		if e.After(t.Add(-s.window)) {
			kept = append(kept, e)
		}
	}
	w.all = append(kept, t)
	for _, e := range w.all {
		if e.After(t.Add(-s.window)) {
			count++
		}
	}
	return count
}

// One address, so many events in its window.
func BenchmarkOneKey(b *testing.B) {
	for _, events := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint("counter/", events), func(b *testing.B) {
			c, key := newCounter(b, CounterOptions{Window: time.Hour, Threshold: 1 << 30}), SourceKey(attacker)
			for i := range events {
				c.Add(key, noon.Add(time.Duration(i)))
			}
			b.ReportAllocs()
			for b.Loop() {
				c.Add(key, noon)
			}
		})
		b.Run(fmt.Sprint("sketch/", events), func(b *testing.B) {
			s, ip := &sketch{byIP: map[string]*times{}, window: time.Hour}, attacker.String()
			for i := range events {
				s.add(ip, noon.Add(time.Duration(i)))
			}
			b.ReportAllocs()
			for b.Loop() {
				s.add(ip, noon)
				w := s.byIP[ip]
				w.all = w.all[:events]
			}
		})
	}
}

const million = 1_000_000

// A million addresses that take turns. bytes/key is what all of them together hold.
func BenchmarkMillionKeys(b *testing.B) {
	b.Run("counter", func(b *testing.B) {
		before := held()
		c := newCounter(b, CounterOptions{Keys: 4 * million / 3, Window: time.Hour, Threshold: 1 << 30})
		i := uint32(0)
		for ; i < million; i++ {
			c.Add(SourceKey(address(i)), noon)
		}
		b.ReportAllocs()
		for b.Loop() {
			c.Add(SourceKey(address(i*2654435761%million)), noon.Add(time.Duration(i)))
			i++
		}
		b.ReportMetric(float64(held()-before)/(4*million/3), "bytes/key")
		b.ReportMetric(float64(c.Usage(noon).Evicted), "evicted")
	})
	b.Run("sketch", func(b *testing.B) {
		before := held()
		s, i := &sketch{byIP: map[string]*times{}, window: time.Hour}, uint32(0)
		for ; i < million; i++ {
			s.add(address(i).String(), noon)
		}
		b.ReportAllocs()
		for b.Loop() {
			s.add(address(i*2654435761%million).String(), noon.Add(time.Duration(i)))
			i++
		}
		b.ReportMetric(float64(held()-before)/million, "bytes/key")
		runtime.KeepAlive(s)
	})
}

func held() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Addresses that are never seen twice, with every place taken.
func BenchmarkNewKeys(b *testing.B) {
	c, i := newCounter(b, CounterOptions{Window: time.Hour, Threshold: 1 << 30}), uint32(0)
	for ; i < 200_000; i++ {
		c.Add(SourceKey(address(i)), noon)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Add(SourceKey(address(i)), noon)
		i++
	}
}

func BenchmarkFailedAuth(b *testing.B) {
	m := newMonitor(b, Options{})
	i := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		m.RecordFailedAuth(address(i%100_000), "somebody")
		i++
	}
}

func BenchmarkRecognisers(b *testing.B) {
	for b.Loop() {
		IsPathTraversal("/api/v1/items/42/comments")
		IsCommandInjection("a name of a job, with a comma & an ampersand")
	}
}
