// Command egress measures the gateway beside a direct connection, a bare relay
// in Go, and squid, in the same run, and prints ratios to the direct one.
//
//	go run ./bench/egress [-squid PATH] [-time 2s] [-rounds 3]
//
// Origin, relay and gateway are this program again, each a process of its own.
// Without -squid the program named squid on PATH is taken; without either its
// column is left out. The gateway judges by a real policy; its decisions are
// counted and not written, so what a disk costs is not in these figures.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"
)

type options struct {
	squid  string
	time   time.Duration // of one measurement
	rounds int
	conns  int // clients at a time
	idle   int // tunnels for the memory of idle ones
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench/egress:", err)
		os.Exit(1)
	}
}

func run() error {
	var o options
	role := flag.String("role", "", "for the program itself: origin, relay, gateway, scanning, secure-origin or secure-gateway")
	to := flag.String("to", "", "for the relay: where it leads; for the secure ones: the folder of their keys")
	flag.StringVar(&o.squid, "squid", "", "squid's program")
	flag.DurationVar(&o.time, "time", 2*time.Second, "length of one measurement")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds; the median counts")
	flag.IntVar(&o.conns, "conns", 16, "clients at a time")
	flag.IntVar(&o.idle, "idle", 9000, "idle tunnels whose memory is measured")
	flag.Parse()
	switch *role {
	case "origin":
		return serveOrigin()
	case "relay":
		return serveRelay(*to)
	case "gateway":
		return serveGateway(false)
	case "scanning":
		return serveGateway(true)
	case "secure-origin":
		return serveSecureOrigin(*to)
	case "secure-gateway":
		return serveSecureGateway(*to)
	}
	if o.squid == "" {
		o.squid, _ = exec.LookPath("squid") // left out if it is not there
	}
	return measure(o)
}

// measure runs everything in turn, round by round, so that what else the
// machine does falls on all alike.
func measure(o options) error {
	p, err := startPeers(o)
	if err != nil {
		return err
	}
	defer p.stop()
	var t table
	for range o.rounds {
		for _, way := range p.ways {
			if err := p.round(o, way, &t); err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
		}
	}
	t.print(os.Stdout, p.ways)
	if err := p.secure(o); err != nil {
		return fmt.Errorf("TLS interception: %w", err)
	}
	return p.gatewayAlone(o)
}

// round takes all speeds of one way once.
func (p *peers) round(o options, w way, t *table) error {
	for _, m := range []struct {
		what string
		run  func(options, way) (float64, error)
	}{
		{"GET 1 KB, requests/s", p.get("/1k")},
		{"GET 64 KB, requests/s", p.get("/64k")},
		{"POST 1 KB, requests/s", p.post(1 << 10)},
		{"POST 64 KB, requests/s", p.post(64 << 10)},
		{"tunnels set up and closed, /s", p.setUps},
		{"tunnel, MB/s", p.bulk},
	} {
		before, err := processorTime(w.pid)
		if err != nil {
			return err
		}
		v, err := m.run(o, w)
		if err != nil {
			return fmt.Errorf("%s: %w", m.what, err)
		}
		after, err := processorTime(w.pid)
		if err != nil {
			return err
		}
		t.add(m.what, w.name, v)
		t.cost(m.what, w.name, (after-before)/(v*o.time.Seconds()))
	}
	return nil
}
