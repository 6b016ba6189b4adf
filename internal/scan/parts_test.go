package scan

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// inParts scans data in parts of that size.
func inParts(t testing.TB, data string, each int64) *recorder {
	t.Helper()
	r := &run{opts: Options{Scanner: scanner(t), Workers: 3}.withDefaults(), ctx: t.Context()}
	results := make(chan *result, resultsAhead)
	out := &output{run: r, in: &Input{Name: "x"}, results: results}
	go func() {
		defer close(results)
		newWorker(r).parts(target{ctx: t.Context(), name: "x", out: out}, strings.NewReader(data), split(int64(len(data)), each))
	}()
	got := &recorder{}
	for res := range results {
		if res.skipped != nil {
			got.skipped = append(got.skipped, *res.skipped)
			continue
		}
		got.found = append(got.found, res.finding)
	}
	if n := r.bytes.Load(); n != int64(len(data)) {
		t.Errorf("%d bytes were counted, want %d", n, len(data))
	}
	return got
}

// seen is all that a report says of what was found.
func (r *recorder) seen() string {
	var b strings.Builder
	for _, f := range r.found {
		fmt.Fprintln(&b, f.Rule, f.File, f.Line, f.Column, f.Offset, f.Length, f.Confidence, f.Redacted, f.Decoded, f.Region)
	}
	return b.String() + r.reasons()
}

// mixture is a text of secrets in every dress, some of them across the borders of
// parts; lines are short, or there is none.
func mixture(t testing.TB, rng *rand.Rand, size int, lines bool) string {
	var b strings.Builder
	next := 1 << 20
	for n := 0; b.Len() < size; n++ {
		leak := "token=" + token(t, fmt.Sprint(n))
		switch rng.IntN(6) {
		case 0:
			b.WriteString(leak + " ")
		case 1:
			b.WriteString(base64.StdEncoding.EncodeToString([]byte(leak + leak)))
		case 2:
			b.WriteString(gzipOf(t, leak) + "\x00")
		case 3:
			b.WriteString(pemKey(t) + "\n")
		}
		for range rng.IntN(300) {
			b.WriteString(strings.Repeat("word ü😀 ", rng.IntN(40)))
			if lines {
				b.WriteByte('\n')
			}
		}
		if gap := next - b.Len(); gap > 0 && gap < 4000 { // a secret that lies across a border
			b.WriteString(strings.Repeat(" ", max(0, gap-rng.IntN(60))) + leak)
			next += 1 << 20
		} else if gap <= 0 {
			next += 1 << 20
		}
	}
	if !lines {
		return strings.ReplaceAll(b.String(), "\n", " ")
	}
	return b.String()
}

// In parts or as a whole, the same is found, at the same places.
func TestPartsFindWhatTheWholeHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, lines := range []bool{true, false} {
		data := mixture(t, rng, 7<<20, lines)
		whole, _ := scanAll(t, Options{Workers: 1}, Stream{"x", strings.NewReader(data)})
		if len(whole.found) < 20 {
			t.Fatalf("only %d findings", len(whole.found))
		}
		for _, each := range []int64{1 << 20, 3 << 20} {
			if got, want := inParts(t, data, each).seen(), whole.seen(); got != want {
				t.Errorf("lines: %v, parts of %d:\n%s", lines, each, firstDifference(got, want))
			}
		}
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%d and %d lines; first other:\n%s\nwant\n%s", len(a), len(b), a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

func TestWhatIsNotScannedIsToldByTheRightPart(t *testing.T) {
	cut := gzipOf(t, strings.Repeat("some text ", 100))
	cut = cut[:len(cut)-9] + strings.Repeat(" ", 100_000)
	data := strings.Repeat(" ", 1<<20-20) + cut + strings.Repeat("words \n", 1<<20) + cut
	whole, _ := scanAll(t, Options{Workers: 1}, Stream{"x", strings.NewReader(data)})
	if got := inParts(t, data, 1<<20); got.reasons() != whole.reasons() || len(got.skipped) != 2 {
		t.Errorf("told\n%s\nwant\n%s", got.reasons(), whole.reasons())
	}
}

// A file that is large enough goes the whole way.
func TestALargeFileIsScannedInParts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	leak := "token=" + token(t, "large")
	places := []int64{3, partSize - 8, 2*partSize + 5}
	for _, at := range places {
		if _, err := f.WriteAt([]byte(leak), at); err != nil {
			t.Fatal(err)
		}
	}
	size := int64(2*partSize + 5 + len(leak))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out, sum := scanAll(t, Options{Workers: 2}, &Tree{Roots: []string{name}})
	var got []int64
	for _, f := range out.found {
		got = append(got, f.Offset-int64(len("token=")))
	}
	if fmt.Sprint(got) != fmt.Sprint(places) || sum.Bytes != size || sum.Files != 1 {
		t.Errorf("found at %v, want %v; summary %+v, want %d bytes", got, places, sum, size)
	}
}

func TestCancellingEndsAScanInParts(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	name := filepath.Join(t.TempDir(), "large")
	write(t, name, strings.Repeat("token="+token(t, "cancelled")+"\n", 1000))
	if err := os.Truncate(name, 4*partSize); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	sink := &cancelling{cancel: cancel}
	sum, err := Run(ctx, Options{Scanner: scanner(t), Workers: 2}, &Tree{Roots: []string{name}}, sink)
	if !errors.Is(err, context.Canceled) || len(sink.found) == 0 || sum.Bytes == 4*partSize {
		t.Errorf("%d findings, %v, %+v", len(sink.found), err, sum)
	}
}

func TestAPartThatCannotBeReadIsTold(t *testing.T) {
	r := &run{opts: Options{Scanner: scanner(t), Workers: 2}.withDefaults(), ctx: t.Context()}
	results := make(chan *result, 64)
	out := &output{run: r, in: &Input{Name: "x"}, results: results}
	data := []byte(strings.Repeat("word\n", 1<<19) + "token=" + token(t, "part"))
	newWorker(r).parts(target{ctx: t.Context(), name: "x", out: out}, holed{bytes.NewReader(data), 1 << 20}, split(int64(len(data)), 1<<20))
	close(results)
	told := 0
	for res := range results {
		if res.skipped != nil && strings.Contains(res.skipped.Reason, "bad sector") {
			told++
		}
	}
	if told == 0 {
		t.Error("nobody was told")
	}
}

// holed cannot be read around one place.
type holed struct {
	r  *bytes.Reader
	at int64
}

func (h holed) ReadAt(p []byte, off int64) (int, error) {
	if off <= h.at && h.at < off+int64(len(p)) {
		return 0, fmt.Errorf("bad sector")
	}
	return h.r.ReadAt(p, off)
}
