package inflate

import (
	"bytes"
	"compress/zlib"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// pieces compresses each message so that it can be read as soon as its bytes
// are there.
func pieces(t testing.TB, level int, messages [][]byte) (out [][]byte) {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if _, err := w.Write(m); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		out = append(out, bytes.Clone(b.Bytes()))
		b.Reset()
	}
	return out
}

func TestEveryPieceSaysWhatItSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.IntRange(0, 9).Draw(t, "level")
		alphabet := rapid.IntRange(1, 256).Draw(t, "alphabet")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		messages := make([][]byte, rapid.IntRange(1, 6).Draw(t, "messages"))
		for i := range messages {
			messages[i] = make([]byte, r.IntN(60_000))
			for j := range messages[i] {
				messages[i][j] = byte(r.IntN(alphabet))
			}
		}
		var b bytes.Buffer
		w, err := zlib.NewWriterLevel(&b, level)
		if err != nil {
			t.Fatal(err)
		}
		s := New(1 << 20)
		for i, m := range messages {
			_, _ = w.Write(m)
			_ = w.Flush()
			got, err := s.Next(b.Bytes())
			if err != nil || !bytes.Equal(got, m) {
				t.Fatalf("message %d: %d bytes of %d, error %v", i, len(got), len(m), err)
			}
			b.Reset()
		}
	})
}

// The stream may be cut anywhere.
func TestByteByByte(t *testing.T) {
	want := bytes.Repeat([]byte("the same again, and again; "), 400)
	var got []byte
	s := New(1 << 20)
	for _, b := range pieces(t, 9, [][]byte{want})[0] {
		part, err := s.Next([]byte{b})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, part...)
	}
	if !bytes.Equal(got, want) {
		t.Error("cut into bytes it says something else")
	}
}

func TestAPieceIsBounded(t *testing.T) {
	bomb := pieces(t, 9, [][]byte{make([]byte, 10<<20)})[0]
	if _, err := New(256 << 10).Next(bomb); err == nil {
		t.Error("ten megabytes come out of one packet")
	}
}

func FuzzNext(f *testing.F) {
	for level := range 10 {
		f.Add(pieces(f, level, [][]byte{bytes.Repeat([]byte("seed "), 50)})[0])
	}
	f.Fuzz(func(t *testing.T, piece []byte) {
		s := New(1 << 16)
		for range 3 {
			out, err := s.Next(piece)
			if err != nil {
				return
			}
			if len(out) > 1<<16+300 {
				t.Fatalf("%d bytes", len(out))
			}
		}
	})
}
