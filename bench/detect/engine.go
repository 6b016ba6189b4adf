package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
)

// engine is the whole pack, compiled.
type engine struct {
	scanner *detect.Scanner
	rules   []detect.Rule
	took    time.Duration // from nothing to the first scan
	memory  uint64        // bytes that it holds
}

func start() (*engine, error) {
	before := heap()
	began := time.Now()
	rules, err := detect.BuiltinRules()
	if err != nil {
		return nil, err
	}
	set, err := detect.Compile(rules, detect.Options{MinConfidence: detect.DefaultMinConfidence})
	if err != nil {
		return nil, err
	}
	e := &engine{scanner: detect.NewScanner(set), rules: rules}
	e.scanner.FindAll([]byte("a first message"))
	e.took = time.Since(began)
	e.memory = heap() - before
	return e, nil
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (e *engine) startup(t *table) {
	providers := map[string]bool{}
	for _, r := range e.rules {
		providers[r.Provider] = true
	}
	t.row("rules, providers", ">= 900, >= 400", "%d, %d", len(e.rules), len(providers))
	t.row("start-up with all rules", "< 30 ms", "%.1f ms", e.took.Seconds()*1000)
	t.row("memory of the compiled pack", "< 64 MB", "%.1f MB", float64(e.memory)/1e6)
}

// resident is the speed over text in memory, on one core.
func (e *engine) resident(t *table, c *corpus) {
	best, size := time.Hour, 0
	for range 3 {
		began := time.Now()
		size = 0
		for _, f := range c.files {
			if f.plain() {
				e.scanner.Scan(f.text, func(detect.Finding) bool { return true })
				size += len(f.text)
			}
		}
		best = min(best, time.Since(began))
	}
	t.row("text in memory, all rules, one core, the best kernel of this processor", ">= 800 MB/s (AVX2), >= 1,200 (AVX-512)",
		"%.0f MB/s", float64(size)/1e6/best.Seconds())
}

// message is a clean one of 1 KB, as agents write them.
func message(r *rand.Rand) []byte {
	words := strings.Fields("task update from agent seven about the build queue which waits for a reviewer before the next token of work is taken and nobody has the key to the door yet")
	var b strings.Builder
	fmt.Fprintf(&b, `{"type":"task.update","from":"agent-%d","timestamp":%d,"data":{"title":"`, r.IntN(100), r.IntN(1<<30))
	for b.Len() < 980 {
		b.WriteString(words[r.IntN(len(words))])
		b.WriteByte(' ')
	}
	fmt.Fprintf(&b, `","progress":%.2f},"hop_count":%d}`, r.Float64(), r.IntN(9))
	return []byte(b.String())
}

// messages measures clean messages of 1 KB.
func (e *engine) messages(t *table) {
	const n = 200_000
	r := rand.New(rand.NewPCG(1, 2))
	texts := make([][]byte, 512)
	for i := range texts {
		texts[i] = message(r)
	}
	took := make([]time.Duration, n)
	for i := range n {
		began := time.Now()
		e.scanner.Scan(texts[i%len(texts)], func(detect.Finding) bool { return true })
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	t.row("clean message of 1 KB, p50, p99", "< 1.5 µs, < 4 µs", "%.2f µs, %.2f µs", micros(took[n/2]), micros(took[n*99/100]))
	emit := func(detect.Finding) bool { return true }
	t.row("allocations for it", "0", "%.0f", testing.AllocsPerRun(1000, func() { e.scanner.Scan(texts[0], emit) }))
	t.row("clean messages a second, two cores", ">= 1,000,000", "%.0f", e.throughput(texts, 2))
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func (e *engine) throughput(texts [][]byte, cores int) float64 {
	const each = 300_000
	var wg sync.WaitGroup
	began := time.Now()
	for range cores {
		wg.Go(func() {
			for i := range each {
				e.scanner.Scan(texts[i%len(texts)], func(detect.Finding) bool { return true })
			}
		})
	}
	wg.Wait()
	return float64(each*cores) / time.Since(began).Seconds()
}
