// Command path measures the whole way of a secret: appended to a Hypercore by
// Node at a steady rate, found by a real `cordon serve`, stored, and received
// as a webhook, while people have the dashboard open. It prints one table.
//
//	go run ./bench/path -cordon bin/cordon -rate 1000 -seconds 20 -users 10
//
// It may import the standard library and bench/served: it is a user from outside.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

type options struct {
	cordon  string
	script  string
	store   string
	rate    int
	seconds int
	every   int
	users   int
}

func main() {
	var o options
	flag.StringVar(&o.cordon, "cordon", "bin/cordon", "the binary")
	flag.StringVar(&o.script, "script", "test/hypercore-node/rate.mjs", "the writer")
	flag.StringVar(&o.store, "store", "", "store.url; default SQLite")
	flag.IntVar(&o.rate, "rate", 1000, "messages a second")
	flag.IntVar(&o.seconds, "seconds", 20, "how long")
	flag.IntVar(&o.every, "every", 100, "every n-th message has a secret")
	flag.IntVar(&o.users, "users", 0, "people with the dashboard open")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "path:", err)
		os.Exit(1)
	}
}

// result is what a run measured.
type result struct {
	toWebhook, toRow, pages []time.Duration // sorted
	missing, failed         int
	query                   time.Duration // a statement in the database, mean
	idle, busy              int           // MB
}

func run(o options) error {
	dir, err := os.MkdirTemp("", "cordon-path-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	hook := served.NewArrivals()
	defer hook.Close()
	core := filepath.Join(dir, "core")
	s, err := served.Start(o.cordon, dir, o.store, sections(core, hook))
	if err != nil {
		return err
	}
	defer s.Stop()
	r, err := measure(o, s, core, hook)
	if err != nil {
		return err
	}
	r.report(o)
	return nil
}

// sections are what of a configuration this is about.
func sections(core string, hook *served.Arrivals) string {
	return fmt.Sprintf("leak: {sources: [{id: bench, kind: hypercore, path: %q}]}\n"+
		"notify: {webhooks: [{id: bench, url: %q, secret: %q, topics: [leak.message.quarantined], allow_private: true}]}\n", core, hook.URL, hook.Secret)
}

func measure(o options, s *served.Server, core string, h *served.Arrivals) (r result, err error) {
	if r.idle, err = s.SettledMemory(); err != nil {
		return r, err
	}
	seen, err := watchRows(s)
	if err != nil {
		return r, err
	}
	people := walk(s, o.users)
	appended, err := write(o, core)
	if err != nil {
		return r, err
	}
	r.toWebhook, r.missing = h.Wait(appended, 30*time.Second)
	r.toRow = since(appended, seen.stop())
	r.pages, r.failed = people.stop()
	if r.query, err = meanQuery(s); err != nil {
		return r, err
	}
	r.busy, err = s.Memory()
	return r, err
}

// since pairs what was appended with when it was seen.
func since(appended, seen map[uint64]time.Time) (took []time.Duration) {
	for i, at := range appended {
		if got, ok := seen[i]; ok {
			took = append(took, got.Sub(at))
		}
	}
	slices.Sort(took)
	return took
}

// at is the p-quantile of sorted durations.
func at(took []time.Duration, p float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	return took[int(p*float64(len(took)-1))].Round(100 * time.Microsecond)
}

func (r result) report(o options) {
	fmt.Printf("whole path, %d messages/s for %d s, every %dth with a secret, %d people at the dashboard\n\n", o.rate, o.seconds, o.every, o.users)
	fmt.Println("| what | measured | goal |")
	fmt.Println("|---|---|---|")
	fmt.Printf("| append -> webhook, p50 | %v | < 20 ms |\n", at(r.toWebhook, .5))
	fmt.Printf("| append -> webhook, p99 | %v | < 100 ms |\n", at(r.toWebhook, .99))
	fmt.Printf("| append -> webhook, slowest | %v | |\n", at(r.toWebhook, 1))
	fmt.Printf("| append -> quarantine row, p99 | %v | < 50 ms |\n", at(r.toRow, .99))
	fmt.Printf("| secrets without a webhook | %d of %d | 0 |\n", r.missing, r.missing+len(r.toWebhook))
	if o.users > 0 {
		fmt.Printf("| a page's queries, p50 | %v | |\n", at(r.pages, .5))
		fmt.Printf("| a page's queries, p95 | %v | < 200 ms |\n", at(r.pages, .95))
		fmt.Printf("| a statement in the database, mean | %v | < 5 ms |\n", r.query.Round(10*time.Microsecond))
		fmt.Printf("| requests that failed | %d of %d | 0 |\n", r.failed, len(r.pages))
	}
	fmt.Printf("| memory of `cordon serve`, idle | %d MB | < 150 MB |\n", r.idle)
	fmt.Printf("| memory of `cordon serve`, after the run | %d MB | |\n", r.busy)
}
