package dlp_test

import (
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// What a client asked for is forgotten, and its memory wiped, after Limits.Recall.
func TestNamesAreForgotten(t *testing.T) {
	i := inspector(t, dlp.Limits{Recall: 20 * time.Millisecond})
	secret := token(t)
	if v := i.Message("c").Name("name", secret[:20]+".evil.example", secret[:20]); !v.Clean() {
		t.Fatalf("%+v", v)
	}
	for i.Remembered() > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	if v := i.Message("c").Name("name", secret[20:]+".evil.example", secret[20:]); !v.Clean() {
		t.Errorf("%+v", v)
	}
}

// However many names are asked for, little is remembered, and what is short is not.
func TestNamesAreBounded(t *testing.T) {
	i := inspector(t, dlp.Limits{})
	for n := range 200 {
		rest := strings.Repeat(string(rune('a'+n%26)), 60) + strings.Repeat("b", n/26)
		i.Message("c").Name("name", rest+".evil.example", rest)
		i.Message("d").Name("name", "www.evil.example", "www")
	}
	if n := i.Remembered(); n > 32*70 || n < 60 {
		t.Errorf("%d bytes remembered", n)
	}
}

// Another client, or another domain, does not finish a secret.
func TestNamesOfSeveralClients(t *testing.T) {
	i := inspector(t, dlp.Limits{})
	secret := token(t)
	for n, who := range []string{"a one.example", "b one.example", "a two.example"} {
		part := []string{secret[:20], secret[20:], secret[20:]}[n]
		if v := i.Message(who).Name("name", part+".x.example", part); !v.Clean() {
			t.Errorf("%s: %+v", who, v)
		}
	}
}

// Labels that look random, as networks of delivery and registries of images have them,
// make no secret with each other.
func TestRandomNamesMakeNoSecret(t *testing.T) {
	i := inspector(t, dlp.Limits{})
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	seed := uint32(7)
	for range 2000 {
		label := make([]byte, 10+seed>>8%30)
		for k := range label {
			seed = seed*1664525 + 1013904223
			label[k] = letters[seed>>20%32]
		}
		if v := i.Message("c").Name("name", string(label)+".cdn.example", string(label)); !v.Clean() {
			t.Fatalf("%s: %+v", label, v)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("ghp_abcdefghij", "klmnopqrst.s1", "mfrggzdfmztwq2lk")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		i := inspector(t, dlp.Limits{})
		for _, rest := range []string{a, b, c, a} {
			i.Message("x").Name("name", rest+".evil.example", rest)
		}
		if n := i.Remembered(); n > len(a)+len(b)+len(c) {
			t.Errorf("%d bytes are remembered of %d", n, len(a)+len(b)+len(c))
		}
	})
}
