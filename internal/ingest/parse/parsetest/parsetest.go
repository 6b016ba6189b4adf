// Package parsetest is the conformance suite of the parsers of ingest/parse. For
// each testdata/NAME.log of a parser's folder there is a NAME.records, which has
// what becomes of it, a record a line; run the test with -update to write it anew,
// then read it.
//
// It is for tests only, and may import ingest/parse and the standard library.
package parsetest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// Received is when the lines of the suite are received.
func Received() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// Run holds a parser to what all have in common, and to its golden files.
func Run(t *testing.T, p parse.Plugin, update bool) {
	logs := logs(t)
	for _, name := range logs {
		t.Run(filepath.Base(name), func(t *testing.T) { golden(t, p, name, update) })
	}
	t.Run("lines of other programs are nobody's", func(t *testing.T) { others(t, p, logs) })
	t.Run("a line that was cut off harms nobody", func(t *testing.T) { cutOff(t, p, logs) })
	t.Run("records are bounded and hold valid text", func(t *testing.T) { bounded(t, p, logs) })
}

// Fuzz gives a parser any line there is.
func Fuzz(f *testing.F, p parse.Plugin) {
	for _, name := range logs(f) {
		for _, line := range lines(f, name) {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		check(t, parse.NewReader([]parse.Plugin{p}).Read(nil, line, Received()))
	})
}

// Read makes records of a text by one parser, each as a line (see Show). Equal
// ones that follow each other are one line, which says how many they are.
func Read(p parse.Plugin, text string) (out []string) {
	times, last := 0, ""
	for _, r := range append(records(parse.NewReader([]parse.Plugin{p}), []byte(text)), parse.Record{}) {
		if now := Show(r); now != last {
			if times > 1 {
				last += fmt.Sprintf(" (%d times)", times)
			}
			out, times, last = append(out, last), 0, now
		}
		times++
	}
	return out[1:]
}

// Show writes a record as a line.
func Show(r parse.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %q", r.Time.UTC().Format(time.RFC3339Nano), r.Kind, r.SourceIP, r.User)
	for _, k := range slices.Sorted(maps.Keys(r.Attributes)) {
		fmt.Fprintf(&b, " %s=%q", k, r.Attributes[k])
	}
	return b.String()
}

func logs(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "*.log"))
	if err != nil || len(names) == 0 {
		t.Fatalf("there is no testdata/*.log: %v", err)
	}
	return names
}

func lines(t testing.TB, name string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.SplitAfter(b, []byte("\n"))
}

func records(r *parse.Reader, text []byte) (out []parse.Record) {
	for line := range bytes.Lines(text) {
		out = r.Read(out, line, Received())
	}
	return out
}

func golden(t *testing.T, p parse.Plugin, name string, update bool) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(Read(p, string(text)), "\n") + "\n"
	file := strings.TrimSuffix(name, ".log") + ".records"
	if update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if got != string(want) {
		t.Errorf("%s becomes\n%swant\n%s", name, got, want)
	}
}

// others sends the same texts under another program's name.
func others(t *testing.T, p parse.Plugin, logs []string) {
	r := parse.NewReader([]parse.Plugin{p})
	for _, name := range logs {
		for _, line := range lines(t, name) {
			text := fmt.Sprintf("Nov 22 11:00:00 host another-program[7]: %s", line)
			if got := r.Read(nil, []byte(text), Received()); len(got) > 0 {
				t.Errorf("%q is %s", text, Show(got[0]))
			}
		}
	}
}

func cutOff(t *testing.T, p parse.Plugin, logs []string) {
	for _, name := range logs {
		r := parse.NewReader([]parse.Plugin{p})
		for _, line := range lines(t, name) {
			for n := range line {
				check(t, r.Read(nil, line[:n], Received()))
			}
		}
	}
}

// bounded makes each word of each line long, and no text.
func bounded(t *testing.T, p parse.Plugin, logs []string) {
	r := parse.NewReader([]parse.Plugin{p})
	for _, name := range logs {
		for _, line := range lines(t, name) {
			words := bytes.Split(line, []byte(" "))
			for i := range words {
				long := slices.Clone(words)
				long[i] = append(bytes.Clone(words[i]), bytes.Repeat([]byte("é\xff"), 50_000)...)
				check(t, r.Read(nil, bytes.Join(long, []byte(" ")), Received()))
			}
		}
	}
}
