package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/intercept"
)

// lookInto is document with TLS looked into.
const lookInto = "data_leak_prevention: {intercept_tls: true}\n" + document

// serveSecureOrigin is serveOrigin over TLS, with a certificate of the authority in
// a folder.
func serveSecureOrigin(dir string) error {
	a, err := intercept.Open(dir, time.Now)
	if err != nil {
		return err
	}
	leaf, err := a.Leaf("127.0.0.1")
	if err != nil {
		return err
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{*leaf}})
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return servePages(l)
}

// serveSecureGateway is a gateway that looks into TLS. In a folder it has the
// authority that the origin's certificate is of; its own is beside it.
func serveSecureGateway(dir string) error {
	p, err := policy.Parse([]byte(lookInto))
	if err != nil {
		return err
	}
	origins, err := intercept.Open(dir, time.Now)
	if err != nil {
		return err
	}
	own, err := intercept.Open(filepath.Join(dir, "own"), time.Now)
	if err != nil {
		return err
	}
	g, err := egress.New(egress.Options{Judge: p, Recorder: &counter{}, Switch: off{}, Authority: own, Roots: poolOf(origins)})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return g.Serve(context.Background(), l)
}

func poolOf(a *intercept.Authority) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Certificate())
	return p
}

// secure measures what looking into TLS costs the gateway beside the plain proxy, for
// requests over connections that stay open.
func (p *peers) secure(o options) error {
	dir, err := os.MkdirTemp("", "cordon-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	_, origin, err := p.self("-role", "secure-origin", "-to", dir)
	if err != nil {
		return err
	}
	gateway, addr, err := p.self("-role", "secure-gateway", "-to", dir)
	if err != nil {
		return err
	}
	own, err := intercept.Open(filepath.Join(dir, "own"), time.Now)
	if err != nil {
		return err
	}
	looked := way{name: "Cordon, TLS looked into", addr: addr, pid: gateway.pid(), proxy: true}
	for _, page := range []string{"/1k", "/64k"} {
		var plain, inside []float64
		for range o.rounds {
			a, err := costOf(o, p.ways[2], p.get(page))
			if err != nil {
				return err
			}
			b, err := costOf(o, looked, getInside(page, origin, poolOf(own)))
			if err != nil {
				return err
			}
			plain, inside = append(plain, a), append(inside, b)
		}
		a, b := median(plain), median(inside)
		fmt.Printf("TLS interception, GET %s: processor time %.0f us a request, plain proxy %.0f us (%.2f times)\n", page[1:], b, a, b/a)
	}
	return nil
}

// costOf is the processor time of one request, in microseconds.
func costOf(o options, w way, run func(options, way) (float64, error)) (float64, error) {
	before, err := processorTime(w.pid)
	if err != nil {
		return 0, err
	}
	v, err := run(o, w)
	if err != nil {
		return 0, err
	}
	after, err := processorTime(w.pid)
	return (after - before) / (v * o.time.Seconds()), err
}

// getInside asks for a page over connections of TLS that stay open.
func getInside(path, origin string, roots *x509.CertPool) func(options, way) (float64, error) {
	text := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n", path, origin)
	return func(o options, w way) (float64, error) {
		return repeat(o, func(stop *atomic.Bool) (n int64, err error) {
			raw, err := net.Dial("tcp", w.addr)
			if err != nil {
				return 0, err
			}
			defer func() { _ = raw.Close() }()
			if err := askTunnel(raw, origin); err != nil {
				return 0, err
			}
			c := tls.Client(raw, &tls.Config{ServerName: "127.0.0.1", RootCAs: roots})
			buf := make([]byte, 128<<10)
			for !stop.Load() {
				if _, err := c.Write(text); err != nil {
					return n, err
				}
				if err := readPage(c, buf); err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		})
	}
}

// askTunnel opens a tunnel over a connection to the gateway.
func askTunnel(c net.Conn, to string) error {
	if _, err := fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to); err != nil {
		return err
	}
	r := bufio.NewReaderSize(c, 1024)
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == "\r\n" {
			return err
		}
	}
}
