package dlp_test

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// archives are the beginnings of files that other programs made.
func archives(t testing.TB) map[string]string {
	t.Helper()
	seven := binary.LittleEndian.AppendUint64(nil, 90) // where its end header is, how long that is, and its sum
	seven = binary.LittleEndian.AppendUint64(seven, 30)
	seven = binary.LittleEndian.AppendUint32(seven, 0x12345678)
	out := map[string]string{
		"xz":       "fd377a585a000004e6d6b4460200210116000000742fe5a30100216d7920",
		"lz4":      "04224d186440a70b0000001f6101002d50616161616100000000fdef6028",
		"lzma":     "5d00008000ffffffffffffffff00369e4005b1c3",
		"compress": "1f9d906df240816101",
		"snappy":   "ff060000734e6150705901370000a3b2c1d0",
		"rar":      "526172211a0700cf907300000d00000000000000",
		"rar5":     "526172211a0701003392b5e50a01050600050101",
		"cabinet":  "4d534346000000009f000000000000002c00000000000000030101000100",
		"7z":       "377abcaf271c0004" + hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(seven))) + hex.EncodeToString(seven),
	}
	for name, text := range out {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(name, err)
		}
		out[name] = string(b) + strings.Repeat("\x8b\xa1\x13\xf7\x92", 40)
	}
	return out
}

// What nobody here reads is not clean: it was not looked at.
func TestArchivesThatNobodyReads(t *testing.T) {
	for name, b := range archives(t) {
		ways := map[string]string{
			"by itself":    b,
			"in gzip":      gzipped(t, b),
			"in base64":    `{"name":"notes","data":"` + base64.StdEncoding.EncodeToString([]byte(b)) + `"}`,
			"in a form":    "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n" + b + "\r\n--x--\r\n",
			"in an upload": filler(200_000) + "\n" + b,
			"in a tar":     tarred(t, b),
		}
		for way, text := range ways {
			if (name == "lzma" || name == "compress" || name == "cabinet") && way != "by itself" && way != "in gzip" {
				continue // their heads say too little to be known elsewhere
			}
			if (name == "lz4" || name == "snappy") && way == "in base64" {
				continue
			}
			t.Run(name+" "+way, func(t *testing.T) {
				i := inspector(t, dlp.Limits{})
				if v := i.Text("message", []byte(text)); !strings.Contains(v.Unseen, "is not read") {
					t.Errorf("a message: %+v", v)
				}
				var dst sink
				var j judge
				_ = send(i.Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(text), 1000)
				if len(j.told) != 1 || !strings.Contains(j.told[0].Unseen, "is not read") {
					t.Errorf("a body: %+v", j.told)
				}
			})
		}
	}
}

// Where it passes all the same, it is told of once.
func TestAnArchiveThatNobodyReadsIsToldOfOnce(t *testing.T) {
	var dst sink
	var j judge
	body := "x\n" + archives(t)["xz"] + filler(300_000)
	if err := send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.let}), []byte(body), 1000); err != nil || len(j.told) != 1 {
		t.Errorf("%v, told %d times", err, len(j.told))
	}
}

// Programs that know archives have the bytes by which they begin; so have texts.
func TestWhatIsNoArchive(t *testing.T) {
	for name, text := range map[string]string{
		"a table of marks":       "\xfd7zXZ\x00\x00Rar!\x1a\x07\x00Rar!\x1a\x07\x01\x007z\xbc\xaf\x27\x1c\x04\x22\x4d\x18\x5d\x00\x00MSCF" + strings.Repeat("\x00", 64),
		"a word":                 "unpack 7zXZ, Rar! and MSCF files",
		"an integer":             "\x04\x22\x4d\x18\xff\xff\xff\xff\xff\xff\xff\xff",
		"a page of UTF-8":        strings.Repeat("ŷ Rar! ", 50),
		"an image":               "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01",
		"a bracket and zeros":    "]\x00\x00\x00\x00 is the end",
		"base64 of another word": `{"a":"/Td6WFoB"}`,
	} {
		if v := inspector(t, dlp.Limits{}).Text("message", []byte(text)); !v.Clean() {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func tarred(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "a.bin", Size: int64(len(text)), Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
