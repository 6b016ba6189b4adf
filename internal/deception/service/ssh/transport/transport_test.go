package transport

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
)

// pair makes both ends of a cipher.
func pair(t testing.TB, cipher, code string) (seal, open protection) {
	t.Helper()
	make1 := func() protection {
		s := ciphers()[cipher]
		var m *mac
		if !s.alone {
			c := macs()[code]
			tag, err := c.make(bytes.Repeat([]byte{3}, c.key))
			if err != nil {
				t.Fatal(err)
			}
			m = &mac{tag, c.outer}
		}
		p, err := s.make(bytes.Repeat([]byte{1}, s.key), bytes.Repeat([]byte{2}, s.iv), m)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	return make1(), make1()
}

// each calls f for each cipher, with each MAC if it needs one.
func each(f func(cipher, mac string)) {
	for cipher, s := range ciphers() {
		if s.alone {
			f(cipher, "")
			continue
		}
		for mac := range macs() {
			f(cipher, mac)
		}
	}
}

func TestWhatIsSealedIsOpened(t *testing.T) {
	each(func(cipher, mac string) {
		seal, open := pair(t, cipher, mac)
		var stream bytes.Buffer
		for n := range uint32(60) {
			packet, err := seal.seal(n, bytes.Repeat([]byte{byte(n + 1)}, int(n*7)+1))
			if err != nil {
				t.Fatal(err)
			}
			stream.Write(packet)
		}
		r := bufio.NewReader(&stream)
		for n := range uint32(60) {
			payload, err := open.open(n, r)
			if err != nil || !bytes.Equal(payload, bytes.Repeat([]byte{byte(n + 1)}, int(n*7)+1)) {
				t.Fatalf("%s with %s: packet %d: %v", cipher, mac, n, err)
			}
		}
	})
}

// A bit that was turned anywhere in a packet is noticed.
func TestWhatIsForgedIsNot(t *testing.T) {
	each(func(cipher, mac string) {
		seal, _ := pair(t, cipher, mac)
		packet, err := seal.seal(0, []byte("a message of some length"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range packet {
			_, open := pair(t, cipher, mac)
			forged := bytes.Clone(packet)
			forged[i] ^= 0x10
			if _, err := open.open(0, bufio.NewReader(bytes.NewReader(append(forged, make([]byte, 1<<12)...)))); err == nil {
				t.Fatalf("%s with %s: byte %d of %d may be anything", cipher, mac, i, len(packet))
			}
		}
	})
}

// RFC 8439, section 2.5.2.
func TestPoly1305(t *testing.T) {
	key, err := hex.DecodeString("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
	if err != nil {
		t.Fatal(err)
	}
	tag := poly1305((*[32]byte)(key), []byte("Cryptographic Forum Research Group"))
	if got := hex.EncodeToString(tag[:]); got != "a8061dc1305136c6c22b8baf0c0127a9" {
		t.Errorf("%s", got)
	}
}

// Carries run through all words when everything is as large as can be.
func TestPoly1305AtItsEdges(t *testing.T) {
	for _, tt := range []struct{ r, message, want string }{ // RFC 8439, appendix A.3, vectors 7 to 9
		{"02000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "03000000000000000000000000000000"},
		{"01000000000000000000000000000000", "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000", "05000000000000000000000000000000"},
		{"01000000000000000000000000000000", "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101", "00000000000000000000000000000000"},
	} {
		var key [32]byte
		r, err1 := hex.DecodeString(tt.r)
		message, err2 := hex.DecodeString(tt.message)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		copy(key[:], r)
		tag := poly1305(&key, message)
		if got := fmt.Sprintf("%x", tag); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.message, got, tt.want)
		}
	}
}

func TestTheFirstCommonNameIsTheClients(t *testing.T) {
	ours := &Lists{"a,b,kex-strict-s-v00@openssh.com", "h,i", "aes128-ctr,aes256-gcm@openssh.com", "aes128-ctr", "m,n", "m,n", "none", "none"}
	theirs := &Lists{"x,b,a,ext-info-c,kex-strict-c-v00@openssh.com", "i,h", "aes256-gcm@openssh.com", "aes128-ctr", "z", "n", "none", "none"}
	a, err := agree(theirs, ours, true)
	if err != nil || a.kex != "b" || a.hostKey != "i" || a.mac != [2]string{"", "n"} || !a.strict || !a.extInfo || !a.skip {
		t.Errorf("%+v, error %v", a, err)
	}
	theirs[ListKex] = "kex-strict-s-v00@openssh.com"
	if _, err := agree(theirs, ours, false); !errors.Is(err, errNoMatch) {
		t.Errorf("error %v", err)
	}
}

func FuzzPackets(f *testing.F) {
	f.Add([]byte{0, 0, 0, 12, 10, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		names := []string{"chacha20-poly1305@openssh.com", "aes128-ctr", "aes256-gcm@openssh.com"}
		_, p := pair(t, names[uint(n)%3], "umac-64@openssh.com")
		for _, open := range []protection{p, clear{}} {
			if payload, err := open.open(0, bufio.NewReader(bytes.NewReader(b))); err == nil && (len(payload) == 0 || len(payload) > len(b)) {
				t.Fatalf("%d bytes of %d", len(payload), len(b))
			}
		}
	})
}

func FuzzKexInit(f *testing.F) {
	l := Lists{"a", "b"}
	f.Add(l.message())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		theirs, follows, err := parseInit(b)
		if err == nil {
			_, _ = agree(&theirs, &l, follows)
		}
	})
}

func FuzzIdent(f *testing.F) {
	for _, s := range []string{"SSH-2.0-x\r\n", "SSH-1.99-Probe-\n", "GET /\r\n", "SSH-2.0-\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var out bytes.Buffer
		theirs, err := exchangeIdents(&out, bufio.NewReader(bytes.NewReader(b)), "SSH-2.0-ours")
		if len(theirs) > maxIdent || !bytes.HasPrefix(out.Bytes(), []byte("SSH-2.0-ours\r\n")) || err == nil && len(theirs) < 8 {
			t.Fatalf("%q, %q, %v", theirs, out.String(), err)
		}
	})
}
