package stdin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Subject {
		r, w := io.Pipe()
		src := New(r)
		t.Cleanup(func() { _ = src.Close() })
		return sourcetest.Subject{
			Open: func() source.Source { return src },
			Write: func(numbers ...int) {
				// A pipe takes what is read, and the reader starts later.
				write := func() {
					for _, n := range numbers {
						_, _ = fmt.Fprintf(w, "{\"n\":%q}\n", sourcetest.Token(n))
					}
				}
				if len(numbers) > 100 {
					write()
					return
				}
				done := make(chan struct{})
				go func() { write(); close(done) }()
				t.Cleanup(func() { _ = src.Close(); <-done })
			},
		}
	})
}

// read runs a source over a text to its end.
func read(t *testing.T, in io.Reader) *sourcetest.Sink {
	t.Helper()
	sink := sourcetest.NewSink()
	src := New(in)
	src.idle = time.Hour // a busy machine is not a silent stream
	if err := src.Run(t.Context(), nil, sink); err != nil {
		t.Fatal(err)
	}
	if s := sink.Last(); s.State != source.Stopped || s.Detail == "" {
		t.Errorf("at the end the status is %+v", s)
	}
	return sink
}

func TestLinesBecomeMessages(t *testing.T) {
	const text = "key one\nkey two\n{\"a\":1}\n[2]\n{not json\n\nlast, without an end"
	want := []string{"key one\nkey two\n", `{"a":1}`, "[2]", "{not json\n\nlast, without an end"}
	got := read(t, strings.NewReader(text)).Entries()
	ids := map[string]bool{}
	for i, e := range got {
		ids[e.MessageID] = true
		if i >= len(want) || string(e.Data) != want[i] || e.Overlap+e.Continues > 0 {
			t.Errorf("entry %d is %+v", i, e)
		}
	}
	if len(got) != len(want) || len(ids) != len(want) {
		t.Errorf("%d entries with %d ids, want %d", len(got), len(ids), len(want))
	}
}

func TestTwoStreamsHaveNoIDInCommon(t *testing.T) {
	a, b := read(t, strings.NewReader("x")).Entries(), read(t, strings.NewReader("x")).Entries()
	if a[0].MessageID == b[0].MessageID {
		t.Errorf("both are %s", a[0].MessageID)
	}
}

func TestALongTextIsPieces(t *testing.T) {
	for name, text := range map[string][]byte{
		"one line":   bytes.Repeat([]byte("x"), 5<<20),
		"many lines": bytes.Repeat([]byte("some line of a text\n"), 5<<20/20),
	} {
		t.Run(name, func(t *testing.T) {
			var whole []byte
			overlap := 0
			sink := read(t, bytes.NewReader(text))
			for i, e := range sink.Entries() {
				if e.Overlap != overlap || len(e.Data) > source.PieceSize || e.MessageID != sink.Entries()[0].MessageID {
					t.Errorf("piece %d: %d bytes, overlap %d, want %d, id %s", i, len(e.Data), e.Overlap, overlap, e.MessageID)
				}
				if !bytes.HasSuffix(whole, e.Data[:e.Overlap]) {
					t.Errorf("piece %d does not begin with what the one before ended with", i)
				}
				whole = append(whole, e.Data[e.Overlap:]...)
				overlap = e.Continues
			}
			if !bytes.Equal(whole, text) || overlap != 0 {
				t.Errorf("the pieces make %d bytes of %d; the last continues by %d", len(whole), len(text), overlap)
			}
		})
	}
}

func TestAFailingStreamIsALoss(t *testing.T) {
	broken := errors.New("connection reset")
	sink := read(t, io.MultiReader(strings.NewReader("abc"), failing{broken}))
	if l := sink.Losses(); len(l) != 1 || !strings.Contains(l[0].Reason, "connection reset") {
		t.Errorf("losses %v", l)
	}
	if e := sink.Entries(); len(e) != 1 || string(e[0].Data) != "abc" {
		t.Errorf("entries %v", e)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestCloseEndsAReadThatWaits(t *testing.T) {
	r, _ := io.Pipe()
	src := New(r)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := src.Run(ctx, nil, sourcetest.NewSink()); err != nil {
		t.Fatal(err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}
