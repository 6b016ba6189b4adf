package wsframe

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestAHeadIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Header{
			Fin: rapid.Bool().Draw(t, "fin"), RSV: rapid.ByteRange(0, 7).Draw(t, "rsv"), Op: Opcode(rapid.ByteRange(0, 15).Draw(t, "op")),
			Masked: rapid.Bool().Draw(t, "masked"), Length: rapid.Int64Min(0).Draw(t, "length"),
		}
		if h.Masked {
			copy(h.Key[:], rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "key"))
		}
		b := h.Append(nil)
		for short := range b {
			if _, n, err := Parse(b[:short]); n != 0 || err != nil {
				t.Fatalf("%d of %d bytes: %d, %v", short, len(b), n, err)
			}
		}
		got, n, err := Parse(append(b, "payload"...))
		if err != nil || n != len(b) || len(b) > MaxHeader || got != h {
			t.Fatalf("%+v, %d, %v, want %+v", got, n, err, h)
		}
	})
}

func TestAMaskComesOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		key := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "key"))
		at := rapid.IntRange(0, len(plain)).Draw(t, "at")
		b := bytes.Clone(plain)
		Mask(key, 0, b[:at])
		Mask(key, int64(at), b[at:])
		for i := range b {
			if b[i] != plain[i]^key[i%4] {
				t.Fatalf("byte %d of %d, cut at %d", i, len(b), at)
			}
		}
	})
}

func TestReaderSaysWhereTheEndStopped(t *testing.T) {
	whole := string(Header{Fin: true, Op: Text, Length: 5}.Append(nil)) + "hello"
	for said, want := range map[string]error{"": io.EOF, whole[:1]: io.ErrUnexpectedEOF, whole[:4]: io.ErrUnexpectedEOF, whole: io.EOF} {
		r := NewReader(iotest.OneByteReader(strings.NewReader(said)), Sequence{})
		_, err := r.Next()
		if err == nil {
			if _, err = io.ReadAll(r); err == nil {
				_, err = r.Next()
			}
		}
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", said, err, want)
		}
	}
}

func TestNegotiated(t *testing.T) {
	const offer = "permessage-deflate; client_max_window_bits, permessage-deflate"
	for answer, want := range map[string]Params{
		"":                   {},
		"permessage-deflate": {true, true, true},
		" Permessage-Deflate ; server_no_context_takeover":                           {On: true, ClientTakeover: true},
		"permessage-deflate; client_no_context_takeover; client_max_window_bits=15":  {On: true, ServerTakeover: true},
		`permessage-deflate; server_max_window_bits="8"; client_no_context_takeover`: {On: true, ServerTakeover: true},
	} {
		if got, err := Negotiated([]string{"x-other", offer}, []string{answer}); got != want || err != nil {
			t.Errorf("%q: %+v, %v", answer, got, err)
		}
	}
	for answer, want := range map[string]error{
		"x-mux": errExtension, "permessage-deflate, x-mux": errExtension, "permessage-deflate, permessage-deflate": errExtension,
		"permessage-deflate; x": errParams, "permessage-deflate; client_no_context_takeover=1": errParams, "permessage-deflate;": errParams,
		"permessage-deflate; server_max_window_bits=7": errParams, "permessage-deflate; server_max_window_bits": errParams,
		"permessage-deflate; client_no_context_takeover; CLIENT_no_context_takeover": errParams,
	} {
		if got, err := Negotiated([]string{offer}, []string{answer}); !errors.Is(err, want) {
			t.Errorf("%q: %+v, %v", answer, got, err)
		}
	}
	if _, err := Negotiated(nil, []string{"permessage-deflate"}); !errors.Is(err, errUnasked) {
		t.Errorf("unasked: %v", err)
	}
}

// deflated compresses messages one after the other, with takeover.
func deflated(t interface{ Fatal(...any) }, messages []string) (out [][]byte) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		_, err := io.WriteString(w, m)
		if err = errors.Join(err, w.Flush()); err != nil {
			t.Fatal(err)
		}
		out = append(out, bytes.TrimSuffix(bytes.Clone(b.Bytes()), []byte("\x00\x00\xff\xff")))
		b.Reset()
	}
	return out
}

func TestMessagesAreInflatedInTurn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "hello ", strings.Repeat("lorem ipsum ", 900), strings.Repeat("\x00\xff", 40_000)}), 1, 6)
		var messages []string
		for range rapid.IntRange(1, 6).Draw(t, "messages") {
			messages = append(messages, strings.Join(pieces.Draw(t, "pieces"), ""))
		}
		i := NewInflater(true)
		for n, m := range deflated(t, messages) {
			var got bytes.Buffer
			if err := i.Message(&got, m); err != nil || got.String() != messages[n] {
				t.Fatalf("message %d of %d: %v, %d bytes, want %d", n, len(messages), err, got.Len(), len(messages[n]))
			}
		}
	})
}

// After a message that could not be inflated nothing is that may refer to it.
func TestTheWindowIsLostWithAMessage(t *testing.T) {
	good := deflated(t, []string{"hello"})[0]
	for _, takeover := range []bool{true, false} {
		i := NewInflater(takeover)
		if err := i.Message(io.Discard, []byte{0xff}); err == nil {
			t.Error("what is no DEFLATE is inflated")
		}
		if err := i.Message(io.Discard, good); errors.Is(err, ErrLost) != takeover {
			t.Errorf("takeover %t: %v", takeover, err)
		}
	}
}

// few is a writer that takes so many bytes.
type few struct{ left int }

var errFull = errors.New("full")

func (f *few) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestABombEndsWhereItsReceiverIsFull(t *testing.T) {
	m := deflated(t, []string{strings.Repeat("0", 50<<20)})[0]
	if err := NewInflater(true).Message(&few{1 << 20}, m); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

func TestClosePayload(t *testing.T) {
	for _, reason := range []string{"", "short", strings.Repeat("ü", 100)} {
		p := ClosePayload(CodePolicy, reason)
		if err := CheckClose(p); err != nil || len(p) > MaxControl || !strings.HasPrefix(reason, string(p[2:])) {
			t.Errorf("%q: %v", p, err)
		}
	}
}

// frames reads frames with a Reader, as those of a server.
func frames(b []byte) (n int, err error) {
	r := NewReader(bytes.NewReader(b), Sequence{Deflate: true})
	for {
		h, err := r.Next()
		if err != nil {
			return n, err
		}
		payload, err := io.ReadAll(r)
		if err == nil && h.Op == Close {
			err = CheckClose(payload)
		}
		if err != nil {
			return n, err
		}
		n += len(h.Append(nil)) + len(payload)
	}
}

// A Follower, whatever the pieces, passes on what a Reader takes, and stops where
// that stops.
func FuzzFollower(f *testing.F) {
	f.Add([]byte("\x81\x05hello\x89\x00\x88\x02\x03\xe8"), 1)
	f.Add([]byte("\x01\x01a\x89\x01p\x80\x01b\xc1\x00"), 3)
	f.Add([]byte("\x82\x7e\x00\x7e"+strings.Repeat("x", 126)+"\x83\x00"), 50)
	f.Add([]byte("\x88\x01x"), 9)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		size = max(1, size&0xff)
		want, wantErr := frames(b)
		follower, passed := &Follower{Sequence: Sequence{Deflate: true}}, 0
		var err error
		for rest := b; len(rest) > 0 && err == nil; {
			piece := rest[:min(size, len(rest))]
			rest = rest[len(piece):]
			var n int
			n, err = follower.Feed(piece)
			passed += n
		}
		bad := (*Error)(nil)
		if errors.As(wantErr, &bad) != (err != nil) {
			t.Fatalf("the reader says %v, the follower %v", wantErr, err)
		}
		if err != nil && err.Error() != wantErr.Error() || passed < want || err == nil && passed != len(b) {
			t.Fatalf("%v and %v; %d passed, %d are well formed", err, wantErr, passed, want)
		}
		if err != nil && follower.Between() && !follower.Closed() && passed != want {
			t.Fatalf("between frames after %d bytes, want %d", passed, want)
		}
	})
}

func FuzzInflate(f *testing.F) {
	for _, m := range deflated(f, []string{"hello", "hello again", strings.Repeat("hello ", 1000)}) {
		f.Add(m, true)
	}
	f.Add([]byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), false)
	f.Fuzz(func(t *testing.T, m []byte, takeover bool) {
		i := NewInflater(takeover)
		for range 2 {
			sink := &few{1 << 20}
			err := i.Message(sink, m)
			if bad := (*Error)(nil); err != nil && !errors.As(err, &bad) && !errors.Is(err, errFull) && !errors.Is(err, ErrLost) {
				t.Fatalf("%v", err)
			}
			if len(i.window) > windowSize || !takeover && len(i.window) > 0 {
				t.Fatalf("a window of %d bytes", len(i.window))
			}
		}
	})
}

func FuzzNegotiated(f *testing.F) {
	f.Add("permessage-deflate; client_no_context_takeover, x")
	f.Fuzz(func(t *testing.T, answer string) {
		p, err := Negotiated([]string{deflateName}, []string{answer})
		if err == nil && p.On != strings.Contains(strings.ToLower(answer), deflateName) {
			t.Fatalf("%q: %+v", answer, p)
		}
	})
}
