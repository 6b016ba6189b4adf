package mysql

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

func TestConformance(t *testing.T) { servicetest.Run(t, Kind(), service.Config{}) }

func listen(t *testing.T) *servicetest.Decky {
	t.Helper()
	return servicetest.Serve(t, Kind(), nil)
}

// what clients of today can do, without attributes.
const usual = protocol41 | secureAuth | pluginAuth | 0x0022a085

// answer is a client's reply to the handshake.
func answer(flags uint32, user, secret, database, plugin string) string {
	b := binary.LittleEndian.AppendUint32(nil, flags&^countedAuth)
	b = binary.LittleEndian.AppendUint32(b, 1<<24)
	b = append(append(b, 33), make([]byte, 23)...)
	b = append(append(append(b, user+"\x00"...), byte(len(secret))), secret...)
	if flags&withDatabase != 0 {
		b = append(b, database+"\x00"...)
	}
	if flags&pluginAuth != 0 {
		b = append(b, plugin+"\x00"...)
	}
	return string(b)
}

func packet(number byte, body string) string {
	return string([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), number}) + body
}

// talk sends packets, reading one before each, and returns all that came.
func talk(t *testing.T, address string, packets ...string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	var all []byte
	for _, p := range packets {
		var head [4]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return string(all) + "<end>"
		}
		body := make([]byte, int(head[0])|int(head[1])<<8)
		_, _ = io.ReadFull(c, body)
		all = append(append(all, head[:]...), body...)
		_, _ = io.WriteString(c, p)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	rest, _ := io.ReadAll(c)
	return string(append(all, rest...))
}

func TestAttemptsAreRecordedAndRefused(t *testing.T) {
	d := listen(t)
	for _, p := range [][]string{
		{packet(1, answer(usual|withDatabase, "root", strings.Repeat("x", 20), "shop", nativePassword))},
		{packet(1, answer(usual, "admin", "", "", nativePassword))},
		{packet(1, answer(usual, "app", "hunter2\x00", "", "mysql_clear_password")), packet(3, strings.Repeat("y", 20))},
		{packet(1, answer(usual, "new", strings.Repeat("z", 32), "", "caching_sha2_password")), packet(3, strings.Repeat("y", 20))},
	} {
		if got := talk(t, d.Address, p...); !strings.Contains(got, "Access denied for user") {
			t.Errorf("%q", got)
		}
	}
	var got []string
	for _, o := range d.Sink.Wait(t, service.LoginAttempt, 6) {
		c := o.Credential
		if c.Accepted {
			t.Errorf("%s is let in", c.Principal)
		}
		got = append(got, c.Kind+" "+c.Principal+" "+string(c.Secret))
	}
	n := service.MySQLNative
	want := []string{
		n + " root " + strings.Repeat("x", 20), n + " admin ", service.Plaintext + " app hunter2", n + " app " + strings.Repeat("y", 20),
		service.MySQLSHA2 + " new " + strings.Repeat("z", 32), n + " new " + strings.Repeat("y", 20),
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("attempt %d is %q, want %q", i, got[i], want[i])
		}
	}
	if db := d.Sink.Of(service.LoginAttempt)[0].Credential.Details[0].Value; db != "shop" {
		t.Errorf("the first is for the database %q", db)
	}
}

// A thousand clients that were greeted take little. The bound is wide: it is
// there to notice a large buffer per client.
func TestIdleClientsAreSmall(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc + m.StackInuse)
	}
	d := listen(t)
	before := heap()
	for range 1000 {
		c := servicetest.Dial(t, d)
		if _, err := io.ReadFull(c, make([]byte, 40)); err != nil {
			t.Fatal(err)
		}
	}
	each := (heap() - before) / 1000
	t.Logf("%d KiB a client, the test's own side included", each>>10)
	if each > 64<<10 {
		t.Errorf("a client that waits takes %d KiB", each>>10)
	}
}

func FuzzLogin(f *testing.F) {
	f.Add([]byte(packet(1, answer(usual, "root", "x", "", nativePassword))))
	f.Add([]byte(packet(1, answer(usual|withAttributes, "root", "", "", "x")+"\x04\x01a\x01b") + packet(3, "")))
	f.Add([]byte("\xff\xff\xff\x01abc"))
	s, err := Kind().New(servicetest.Setup(f, nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		mine, theirs := net.Pipe()
		session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "mysql", netip.MustParseAddrPort("203.0.113.9:1"), netip.MustParseAddrPort("192.0.2.7:3306"))
		go func() { _, _ = io.Copy(io.Discard, mine) }()
		go func() {
			_, _ = mine.Write(sent)
			_ = mine.Close()
		}()
		s.Serve(t.Context(), theirs, session)
		_ = theirs.Close()
	})
}

func FuzzHello(f *testing.F) {
	f.Add([]byte(answer(usual|withAttributes|withDatabase, "root", "x", "d", "p") + "\x04\x01a\x01b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := parse(b); err == nil && len(h.user)+len(h.answer) > len(b) {
			t.Fatalf("%d bytes are made of %d", len(h.user)+len(h.answer), len(b))
		}
	})
}
