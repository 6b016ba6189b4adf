package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/own"
)

const document = "mode: strict\ndefault_policy: deny\nallowlist: {rules: [{id: bench, host: 127.0.0.1}]}\n"

// counter is a recorder that keeps nothing.
type counter struct{ decided, ended atomic.Int64 }

func (c *counter) Decided(context.Context, egress.Record) error { c.decided.Add(1); return nil }
func (c *counter) Ended(egress.Record)                          { c.ended.Add(1) }

type off struct{}

func (off) On() (bool, string) { return false, "" }

// serveGateway runs the gateway. For each line on standard input it cuts all
// flows and says how many, and how long the cut took. If scan, it searches what is
// sent with Cordon's own rules.
func serveGateway(scan bool) error {
	p, err := policy.Parse([]byte(document))
	if err != nil {
		return err
	}
	o := egress.Options{Judge: p, Recorder: &counter{}, Switch: off{}}
	if scan {
		i, err := inspector()
		if err != nil {
			return err
		}
		o.Inspector = func() *dlp.Inspector { return i }
	}
	g, err := egress.New(o)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			began := time.Now()
			n := g.Sever("bench")
			fmt.Println(n, time.Since(began).Microseconds())
		}
	}()
	return g.Serve(context.Background(), l)
}

// inspector looks for secrets with every rule, and for those of an environment.
func inspector() (*dlp.Inspector, error) {
	rules, err := detect.BuiltinRules()
	if err != nil {
		return nil, err
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		return nil, err
	}
	scanner := detect.NewScanner(set)
	known, err := own.Open(own.Options{Environ: os.Environ(), AllEnv: true, Scanner: scanner})
	if err != nil {
		return nil, err
	}
	return dlp.New(dlp.Options{Scanner: scanner, Own: known})
}
