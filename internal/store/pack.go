package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/klauspost/compress/zstd"

	"go.cordon.dev/cordon/internal/event"
)

const (
	// packFrom is how many bytes of data are worth packing. Records that came
	// together are one event of some 50 KB, and a busy node has forty of them a
	// second; what is shorter stays as it is, so that other programs read it as well.
	packFrom = 4 << 10
	// maxUnpacked is more than any event has: a packed one that says it is longer is
	// damaged.
	maxUnpacked = 64 << 20
)

// packer packs the data of long events with Zstandard (RFC 8878). It is safe for
// concurrent use.
type packer struct {
	in  *zstd.Encoder
	out *zstd.Decoder
}

func newPacker() (packer, error) {
	in, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return packer{}, fmt.Errorf("preparing to pack events: %w", err)
	}
	out, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxUnpacked), zstd.WithDecoderLowmem(true))
	if err != nil {
		return packer{}, errors.Join(fmt.Errorf("preparing to unpack events: %w", err), in.Close())
	}
	return packer{in, out}, nil
}

// Packed is an encoded event as the log keeps it.
type Packed struct {
	event.Encoded
	envelope string // its JSON; without the data if that is packed
	data     []byte // packed; nil: it is in the envelope
}

// Pack packs an event if it is long. Whoever has time does, so that those who wait for
// the writer do not wait for that.
func (s *Store) Pack(e event.Encoded) Packed { return s.packer.pack(e) }

func (p packer) pack(e event.Encoded) Packed {
	data := e.Event().Data
	if len(data) < packFrom {
		return Packed{Encoded: e, envelope: e.JSON()}
	}
	head, last := strings.CutSuffix(e.JSON(), string(data)+"}")
	if !last {
		return Packed{Encoded: e, envelope: e.JSON()}
	}
	return Packed{Encoded: e, envelope: head + packedData, data: p.in.EncodeAll(data, make([]byte, 0, len(data)/4))}
}

// packedData stands where data would that is packed, and ends the envelope: what is
// looked for in events is found in envelopes, without unpacking.
const packedData = "null}"

// unpack gives an event its data back, and returns how many bytes its JSON has.
func (p packer) unpack(e *event.Event, r eventRow) (size int, err error) {
	if r.Packed == nil {
		return len(r.Envelope), nil
	}
	if e.Data, err = p.out.DecodeAll(r.Packed, nil); err != nil {
		return 0, fmt.Errorf("unpacking event %s: %w", r.ID, err)
	}
	if len(e.Data) == 0 {
		return 0, fmt.Errorf("unpacking event %s: it is empty", r.ID)
	}
	return len(r.Envelope) - len(packedData) + len(e.Data) + len("}"), nil
}
