package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// vectors are what test/hypercore-node/secretstream.mjs prints: a key, the header, and the
// box that libsodium makes of each message.
type vectors struct {
	K     []byte `json:"k"`
	H     []byte `json:"h"`
	Boxes []struct {
		Length int    `json:"length"`
		Fill   byte   `json:"fill"`
		Tag    byte   `json:"tag"`
		Box    []byte `json:"box"`
	} `json:"boxes"`
}

func readVectors(t testing.TB, text []byte) vectors {
	t.Helper()
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.K) != 32 || len(v.H) != headerSize || len(v.Boxes) < 70 {
		t.Fatalf("%d boxes", len(v.Boxes))
	}
	return v
}

// checkVectors seals what libsodium sealed, and opens what it made.
func checkVectors(t *testing.T, v vectors) {
	t.Helper()
	s := &sealer{newStream([32]byte(v.K), [headerSize]byte(v.H))}
	o := newOpener([32]byte(v.K), [headerSize]byte(v.H))
	for i, b := range v.Boxes {
		message := bytes.Repeat([]byte{b.Fill}, b.Length)
		if got := s.seal(nil, message, b.Tag); !bytes.Equal(got, b.Box) {
			t.Fatalf("message %d of %d bytes: sealed otherwise than by libsodium", i, b.Length)
		}
		got, tag, err := o.open(bytes.Clone(b.Box))
		if err != nil || tag != b.Tag || !bytes.Equal(got, message) {
			t.Fatalf("message %d of %d bytes: tag %d, %v", i, b.Length, tag, err)
		}
	}
}

func TestSecretstreamIsLibsodiums(t *testing.T) {
	text, err := os.ReadFile("testdata/secretstream.json")
	if err != nil {
		t.Fatal(err)
	}
	checkVectors(t, readVectors(t, text))
}

func TestSecretstreamRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		s, header := newSealer(key)
		o := newOpener(key, header)
		for range rapid.IntRange(1, 20).Draw(t, "messages") {
			message := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "message")
			tag := rapid.Byte().Draw(t, "tag")
			box := s.seal([]byte("before"), message, tag)[len("before"):]
			if len(box) != len(message)+overhead {
				t.Fatalf("a box of %d bytes for %d", len(box), len(message))
			}
			got, gotTag, err := o.open(box)
			if err != nil || gotTag != tag || !bytes.Equal(got, message) {
				t.Fatalf("%q, tag %d, %v", got, gotTag, err)
			}
		}
	})
}

// The counter of the nonce wraps after 2^32 messages, and then the key changes.
func TestSecretstreamChangesItsKeyWhenTheCounterIsUsedUp(t *testing.T) {
	s, header := newSealer([32]byte{1})
	o := newOpener([32]byte{1}, header)
	binary.LittleEndian.PutUint32(s.nonce[:counterSize], 1<<32-1)
	binary.LittleEndian.PutUint32(o.nonce[:counterSize], 1<<32-1)
	before := s.key
	for range 3 {
		if got, _, err := o.open(s.seal(nil, []byte("hello"), tagMessage)); err != nil || string(got) != "hello" {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if s.key == before || s.key != o.key {
		t.Error("the key did not change on both sides")
	}
}

func TestEveryBitOfABoxCounts(t *testing.T) {
	s, header := newSealer([32]byte{1})
	o := newOpener([32]byte{1}, header)
	box := s.seal(nil, []byte("a message"), tagMessage)
	for bit := range 8 * len(box) {
		bad := bytes.Clone(box)
		bad[bit/8] ^= 1 << (bit % 8)
		if _, _, err := o.open(bad); !errors.Is(err, ErrForged) {
			t.Fatalf("bit %d does not count: %v", bit, err)
		}
	}
	if got, _, err := o.open(box); err != nil || string(got) != "a message" {
		t.Errorf("after forged boxes: %q, %v", got, err)
	}
}

func TestBoxesKeepTheirOrder(t *testing.T) {
	s, header := newSealer([32]byte{1})
	first, second := s.seal(nil, []byte("1"), tagMessage), s.seal(nil, []byte("2"), tagMessage)
	for name, boxes := range map[string][][]byte{
		"left out": {second}, "repeated": {first, bytes.Clone(first)}, "too short": {first, {1, 2, 3}}, "empty": {nil},
	} {
		o := newOpener([32]byte{1}, header)
		var err error
		for _, b := range boxes {
			_, _, err = o.open(bytes.Clone(b))
		}
		if !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("no box"))
	f.Fuzz(func(t *testing.T, box []byte) {
		o := newOpener([32]byte{1}, [headerSize]byte{2})
		if _, _, err := o.open(box); err == nil {
			t.Error("a box that nobody sealed was opened")
		}
	})
}

func BenchmarkSecretstream(b *testing.B) {
	s, header := newSealer([32]byte{1})
	o := newOpener([32]byte{1}, header)
	message, box := make([]byte, 64<<10), []byte(nil)
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		box = s.seal(box[:0], message, tagMessage)
		if _, _, err := o.open(box); err != nil {
			b.Fatal(err)
		}
	}
}
