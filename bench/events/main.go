// Command events measures what comes in over the API of a real `cordon serve`: first how
// many records of security events it takes durably when senders do not wait, then, at a
// steady rate of them, how long an alert takes from the sender to the webhook, whose
// signature is verified; and the same through a relay that only syncs and posts. It prints
// one table.
//
//	go run ./bench/events -cordon bin/cordon -seconds 15 -rate 20000 -alerts 200
//
// It may import the standard library and bench/served: it is a user from outside.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

type options struct {
	cordon  string
	store   string
	seconds int
	senders int
	batch   int
	rate    int
	alerts  int
}

func main() {
	var o options
	flag.StringVar(&o.cordon, "cordon", "bin/cordon", "the binary")
	flag.StringVar(&o.store, "store", "", "store.url; default SQLite")
	flag.IntVar(&o.seconds, "seconds", 15, "how long each part takes")
	flag.IntVar(&o.senders, "senders", 4, "senders at once")
	flag.IntVar(&o.batch, "batch", 500, "records in a batch")
	flag.IntVar(&o.rate, "rate", 20_000, "records a second while alerts are timed")
	flag.IntVar(&o.alerts, "alerts", 200, "alerts a second, sent one by one")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "events:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	dir, err := os.MkdirTemp("", "cordon-events-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	h := served.NewArrivals()
	defer h.Close()
	s, err := served.Start(o.cordon, dir, o.store, fmt.Sprintf(
		"notify: {webhooks: [{id: bench, url: %q, secret: %q, topics: [leak.message.quarantined], allow_private: true}]}\n", h.URL, h.Secret))
	if err != nil {
		return err
	}
	defer s.Stop()
	return measure(o, s, h, dir)
}

// measure prints the table.
func measure(o options, s *served.Server, h *served.Arrivals, dir string) error {
	r := report{options: o}
	var err error
	if r.idle, err = s.SettledMemory(); err != nil {
		return err
	}
	long := time.Duration(o.seconds) * time.Second
	before, err := s.Processor()
	if err != nil {
		return err
	}
	if r.most, err = flood(s, o, 0, long); err != nil {
		return fmt.Errorf("sending records: %w", err)
	}
	time.Sleep(2 * time.Second) // what was taken is counted
	after, err := s.Processor()
	if err != nil {
		return err
	}
	r.processor = after - before
	sending, sent := &alerts{server: s, sent: map[uint64]time.Time{}}, make(chan error, 1)
	go func() { sent <- sending.send(o.alerts, long) }()
	if r.steady, err = flood(s, o, o.rate, long); err != nil {
		return fmt.Errorf("sending records: %w", err)
	}
	if err := <-sent; err != nil {
		return fmt.Errorf("sending alerts: %w", err)
	}
	r.took, r.missing = h.Wait(sending.sent, 30*time.Second)
	r.forged = h.Forged()
	if r.bare, r.lost, err = floor(o, s, dir, long); err != nil {
		return err
	}
	if r.busy, err = s.Memory(); err != nil {
		return err
	}
	if r.disk, err = size(dir); err != nil {
		return err
	}
	r.print()
	return nil
}

// size is how many bytes the files of a folder have.
func size(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // the server moves files on
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if info, err := d.Info(); err == nil {
			bytes += info.Size()
		}
		return nil
	})
	return bytes, err
}
