package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/edwards25519"
	"pgregory.net/rapid"
)

// pair is both ends of a network connection on this machine.
func pair(t testing.TB) (net.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

type shaken struct {
	c   *Conn
	err error
}

// shake makes the handshake of both ends.
func shake(t testing.TB, a, b net.Conn) (initiator, responder *Conn) {
	t.Helper()
	other := make(chan shaken, 1)
	go func() {
		c, err := Handshake(context.Background(), b, Responder, Options{})
		other <- shaken{c, err}
	}()
	c, err := Handshake(t.Context(), a, Initiator, Options{})
	o := <-other
	if err != nil || o.err != nil {
		t.Fatalf("%v, %v", err, o.err)
	}
	return c, o.c
}

func TestBothEndsOfAHandshakeKnowTheSame(t *testing.T) {
	a, b := shake2(t)
	if a.HandshakeHash() != b.HandshakeHash() || a.RemoteKey() != b.opts.Keys.Public || b.RemoteKey() != a.opts.Keys.Public {
		t.Error("the ends know different things")
	}
	c, _ := shake2(t)
	if c.HandshakeHash() == a.HandshakeHash() {
		t.Error("two connections have one name")
	}
}

func shake2(t testing.TB) (*Conn, *Conn) {
	a, b := pair(t)
	return shake(t, a, b)
}

func TestMessagesOfAllSizesArrive(t *testing.T) {
	a, b := shake2(t)
	done := make(chan error, 1)
	sizes := []int{0, 1, 15, 16, 17, 63, 64, 65, 65535, 65536, 1 << 20, 3}
	go func() { done <- echo(b, len(sizes)) }()
	for _, size := range sizes {
		want := bytes.Repeat([]byte{byte(size), 1, 2}, size/3+1)[:size]
		if err := a.Write(want); err != nil {
			t.Fatal(err)
		}
		got, err := a.Read()
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes became %d, %v", size, len(got), err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := a.Write(make([]byte, MaxFrame+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a message over the limit: %v", err)
	}
}

func echo(c *Conn, n int) error {
	for range n {
		m, err := c.Read()
		if err != nil {
			return err
		}
		if err := c.Write(m); err != nil {
			return err
		}
	}
	return nil
}

func TestTheEndOfAConnectionIsToldFromABreak(t *testing.T) {
	for name, tt := range map[string]struct {
		last []byte
		want error
	}{
		"between messages":       {nil, io.EOF},
		"in a length":            {[]byte{9}, io.ErrUnexpectedEOF},
		"behind a length":        {[]byte{90, 0, 0}, io.ErrUnexpectedEOF},
		"in a message":           {[]byte{90, 0, 0, 1}, io.ErrUnexpectedEOF},
		"in the largest message": {[]byte{255, 255, 255, 1}, io.ErrUnexpectedEOF},
		"shorter than a box":     {[]byte{16, 0, 0}, ErrFrame},
		"forged":                 {append([]byte{20, 0, 0}, make([]byte, 20)...), ErrForged},
	} {
		a, b := shake2(t)
		if _, err := a.nc.Write(tt.last); err != nil {
			t.Fatal(err)
		}
		a.Close()
		if _, err := b.Read(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// What a peer announces makes no room before it arrives.
func TestAnAnnouncedLengthCostsNothing(t *testing.T) {
	b, err := readGrowing(strings.NewReader("a few bytes"), nil, maxSealed)
	if !errors.Is(err, io.ErrUnexpectedEOF) || cap(b) > 128<<10 {
		t.Errorf("%d bytes, %v", cap(b), err)
	}
	allocs := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			readGrowing(strings.NewReader("a few bytes"), nil, maxSealed)
		}
	})
	if allocs.AllocedBytesPerOp() > 256<<10 {
		t.Errorf("%d bytes for eleven", allocs.AllocedBytesPerOp())
	}
}

func TestReadGrowingReadsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<20).Draw(t, "length")
		kept := rapid.IntRange(0, 1<<18).Draw(t, "kept")
		want := bytes.Repeat([]byte("hypercore"), n/9+1)[:n]
		got, err := readGrowing(bytes.NewReader(append(want, "the next"...)), make([]byte, 0, kept), n)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of %d, %v", len(got), n, err)
		}
	})
}

// altered changes one byte of what goes through a connection.
type altered struct {
	net.Conn
	at, seen int
}

func (a *altered) Read(b []byte) (int, error) {
	n, err := a.Conn.Read(b)
	if i := a.at - a.seen; i >= 0 && i < n {
		b[i] ^= 1
	}
	a.seen += n
	return n, err
}

// A byte changed on the way ends the handshake at one end or the other, wherever it lies:
// the first message is authenticated by the second, and the hello by the first message
// behind it, which its header opens.
func TestEveryByteOfAHandshakeCounts(t *testing.T) {
	const first, second, third = lengthSize + firstSize, lengthSize + secondSize, lengthSize + thirdSize
	const hello = lengthSize + helloSize
	for role, size := range map[Role]int{Responder: first + third + hello, Initiator: second + hello} {
		for at := range size {
			if err := shakeAltered(t, role, at); err == nil {
				t.Errorf("byte %d of what the %s hears does not count", at, role)
			}
		}
	}
}

// shakeAltered makes a handshake and one exchange, with a byte changed that the end of a
// role hears, and returns the first error at either end.
func shakeAltered(t *testing.T, role Role, at int) error {
	a, b := pair(t)
	ends := map[Role]net.Conn{Initiator: a, Responder: b}
	ends[role] = &altered{Conn: ends[role], at: at}
	errs := make(chan error, 2)
	for r, nc := range ends {
		go func() {
			err := exchange(nc, r)
			if err != nil {
				nc.Close()
			}
			errs <- err
		}()
	}
	return errors.Join(<-errs, <-errs)
}

func exchange(nc net.Conn, role Role) error {
	c, err := Handshake(context.Background(), nc, role, Options{})
	if err != nil {
		return err
	}
	if err := c.Write([]byte("hello")); err != nil {
		return err
	}
	if got, err := c.Read(); err != nil || string(got) != "hello" {
		return fmt.Errorf("%q, %w", got, err)
	}
	return nil
}

func TestHandshakeRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		role Role
		hear []byte
	}{
		"nothing":                        {Responder, nil},
		"a web browser":                  {Responder, []byte("GET / HTTP/1.1\r\n\r\n")},
		"a first message of other size":  {Responder, append([]byte{33, 0, 0}, make([]byte, 33)...)},
		"the identity as ephemeral key":  {Responder, append([]byte{32, 0, 0, 1}, make([]byte, 31)...)},
		"a key that is no point":         {Responder, append([]byte{32, 0, 0, 2}, make([]byte, 31)...)},
		"a second message of other size": {Initiator, []byte{97, 0, 0}},
		"a second message of zeros":      {Initiator, append([]byte{96, 0, 0}, make([]byte, 96)...)},
		"half a second message":          {Initiator, append([]byte{96, 0, 0}, make([]byte, 40)...)},
	} {
		a, b := pair(t)
		if _, err := a.Write(tt.hear); err != nil {
			t.Fatal(err)
		}
		a.(*net.TCPConn).CloseWrite()
		if _, err := Handshake(t.Context(), b, tt.role, Options{}); !errors.Is(err, ErrHandshake) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A peer that connects and says nothing, or says nothing more, is left after the time-out.
func TestASilentPeerIsLeft(t *testing.T) {
	for _, role := range []Role{Initiator, Responder} {
		synctest.Test(t, func(t *testing.T) {
			a, b := net.Pipe()
			defer a.Close()
			defer b.Close()
			go io.Copy(io.Discard, a)
			start := time.Now()
			_, err := Handshake(t.Context(), b, role, Options{Timeout: 3 * time.Second})
			if !errors.Is(err, ErrHandshake) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("as %s: %v", role, err)
			}
			if took := time.Since(start); took != 3*time.Second {
				t.Errorf("as %s: after %v", role, took)
			}
		})
	}
}

func TestAPeerThatDoesNotReadIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		defer a.Close()
		c, o := shake(t, a, b)
		defer o.Close()
		if err := c.Write([]byte("nobody reads this")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

// Keys with which the agreed secret would not depend on both ends, or which have a second
// spelling, are refused as libsodium refuses them.
func TestAgreeRefusesWeakKeys(t *testing.T) {
	k := KeyPairFromSeed([32]byte{1})
	torsion, err := new(edwards25519.Point).SetBytes(bytes.Join([][]byte{make([]byte, 31), {0x80}}, nil)) // order 4
	if err != nil {
		t.Fatal(err)
	}
	good, err := new(edwards25519.Point).SetBytes(k.Public[:])
	if err != nil {
		t.Fatal(err)
	}
	mixed := new(edwards25519.Point).Add(good, torsion)
	for name, key := range map[string][]byte{
		"the identity":                  append([]byte{1}, make([]byte, 31)...),
		"a point of order 4":            torsion.Bytes(),
		"a point of mixed order":        mixed.Bytes(),
		"the identity, spelt otherwise": append([]byte{0xee}, append(bytes.Repeat([]byte{0xff}, 30), 0x7f)...),
		"no point":                      append([]byte{2}, make([]byte, 31)...),
	} {
		if _, err := k.agree(Key(key)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestBothEndsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32)
		a, b := KeyPairFromSeed([32]byte(seed.Draw(t, "a"))), KeyPairFromSeed([32]byte(seed.Draw(t, "b")))
		x, err := a.agree(b.Public)
		y, err2 := b.agree(a.Public)
		if err != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Fatalf("%x, %x, %v, %v", x, y, err, err2)
		}
	})
}

func TestAKeyPairDoesNotPrint(t *testing.T) {
	k := KeyPairFromSeed([32]byte{1})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, k); got != "key pair" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

// FuzzHandshake hears anything in place of a peer.
func FuzzHandshake(f *testing.F) {
	f.Add([]byte{32, 0, 0, 1}, true)
	f.Add(append([]byte{96, 0, 0}, make([]byte, 96)...), false)
	f.Fuzz(func(t *testing.T, hear []byte, role bool) {
		c := &Conn{nc: &heard{Reader: bytes.NewReader(hear)}, role: Role(role), opts: Options{}.withDefaults()}
		c.in = newReader(c.nc)
		if err := c.greet(); !errors.Is(err, ErrHandshake) {
			t.Errorf("%v", err)
		}
	})
}

// heard is a connection of which only what is read matters.
type heard struct {
	net.Conn
	io.Reader
}

func (h *heard) Read(b []byte) (int, error)  { return h.Reader.Read(b) }
func (h *heard) Write(b []byte) (int, error) { return len(b), nil }
