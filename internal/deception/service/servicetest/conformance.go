package servicetest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Run holds a kind of service to what all have in common. config is one that
// the service accepts.
func Run(t *testing.T, k service.Kind, config service.Config) {
	t.Run("an unknown key of the configuration is named", func(t *testing.T) { unknownKey(t, k, config) })
	s := made(t, k, config)
	t.Run("a client that says nothing and leaves is two observations or few", func(t *testing.T) { silent(t, k, s) })
	t.Run("noise ends or is answered, and nothing panics", func(t *testing.T) { noise(t, k, s) })
	t.Run("a client that hangs up at each byte harms nobody", func(t *testing.T) { hangUp(t, k, s) })
	t.Run("the end of the decky ends its clients", func(t *testing.T) { ends(t, k, s) })
}

func made(t *testing.T, k service.Kind, config service.Config) service.Service {
	t.Helper()
	s, err := k.New(Setup(t, config))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func unknownKey(t *testing.T, k service.Kind, config service.Config) {
	wrong := service.Config{"no_such_key": 1}
	for key, v := range config {
		wrong[key] = v
	}
	if _, err := k.New(Setup(t, wrong)); err == nil || !bytes.Contains([]byte(err.Error()), []byte("no_such_key")) {
		t.Errorf("error %v, want one that names the key", err)
	}
}

func silent(t *testing.T, k service.Kind, s service.Service) {
	d := Listen(t, k.Name, s)
	c := Dial(t, d)
	_ = c.Close()
	end := d.Sink.Wait(t, service.Disconnected, 1)[0]
	if end.Number > 4 {
		t.Errorf("a client that said nothing is %d observations", end.Number)
	}
	numbered(t, d.Sink)
}

// numbered checks that each session's observations are numbered without gaps.
func numbered(t *testing.T, sink *Sink) {
	t.Helper()
	last := map[string]uint64{}
	for _, o := range sink.All() {
		if last[o.Session]++; o.Number != last[o.Session] {
			t.Fatalf("session %s: observation %d follows %d", o.Session, o.Number, last[o.Session]-1)
		}
	}
}

func noise(t *testing.T, k service.Kind, s service.Service) {
	d := Listen(t, k.Name, s)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 64 {
		c := Dial(t, d)
		garbage := make([]byte, r.IntN(4096))
		for j := range garbage {
			garbage[j] = byte(r.UintN(256))
		}
		if i%2 == 0 {
			garbage = append(garbage, "\r\n\r\n"...)
		}
		_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
		_, _ = c.Write(garbage)
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<20))
		_ = c.Close()
	}
	d.Sink.Wait(t, service.Disconnected, 64)
	numbered(t, d.Sink)
}

func hangUp(t *testing.T, k service.Kind, s service.Service) {
	d := Listen(t, k.Name, s)
	for _, first := range []string{"", "\x00", "\x16\x03\x01", "GET ", "SSH-2.0-x", "\xff\xfb\x01", "*1\r\n$4\r\nPI", "USER a\r\nPAS"} {
		for range 3 {
			c := Dial(t, d)
			_, _ = c.Write([]byte(first))
			_ = c.(*net.TCPConn).SetLinger(0) // a reset, not an end
			_ = c.Close()
		}
	}
	d.Sink.Wait(t, service.Disconnected, 24)
}

func ends(t *testing.T, k service.Kind, s service.Service) {
	var d *Decky
	t.Run("while clients wait", func(t *testing.T) { // its end is the decky's
		d = Listen(t, k.Name, s)
		for range 4 {
			Dial(t, d)
		}
		d.Sink.Wait(t, service.Connected, 4)
	})
	if got := len(d.Sink.Of(service.Disconnected)); got != 4 {
		t.Errorf("%d of 4 sessions ended with the decky", got)
	}
}

// Dial connects to a decky; the connection is closed when the test ends.
func Dial(t testing.TB, d *Decky) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", d.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
