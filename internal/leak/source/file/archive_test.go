package file

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestArchivesThatCannotBeReadAreLosses(t *testing.T) {
	tests := map[string]struct {
		name  string
		bytes func(whole []byte) []byte
		want  string
		read  bool
	}{
		"cut off":     {"app.log.1.gz", func(b []byte) []byte { return b[:len(b)-30] }, "ends early", false},
		"no gzip":     {"app.log.1.gz", func([]byte) []byte { return []byte("not compressed at all") }, "gzip: invalid header", false},
		"broken":      {"app.log.1.gz", func(b []byte) []byte { b[len(b)-5] ^= 1; return b }, "invalid checksum", true},
		"another way": {"app.log.1.xz", func(b []byte) []byte { return b }, "rotate with gzip", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSeries(t, t.TempDir())
			defer s.close()
			path := filepath.Join(filepath.Dir(s.path), tt.name)
			s.append(path, string(tt.bytes(zipped(t, []byte(s.lines(50))))))
			s.must(os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)))
			s.pass()
			s.pass()
			s.restart()
			s.pass()
			if l := s.sink.Losses(); len(l) < 1 || len(l) > 2 || !strings.Contains(l[0].Reason, tt.want) {
				t.Errorf("losses %v", l)
			}
			if tt.read && len(s.sink.Numbers()) != 50 {
				t.Errorf("%d of 50 messages were read", len(s.sink.Numbers()))
			}
		})
	}
}

// A compressed file that is being written is waited for.
func TestAnArchiveInTheMaking(t *testing.T) {
	s := newSeries(t, t.TempDir())
	defer s.close()
	s.write(500)
	s.pass()
	s.write(500)
	s.rename()
	whole := zipped(t, s.read(s.name(1)))
	for _, cut := range []int{0, 5, 40, len(whole) / 2, len(whole)} {
		s.must(os.WriteFile(s.name(1)+".gz", whole[:cut], 0o600))
		s.pass()
	}
	s.remove(s.name(1))
	s.pass()
	s.restart()
	s.pass()
	s.exactly()
}

// The plain file is removed after it was listed, and before the compressed one
// is compared with it.
func TestAFileThatGoesWhileItsArchiveIsLookedAt(t *testing.T) {
	s := newSeries(t, t.TempDir())
	defer s.close()
	s.write(50)
	s.pass()
	s.rename()
	s.pass()
	s.must(os.WriteFile(s.name(1)+".gz", zipped(t, s.read(s.name(1))), 0o600))
	s.sameTime(1)
	listed, err := s.f.list()
	s.must(err)
	s.remove(s.name(1))
	if err := s.f.bind(t.Context(), listed); !errors.Is(err, errMoved) {
		t.Fatalf("bind returned %v", err)
	}
	s.pass()
	s.exactly()
}

// The file is truncated after it was listed, and before the copy of it is
// compared with it.
func TestAFileThatIsTruncatedWhileItsCopyIsLookedAt(t *testing.T) {
	for name, compress := range map[string]bool{"plain": false, "compressed": true} {
		t.Run(name, func(t *testing.T) {
			s := newSeries(t, t.TempDir())
			defer s.close()
			s.write(50)
			long := time.Now().Add(-time.Minute) // so that it need not be compared again
			s.must(os.Chtimes(s.path, long, long))
			s.pass()
			s.pass()
			s.copy()
			if compress {
				s.compress(1)
			}
			listed, err := s.f.list()
			s.must(err)
			s.truncate()
			if err := s.f.bind(t.Context(), listed); !errors.Is(err, errMoved) {
				t.Fatalf("bind returned %v", err)
			}
			s.write(5)
			s.pass()
			s.exactly()
		})
	}
}

// FuzzArchive reads what claims to be compressed.
func FuzzArchive(f *testing.F) {
	f.Add(zipped(f, []byte("line\nline\n")), true)
	f.Add([]byte("BZh91AY&SY"), false)
	f.Fuzz(func(t *testing.T, raw []byte, zip bool) {
		s := newSeries(t, t.TempDir())
		defer s.close()
		name := s.name(1) + ".bz2"
		if zip {
			name = s.name(1) + ".gz"
		}
		s.must(os.WriteFile(name, raw, 0o600))
		s.must(os.Chtimes(name, time.Time{}, time.Now().Add(-time.Hour)))
		s.pass()
	})
}
