package wire

import (
	"bytes"
	"testing"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	p := Message(7).Bool(true).Uint32(1 << 31).Uint64(1 << 63).Text("text").String([]byte{0, 1}).Mpint([]byte{0, 0x80, 1}).Byte(9)
	r := Read(p)
	if r.Byte() != 7 || !r.Bool() || r.Uint32() != 1<<31 || r.Uint64() != 1<<63 || r.Text() != "text" || !bytes.Equal(r.String(), []byte{0, 1}) ||
		!bytes.Equal(r.Mpint(8), []byte{0x80, 1}) || r.Byte() != 9 || !r.End() {
		t.Errorf("%x", p)
	}
}

func TestWhatIsMissingIsNoticed(t *testing.T) {
	for name, read := range map[string]func(r *Reader){
		"a number": func(r *Reader) { r.Uint32() }, "a long string": func(r *Reader) { r.Skip(3) },
		"a string": func(r *Reader) { _ = r.String() }, "eight bytes": func(r *Reader) { r.Uint64() },
	} {
		r := Read([]byte{0, 0})
		if read(r); r.OK() || r.More() || r.Byte() != 0 {
			t.Errorf("%s of two bytes is there", name)
		}
	}
	for name, b := range map[string][]byte{"negative": Packet(nil).String([]byte{0x80}), "too long": Packet(nil).Mpint(make([]byte, 9)[:0]).Mpint([]byte{1, 2, 3})[4:]} {
		r := Read(b)
		if r.Mpint(2); r.OK() {
			t.Errorf("a number that is %s is one", name)
		}
	}
	if r := Read(Packet(nil).Text("a\x00b")); r.CString() != "" || r.OK() {
		t.Error("a zero within a text is one")
	}
	if r := Read(Packet(nil).Text("a\x00")); r.CString() != "a" || !r.OK() {
		t.Error("a zero at the end is none")
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(Message(1).Text("x").Mpint([]byte{1})))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := Read(b)
		r.Byte()
		s := r.String()
		m := r.Mpint(16)
		_ = r.CString()
		if len(s) > len(b) || len(m) > 16 || r.OK() && len(r.Rest()) > len(b) {
			t.Fatal("more comes out than went in")
		}
	})
}
