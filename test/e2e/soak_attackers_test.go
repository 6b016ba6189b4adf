//go:build servers && soak

package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testdebian"
)

// How the attackers behave.
const (
	regulars   = 48              // addresses of those who come back
	patience   = 2 * time.Minute // of one attack
	fewest     = 5               // attacks of a kind that there must have been
	showErrors = 5               // of a kind
)

// besiegers are all that attack the deckies of a soak.
type besiegers struct {
	t        *testing.T
	at       map[string]string // addresses by kind of service
	password string            // that logs in
	sftp     string            // OpenSSH's program
	dir      string            // for its files

	connections, tried, left atomic.Int64
	fresh                    atomic.Uint32 // addresses that were used once

	mu   sync.Mutex
	done map[string]int
	odd  map[string][]string // what went otherwise than it must
}

func newBesiegers(t *testing.T) *besiegers {
	return &besiegers{
		t: t, at: map[string]string{}, password: strings.Join([]string{"correct", "horse"}, "-"),
		sftp: testdebian.Program(t, "openssh-client", "sftp"), dir: t.TempDir(),
		done: map[string]int{}, odd: map[string][]string{},
	}
}

// siegeKind is one way to attack: by so many at once, each with a pause between
// two attacks that is about so long.
type siegeKind struct {
	name   string
	many   int
	pause  time.Duration
	attack func(*besiegers, *rand.Rand) error
}

func siegeKinds() []siegeKind {
	return []siegeKind{
		{"ssh, refused", 4, time.Second, (*besiegers).guess},
		{"ssh, commands", 4, 4 * time.Second, (*besiegers).commands},
		{"ssh, terminal", 3, 3 * time.Second, (*besiegers).terminal},
		{"ssh, broken off", 2, 3 * time.Second, (*besiegers).breakOff},
		{"sftp", 2, 8 * time.Second, (*besiegers).upload},
		{"http", 2, time.Second, (*besiegers).browse},
		{"redis", 2, time.Second, (*besiegers).redis},
		{"postgres", 2, time.Second, (*besiegers).postgres},
		{"mysql", 2, time.Second, (*besiegers).mysql},
		{"half-open", 8, 4 * time.Second, (*besiegers).silence},
		{"wrong protocol", 2, 2 * time.Second, (*besiegers).babble},
		{"cut", 2, 2 * time.Second, (*besiegers).cut},
	}
}

// attack lets all of them attack until end, and returns when they have ended what
// they began.
func (b *besiegers) attack(t *testing.T, end time.Time) {
	t.Helper()
	var all sync.WaitGroup
	for i, k := range siegeKinds() {
		for j := range k.many {
			r := rand.New(rand.NewPCG(uint64(i), uint64(j)))
			all.Go(func() { b.repeat(k, r, end) })
		}
	}
	all.Wait()
	for _, k := range siegeKinds() {
		t.Logf("%-16s %6d attacks", k.name, b.done[k.name])
		if b.done[k.name] < fewest || len(b.odd[k.name]) > 0 {
			t.Errorf("%s: %d attacks, %d went otherwise than they must: %q", k.name, b.done[k.name], len(b.odd[k.name]),
				b.odd[k.name][:min(showErrors, len(b.odd[k.name]))])
		}
	}
}

func (b *besiegers) repeat(k siegeKind, r *rand.Rand, end time.Time) {
	for time.Now().Before(end) {
		err := k.attack(b, r)
		b.mu.Lock()
		b.done[k.name]++
		if err != nil {
			b.odd[k.name] = append(b.odd[k.name], err.Error())
		}
		b.mu.Unlock()
		time.Sleep(time.Duration(r.Int64N(int64(2 * k.pause))))
	}
}

// regular is the address of somebody who comes again and again.
func regular(r *rand.Rand) net.IP { return net.IPv4(127, 9, 0, byte(1+r.IntN(regulars))) }

// stranger is the address of somebody who comes once.
func (b *besiegers) stranger() net.IP {
	n := b.fresh.Add(1)
	return net.IPv4(127, byte(16+n>>16), byte(n>>8), byte(n))
}

// dial connects to a service from an address.
func (b *besiegers) dial(kind string, from net.IP) (net.Conn, error) {
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: from}, Timeout: patience}).Dial("tcp", b.at[kind])
	if err != nil {
		return nil, err
	}
	b.connections.Add(1)
	return c, c.SetDeadline(time.Now().Add(patience))
}

// dialer is dial as drivers of databases want it.
func (b *besiegers) dialer(kind string, from net.IP) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return b.dial(kind, from) }
}

// services are all kinds.
func (b *besiegers) services() []string {
	var out []string
	for k := range b.at {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// silence connects and says nothing, or half of something, for a while.
func (b *besiegers) silence(r *rand.Rand) error {
	all := b.services()
	c, err := b.dial(all[r.IntN(len(all))], b.stranger())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if r.IntN(2) == 0 {
		if _, err := c.Write([]byte("SSH-2.0-Go\r")); err != nil {
			return err
		}
	}
	time.Sleep(time.Duration(r.IntN(15)) * time.Second)
	if tcp, ok := c.(*net.TCPConn); ok && r.IntN(2) == 0 {
		return tcp.SetLinger(0) // it ends without a goodbye
	}
	return nil
}

// babble speaks a protocol that the service does not, and reads to the end. That
// end, and a long silence, are both as the real servers do it.
func (b *besiegers) babble(r *rand.Rand) error {
	all := b.services()
	c, err := b.dial(all[r.IntN(len(all))], b.stranger())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	noise := make([]byte, 2000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	said := [][]byte{
		[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), []byte("SSH-2.0-OpenSSH_9.2p1\r\n"), []byte("*1\r\n$4\r\nPING\r\n"),
		{22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3}, {0, 0, 0, 8, 4, 210, 22, 47}, noise,
	}
	if _, err := c.Write(said[r.IntN(len(said))]); err != nil {
		return nil // cut off while it spoke
	}
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	for b := make([]byte, 4096); err == nil; {
		_, err = c.Read(b)
	}
	return nil
}

// cut begins something whole and ends the connection in the middle of it.
func (b *besiegers) cut(r *rand.Rand) error {
	begun := []struct{ kind, said string }{
		{"http", "PUT /x.sh HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 3000)},
		{"redis", "*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$5000\r\n" + strings.Repeat("y", 100)},
		{"postgres", "\x00\x00\x01\x00\x00\x03\x00\x00user\x00"},
		{"mysql", "\x50\x00\x00\x01"},
		{"ssh", "SSH-2.0-OpenSSH_9.2p1\r\n\x00\x00\x03"},
	}[r.IntN(5)]
	c, err := b.dial(begun.kind, regular(r))
	if err != nil {
		return err
	}
	if _, err := c.Write([]byte(begun.said)); err != nil {
		return errors.Join(err, c.Close())
	}
	time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
	return errors.Join(c.(*net.TCPConn).SetLinger(0), c.Close())
}

// script is a file that attackers leave: of a hundred, so that what is kept of it
// has an end.
func script(r *rand.Rand) string {
	n := r.IntN(100)
	return "#!/bin/sh\n" + strings.Repeat(fmt.Sprintf("echo miner %d\n", n), 50+20*n)
}

// written puts a text into a file of its own.
func (b *besiegers) written(name, text string, mode os.FileMode) (string, error) {
	path := filepath.Join(b.dir, name)
	return path, os.WriteFile(path, []byte(text), mode)
}
