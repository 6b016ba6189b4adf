package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// written is what test/hypercore-node/messages.mjs prints.
type written struct {
	Messages []struct {
		Name  string `json:"name"`
		Type  uint64 `json:"type"`
		Bytes []byte `json:"bytes"`
	} `json:"messages"`
	Frames [][]byte `json:"frames"`
}

func readWritten(t testing.TB) (w written) {
	t.Helper()
	text, err := os.ReadFile("testdata/messages.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

func fill(b byte, size int) []byte { return bytes.Repeat([]byte{b}, size) }

func filled(index, size uint64) merkle.Node {
	return merkle.Node{Index: index, Size: size, Hash: merkle.Hash(fill(byte(index), 32))}
}

// spoken are the messages of messages.mjs, in its order. The manifests are left to its bytes.
func spoken() []Replication {
	nodes := []merkle.Node{filled(0, 5), filled(3, 300), filled(9, 70000)}
	return []Replication{
		Sync{},
		Sync{Fork: 3, Length: 70000, RemoteLength: 253, CanUpgrade: true, Uploading: true, Downloading: true, HasManifest: true},
		Request{ID: 1, Fork: 2, Manifest: true, Priority: 2},
		Request{ID: 300, Block: &Position{5, 3}, Upgrade: &Upgrade{7, 2}},
		Request{ID: 1 << 32, Hash: &Position{10, 0}, Seek: &Seek{99, 8}},
		Cancel{Request: 7},
		Data{Request: 1, Fork: 2, Block: &BlockProof{Index: 4, Value: fill(7, 400), Nodes: nodes}},
		Data{Request: 1, Fork: 2, Block: &BlockProof{Index: 4, Nodes: []merkle.Node{}}},
		Data{Request: 1, Fork: 2, Hash: &HashProof{Index: 4, Nodes: nodes}, Seek: &SeekProof{Bytes: 12, Nodes: nodes}},
		Data{Request: 1, Fork: 2, Upgrade: &UpgradeProof{Start: 1, Length: 9, Nodes: nodes, Additional: []merkle.Node{filled(21, 2)}, Signature: fill(8, 64)}},
		Data{Request: 1},
		Data{Request: 1},
		Data{Request: 1},
		NoData{Request: 9},
		Want{Start: 32768, Length: 2097152},
		Unwant{Length: 1},
		Bitfield{Start: 32768, Words: []uint32{1, 0xffffffff, 0x80000000}},
		Range{Start: 3, Length: 1},
		Range{Drop: true, Start: 300, Length: 70000},
		Extension{Name: "chat", Message: []byte("hello")},
	}
}

func TestMessagesAreThoseOfNpm(t *testing.T) {
	w, want := readWritten(t), spoken()
	if len(w.Messages) != len(want) {
		t.Fatalf("%d messages, want %d", len(w.Messages), len(want))
	}
	for i, m := range w.Messages {
		got, err := Decode(m.Type, m.Bytes)
		if err != nil {
			t.Fatalf("%d %s: %v", i, m.Name, err)
		}
		if m.Name != "noData" { // ours says that there is no reason, as hypercore 11 does
			if again := got.AppendTo([]byte("x")); !bytes.Equal(again[1:], m.Bytes) || got.Type() != m.Type {
				t.Errorf("%d %s: encoded otherwise\n%x\n%x", i, m.Name, again[1:], m.Bytes)
			}
		}
		if d, ok := got.(Data); ok && d.Manifest != nil {
			if len(d.Manifest.Signers) == 0 {
				t.Errorf("%d: a manifest without signers", i)
			}
			d.Manifest = nil
			got = d
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%d %s (-want +got):\n%s", i, m.Name, diff)
		}
	}
}

func TestWhatOnlyHypercore11Says(t *testing.T) {
	for _, m := range []Replication{
		Sync{Fork: 1, AllowPush: true}, NoData{Request: 1, Reason: 3}, NoData{Request: 1},
		Want{Start: 1, Length: 2, Any: true}, Unwant{Start: 1, Length: 2, Any: true}, Unknown{Kind: 10, Body: []byte("later")},
	} {
		got, err := Decode(m.Type(), m.AppendTo(nil))
		if err != nil || !cmp.Equal(m, got) {
			t.Errorf("%#v became %#v, %v", m, got, err)
		}
	}
}

// However short a message is cut, that is told, and nothing is made up of what is missing.
func TestMessagesCutAtEveryByte(t *testing.T) {
	for _, m := range readWritten(t).Messages {
		if m.Name == "extension" { // whose end is wherever the message ends
			continue
		}
		for n := range m.Bytes {
			if _, err := Decode(m.Type, m.Bytes[:n]); !errors.Is(err, ErrProtocol) {
				t.Errorf("%s of %d bytes cut to %d: %v", m.Name, len(m.Bytes), n, err)
			}
		}
	}
}

func TestMessagesRefuse(t *testing.T) {
	many := make([]merkle.Node, maxNodes+1)
	for name, m := range map[string]Replication{
		"more nodes than a proof can need": Data{Request: 1, Hash: &HashProof{Nodes: many}},
		"a node past the longest log":      Data{Request: 1, Hash: &HashProof{Nodes: []merkle.Node{{Index: 2 * merkle.MaxLength}}}},
	} {
		if _, err := Decode(m.Type(), m.AppendTo(nil)); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Decode(typeBitfield, []byte{0, 0xff, 255, 255, 255, 255, 255, 255, 255, 127}); !errors.Is(err, ErrProtocol) {
		t.Errorf("a bitfield of 2^63 words: %v", err)
	}
}

func TestGreeting(t *testing.T) {
	want := Greeting{Seeks: true, Capability: merkle.Hash{1, 2, 3}}
	got, err := DecodeGreeting(want.AppendTo(nil))
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := DecodeGreeting([]byte{1, 2}); !errors.Is(err, ErrProtocol) {
		t.Errorf("a short greeting: %v", err)
	}
}

// FuzzDecode: what is read and written again is read the same.
func FuzzDecode(f *testing.F) {
	for _, m := range readWritten(f).Messages {
		f.Add(m.Type, m.Bytes)
	}
	f.Fuzz(func(t *testing.T, kind uint64, body []byte) {
		m, err := Decode(kind, body)
		if err != nil {
			return
		}
		again, err := Decode(m.Type(), m.AppendTo(nil))
		if err != nil {
			t.Fatalf("%#v: %v", m, err)
		}
		if diff := cmp.Diff(m, again, cmp.AllowUnexported(merkle.Manifest{}), cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}
