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

// squeezeBoth begins to compress where that was agreed upon. The caller holds mu.
func (c *Conn) squeezeBoth() error {
	if c.algs.compression[0] == delayed && c.in.squeeze == nil {
		c.in.squeeze = &unpacker{inflate.New(maxPacket)}
	}
	if c.algs.compression[1] == delayed && c.out.squeeze == nil {
		p := &packer{}
		w, err := zlib.NewWriterLevel(&p.out, zlib.BestSpeed)
		if err != nil {
			return fmt.Errorf("compressing: %w", err)
		}
		p.w, c.out.squeeze = w, p
	}
	return nil
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
