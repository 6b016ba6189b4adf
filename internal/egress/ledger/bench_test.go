package ledger

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func typical() Entry {
	e := denial(1)
	e.Decision, e.Rule, e.Reason = "allow", "api.example.com:443", "rule"
	e.Detail, e.Method, e.URL = "the rule api.example.com:443 allows it", "GET", "https://api.example.com/v1/charges?limit=10&after=ch_17"
	e.Address, e.Client, e.Exe, e.Cmdline = "203.0.113.9", "127.0.0.1", "/usr/bin/python3", "python3 pay.py --month 3"
	return e
}

// BenchmarkClean is what a decision costs before it is written: as it was asked
// for before, with another URL, and with nothing that was seen before.
func BenchmarkClean(b *testing.B) {
	for name, vary := range map[string]func(e *Entry, n int){
		"again":  func(*Entry, int) {},
		"URL":    func(e *Entry, n int) { e.URL = fmt.Sprint("https://api.example.com/v1/charges/", n) },
		"forget": nil,
	} {
		b.Run(name, func(b *testing.B) {
			c, e := newCleaner(engine(b), time.Now), typical()
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if vary == nil {
					clear(c.known.texts)
				} else {
					vary(&e, n)
				}
				c.entry(e)
			}
		})
	}
}

// BenchmarkAppend is decisions made durable by many at a time, as the gateway
// makes them.
func BenchmarkAppend(b *testing.B) {
	o := options(b, b.TempDir())
	o.Redact = engine(b)
	l := opened(b, o)
	e := typical()
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := l.Append(context.Background(), e); err != nil {
				b.Error(err)
			}
		}
	})
}
