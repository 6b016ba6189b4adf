package detect

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// Those who open an archive go by its directory, which stands at its end. What a head
// before an entry says of the way it is compressed may be another thing.
func TestAZIPWhoseHeadsLie(t *testing.T) {
	secret := expand(t, "{{github:ghp}}")
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("notes.txt")
	if err == nil {
		_, err = w.Write([]byte(strings.Repeat("words ", 50) + "a token: " + secret + "\n"))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		before string
		method uint16
	}{
		"as it is":                   {"", 8},
		"stored, they say":           {"", 0},
		"behind a program":           {strings.Repeat("#!/bin/sh\n", 9), 0},
		"behind a head that is none": {"PK\x03\x04" + strings.Repeat("\x00", 40), 0},
	} {
		t.Run(name, func(t *testing.T) {
			text := append([]byte(tt.before), out.Bytes()...)
			binary.LittleEndian.PutUint16(text[len(tt.before)+8:], tt.method)
			found, report := NewScanner(compileBuiltin(t, Options{})).FindAll(text)
			if len(found) != 1 || string(found[0].Secret.Reveal()) != secret {
				t.Errorf("found %v, %+v", found, report)
			}
		})
	}
}
