package peer

import (
	"runtime"
	"testing"
	"weak"

	"go.cordon.dev/cordon/hypercore/wire"
)

// An answer that waits for its turn keeps its block, and no more of the frame it came in.
func TestAnAnswerKeepsNoFrame(t *testing.T) {
	cases := map[string]func(frame []byte) wire.Data{
		"a block beside much": func(f []byte) wire.Data { return wire.Data{Block: &wire.BlockProof{Value: f[:64<<10]}} },
		"a small block":       func(f []byte) wire.Data { return wire.Data{Block: &wire.BlockProof{Value: f[:10]}} },
		"a signature nobody asked for": func(f []byte) wire.Data {
			return wire.Data{Block: &wire.BlockProof{}, Upgrade: &wire.UpgradeProof{Signature: f}}
		},
		"no block": func(f []byte) wire.Data { return wire.Data{Upgrade: &wire.UpgradeProof{Signature: f}} },
	}
	for name, of := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWindow(Options{}.withDefaults())
			w.sent[1] = question{block: 7}
			frame := func() weak.Pointer[byte] {
				b := make([]byte, 1<<20)
				m := of(b)
				m.Request = 1
				w.take(m)
				return weak.Make(&b[0])
			}()
			runtime.GC()
			if w.held[7] == nil || frame.Value() != nil {
				t.Errorf("held: %v, the frame stays: %v", w.held[7] != nil, frame.Value() != nil)
			}
			runtime.KeepAlive(w)
		})
	}
}
