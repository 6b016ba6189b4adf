package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/ingest/parse"
	"go.cordon.dev/cordon/internal/ingest/parse/sshd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// book is a Recorder that may be closed.
type book struct {
	mu     sync.Mutex
	closed bool
	all    []parse.Record
	most   int // of one batch
}

func (b *book) Record(_ context.Context, batch []parse.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errors.New("the book is closed")
	}
	b.all, b.most = append(b.all, batch...), max(b.most, len(batch))
	return nil
}

func (b *book) set(closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = closed
}

func (b *book) ports() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.all {
		out = append(out, r.Attributes[parse.Port])
	}
	return out
}

// door is a server that runs until the test ends.
type door struct {
	*Server
	book *book
	stop func()
}

func open(t *testing.T, change func(*Options)) *door {
	t.Helper()
	d := &door{book: &book{}}
	o := Options{
		UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Plugins: []parse.Plugin{sshd.Plugin()}, Recorder: d.book,
	}
	change(&o)
	var err error
	if d.Server, err = Listen(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	d.pause = time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx) }()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(d.stop)
	return d
}

func usual(*Options) {}

// failure is what sshd logs of a failure; n tells it from others.
func failure(n int) string { return "<38>Nov 22 07:50:09 web-1 sshd[9]: " + said(n) }

func said(n int) string {
	return fmt.Sprintf("Failed password for root from 198.51.100.7 port %d ssh2", 1+n)
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func dial(t *testing.T, network, address string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func send(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

const many = 10_000

// wantAll checks that each of many lines is one record.
func wantAll(t *testing.T, d *door) {
	t.Helper()
	await(t, "all records", func() bool { return d.Stats().Records >= many })
	ports := d.book.ports()
	slices.Sort(ports)
	if n := len(slices.Compact(slices.Clone(ports))); n != many || len(ports) != many {
		t.Errorf("%d records of %d lines", len(ports), n)
	}
	if s := d.Stats(); s.Received != many || s.Records != many || s.Dropped+s.TooLong+s.Refused+s.Unknown != 0 {
		t.Errorf("stats %+v", s)
	}
	if d.book.most > parse.MaxBatch {
		t.Errorf("a batch has %d records", d.book.most)
	}
}

func TestTenThousandDatagrams(t *testing.T) {
	d := open(t, usual)
	udp, _, _ := d.Addrs()
	c := dial(t, "udp", udp)
	for n := range many {
		send(t, c, failure(n))
		if n%100 == 99 { // the system holds a few hundred
			await(t, "datagrams", func() bool { return d.Stats().Received > uint64(n) })
		}
	}
	wantAll(t, d)
}

func TestTenThousandLinesByTCP(t *testing.T) {
	frame := map[string]func(string) string{
		"lines":   func(text string) string { return text + "\n" },
		"counted": func(text string) string { return fmt.Sprintf("%d %s", len(text), text) },
	}
	for name, frame := range frame {
		t.Run(name, func(t *testing.T) {
			d := open(t, usual)
			_, tcp, _ := d.Addrs()
			c := dial(t, "tcp", tcp)
			for n := range many {
				send(t, c, frame(failure(n)))
			}
			wantAll(t, d)
		})
	}
}

func TestTenThousandLinesByTLS(t *testing.T) {
	ours, theirs := certificates(t)
	d := open(t, func(o *Options) { o.TLS, o.Config = "127.0.0.1:0", ours })
	_, _, address := d.Addrs()
	c := tls.Client(dial(t, "tcp", address), theirs)
	for n := range many {
		send(t, c, failure(n)+"\n")
	}
	wantAll(t, d)
}

func TestTLSWantsTheClientsCertificate(t *testing.T) {
	ours, theirs := certificates(t)
	d := open(t, func(o *Options) { o.TLS, o.Config = "127.0.0.1:0", ours })
	_, _, address := d.Addrs()
	without := theirs.Clone()
	without.Certificates = nil
	c := tls.Client(dial(t, "tcp", address), without)
	_, _ = io.WriteString(c, failure(1)+"\n") // TLS 1.3 lets a client write before it is refused
	send(t, dial(t, "tcp", address), failure(1)+"\n")
	await(t, "refusals", func() bool { return d.Stats().Refused == 2 })
	if s := d.Stats(); s.Received != 0 {
		t.Errorf("stats %+v", s)
	}
}

// While nobody takes records, what comes by TCP waits with its sender, what comes
// by UDP is dropped and counted, and memory is bounded.
func TestWhileNobodyTakesRecords(t *testing.T) {
	d := open(t, usual)
	d.book.set(true)
	udp, tcp, _ := d.Addrs()
	c, u := dial(t, "tcp", tcp), dial(t, "udp", udp)
	filler := strings.Repeat("x", 60<<10) + "\n"
	sent := make(chan int, 1)
	send(t, c, failure(1)+"\n")
	go func() { // more than the server holds, and the sockets
		n := 0
		for ; n < 600; n++ {
			if _, err := io.WriteString(c, filler); err != nil {
				break
			}
		}
		sent <- n
	}()
	await(t, "a datagram that is dropped", func() bool {
		send(t, u, failure(2))
		return d.Stats().Dropped > 0
	})
	if s := d.Stats(); s.Received > 2*mostWaiting/uint64(len(filler))+s.Dropped+1000 {
		t.Errorf("stats %+v", s)
	}
	d.book.set(false)
	if n := <-sent; n != 600 {
		t.Errorf("%d of 600 lines were sent", n)
	}
	send(t, c, failure(3)+"\n")
	await(t, "the records", func() bool { p := d.book.ports(); return slices.Contains(p, "2") && slices.Contains(p, "4") })
}

// What was received is recorded before the server ends.
func TestStoppingRecordsWhatWaits(t *testing.T) {
	d := open(t, usual)
	d.book.set(true)
	_, tcp, _ := d.Addrs()
	c := dial(t, "tcp", tcp)
	for n := range 1000 {
		send(t, c, failure(n)+"\n")
	}
	await(t, "lines", func() bool { return d.Stats().Received == 1000 })
	d.drain = 2 * time.Minute
	go d.book.set(false)
	d.stop()
	if n := len(d.book.ports()); n != 1000 {
		t.Errorf("%d records", n)
	}
}

// A server whose records nobody takes ends all the same, and says what it lost.
func TestStoppingDoesNotHang(t *testing.T) {
	d := open(t, usual)
	d.book.set(true)
	d.drain = time.Millisecond
	_, tcp, _ := d.Addrs()
	send(t, dial(t, "tcp", tcp), failure(1)+"\n")
	await(t, "the line", func() bool { return d.Stats().Received == 1 })
	d.stop()
	if s := d.Stats(); s.Dropped != 1 || s.Records != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestOnlyThoseWhoMayAreHeard(t *testing.T) {
	d := open(t, func(o *Options) { o.Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	udp, tcp, _ := d.Addrs()
	send(t, dial(t, "udp", udp), failure(1))
	c := dial(t, "tcp", tcp)
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the server says something")
	}
	await(t, "refusals", func() bool { return d.Stats().Refused == 2 })
	if s := d.Stats(); s.Received != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestOneSenderDoesNotTakeAllConnections(t *testing.T) {
	d := open(t, usual)
	_, tcp, _ := d.Addrs()
	for range maxOfOne + 3 {
		dial(t, "tcp", tcp)
	}
	await(t, "refusals", func() bool { return d.Stats().Refused == 3 })
}

func TestLinesNobodyKnowsAreCounted(t *testing.T) {
	d := open(t, usual)
	_, tcp, _ := d.Addrs()
	c := dial(t, "tcp", tcp)
	send(t, c, "<38>Nov 22 07:50:09 web-1 cron[9]: started\n"+strings.Repeat("x", MaxLine+1)+"\n"+failure(1)+"\n")
	await(t, "the record", func() bool { return d.Stats().Records == 1 })
	if s := d.Stats(); s.Received != 2 || s.Unknown != 1 || s.TooLong != 1 {
		t.Errorf("stats %+v", s)
	}
}
