package detect

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// A head of gzip may hold names of any length, and a checksum that some who read it do
// not look at (RFC 1952, 2.3.1). What is behind it is read all the same.
func TestGzipBehindAnyHead(t *testing.T) {
	secret := expand(t, "{{github:ghp}}")
	packed := func(change func(z *gzip.Writer)) []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		change(z)
		if _, err := z.Write([]byte("a token: " + secret + "\n")); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	wrong := packed(func(*gzip.Writer) {})
	wrong[3] |= 2 // a checksum of the head follows it
	wrong = append(append(bytes.Clone(wrong[:10]), 0, 0), wrong[10:]...)
	for name, text := range map[string][]byte{
		"a long name":          packed(func(z *gzip.Writer) { z.Name = strings.Repeat("n", 600) }),
		"a long comment":       packed(func(z *gzip.Writer) { z.Name, z.Comment = "n", strings.Repeat("c", 5000) }),
		"more than that":       packed(func(z *gzip.Writer) { z.Extra, z.Name = make([]byte, 100), strings.Repeat("n", 600) }),
		"a checksum that lies": wrong,
	} {
		t.Run(name, func(t *testing.T) {
			found, report := NewScanner(compileBuiltin(t, Options{})).FindAll(append([]byte("before "), append(text, " behind"...)...))
			if len(found) != 1 || string(found[0].Secret.Reveal()) != secret {
				t.Errorf("found %v, %+v", found, report)
			}
		})
	}
}
