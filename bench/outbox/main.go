// Command outbox measures how many deliveries to webhooks a real `cordon serve` makes
// durably in a second: events come in over the API, each is owed to every webhook, and a
// receiver on this machine verifies every signature and notes what it got. Server and
// receiver share the machine. Then a bare client sends as much without a queue, which
// bounds what any server could do here. It prints one table.
//
//	go run ./bench/outbox -cordon bin/cordon -webhooks 32 -events 2000
//
// It may import the standard library and bench/served: it is a user from outside.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

type options struct {
	cordon   string
	store    string
	webhooks int
	events   int
	batch    int
	limit    time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.cordon, "cordon", "bin/cordon", "the binary")
	flag.StringVar(&o.store, "store", "", "store.url; default SQLite")
	flag.IntVar(&o.webhooks, "webhooks", 32, "webhooks, each of which is owed every event")
	flag.IntVar(&o.events, "events", 2_000, "events")
	flag.IntVar(&o.batch, "batch", 100, "events that are sent at once")
	flag.DurationVar(&o.limit, "limit", 2*time.Minute, "how long to wait for the last delivery")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "outbox:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	r := newReceiver()
	defer r.Close()
	spent, memory, err := deliver(o, r)
	if err != nil {
		return err
	}
	limit, err := bare(o)
	if err != nil {
		return err
	}
	r.print(o, spent, memory, limit)
	return nil
}

// deliver has a server owe all events to the receiver, and returns the processor time
// and the memory, in MB, that it took.
func deliver(o options, r *receiver) (spent time.Duration, memory int, err error) {
	dir, err := os.MkdirTemp("", "cordon-outbox-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := served.Start(o.cordon, dir, o.store, config(o, r))
	if err != nil {
		return 0, 0, err
	}
	defer s.Stop()
	before, err := s.Processor()
	if err != nil {
		return 0, 0, err
	}
	if err := send(s, o); err != nil {
		return 0, 0, fmt.Errorf("sending events: %w", err)
	}
	served.Await(r.count, o.webhooks*o.events, o.limit)
	after, err := s.Processor()
	if err != nil {
		return 0, 0, err
	}
	memory, err = s.Memory()
	return after - before, memory, err
}

// config is a section with so many webhooks, all of which lead to the receiver.
func config(o options, r *receiver) string {
	var b strings.Builder
	b.WriteString("notify:\n  webhooks:\n")
	for n := range o.webhooks {
		fmt.Fprintf(&b, "    - {id: hook-%d, url: \"%s/%d\", secret: %q, topics: [leak.message.quarantined], allow_private: true}\n", n, r.URL, n, r.Secret)
	}
	return b.String()
}
