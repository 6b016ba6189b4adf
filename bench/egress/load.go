package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// repeat has o.conns workers do something over and over, and returns how often
// a second.
func repeat(o options, worker func(stop *atomic.Bool) (int64, error)) (float64, error) {
	var stop atomic.Bool
	var total atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, o.conns)
	began := time.Now()
	for range o.conns {
		wg.Go(func() {
			n, err := worker(&stop)
			total.Add(n)
			if err != nil {
				errs <- err
			}
		})
	}
	time.Sleep(o.time)
	stop.Store(true)
	wg.Wait()
	took := time.Since(began).Seconds()
	select {
	case err := <-errs:
		return 0, err
	default:
		return float64(total.Load()) / took, nil
	}
}

// get asks for a page over connections that stay open.
func (p *peers) get(path string) func(options, way) (float64, error) {
	return p.ask("GET", path, "\r\n")
}

// post sends lines of a log, over connections that stay open.
func (p *peers) post(size int) func(options, way) (float64, error) {
	const line = "the build queue waits for a reviewer before the next item of work is taken up\n"
	body := strings.Repeat(line, size/len(line)+1)[:size]
	return p.ask("POST", "/in", fmt.Sprintf("Content-Length: %d\r\n\r\n%s", size, body))
}

// ask sends a request over and over.
func (p *peers) ask(method, path, rest string) func(options, way) (float64, error) {
	return func(o options, w way) (float64, error) {
		target := path
		if w.name != "direct" && w.name != "bare relay" {
			target = "http://" + p.origin + path
		}
		text := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\n%s", method, target, p.origin, rest)
		return repeat(o, func(stop *atomic.Bool) (n int64, err error) {
			c, err := net.Dial("tcp", w.addr)
			if err != nil {
				return 0, err
			}
			defer func() { _ = c.Close() }()
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

// readPage reads one answer with a length.
func readPage(c net.Conn, buf []byte) error {
	have := 0
	for {
		n, err := c.Read(buf[have:])
		if err != nil {
			return err
		}
		have += n
		head := bytes.Index(buf[:have], []byte("\r\n\r\n"))
		if head < 0 {
			continue
		}
		at := bytes.Index(buf[:head], []byte("Content-Length: "))
		if at < 0 || !bytes.HasPrefix(buf, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("answered %.300q", buf[:have])
		}
		var size int
		if _, err := fmt.Sscanf(string(buf[at+16:at+24]), "%d", &size); err != nil {
			return err
		}
		if have == head+4+size {
			return nil
		}
		if have > head+4+size {
			return fmt.Errorf("more than one answer")
		}
	}
}

// dial opens a way to the origin, through a tunnel if there is a proxy.
func (p *peers) dial(w way) (net.Conn, error) {
	c, err := net.Dial("tcp", w.addr)
	if err != nil || !w.proxy {
		return c, err
	}
	if _, err := fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", p.origin, p.origin); err != nil {
		return nil, err
	}
	var buf [1024]byte
	n, err := c.Read(buf[:])
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(buf[:n], []byte(" 200 ")) || !bytes.HasSuffix(buf[:n], []byte("\r\n\r\n")) {
		return nil, fmt.Errorf("CONNECT was answered %q", buf[:n])
	}
	return c, nil
}

// setUps opens a tunnel, has two bytes echoed, and closes it.
func (p *peers) setUps(o options, w way) (float64, error) {
	return repeat(o, func(stop *atomic.Bool) (n int64, err error) {
		for !stop.Load() {
			c, err := p.dial(w)
			if err != nil {
				return n, err
			}
			if err := echoed(c); err != nil {
				return n, err
			}
			abort(c) // so that no port is left waiting
			n++
		}
		return n, nil
	})
}

func echoed(c net.Conn) error {
	var b [2]byte
	if _, err := c.Write([]byte{1, 2}); err != nil {
		return err
	}
	_, err := io.ReadFull(c, b[:])
	return err
}

func abort(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// bulk reads as much as comes through four tunnels.
func (p *peers) bulk(o options, w way) (float64, error) {
	o.conns = 4
	v, err := repeat(o, func(stop *atomic.Bool) (n int64, err error) {
		c, err := p.dial(w)
		if err != nil {
			return 0, err
		}
		defer abort(c)
		if _, err := c.Write([]byte("Z\x01")); err != nil {
			return 0, err
		}
		buf := make([]byte, 256<<10)
		for !stop.Load() {
			k, err := c.Read(buf)
			if err != nil {
				return n, err
			}
			n += int64(k)
		}
		return n, nil
	})
	return v / 1e6, err
}

// gatewayAlone measures what has no direct counterpart: the memory of idle
// tunnels, and the kill switch.
func (p *peers) gatewayAlone(o options) error {
	w := p.ways[2]
	if _, _, err := p.cut(w, 100); err != nil { // warm
		return err
	}
	for _, n := range []int{1000, 4500} {
		cut, seen, err := p.cut(w, n)
		if err != nil {
			return err
		}
		fmt.Printf("kill switch, %d idle tunnels: %.1f ms until both ends are cut, %.1f ms until every client has seen it\n", n, cut, seen)
	}
	before, err := p.gateway.resident()
	if err != nil {
		return err
	}
	conns, err := p.tunnels(w, o.idle)
	if err != nil {
		return err
	}
	after, err := p.gateway.resident()
	for _, c := range conns {
		abort(c)
	}
	fmt.Printf("%d idle tunnels: %d MB (%d MB before)\n", o.idle, after>>20, before>>20)
	return err
}

// tunnels opens that many, each of which has moved bytes.
func (p *peers) tunnels(w way, n int) ([]net.Conn, error) {
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := p.dial(w)
		if err != nil {
			return nil, err
		}
		if err := echoed(c); err != nil {
			return nil, err
		}
		conns[i] = c
	}
	return conns, nil
}

// cut opens tunnels, has the gateway cut all, and returns how long that took,
// and how long until the last client saw it, in milliseconds.
func (p *peers) cut(w way, n int) (cut, seen float64, err error) {
	conns, err := p.tunnels(w, n)
	if err != nil {
		return 0, 0, err
	}
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() {
			var b [1]byte
			_, _ = bufio.NewReaderSize(c, 16).Read(b[:]) // until it is cut
			_ = c.Close()
		})
	}
	time.Sleep(200 * time.Millisecond)
	began := time.Now()
	if _, err := fmt.Fprintln(p.gateway.in, "cut"); err != nil {
		return 0, 0, err
	}
	wg.Wait()
	seen = time.Since(began).Seconds() * 1000
	line, err := p.gateway.out.ReadString('\n')
	if err != nil {
		return 0, 0, err
	}
	var flows, us int
	if _, err := fmt.Sscan(line, &flows, &us); err != nil || flows < n {
		return 0, 0, fmt.Errorf("the gateway cut %q of %d: %w", line, n, err)
	}
	return float64(us) / 1000, seen, nil
}
