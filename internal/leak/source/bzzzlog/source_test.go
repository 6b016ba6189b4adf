package bzzzlog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// log writes a BZZZ log.
type log struct {
	t     testing.TB
	path  string
	chain bzzzlog.Chain
}

func newLog(t testing.TB) *log {
	return &log{t: t, path: filepath.Join(t.TempDir(), "bzzz.log")}
}

func (l *log) line(text string) []byte {
	l.t.Helper()
	data, _ := json.Marshal(map[string]string{"text": text})
	line, err := l.chain.Append(bzzzlog.Entry{Timestamp: time.Unix(1e9, 0).UTC(), Author: "a", Type: "t", Data: data})
	if err != nil {
		l.t.Fatal(err)
	}
	return line
}

func (l *log) append(b []byte) {
	l.t.Helper()
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(b)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		l.t.Error(err)
	}
}

func (l *log) write(texts ...string) {
	for _, text := range texts {
		l.append(l.line(text))
	}
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Subject {
		l := newLog(t)
		return sourcetest.Subject{
			Open: func() source.Source {
				return New(Config{Path: l.path, Marker: sourcetest.Marker{}, Poll: 20 * time.Millisecond})
			},
			Write: func(numbers ...int) {
				var all []byte
				for _, n := range numbers {
					// A raw token: encoding/json would escape its brackets.
					all = append(all, raw(l.line(fmt.Sprintf("token %d", n)), n)...)
				}
				l.append(all)
			},
			Snapshot: func() string { return snapshot(t, l.path) },
		}
	})
}

// raw puts the token into a member that the hash does not cover.
func raw(line []byte, n int) []byte {
	return bytes.Replace(line, []byte(`"signature":""`), []byte(`"signature":"`+sourcetest.Token(n)+`"`), 1)
}

func snapshot(t *testing.T, path string) string {
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(info.Mode(), info.ModTime(), string(text))
}

// follow runs a source over l in the background until the test ends or stop is
// called.
func follow(t *testing.T, l *log, from json.RawMessage) (sink *sourcetest.Sink, stop func()) {
	t.Helper()
	sink = sourcetest.NewSink()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- New(Config{Path: l.path, Marker: sourcetest.Marker{}, Poll: 10 * time.Millisecond}).Run(ctx, from, sink)
	}()
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
		done <- nil
	}
	t.Cleanup(stop)
	return sink, stop
}

// await waits until n entries were delivered and returns them.
func await(t *testing.T, s *sourcetest.Sink, n int) []source.Entry {
	t.Helper()
	s.Await(t, fmt.Sprint(n, " entries"), func() bool { return len(s.Entries()) >= n })
	if got := s.Entries(); len(got) > n {
		t.Fatalf("%d entries were delivered, want %d", len(got), n)
	}
	return s.Entries()
}

func awaitDetail(t *testing.T, s *sourcetest.Sink, text string) {
	t.Helper()
	s.Await(t, "the status to say "+text, func() bool { return strings.Contains(s.Last().Detail, text) })
}

func TestEntriesCarryWhatTheLogSays(t *testing.T) {
	l := newLog(t)
	l.write("a", "b")
	sink, _ := follow(t, l, nil)
	e := await(t, sink, 2)[1]
	if !e.Indexed || e.Index != 1 || e.Fork != 0 || e.MessageID != l.chain.Head || !e.Time.Equal(time.Unix(1e9, 0)) {
		t.Errorf("entry %+v, want index 1 and message id %s", e, l.chain.Head)
	}
	sink.Await(t, "a clean live state", func() bool {
		s := sink.Last()
		return s.State == source.Live && s.Detail == "" && s.Index != nil && *s.Index == 1 && s.Lag != nil && *s.Lag == 0
	})
}

func TestATornLineWaitsForItsEnd(t *testing.T) {
	l := newLog(t)
	l.write("a")
	line := l.line("b")
	l.append(line[:20])
	sink, _ := follow(t, l, nil)
	awaitDetail(t, sink, "no line end")
	await(t, sink, 1)
	l.append(line[20:])
	await(t, sink, 2)
	sink.Await(t, "a clean state", func() bool { return sink.Last().Detail == "" })
}

func TestRotationReadsTheOldFileToItsEnd(t *testing.T) {
	l := newLog(t)
	l.write("a", "b")
	sink, _ := follow(t, l, nil)
	await(t, sink, 2)
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		t.Fatal(err)
	}
	old := &log{t: t, path: l.path + ".1"}
	old.append(l.line("c")) // written through a handle that is still open
	old.append([]byte(`{"torn": 1`))
	l.write("d")
	got := await(t, sink, 5)
	var forks []uint64
	for _, e := range got {
		forks = append(forks, e.Fork)
	}
	if want := []uint64{0, 0, 0, 0, 1}; !slices.Equal(forks, want) {
		t.Errorf("forks %v, want %v", forks, want)
	}
	if string(got[3].Data) != `{"torn": 1` || got[3].Indexed {
		t.Errorf("the torn rest is %+v", got[3])
	}
	if got[4].Index != 3 || len(sink.Losses()) > 0 {
		t.Errorf("the new file begins with %+v, losses %v; the chain goes on, nothing is lost", got[4], sink.Losses())
	}
}

func TestRewritingBeginsANewFork(t *testing.T) {
	rewrites := map[string]func(t *testing.T, l *log){
		"truncated to nothing": func(t *testing.T, l *log) { l.chain = bzzzlog.Chain{}; mustWrite(t, l.path, nil); l.write("x") },
		"shorter":              func(t *testing.T, l *log) { l.chain = bzzzlog.Chain{}; mustWrite(t, l.path, l.line("x")) },
		"of the same shape": func(t *testing.T, l *log) {
			l.chain = bzzzlog.Chain{}
			mustWrite(t, l.path, bytes.Join([][]byte{l.line("x"), l.line("y"), l.line("z")}, nil))
		},
		"longer": func(t *testing.T, l *log) {
			l.chain = bzzzlog.Chain{}
			mustWrite(t, l.path, bytes.Join([][]byte{l.line(strings.Repeat("x", 2000))}, nil))
		},
	}
	for name, rewrite := range rewrites {
		for _, running := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", watched ", running), func(t *testing.T) {
				l := newLog(t)
				l.write("a", "b", "c")
				sink, stop := follow(t, l, nil)
				await(t, sink, 3)
				if !running {
					stop()
				}
				rewrite(t, l)
				before := 3
				if !running {
					sink, _ = follow(t, l, sink.Position())
					before = 0
				}
				sink.Await(t, "the new log", func() bool { return len(sink.Entries()) > before })
				got := sink.Entries()[before]
				if got.Fork != 1 || got.Index != 0 || len(sink.Losses()) != 1 {
					t.Errorf("entry %+v, losses %v; want index 0 in fork 1, and one loss", got, sink.Losses())
				}
			})
		}
	}
}

// A rewriting that leaves the last line as it was, where it was, is seen by
// what stands before it, also when no line is an entry.
func TestRewritingThatKeepsTheLastLineIsSeen(t *testing.T) {
	for name, last := range map[string]string{"no entry": "the end\n", "an entry": string(newLog(t).line("x"))} {
		for _, running := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", watched ", running), func(t *testing.T) {
				l := newLog(t)
				l.append([]byte("one\ntwo\n" + last))
				sink, stop := follow(t, l, nil)
				await(t, sink, 3)
				if !running {
					stop()
				}
				mustWrite(t, l.path, []byte("ONE\ntwo\n"+last))
				if !running {
					sink, _ = follow(t, l, sink.Position())
				}
				sink.Await(t, "the new log", func() bool {
					return slices.ContainsFunc(sink.Entries(), func(e source.Entry) bool { return string(e.Data) == "ONE" })
				})
				if len(sink.Losses()) != 1 {
					t.Errorf("losses %v", sink.Losses())
				}
			})
		}
	}
}

func mustWrite(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestABrokenChainIsSaidAndScanned(t *testing.T) {
	l := newLog(t)
	lines := [][]byte{l.line("a"), l.line("b"), l.line("c"), l.line("d"), l.line("e")}
	forged := bytes.Replace(lines[1], []byte(`"text":"b"`), []byte(`"text":"B"`), 1)
	sink, _ := follow(t, l, nil)
	l.append(lines[0])
	l.append(forged)
	got := await(t, sink, 2)
	awaitDetail(t, sink, "broken at entry 1")
	if got[1].MessageID != "" {
		t.Errorf("the hash %s, which does not match, became the message id", got[1].MessageID)
	}
	l.append(lines[4])
	got = await(t, sink, 3)
	awaitDetail(t, sink, "broken at entry 4")
	if want := []source.Loss{{From: 2, To: 4, Reason: "the log has no such entries"}}; !slices.Equal(sink.Losses(), want) {
		t.Errorf("losses %v, want %v", sink.Losses(), want)
	}
	l.append([]byte("not an entry\n\n"))
	got = await(t, sink, 4)
	awaitDetail(t, sink, "no log entry")
	if got[3].Indexed || string(got[3].Data) != "not an entry" {
		t.Errorf("a line that is no entry became %+v", got[3])
	}
}

func TestALogThatBeginsAnewInsideTheFileForks(t *testing.T) {
	l := newLog(t)
	l.write("a", "b")
	l.chain = bzzzlog.Chain{} // the writer, which keeps its log in memory, was restarted
	l.write("c")
	sink, _ := follow(t, l, nil)
	got := await(t, sink, 3)
	if got[2].Index != 0 || got[2].Fork != 1 || len(sink.Losses()) > 0 {
		t.Errorf("entry %+v, losses %v", got[2], sink.Losses())
	}
	awaitDetail(t, sink, "begins anew behind entry 1")
}

// TestAnEndlessLineIsScannedAsItGrows: a writer that never ends its line must
// not escape, nor cost more memory than a piece.
func TestAnEndlessLineIsScannedAsItGrows(t *testing.T) {
	l := newLog(t)
	const mark = "MARK-ACROSS-THE-CUT"
	line := bytes.Repeat([]byte("x"), 10<<20)
	for at := source.PieceSize - 10; at < len(line); at += source.PieceSize - source.PieceOverlap {
		copy(line[at:], mark)
	}
	marks := bytes.Count(line, []byte(mark))
	l.append(line)
	sink, stop := follow(t, l, nil)
	sink.Await(t, "most of the line", func() bool { return owned(sink, mark) >= marks-2 })
	stop()
	position := sink.Position()
	rest, _ := follow(t, l, position)
	l.append([]byte("y\n"))
	l.write("next")
	rest.Await(t, "the entry behind the line", func() bool {
		e := rest.Entries()
		return len(e) > 0 && bytes.Contains(e[len(e)-1].Data, []byte("next"))
	})
	if got := owned(sink, mark) + owned(rest, mark); got != marks {
		t.Errorf("%d marks are owned by a piece, want %d", got, marks)
	}
	for _, e := range append(sink.Entries(), rest.Entries()...) {
		if len(e.Data) > source.PieceSize {
			t.Errorf("a piece has %d bytes", len(e.Data))
		}
	}
	awaitDetail(t, rest, "in pieces")
}

// owned counts the marks that begin in the part of a piece that the sensor
// reports findings of.
func owned(s *sourcetest.Sink, mark string) int {
	n := 0
	for _, e := range s.Entries() {
		for at := 0; ; {
			i := bytes.Index(e.Data[at:], []byte(mark))
			if i < 0 {
				break
			}
			at += i
			if at >= e.Overlap/2 && (e.Continues == 0 || at < len(e.Data)-e.Continues/2) {
				n++
			}
			at += len(mark)
		}
	}
	return n
}

func TestRunRefuses(t *testing.T) {
	folder := t.TempDir()
	sink := sourcetest.NewSink()
	if err := New(Config{Path: folder, Marker: sourcetest.Marker{}}).Run(t.Context(), nil, sink); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
	for _, bad := range []string{`{`, `{"last":-1}`, `{"start":5,"offset":3}`, `{"last":9,"start":3,"offset":3}`, `{"start":3,"offset":3,"tail_len":4}`, `{"head_len":-1}`} {
		if err := New(Config{Path: folder, Marker: sourcetest.Marker{}}).Run(t.Context(), json.RawMessage(bad), sink); err == nil || !strings.Contains(err.Error(), "stored position") {
			t.Errorf("position %s: %v", bad, err)
		}
	}
}

func FuzzPosition(f *testing.F) {
	f.Add([]byte(`{"fork":1,"offset":10,"start":10,"last":2,"head":"a","head_len":10,"tail":"b","tail_len":10,"chain":{"next":3,"head":"aa"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePosition(raw)
		if err != nil {
			return
		}
		if again, err := parsePosition(p.encode()); err != nil || again != p {
			t.Fatalf("%+v became %+v, %v", p, again, err)
		}
	})
}
