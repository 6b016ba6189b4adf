package detect

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
)

// Those who open an archive go by its directory, which stands at its end. What a head
// before an entry says of the way it is compressed may be another thing.
func TestAZIPWhoseHeadsLie(t *testing.T) {
	secret := expand(t, "{{github:ghp}}")
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	err := addNotes(z, secret)
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

// addNotes adds notes.txt, which holds a secret.
func addNotes(z *zip.Writer, secret string) error {
	w, err := z.Create("notes.txt")
	if err == nil {
		_, err = w.Write([]byte(strings.Repeat("words ", 50) + "a token: " + secret + "\n"))
	}
	return err
}

// stored makes an archive of notes.txt, which holds a secret, and of more, stored as it is.
func stored(t *testing.T, secret string, more []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	err := addNotes(z, secret)
	if err == nil {
		var w io.Writer
		if w, err = z.CreateHeader(&zip.FileHeader{Name: "more", Method: zip.Store}); err == nil {
			_, err = w.Write(more)
		}
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// in64 writes the numbers of an archive's directory in 64 bits, as archives of more than
// 4 GiB have them (APPNOTE.TXT, 4.3.14, 4.3.15 and 4.5.3). Every program that knows those
// takes them for small archives, too.
func in64(archive []byte) []byte {
	le := binary.LittleEndian
	end := bytes.LastIndex(archive, []byte(zipEnd))
	first := int(le.Uint32(archive[end+16:]))
	out := bytes.Clone(archive[:first])
	for at := first; at < end; {
		r := archive[at:]
		name, rest := int(le.Uint16(r[28:])), int(le.Uint16(r[30:]))+int(le.Uint16(r[32:]))
		size := zipRecordSize + name
		record := bytes.Clone(r[:size])
		le.PutUint16(record[30:], 28)
		le.PutUint16(record[32:], 0)
		extra := []byte{1, 0, 24, 0}
		for _, field := range []int{24, 20, 42} {
			extra = le.AppendUint64(extra, uint64(le.Uint32(r[field:])))
			le.PutUint32(record[field:], 1<<32-1)
		}
		out = append(append(out, record...), extra...)
		at += size + rest
	}
	entries := uint64(le.Uint16(archive[end+10:]))
	end64 := len(out)
	out = le.AppendUint64(append(out, "PK\x06\x06"...), 56-12)
	out = append(out, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, n := range []uint64{entries, entries, uint64(end64 - first), uint64(first)} {
		out = le.AppendUint64(out, n)
	}
	out = le.AppendUint64(append(out, "PK\x06\x07"+"\x00\x00\x00\x00"...), uint64(end64))
	out = append(out, 1, 0, 0, 0)
	return append(out, zipEnd+"\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...)
}

// What is made to hide a directory hides nothing, as long as somebody can open the archive.
func TestAZIPWhoseDirectoryIsHidden(t *testing.T) {
	secret := expand(t, "{{github:ghp}}")
	record := zipRecord + strings.Repeat("\x00", zipRecordSize)
	swallows := zipRecord + strings.Repeat("\x00", 24) + "\xff\xff\xff\xff\xff\xff" + strings.Repeat("\x00", 12)
	end := zipEnd + strings.Repeat("\x00", zipEndSize-len(zipEnd))
	head := "PK\x03\x04" + strings.Repeat("\x00", 40)
	for name, archive := range map[string][]byte{
		"numbers in 64 bits":                in64(stored(t, secret, nil)),
		"a record in what is stored":        stored(t, secret, []byte(record)),
		"a record that is long":             stored(t, secret, []byte(swallows)),
		"an end in what is stored":          stored(t, secret, []byte(end)),
		"a record and an end":               stored(t, secret, []byte(record+end)),
		"a record, an end, in 64 bits":      in64(stored(t, secret, []byte(record+end))),
		"a head, a record and an end in it": stored(t, secret, []byte(head+record+end)),
	} {
		for before, text := range map[string]string{"": "", " behind a head that is none": head, " behind an end": head + end} {
			t.Run(name+before, func(t *testing.T) {
				lie := bytes.Clone(archive)
				binary.LittleEndian.PutUint16(lie[8:], 0) // stored, the head says
				opened(t, lie, secret)
				found, report := NewScanner(compileBuiltin(t, Options{})).FindAll(append([]byte(text), lie...))
				if len(found) == 0 || string(found[0].Secret.Reveal()) != secret {
					t.Errorf("found %v, %+v", found, report)
				}
			})
		}
	}
}

// opened makes sure that who opens an archive reads the secret.
func opened(t *testing.T, archive []byte, secret string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Open("notes.txt")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil || !bytes.Contains(text, []byte(secret)) {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
}
