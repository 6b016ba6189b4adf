package command

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2024-01-31 +1 day", "next monday", "@1.5", "10:00pm yesterday", "3 weeks ago"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) { parseDate(s, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)) })
}

func FuzzSed(f *testing.F) {
	for _, s := range []string{"s/a/b/g", "/x/,$d", "y/ab/cd/", ":a;N;$!ba", "1i\\\nx", "s/[[:alpha:]]/&/"} {
		f.Add(s, true)
	}
	f.Fuzz(func(_ *testing.T, s string, extended bool) {
		(&sedParser{compiler: gratis(), in: s, extended: extended}).parse()
	})
}

func FuzzPattern(f *testing.F) {
	f.Add(`a\(b\|c\)*\{1,2\}[^]x]`, false)
	f.Add(`(a|b)+{2}[[:digit:]]$`, true)
	f.Fuzz(func(_ *testing.T, s string, extended bool) { _, _ = gratis().compile(s, extended, false) })
}

// What a program of perl prints is bounded, whatever it says.
func FuzzPerl(f *testing.F) {
	for _, s := range []string{`print "A"x1000000000`, `print 'a' . "\x41\n" x 3, 5*7; # end`, `print("a","b");`, `use Socket;`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if out, _ := (&prints{in: s, end: "\n"}).run(); len(out) > mostPrinted+len(s) {
			t.Errorf("%q prints %d bytes", s, len(out))
		}
	})
}

// Whatever an archive holds, tar comes to an end and nothing of ours breaks.
func FuzzArchive(f *testing.F) {
	var plain, packed bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, h := range []tar.Header{{Name: "../../up", Size: 3}, {Name: "/abs/", Typeflag: tar.TypeDir}, {Name: "l", Typeflag: tar.TypeSymlink, Linkname: "/etc"}, {Name: "h", Typeflag: tar.TypeLink, Linkname: "l"}} {
		if err := w.WriteHeader(&h); err != nil {
			f.Fatal(err)
		}
		_, _ = w.Write([]byte("abc")[:h.Size])
	}
	_ = w.Close()
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(plain.Bytes())
	_ = z.Close()
	f.Add(plain.Bytes())
	f.Add(packed.Bytes())
	f.Add(append([]byte{66, 90}, "h91AY&SY"...)) // how bzip2 begins
	f.Fuzz(func(t *testing.T, b []byte) {
		m, _, _ := machine(t)
		if err := m.Files().As(vfs.Cred{}).WriteFile("/tmp/a", b, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := run(t, m, nil, "root", "cd /tmp; tar tvf a >/dev/null 2>&1; mkdir o; tar xf a -C o >/dev/null 2>&1; zcat a >/dev/null 2>&1; echo over"); got.out != "over\n" {
			t.Errorf("got %q %q %d", got.out, got.err, got.status)
		}
	})
}

// gratis is a compiler that costs nothing.
func gratis() compiler {
	return compiler{func(int) error { return nil }, func(int) bool { return true }}
}
