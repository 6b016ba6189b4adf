package transport

import (
	"bytes"
	"compress/zlib"
	"fmt"

	"go.cordon.dev/cordon/internal/deception/service/ssh/inflate"
)

// compressor changes a payload into another; it remembers what went before.
type compressor interface {
	transform(payload []byte) ([]byte, error)
}

const delayed = "zlib@openssh.com" // compression from the login on

// squeeze makes what compresses one side's packets, 0 the client's and 1 ours;
// nil when that was not agreed upon or the client has not logged in. Each
// exchange of keys begins a new stream.
func (c *Conn) squeeze(side int) (compressor, error) {
	if !c.repeat || c.algs.compression[side] != delayed {
		return nil, nil
	}
	if side == 0 {
		return &unpacker{inflate.New(maxPacket)}, nil
	}
	p := &packer{}
	var err error
	if p.w, err = zlib.NewWriterLevel(&p.out, zlib.BestSpeed); err != nil {
		return nil, fmt.Errorf("compressing: %w", err)
	}
	return p, nil
}

// packer writes one zlib stream over all packets, each ending at a byte.
type packer struct {
	out bytes.Buffer
	w   *zlib.Writer
}

func (p *packer) transform(payload []byte) ([]byte, error) {
	p.out.Reset()
	if _, err := p.w.Write(payload); err != nil {
		return nil, fmt.Errorf("compressing: %w", err)
	}
	if err := p.w.Flush(); err != nil {
		return nil, fmt.Errorf("compressing: %w", err)
	}
	return p.out.Bytes(), nil
}

type unpacker struct{ *inflate.Stream }

func (u *unpacker) transform(payload []byte) ([]byte, error) { return u.Next(payload) }
