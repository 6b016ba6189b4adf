package scan

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"go.cordon.dev/cordon/detect"
)

// member is a file of an archive that a test makes.
type member struct{ name, text string }

func zipOf(t testing.TB, members ...member) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, m.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarOf(t testing.TB, members ...member) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Mode: 0o600, Size: int64(len(m.text)), Format: tar.FormatPAX}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, m.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipOf(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zstdOf(t testing.TB, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

// xzOf is a text in the file format of xz (1.2.1), which Go cannot write: one
// block of LZMA2 that stores it as it is. The dictionary's size is 2 or 3 times a
// power of two, by a number up to 40 (5.3.1).
func xzOf(text string, dictionary byte) string {
	sum := func(b []byte) []byte { return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b)) }
	pad := func(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }
	flags := []byte{0, 1} // checks are CRC32
	data, control := []byte(nil), byte(1)
	for rest := text; len(rest) > 0; control = 2 {
		n := min(len(rest), 1<<16)
		data = append(append(data, control, byte((n-1)>>8), byte(n-1)), rest[:n]...)
		rest = rest[n:]
	}
	data = append(data, 0)
	header := sum([]byte{2, 0, 0x21, 1, dictionary, 0, 0, 0})
	index := binary.AppendUvarint(binary.AppendUvarint([]byte{0, 1}, uint64(len(header)+len(data)+4)), uint64(len(text)))
	index = sum(pad(index))
	out := append([]byte("\xfd7zXZ\x00"), sum(flags)...)
	out = pad(append(append(out, header...), data...))
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(text)))
	out = append(out, index...)
	end := append(binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1)), flags...)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(end))
	return string(append(append(out, end...), "YZ"...))
}

// bzippedText is three lines of text in bzip2, which Go cannot write.
const bzippedText = "QlpoOTFBWSZTWc7LCuIAABbdgAAQQAAAEAMkJgDYgCAAIr/VRMNQzQpgACHq7CGWkP20OJaS4lijou5IpwoSGdlhXEA="

func TestArchivesAreOpened(t *testing.T) {
	leak := "token=" + token(t, "archive") + "\n"
	big := strings.Repeat("nothing in this line\n", residentSize/20) + leak
	tests := []struct{ name, data, want string }{
		{"x.zip", zipOf(t, member{"in/a.txt", leak}), "x.zip!in/a.txt"},
		{"x.jar", zipOf(t, member{"a.txt", leak}), "x.jar!a.txt"},
		{"noname", zipOf(t, member{"a.txt", leak}), "noname!a.txt"},
		{"big.zip", zipOf(t, member{"big.txt", big}), "big.zip!big.txt"},
		{"stored.zip", zipOf(t, member{"pad", big}, member{"a.txt", leak}), "stored.zip!pad stored.zip!a.txt"},
		{"x.tar", tarOf(t, member{"in/a.txt", leak}), "x.tar!in/a.txt"},
		{"x.tar.gz", gzipOf(t, tarOf(t, member{"in/a.txt", leak})), "x.tar.gz!in/a.txt"},
		{"x.tgz", gzipOf(t, tarOf(t, member{"a.txt", leak}, member{"b.txt", leak})), "x.tgz!a.txt x.tgz!b.txt"},
		{"x.log.gz", gzipOf(t, leak), "x.log.gz!x.log"},
		{"big.gz", gzipOf(t, big), "big.gz!big"},
		{"x.log.zst", zstdOf(t, leak), "x.log.zst!x.log"},
		{"x.tar.zst", zstdOf(t, tarOf(t, member{"a.txt", leak})), "x.tar.zst!a.txt"},
		{"x.log.xz", xzOf(leak, 0), "x.log.xz!x.log"},
		{"x.tar.xz", xzOf(tarOf(t, member{"a.txt", leak}), 0), "x.tar.xz!a.txt"},
		{"x.txz", xzOf(tarOf(t, member{"pad", big}, member{"a.txt", leak}), 0), "x.txz!pad x.txz!a.txt"},
		{"zip in tgz", gzipOf(t, tarOf(t, member{"in.zip", zipOf(t, member{"a.txt", leak})})), "zip in tgz!in.zip!a.txt"},
		{"out of it", zipOf(t, member{"../../etc/a.txt", leak}), "out of it!etc/a.txt"},
		{"backward", zipOf(t, member{`dir\a.txt`, leak}), "backward!dir/a.txt"},
		{"begins like a zip", "PK\x03\x04 but goes on\n" + leak, "begins like a zip"},
		{"begins like bzip2", "BZh is how this text begins\n" + leak, "begins like bzip2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := plant(t, map[string]string{tt.name: tt.data})
			out, _ := scanAll(t, Options{}, &Tree{Roots: []string{dir}})
			if got := strings.Join(rels(out, dir), " "); got != tt.want {
				t.Errorf("findings in %q, want %q; not scanned: %s", got, tt.want, out.reasons())
			}
			streamed, _ := scanAll(t, Options{}, Stream{tt.name, strings.NewReader(tt.data)})
			if got := strings.Join(streamed.files(), " "); got != tt.want {
				t.Errorf("streamed, findings are in %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBzip2IsOpened(t *testing.T) {
	data, err := base64.StdEncoding.DecodeString(bzippedText)
	if err != nil {
		t.Fatal(err)
	}
	_, sum := scanAll(t, Options{}, Stream{"x.bz2", bytes.NewReader(data)})
	if sum.Files != 1 || sum.NotScanned != 0 {
		t.Errorf("summary %+v", sum)
	}
}

func TestNestedArchivesAreOpenedToADepth(t *testing.T) {
	leak := "token=" + token(t, "depth")
	for depth, found := range map[int]bool{1: true, 4: true, 5: false, 9: false} {
		data, name := leak, "a.txt"
		for i := range depth {
			data, name = zipOf(t, member{name, data}), fmt.Sprintf("%d.zip", i)
		}
		out, _ := scanAll(t, Options{}, Stream{"x.zip", strings.NewReader(data)})
		if got := len(out.found) == 1; got != found {
			t.Errorf("depth %d: found %v", depth, got)
		}
		if !found && !strings.Contains(out.reasons(), "deeper in archives than the limit") {
			t.Errorf("depth %d: not scanned: %q", depth, out.reasons())
		}
	}
}

func TestBombsAreBoundedAndTold(t *testing.T) {
	zeros := string(make([]byte, 8<<20))
	tests := []struct{ name, data string }{
		{"one large member", zipOf(t, member{"zeros", zeros})},
		{"many members", zipOf(t, member{"1", zeros[:2<<20]}, member{"2", zeros[:2<<20]}, member{"3", zeros[:2<<20]}, member{"4", zeros[:2<<20]})},
		{"gzip", gzipOf(t, zeros)},
		{"zstd", zstdOf(t, zeros)},
		{"xz", xzOf(zeros, 0)},
		{"gzip in gzip", gzipOf(t, gzipOf(t, gzipOf(t, zeros)))},
		{"tar in gzip", gzipOf(t, tarOf(t, member{"zeros", zeros}))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, sum := scanAll(t, Options{MaxUnpacked: 5 << 20}, Stream{"bomb", strings.NewReader(tt.data)})
			if !strings.Contains(out.reasons(), errBudget.Error()) {
				t.Errorf("summary %+v; not scanned: %q", sum, out.reasons())
			}
		})
	}
}

func TestTheBudgetGrowsWithTheFile(t *testing.T) {
	for size, want := range map[int64]int64{-1: 1 << 30, 0: 1 << 30, 100: 1 << 30, 1 << 30: 100 << 30} {
		if got := (Options{}).budget(size); got != want {
			t.Errorf("a file of %d bytes may unpack to %d, want %d", size, got, want)
		}
	}
}

func TestWhatCannotBeUnpackedIsTold(t *testing.T) {
	leak := "token=" + token(t, "broken") + "\n"
	encrypted := []byte(zipOf(t, member{"a.txt", leak}))
	for _, sig := range []string{"PK\x03\x04", "PK\x01\x02"} {
		at := bytes.Index(encrypted, []byte(sig)) + map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8}[sig]
		encrypted[at] |= 1
	}
	whole := gzipOf(t, strings.Repeat(leak, 5000))
	flipped := []byte(gzipOf(t, leak+strings.Repeat("x", 4000)))
	flipped[len(flipped)-6] ^= 0xff
	tests := []struct {
		name, data, why string
		found           int // at least
	}{
		{"encrypted", string(encrypted), "x!a.txt: it is encrypted", 0},
		{"cut zip", zipOf(t, member{"a.txt", leak})[:60], "zip: not a valid zip file", 0},
		{"cut gzip", whole[:len(whole)-30], "unexpected EOF", 1},
		{"wrong checksum", string(flipped), "gzip: invalid checksum", 1},
		{"cut tar", tarOf(t, member{"a.txt", leak + strings.Repeat("x", 4096)})[:2000], "unexpected EOF", 1},
		{"cut xz", xzOf(strings.Repeat(leak, 5000), 0)[:150_000], "xz: data is truncated", 1},
		{"xz that would fill the memory", xzOf(leak, 40), "dictionary size exceeds max", 0},
		{"bad xz header", "\xfd7zXZ\x00\x00\x04", "xz: ", 0},
		{"7z", "7z\xbc\xaf\x27\x1c\x00\x04", "7z is a format that is not unpacked", 0},
		{"rar", "Rar!\x1a\x07\x01\x00", "rar is a format that is not unpacked", 0},
		{"bad gzip header", "\x1f\x8b\x08\x1c", "gzip: unexpected EOF", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, _ := scanAll(t, Options{}, Stream{"x", strings.NewReader(tt.data)})
			if !strings.Contains(out.reasons(), tt.why) || len(out.found) < tt.found {
				t.Errorf("%d findings; not scanned: %q, want %q", len(out.found), out.reasons(), tt.why)
			}
		})
	}
}

func TestAZipWhoseIndexWouldFillTheMemoryIsRefused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint32(end[12:], 1<<30)
	if _, err := f.WriteAt([]byte("PK\x03\x04"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(end, 1<<31); err != nil { // a hole, not 2 GiB
		t.Fatal(err)
	}
	if err := checkZip(f, 1<<31+22); err == nil || !strings.Contains(err.Error(), "its list of members") {
		t.Errorf("checked: %v", err)
	}
}

func TestArchivesCanBeLeftClosed(t *testing.T) {
	leak := "token=" + token(t, "closed")
	out, sum := scanAll(t, Options{NoArchives: true}, Stream{"x.tar", strings.NewReader(tarOf(t, member{"a.txt", leak}))})
	same(t, "files", out.files(), []string{"x.tar"})
	if sum.Files != 1 {
		t.Errorf("%d files", sum.Files)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte(zipOf(f, member{"a", "text"})))
	f.Add([]byte(gzipOf(f, tarOf(f, member{"a", "text"}))))
	f.Add([]byte(zstdOf(f, "text")))
	f.Add([]byte(xzOf("text", 0)))
	f.Add([]byte(docxOf(f, "te", "xt")))
	f.Add([]byte(pdfOf("te", "xt")))
	f.Add([]byte(`{\rtf1 te{\b xt}}`))
	f.Add([]byte("\x1f\x8b\x08"))
	set, err := detect.Compile([]detect.Rule{{ID: "text", Regex: "te(xt)", Severity: detect.SeverityLow, Confidence: 1, Active: true}}, detect.Options{})
	if err != nil {
		f.Fatal(err)
	}
	opts := Options{Scanner: detect.NewScanner(set), MaxUnpacked: 1 << 20, Workers: 1}
	f.Fuzz(func(t *testing.T, data []byte) {
		out := &recorder{}
		sum, err := Run(t.Context(), opts, Stream{"x", bytes.NewReader(data)}, out)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Files == 0 && len(out.skipped) == 0 && !emptyArchive(data) {
			t.Error("neither scanned nor told that it was not")
		}
	})
}

// emptyArchive says whether data is an archive, which may hold nothing to scan.
func emptyArchive(data []byte) bool {
	k, _ := kindOf(data, signatures())
	return k != plain
}
