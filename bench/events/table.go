package main

import (
	"fmt"
	"time"
)

// report is what was measured.
type report struct {
	options
	most, steady *flow
	processor    time.Duration   // of the server, for most
	took         []time.Duration // of alerts, sorted
	missing      int             // alerts that never came
	forged       int             // webhooks whose signature is wrong
	bare         []time.Duration // of alerts through a bare relay, sorted
	lost         int             // of those
	idle, busy   int             // MB
	disk         int64           // bytes of the server's folder at the end
}

func (r report) print() {
	fmt.Printf("%d senders, batches of %d records, %d s each; %d alerts a second beside them\n\n", r.senders, r.batch, r.seconds, r.alerts)
	fmt.Println("| what | measured | goal |")
	fmt.Println("|---|---|---|")
	fmt.Printf("| records taken durably, senders that do not wait | %.0f/s | 30,000/s |\n", r.most.perSecond())
	fmt.Printf("| of which went to the spool | %d of %d | |\n", r.most.spooled.Load(), r.most.taken.Load())
	fmt.Printf("| processor time of the server for one, counted by the sensor | %.1f µs | |\n", float64(r.processor)/float64(max(r.most.taken.Load(), 1))/1e3)
	fmt.Printf("| records taken while alerts are timed | %.0f/s | %d/s |\n", r.steady.perSecond(), r.rate)
	fmt.Printf("| alert sent to webhook verified, p50 | %s | |\n", at(r.took, 0.5))
	fmt.Printf("| alert sent to webhook verified, p99 | %s | 10 ms |\n", at(r.took, 0.99))
	fmt.Printf("| the same through a bare relay that syncs and posts, p50, p99 | %s, %s; ours take %.1f and %.1f times as long | |\n",
		at(r.bare, 0.5), at(r.bare, 0.99), ratio(r.took, r.bare, 0.5), ratio(r.took, r.bare, 0.99))
	fmt.Printf("| alerts without a webhook | %d of %d | 0 |\n", r.missing+r.lost, r.missing+len(r.took)+r.lost+len(r.bare))
	fmt.Printf("| webhooks with a wrong signature | %d | 0 |\n", r.forged)
	fmt.Printf("| batches refused | %d | |\n", r.most.refused.Load()+r.steady.refused.Load())
	taken := r.most.taken.Load() + r.steady.taken.Load()
	fmt.Printf("| disk for one record, with all else that was stored | %d bytes | |\n", r.disk/max(taken, 1))
	fmt.Printf("| memory, idle and after it | %d MB, %d MB | |\n", r.idle, r.busy)
}

func (f *flow) perSecond() float64 { return float64(f.taken.Load()) / f.took.Seconds() }

// at is the p-quantile of sorted durations.
func at(took []time.Duration, p float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	return took[int(p*float64(len(took)-1))].Round(100 * time.Microsecond)
}

// ratio is how many times as long the p-quantile of a is as that of b.
func ratio(a, b []time.Duration, p float64) float64 {
	return float64(at(a, p)) / float64(max(at(b, p), 1))
}
