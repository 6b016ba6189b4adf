package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
)

func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Subject {
		s := newSeries(t, t.TempDir())
		cfg := Config{Path: s.path, Marker: s.cfg.Marker, Poll: 20 * time.Millisecond, Linger: 20 * time.Millisecond}
		return sourcetest.Subject{
			Open: func() source.Source { return New(cfg) },
			Write: func(numbers ...int) {
				var all strings.Builder
				for _, n := range numbers {
					fmt.Fprintf(&all, "line %s\n", sourcetest.Token(n))
				}
				s.append(s.path, all.String())
			},
			Snapshot: func() string {
				info, err := os.Stat(s.path)
				s.must(err)
				return fmt.Sprint(info.Mode(), info.ModTime(), string(s.read(s.path)))
			},
		}
	})
}

// Each rotation happens to a log of which something was read, while it is
// watched and while it is not; more is written before and after.
func TestRotationLosesNothingAndRepeatsNothing(t *testing.T) {
	rotations := map[string]func(s *series){
		"none":                      func(*series) {},
		"renamed":                   func(s *series) { s.rename() },
		"renamed and made":          func(s *series) { s.rename(); s.append(s.path, "") },
		"renamed, still written to": func(s *series) { s.rename(); s.append(s.name(1), s.lines(3)) },
		"renamed and compressed":    func(s *series) { s.rename(); s.compress(1) },
		"renamed, compressed twice": func(s *series) { s.rename(); s.compress(1); s.write(2); s.rename(); s.compress(1) },
		"renamed twice":             func(s *series) { s.rename(); s.write(3); s.rename() },
		"delayed compression": func(s *series) {
			s.rename()
			s.write(3)
			s.pass()
			s.rename()
			s.compress(2)
		},
		"copied and truncated": func(s *series) { s.copy(); s.truncate() },
		"copied, looked at, truncated": func(s *series) {
			s.copy()
			s.pass()
			s.truncate()
		},
		"copied, written, read, truncated": func(s *series) {
			s.copy()
			s.write(2)
			s.pass()
			s.truncate()
		},
		"copied, truncated, compressed": func(s *series) { s.copy(); s.truncate(); s.compress(1) },
		"copied, truncated, looked at, compressed": func(s *series) {
			s.copy()
			s.truncate()
			s.pass()
			s.compress(1)
		},
		"dated":            func(s *series) { s.must(os.Rename(s.path, s.path+"-20261121")) },
		"dated before ext": func(s *series) { s.must(os.Rename(s.path, strings.TrimSuffix(s.path, ".log")+"-2026-11-21.log")) },
		"replaced by a copy with more": func(s *series) {
			text := string(s.read(s.path)) + s.lines(2)
			s.append(s.path+".new", text)
			s.must(os.Rename(s.path+".new", s.path))
		},
	}
	for name, rotate := range rotations {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", restarted ", restart), func(t *testing.T) {
				s := newSeries(t, t.TempDir())
				defer s.close()
				s.write(200) // more than what is marked of a beginning
				s.pass()
				s.write(5)
				if restart {
					s.restart()
				}
				rotate(s)
				s.write(7)
				if restart {
					s.restart()
				}
				s.pass()
				s.write(1)
				s.pass()
				s.end()
				s.exactly()
			})
		}
	}
}

// A file that is truncated with nothing kept of it is a loss, because nobody
// knows what was written before.
func TestTruncationIsALoss(t *testing.T) {
	for name, change := range map[string]func(s *series){
		"truncated":         func(s *series) { s.truncate(); s.write(2) },
		"rewritten, longer": func(s *series) { s.truncate(); s.write(300) },
		"removed":           func(s *series) { s.remove(s.path); s.restart() },
		"of the same size": func(s *series) {
			n := len(s.read(s.path))
			s.truncate()
			s.append(s.path, strings.Repeat("x", n-1)+"\n")
		},
		"the same end, longer": func(s *series) {
			b := s.read(s.path)
			copy(b, "XXXX")
			s.must(os.WriteFile(s.path, b, 0o600))
			s.write(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSeries(t, t.TempDir())
			defer s.close()
			s.write(100)
			s.pass()
			change(s)
			s.f.cfg.Poll = time.Nanosecond
			s.pass()
			s.pass()
			s.pass()
			if l := s.sink.Losses(); len(l) != 1 || !strings.Contains(l[0].Reason, "truncated, removed or replaced") {
				t.Errorf("losses %v", l)
			}
			for n := range s.next {
				if got := s.sink.Numbers(); !slices.Contains(got, n) {
					t.Errorf("message %d was not delivered", n)
				}
			}
		})
	}
}

// An inode that is used again holds another file.
func TestAnInodeThatIsUsedAgain(t *testing.T) {
	s := newSeries(t, t.TempDir())
	defer s.close()
	s.write(50)
	s.pass()
	s.stop()
	pos, err := parsePosition(s.sink.Position())
	s.must(err)
	s.must(os.Remove(s.path))
	s.write(60)
	now, err := s.f.stat(s.path)
	s.must(err)
	pos.Gens[0].Key = now.key // as if the system had chosen the same
	s.f = newFollower(s.cfg, pos, s.sink)
	s.f.waker = quiet{}
	s.pass()
	s.exactly()
}

// A link that is switched to the next file: both are read to their ends.
func TestALinkIsSwitched(t *testing.T) {
	for _, restart := range []bool{false, true} {
		s := newSeries(t, t.TempDir())
		link := func(to string) {
			tmp := s.path + ".tmp"
			s.must(os.Symlink(to, tmp))
			s.must(os.Rename(tmp, s.path))
		}
		first, second := filepath.Join(filepath.Dir(s.path), "one"), filepath.Join(filepath.Dir(s.path), "two")
		s.append(first, s.lines(9))
		link("one")
		s.pass()
		s.append(first, s.lines(2))
		if restart {
			s.restart()
		}
		s.append(second, s.lines(4))
		link("two")
		s.append(first, s.lines(1))
		s.pass()
		s.append(second, s.lines(4))
		s.pass()
		s.end()
		s.exactly()
		s.close()
	}
}

// What was rotated away before the first start is read, oldest first, and only
// what belongs to the log.
func TestTheFirstStartReadsWhatIsThere(t *testing.T) {
	s := newSeries(t, t.TempDir())
	defer s.close()
	for n := 3; n > 0; n-- {
		s.append(s.name(n), s.lines(3))
		s.must(os.Chtimes(s.name(n), time.Time{}, time.Now().Add(-time.Duration(n)*time.Hour)))
	}
	s.compress(3)
	s.must(os.Chtimes(s.name(3)+".gz", time.Time{}, time.Now().Add(-3*time.Hour)))
	s.write(3)
	for _, other := range []string{"app.log.swp", "app.logs", "app-server.log", "other.log.1", ".app.log.1"} {
		s.append(filepath.Join(filepath.Dir(s.path), other), "<<999>>\n")
	}
	s.pass()
	s.end()
	if got := s.sink.Numbers(); !slices.IsSorted(got) || len(got) != 12 {
		t.Errorf("read %v", got)
	}
	s.exactly()
}

func TestALineWithoutAnEndIsReadOnceItIsQuiet(t *testing.T) {
	s := newSeries(t, t.TempDir())
	defer s.close()
	s.append(s.path, "first\n{\"key\":\"<<0")
	s.pass()
	if got := s.sink.Entries(); len(got) != 1 || string(got[0].Data) != "first\n" {
		t.Fatalf("entries %v", got)
	}
	s.end()
	if got := s.sink.Entries(); len(got) != 2 || string(got[1].Data[got[1].Context:]) != `{"key":"<<0` {
		t.Fatalf("entries %v", got)
	}
	s.append(s.path, ">>\"}\nnext <<1>>\n")
	s.restart()
	s.pass()
	got := s.sink.Entries()
	if line := string(got[2].Data); line != "{\"key\":\"<<0>>\"}\n" || got[2].Context != 11 {
		t.Errorf("the completed line is %q with %d bytes of context", line, got[2].Context)
	}
	s.next = 2
	s.exactly()
}

func TestMessagesAndTexts(t *testing.T) {
	s := newSeries(t, t.TempDir())
	defer s.close()
	s.append(s.path, "one\ntwo\n{\"a\":1}\n\n[2]\n{not json\n\xff\x00binary\n")
	s.pass()
	var got []string
	for _, e := range s.sink.Entries() {
		got = append(got, string(e.Data[e.Context:]))
		if e.Indexed || e.Label != "app.log" || !strings.HasPrefix(e.MessageID, "file:0:") {
			t.Errorf("entry %+v", e)
		}
	}
	want := []string{"one\ntwo\n", `{"a":1}`, `[2]`, "{not json\n\xff\x00binary\n"}
	if !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
}

// A text that is long, in one line or in many, is cut into pieces, each mark in
// it owned by one.
func TestALongTextIsPieces(t *testing.T) {
	const mark = "MARK-ACROSS-THE-CUT"
	for name, fill := range map[string]string{"one line": "x", "many lines": "some line of a text\n"} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprint(name, restart), func(t *testing.T) {
				s := newSeries(t, t.TempDir())
				defer s.close()
				text := bytes.Repeat([]byte(fill), 5<<20/len(fill))
				for at := 1000; at < len(text)-100; at += 29_989 {
					copy(text[at:], mark)
				}
				want := bytes.Count(text, []byte(mark))
				s.append(s.path, string(text[:3<<20]))
				s.pass()
				if restart {
					s.restart()
				}
				s.append(s.path, string(text[3<<20:]))
				s.pass()
				s.end()
				got := 0
				for _, e := range s.sink.Entries() {
					got += owned(e, mark)
					if len(e.Data) > source.PieceSize {
						t.Errorf("a piece has %d bytes", len(e.Data))
					}
				}
				if got != want {
					t.Errorf("%d marks are owned, want %d", got, want)
				}
			})
		}
	}
}

// owned counts the marks that the sensor would report of an entry.
func owned(e source.Entry, mark string) int {
	n := 0
	for at := 0; ; at += len(mark) {
		i := bytes.Index(e.Data[at:], []byte(mark))
		if i < 0 {
			return n
		}
		at += i
		if at+len(mark) > e.Context && at >= e.Overlap/2 && (e.Continues == 0 || at < len(e.Data)-e.Continues/2) {
			n++
		}
	}
}

func TestRunRefuses(t *testing.T) {
	folder := t.TempDir()
	sink := sourcetest.NewSink()
	cfg := Config{Path: folder, Marker: marker(t)}
	if err := New(cfg).Run(t.Context(), nil, sink); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
	for _, bad := range []string{`{`, `{"gens":[{"offset":-1}]}`, `{"gens":[{"offset":5}]}`, `{"gens":[null]}`, `{"gens":[{"offset":3,"line":4,"ends":[{"at":3}]}]}`} {
		if err := New(cfg).Run(t.Context(), json.RawMessage(bad), sink); err == nil || !strings.Contains(err.Error(), "stored position") {
			t.Errorf("position %s: %v", bad, err)
		}
	}
}

// The position holds nothing of what the log says, nor how its files are called.
func TestThePositionShowsNothing(t *testing.T) {
	s := newSeries(t, t.TempDir())
	defer s.close()
	s.write(20)
	s.rename()
	s.compress(1)
	s.write(20)
	s.pass()
	text := string(s.sink.Position())
	for _, word := range []string{"line", "text", "app", "<<"} {
		if strings.Contains(strings.ReplaceAll(text, `"line":`, ""), word) {
			t.Errorf("position %s holds %q", text, word)
		}
	}
}

func FuzzPosition(f *testing.F) {
	f.Add([]byte(`{"next":3,"gens":[{"n":1,"key":"1-2","live":true,"offset":10,"line":4,"head":"a","head_len":10,"ends":[{"at":4,"mark":"x"},{"at":10,"mark":"y"}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePosition(raw)
		if err != nil {
			return
		}
		again, err := parsePosition(p.encode())
		if err != nil || !bytes.Equal(again.encode(), p.encode()) {
			t.Fatalf("%s became %s, %v", p.encode(), again.encode(), err)
		}
	})
}
