package enc_test

import (
	"bytes"
	"errors"
	"testing"

	"go.cordon.dev/cordon/hypercore/enc"
	"pgregory.net/rapid"
)

func TestUint(t *testing.T) {
	// As npm compact-encoding writes them.
	for n, want := range map[uint64]string{
		0: "\x00", 0xfc: "\xfc", 0xfd: "\xfd\xfd\x00", 0xffff: "\xfd\xff\xff",
		0x10000: "\xfe\x00\x00\x01\x00", 1 << 32: "\xff\x00\x00\x00\x00\x01\x00\x00\x00",
	} {
		if got := enc.AppendUint(nil, n); string(got) != want {
			t.Errorf("%d is written as %x, want %x", n, got, want)
		}
		if got := enc.NewDecoder([]byte(want)).Uint(); got != n {
			t.Errorf("%x is read as %d, want %d", want, got, n)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, b := rapid.Uint64().Draw(t, "n"), rapid.SliceOf(rapid.Byte()).Draw(t, "b")
		d := enc.NewDecoder(append(enc.AppendBuffer(enc.AppendUint(nil, n), b), 7))
		if got := d.Uint(); got != n {
			t.Fatalf("uint %d, want %d", got, n)
		}
		if got := d.Buffer(); !bytes.Equal(got, b) {
			t.Fatalf("buffer %x, want %x", got, b)
		}
		if d.Err() != nil || d.Len() != 1 {
			t.Fatalf("%d bytes left, %v", d.Len(), d.Err())
		}
	})
}

// TestLengthsAreChecked: a length field beyond the input is an error that sticks.
func TestLengthsAreChecked(t *testing.T) {
	huge := enc.AppendUint(nil, 1<<62)
	for name, read := range map[string]func(*enc.Decoder){
		"uint":    func(d *enc.Decoder) { d.Fixed(len(huge)); d.Uint() },
		"buffer":  func(d *enc.Decoder) { d.Buffer() },
		"skip":    func(d *enc.Decoder) { d.Skip() },
		"count":   func(d *enc.Decoder) { d.Count(1) },
		"fixed":   func(d *enc.Decoder) { d.Fixed(len(huge) + 1) },
		"fixed32": func(d *enc.Decoder) { d.Fixed32() },
	} {
		d := enc.NewDecoder(huge)
		read(d)
		if !errors.Is(d.Err(), enc.ErrShort) || d.Uint() != 0 || d.Buffer() != nil {
			t.Errorf("%s: %v", name, d.Err())
		}
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte{0xfd, 1, 2}, []byte{0, 1, 2, 3})
	f.Fuzz(func(t *testing.T, input, calls []byte) {
		d := enc.NewDecoder(input)
		for _, c := range calls {
			switch c % 5 {
			case 0:
				d.Uint()
			case 1:
				d.Buffer()
			case 2:
				if n := d.Count(2); 2*n > d.Len() {
					t.Errorf("count %d of %d bytes", n, d.Len())
				}
			case 3:
				d.Fixed32()
			case 4:
				d.Fixed(int(c))
			}
		}
		if d.Offset() < 0 || d.Offset() > len(input) {
			t.Errorf("offset %d of %d", d.Offset(), len(input))
		}
	})
}
