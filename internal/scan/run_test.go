package scan

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/redact"
)

// endless yields inputs until it is told to stop.
type endless struct{ text string }

func (e endless) Each(_ context.Context, yield func(Input) error) error {
	for {
		if err := yield(Input{Name: "x", Rel: "x", Open: func(context.Context) (Content, error) {
			return Content{io.NopCloser(strings.NewReader(e.text)), int64(len(e.text))}, nil
		}}); err != nil {
			return err
		}
	}
}

func TestAnErrorOfTheSinkEndsTheRun(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	full := errors.New("the disk is full")
	out := &recorder{fail: full}
	_, err := Run(t.Context(), Options{Scanner: scanner(t)}, endless{strings.Repeat("token="+token(t, "sink")+"\n", 100)}, out)
	if !errors.Is(err, full) || len(out.found) != 1 {
		t.Errorf("%v after %d findings", err, len(out.found))
	}
}

// cancelling is a sink that ends the run at its first finding.
type cancelling struct {
	recorder
	cancel context.CancelFunc
}

func (c *cancelling) Found(f Finding) error {
	c.cancel()
	return c.recorder.Found(f)
}

func TestCancellingEndsTheRun(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Run(ctx, Options{Scanner: scanner(t)}, endless{"token=" + token(t, "cancel")}, &cancelling{cancel: cancel})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

func TestAnErrorOfTheSourceIsReturnedAfterWhatItYielded(t *testing.T) {
	dir := plant(t, map[string]string{"a.txt": "token=" + token(t, "source")})
	out := &recorder{}
	_, err := Run(t.Context(), Options{Scanner: scanner(t)}, Join(&Tree{Roots: []string{dir}}, &Tree{Roots: []string{"missing"}}), out)
	if !errors.Is(err, os.ErrNotExist) || len(out.found) != 1 {
		t.Errorf("%d findings, then %v", len(out.found), err)
	}
}

func TestASecretIsWipedAndNeverInAFinding(t *testing.T) {
	out, _ := scanAll(t, Options{}, Stream{"x", strings.NewReader("token=" + token(t, "wiped"))})
	for _, c := range out.found[0].secret.Reveal() {
		if c != 0 {
			t.Fatal("the secret is still there after the run")
		}
	}
}

func TestFingerprintsAreKeyedAndIDsAreNot(t *testing.T) {
	ring, err := redact.NewKeyring(make([]byte, redact.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	text := "token=" + token(t, "print")
	bare, _ := scanAll(t, Options{}, Stream{"x", strings.NewReader(text)})
	keyed, _ := scanAll(t, Options{Ring: ring}, Stream{"x", strings.NewReader(text)})
	a, b := bare.found[0], keyed.found[0]
	if a.Fingerprint != nil || b.Fingerprint == nil || a.ID != b.ID {
		t.Errorf("fingerprints %v and %v, ids %s and %s", a.Fingerprint, b.Fingerprint, a.ID, b.ID)
	}
}

func TestAnIDSurvivesWhatHappensAroundIt(t *testing.T) {
	leak, other := "token="+token(t, "stable")+"\n", "token="+token(t, "other")+"\n"
	id := func(name, text string, n int) string {
		t.Helper()
		out, _ := scanAll(t, Options{}, Stream{name, strings.NewReader(text)})
		return out.found[n].ID
	}
	was := id("x", leak, 0)
	if id("x", "lines\nabove\n"+leak, 0) != was || id("x", "   "+leak+leak, 0) != was {
		t.Error("an id changes with the lines above, the column, or what follows")
	}
	if id("y", leak, 0) == was || id("x", leak+leak, 1) == was || id("x", other, 0) == was {
		t.Error("another file, place or secret has the same id")
	}
}

func TestBinaryFilesAreScanned(t *testing.T) {
	leak := token(t, "binary")
	for name, text := range map[string]string{
		"NULs around it":       "\x7fELF\x02\x01\x01\x00\x00\x00" + leak + "\x00\x00\x00",
		"invalid UTF-8 around": "\xff\xfe\xc3" + leak + "\xc0\xaf",
		"only NULs before it":  string(make([]byte, 1<<20)) + leak,
	} {
		if out, _ := scanAll(t, Options{}, Stream{"x", strings.NewReader(text)}); len(out.found) != 1 {
			t.Errorf("%s: %d findings", name, len(out.found))
		}
	}
}

// line is a line of so many bytes without an end, with a secret at its end.
func line(size int64, secret string) io.Reader {
	return io.MultiReader(io.LimitReader(filler{}, size), strings.NewReader(" token="+secret+" "))
}

type filler struct{}

func (filler) Read(p []byte) (int, error) {
	const text = "words that mean nothing at all, over and over; "
	for i := 0; i < len(p); i += len(text) {
		copy(p[i:], text)
	}
	return len(p), nil
}

// 2 GB in one line take the same way as these, and the same memory.
func TestALongLineIsStreamedInConstantMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, sum := scanAll(t, Options{Workers: 1}, Stream{"x", line(64<<20, token(t, "long"))})
	runtime.ReadMemStats(&after)
	if len(out.found) != 1 || out.found[0].Line != 1 || sum.Bytes < 64<<20 {
		t.Fatalf("%d findings in %d bytes", len(out.found), sum.Bytes)
	}
	if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 24<<20 {
		t.Errorf("64 MiB took %d bytes of memory", grown)
	}
}

// A file of 10 GB that is a hole: it is opened, streamed, and let go of when the
// run ends.
func TestAHugeFileIsNotReadIntoMemory(t *testing.T) {
	name := filepath.Join(t.TempDir(), "huge")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("token=" + token(t, "huge") + "\n" + strings.Repeat("\n", 2<<20)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(10<<30), f.Close()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	sink := &cancelling{cancel: cancel}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = Run(ctx, Options{Scanner: scanner(t), Workers: 1}, &Tree{Roots: []string{name}}, sink)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, context.Canceled) || len(sink.found) != 1 {
		t.Errorf("%d findings, %v", len(sink.found), err)
	}
	if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 24<<20 {
		t.Errorf("a huge file took %d bytes of memory", grown)
	}
}
