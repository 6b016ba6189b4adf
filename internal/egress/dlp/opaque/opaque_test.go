package opaque_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp/opaque"
)

var scanner = opaque.NewScanner()

// in lists what is found in a text.
func in(text []byte, starts bool) (all []string) {
	scanner.Find(text, starts, func(what string, _ int) { all = append(all, what) })
	return all
}

func read(t testing.TB, folder, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func files(t testing.TB, folder string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(filepath.Join("testdata", folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

// static is noise, the same one for a seed.
func static(seed uint64, n int) []byte {
	rng, out := rand.New(rand.NewPCG(seed, 7)), make([]byte, n)
	for i := range out {
		out[i] = byte(rng.Uint32())
	}
	return out
}

// What gpg 2.2, age 1.2, OpenSSL 3.0 and Python's cryptography 48 encrypted is known by
// itself and behind something else, as it is, in base64 of both alphabets, and in lines.
func TestWhatOtherProgramsEncrypted(t *testing.T) {
	for name, what := range map[string]string{
		"rsa.gpg": "PGP", "rfc.gpg": "PGP", "ecdh.gpg": "PGP", "pass.gpg": "PGP", "pass.asc": "PGP", "signed.gpg": "PGP", "signedz.gpg": "PGP",
		"note.age": "age", "age.asc": "age", "salted.bin": "OpenSSL", "fernet.txt": "Fernet",
		"cms.der": "CMS", "cms.pem": "CMS", "cmsgcm.der": "CMS", "cmsindef.der": "CMS", "smime.txt": "CMS",
	} {
		b := read(t, "encrypted", name)
		ways := map[string]string{"by itself": string(b)}
		if !strings.HasPrefix(name, "signed") { // what is only compressed has a head of two bytes
			ways["behind something"] = "some words: é, ü\r\n\r\n" + string(b) + "\r\n--x--\r\n"
			if filepath.Ext(name) != ".asc" && filepath.Ext(name) != ".txt" && filepath.Ext(name) != ".pem" {
				ways["in base64"] = `{"d":"` + base64.StdEncoding.EncodeToString(b) + `"}`
				ways["in base64url"] = "d=" + base64.RawURLEncoding.EncodeToString(b)
			}
		}
		for way, text := range ways {
			if got := in([]byte(text), way == "by itself"); len(got) != 1 || !strings.Contains(got[0], what) {
				t.Errorf("%s %s: %q", name, way, got)
			}
		}
	}
}

// Forms of which the head is put together here, as their documents say.
func TestHeadsByTheBook(t *testing.T) {
	scrypt := slices.Concat([]byte("scrypt\x00\x10\x00\x00\x00\x08\x00\x00\x00\x01"), static(1, 32))
	sum := sha256.Sum256(scrypt)
	office := make([]byte, 128)
	for i, c := range []byte("EncryptedPackage") {
		office[2*i] = c
	}
	office[64], office[66] = 34, 2
	data := slices.Concat([]byte{1}, static(2, 499))
	for name, tt := range map[string]struct {
		text, what string
		anywhere   bool
	}{
		"scrypt":                 {string(scrypt) + string(sum[:16]) + string(static(3, 64)), "scrypt", false},
		"AES Crypt":              {"AES\x02\x00\x00\x1bCREATED_BY\x00aescrypt 3.0.0.0\x00\x00" + string(static(4, 200)), "AES Crypt", false},
		"rclone":                 {"RCLONE\x00\x00" + string(static(5, 64)), "rclone", false},
		"LUKS":                   {"LUKS\xba\xbe\x00\x02" + string(static(6, 64)), "LUKS", false},
		"Ansible":                {"pass: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  " + hex.EncodeToString(static(7, 40)) + "\n", "Ansible", true},
		"KeePass":                {"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\x00\x04\x00" + string(static(8, 64)), "KeePass", true},
		"an office document":     {string(office), "office", true},
		"OpenSSL in hex":         {"0x" + hex.EncodeToString([]byte("Salted__"+string(static(9, 32)))), "OpenSSL", true},
		"PGP, data alone":        {"\xd2\xc1\x34" + string(data), "PGP", false},
		"PGP, data in parts":     {"\xd2\xea\x01" + string(static(10, 1023)) + "\x05.....", "PGP", false},
		"PGP, a key of X25519":   {"\xc1\x53\x03" + string(static(11, 8)) + "\x19" + string(static(12, 32)) + "\x28" + string(static(13, 40)) + "\xd2\xc1\x34" + string(data), "PGP", true},
		"PGP, version 6":         {"\xc1\x61\x06\x15\x04" + string(static(14, 20)) + "\x19" + string(static(15, 32)) + "\x28" + string(static(16, 40)) + "\xd2\xc1\x34\x02\x09\x02\x06" + string(static(17, 496)), "PGP", true},
		"PGP, password, GnuPG":   {"\xc3\x0d\x04\x09\x03\x0a" + string(static(18, 8)) + "\xff\xd4\xc1\x34\x01\x09\x02\x10" + string(static(19, 496)), "PGP", true},
		"an armored PGP message": {"-----BEGIN PGP MESSAGE-----\r\nComment: x\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte("\xd2\xc1\x34"+string(data))) + "\r\n", "PGP", true},
	} {
		if got := in([]byte(tt.text), true); len(got) != 1 || !strings.Contains(got[0], tt.what) {
			t.Errorf("%s: %q", name, got)
		}
		if got := in([]byte("--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n"+tt.text), true); len(got) != 1 && !strings.HasPrefix(name, "PGP, data") {
			t.Errorf("%s in a form: %q", name, got)
		}
		if got := in([]byte("é is before\n "+tt.text), false); tt.anywhere != (len(got) == 1) {
			t.Errorf("%s behind something: %q", name, got)
		}
	}
}

// Keys, signatures, certificates and short tokens are not containers; nor are the marks
// in programs and pages, and heads that say what is not so.
func TestWhatIsNoContainer(t *testing.T) {
	texts := map[string][]byte{}
	for _, name := range files(t, "other") {
		texts[name] = read(t, "other", name)
	}
	rsa := read(t, "encrypted", "rsa.gpg")
	wrong := bytes.Clone(rsa)
	wrong[12], wrong[13] = 0x07, 0x11 // the number's length
	age := string(read(t, "encrypted", "note.age"))
	for name, text := range map[string]string{
		"words":                     "Salted__ is what openssl writes; age-encryption.org/v1 what age does; -----BEGIN PGP MESSAGE----- stands before a message",
		"marks in a program":        "Salted__\x00U2FsdGVkX1\x00age-encryption.org/v1\n\x00-> \x00-----BEGIN PGP MESSAGE-----\n\x00scrypt\x00RCLONE\x00\x00\x00a string of the program\x00LUKS\xba\xbe\x00\x00$ANSIBLE_VAULT;1.1;AES256\n\x00gAAAAA\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06",
		"a page about age":          age[:strings.Index(age, "\n--- ")+48] + "\n[the file's content follows the head]\n",
		"a page about OpenSSL":      "U2FsdGVkX1+ begins the base64 of it, as in `U2FsdGVkX1+...`",
		"a key without data":        string(rsa[:271]),
		"a key of the wrong length": string(wrong),
		"an image":                  "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + string(static(20, 4000)),
		"Cyrillic":                  strings.Repeat("Съешь ещё этих мягких французских булок, да выпей чаю. ", 80),
		"Chinese":                   strings.Repeat("天地玄黃宇宙洪荒日月盈昃辰宿列張", 80),
		"tables of a program":       "\x8d\x05\x8c\x06\x83\x07\x03\x0a\x01\x0a\x0c\x07\x08\x42\x0b" + strings.Repeat("\x00", 1408) + "\xd2\xc1\x34\x01" + string(static(21, 600)),
		"a package's name":          string([]byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00 \x00o\x00f\x00")),
	} {
		texts[name] = []byte(text)
	}
	for name, text := range texts {
		for _, starts := range []bool{true, false} {
			if got := in(text, starts); len(got) > 0 {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

// Of 64 MB of noise in pieces, and of as much base64, nothing looks encrypted.
func TestNoiseIsNotEncrypted(t *testing.T) {
	size := 64
	if testing.Short() {
		size = 4
	}
	for i := range size {
		b := static(uint64(i)+100, 1<<20)
		for at := 0; at < len(b); at += 4 << 10 {
			if got := in(b[at:at+4<<10], true); len(got) > 0 {
				t.Fatalf("noise %d at %d: %q", i, at, got)
			}
		}
		if got := in([]byte(base64.StdEncoding.EncodeToString(b)), true); len(got) > 0 {
			t.Fatalf("base64 of noise %d: %q", i, got)
		}
	}
}

// Behind many marks that are none nothing hides: that there are too many is told.
func TestManyMarksHideNothing(t *testing.T) {
	text := append(bytes.Repeat([]byte("Salted__ "), 5000), read(t, "encrypted", "salted.bin")...)
	if got := in(text, true); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// Whatever a text is, it is looked at without a crash, and places are within it.
func FuzzFind(f *testing.F) {
	for _, folder := range []string{"encrypted", "other"} {
		for _, name := range files(f, folder) {
			f.Add(read(f, folder, name))
		}
	}
	f.Add(binary.BigEndian.AppendUint32([]byte("\xc1\xff"), 1<<32-1))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, starts := range []bool{true, false} {
			scanner.Find(text, starts, func(what string, at int) {
				if what == "" || at < 0 || at >= len(text) {
					t.Errorf("%q at %d of %d", what, at, len(text))
				}
			})
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for name, text := range map[string][]byte{
		"json":  bytes.Repeat([]byte(`{"index":58321,"type":"task.update","from":"agent-7","data":{"title":"Fix the thing","tags":["a","b"]}}`+"\n"), 10_000),
		"noise": static(1, 1<<20), "base64": []byte(base64.StdEncoding.EncodeToString(static(2, 1<<20))),
		"Cyrillic": bytes.Repeat([]byte("Съешь ещё этих мягких французских булок, да выпей чаю. "), 10_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				in(text, true)
			}
		})
	}
}
