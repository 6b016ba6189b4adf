package checksum_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect/internal/checksum"
)

// The vectors are those of the documents that define the formats; what is or
// looks like a secret is put together here.
func TestBase58Check(t *testing.T) {
	// The Bitcoin wiki's example of a private key in wallet import format.
	payload, ok := checksum.Base58Check([]byte("5HueCGU8rMjxEXxiPuD5BDku4" + "MkFqeZyd4dZ1jvhTVqvbTLvyTJ"))
	if want := "800c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d"; !ok || hex.EncodeToString(payload) != want {
		t.Errorf("%x, %v", payload, ok)
	}
	for _, bad := range []string{"", "1", "0OIl", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK", strings.Repeat("z", 200)} {
		if _, ok := checksum.Base58Check([]byte(bad)); ok {
			t.Errorf("%q is right", bad)
		}
	}
}

func FuzzBase58Check(f *testing.F) {
	f.Add([]byte{0, 0, 1}, uint8(3))
	f.Fuzz(func(t *testing.T, payload []byte, at uint8) {
		if len(payload) == 0 || len(payload) > 80 {
			return
		}
		text := []byte(checksum.MakeBase58Check(payload))
		back, ok := checksum.Base58Check(text)
		if !ok || !bytes.Equal(back, payload) {
			t.Fatalf("%x became %q and %x, %v", payload, text, back, ok)
		}
		i := int(at) % len(text)
		if text[i] = other(text[i]); len(text) < 128 {
			if _, ok := checksum.Base58Check(text); ok {
				t.Errorf("%q is right", text)
			}
		}
	})
}

// other is another digit of all alphabets here.
func other(c byte) byte {
	if c == '2' {
		return '3'
	}
	return '2'
}

func TestBech32(t *testing.T) {
	for text, want := range map[string]bool{ // BIP 173, "Test vectors"
		"A12UEL5L": true, "a12uel5l": true, "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw": true,
		"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w": true,
		"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3x": false, "A1G7SGD8": false, "1pzry9x0s0muk": false, "li1dgmt3": false, "": false, "pzry9x0s0muk": false,
	} {
		if got := checksum.Bech32([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func FuzzBech32(f *testing.F) {
	f.Add("age-secret-key-", "qpzry9x8", "A12UEL5L")
	f.Fuzz(func(t *testing.T, prefix, data, text string) {
		checksum.Bech32([]byte(text))
		clean := func(s, set string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune(set, r) {
					return r
				}
				return -1
			}, s)
		}
		prefix, data = clean(prefix, "abcdefghijklmnopqrstuvwxyz-"), clean(data, "qpzry9x8gf2tvdw0s3jn54khce6mua7l")
		if prefix == "" {
			return
		}
		made := checksum.MakeBech32(prefix, data)
		if !checksum.Bech32([]byte(made)) || !checksum.Bech32([]byte(strings.ToUpper(made))) {
			t.Errorf("%q is wrong", made)
		}
		if last := made[len(made)-1]; checksum.Bech32([]byte(made[:len(made)-1] + string(other(last)))) {
			t.Errorf("%q is right with another last letter", made)
		}
	})
}

func TestGitLab(t *testing.T) {
	made := checksum.MakeGitLab("glpat-", strings.Repeat("x", 40))
	if routable, right := checksum.GitLab([]byte(made)); !routable || !right || !strings.Contains(made, ".01.14") {
		t.Errorf("%s: %v, %v", made, routable, right)
	}
	if routable, right := checksum.GitLab([]byte("a" + made)); !routable || right {
		t.Errorf("with another prefix: %v, %v", routable, right)
	}
	for _, old := range []string{"", "glpat-" + strings.Repeat("x", 20), "glpat-x.y"} {
		if routable, _ := checksum.GitLab([]byte(old)); routable {
			t.Errorf("%s is routable", old)
		}
	}
}

func FuzzGitLab(f *testing.F) {
	f.Add([]byte("glpat-x.y"))
	f.Fuzz(func(t *testing.T, token []byte) {
		if routable, right := checksum.GitLab(token); right && !routable {
			t.Error("right without a sum")
		}
	})
}

func TestGrafana(t *testing.T) {
	for token, want := range map[string]bool{ // the first is that of Grafana's own test
		"glsa_iNValIdinValiDinvalid" + "invalidinva_5b582697": true, "glsa_iNValIdinValiDinvalid" + "invalidinva_5b582698": false, "": false, "_": false, "12345678": false, "a_zzzzzzzz": false, // cordon:allow
	} {
		if got := checksum.Grafana([]byte(token)); got != want {
			t.Errorf("%s: %v", token, got)
		}
	}
}

func FuzzGrafana(f *testing.F) {
	f.Add([]byte("glsa_x_5b582697"))
	f.Fuzz(func(_ *testing.T, token []byte) { checksum.Grafana(token) })
}

func TestMnemonic(t *testing.T) {
	zeroes := strings.Repeat("abandon ", 11) // of BIP 39's vectors: 16 and 32 bytes of zero, and of 0x7f
	for text, want := range map[string]struct{ words, right bool }{
		zeroes + "about":                       {true, true},
		strings.Repeat("abandon ", 23) + "art": {true, true},
		strings.Repeat("legal winner thank year wave sausage worth useful ", 1) + "legal winner thank yellow": {true, true},
		zeroes + "abandon": {true, false},
		"twelve words of prose that nobody would take for a wallet here": {false, false},
		zeroes: {false, false}, "": {false, false},
	} {
		if words, right := checksum.Mnemonic([]byte(text)); words != want.words || right != want.right {
			t.Errorf("%s: %v, %v", text, words, right)
		}
	}
}

func FuzzMnemonic(f *testing.F) {
	f.Add([]byte(strings.Repeat("zoo ", 24)))
	f.Fuzz(func(_ *testing.T, text []byte) { checksum.Mnemonic(text) })
}

func TestNKey(t *testing.T) {
	for text, want := range map[string]struct{ seed, ok bool }{
		// a user's seed and public key: the README of nats-io/nkeys
		"SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6" + "BFDTJ7M6USDXIEDNPPQYYYCU3VY": {true, true}, // cordon:allow
		"UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4":        {false, true},
		"UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF5":        {false, false},
		"": {}, "not base 32 at all": {},
	} {
		if seed, ok := checksum.NKey([]byte(text)); seed && ok != (want.seed && want.ok) || ok != want.ok {
			t.Errorf("%.8s: %v, %v", text, seed, ok)
		}
	}
}

func FuzzNKey(f *testing.F) {
	f.Add([]byte("UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"))
	f.Fuzz(func(_ *testing.T, text []byte) { checksum.NKey(text) })
}
