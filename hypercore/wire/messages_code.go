package wire

import (
	"encoding/binary"
	"fmt"

	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// AppendTo appends the encoded message.
func (m Sync) AppendTo(b []byte) []byte {
	f := flags(m.CanUpgrade, m.Uploading, m.Downloading, m.HasManifest, m.AllowPush)
	return appendUints(b, f, m.Fork, m.Length, m.RemoteLength)
}

func decodeSync(d *enc.Decoder) Sync {
	f := d.Uint()
	return Sync{
		Fork: d.Uint(), Length: d.Uint(), RemoteLength: d.Uint(),
		CanUpgrade: f&1 != 0, Uploading: f&2 != 0, Downloading: f&4 != 0, HasManifest: f&8 != 0, AllowPush: f&16 != 0,
	}
}

// AppendTo appends the encoded message.
func (m Request) AppendTo(b []byte) []byte {
	b = appendUints(b, flags(m.Block != nil, m.Hash != nil, m.Seek != nil, m.Upgrade != nil, m.Manifest, m.Priority != 0), m.ID, m.Fork)
	for _, p := range []*Position{m.Block, m.Hash} {
		if p != nil {
			b = appendUints(b, p.Index, p.Nodes)
		}
	}
	if m.Seek != nil {
		b = appendUints(b, m.Seek.Bytes, m.Seek.Padding)
	}
	if m.Upgrade != nil {
		b = appendUints(b, m.Upgrade.Start, m.Upgrade.Length)
	}
	if m.Priority != 0 {
		b = enc.AppendUint(b, m.Priority)
	}
	return b
}

func decodeRequest(d *enc.Decoder) Request {
	f := d.Uint()
	m := Request{ID: d.Uint(), Fork: d.Uint(), Manifest: f&16 != 0}
	if f&1 != 0 {
		m.Block = &Position{Index: d.Uint(), Nodes: d.Uint()}
	}
	if f&2 != 0 {
		m.Hash = &Position{Index: d.Uint(), Nodes: d.Uint()}
	}
	if f&4 != 0 {
		m.Seek = &Seek{Bytes: d.Uint(), Padding: d.Uint()}
	}
	if f&8 != 0 {
		m.Upgrade = &Upgrade{Start: d.Uint(), Length: d.Uint()}
	}
	if f&32 != 0 {
		m.Priority = d.Uint()
	}
	return m
}

// AppendTo appends the encoded message.
func (m Cancel) AppendTo(b []byte) []byte { return enc.AppendUint(b, m.Request) }

// AppendTo appends the encoded message.
func (m Data) AppendTo(b []byte) []byte {
	b = appendUints(b, flags(m.Block != nil, m.Hash != nil, m.Seek != nil, m.Upgrade != nil, m.Manifest != nil), m.Request, m.Fork)
	if p := m.Block; p != nil {
		b = appendNodes(enc.AppendBuffer(enc.AppendUint(b, p.Index), p.Value), p.Nodes)
	}
	if p := m.Hash; p != nil {
		b = appendNodes(enc.AppendUint(b, p.Index), p.Nodes)
	}
	if p := m.Seek; p != nil {
		b = appendNodes(enc.AppendUint(b, p.Bytes), p.Nodes)
	}
	if p := m.Upgrade; p != nil {
		b = appendNodes(appendNodes(appendUints(b, p.Start, p.Length), p.Nodes), p.Additional)
		b = enc.AppendBuffer(b, p.Signature)
	}
	if m.Manifest != nil {
		b = m.Manifest.AppendTo(b)
	}
	return b
}

func decodeData(d *enc.Decoder) Data {
	f := d.Uint()
	m := Data{Request: d.Uint(), Fork: d.Uint()}
	if f&1 != 0 {
		m.Block = &BlockProof{Index: d.Uint(), Value: d.Buffer(), Nodes: decodeNodes(d)}
	}
	if f&2 != 0 {
		m.Hash = &HashProof{Index: d.Uint(), Nodes: decodeNodes(d)}
	}
	if f&4 != 0 {
		m.Seek = &SeekProof{Bytes: d.Uint(), Nodes: decodeNodes(d)}
	}
	if f&8 != 0 {
		m.Upgrade = &UpgradeProof{
			Start: d.Uint(), Length: d.Uint(),
			Nodes: decodeNodes(d), Additional: decodeNodes(d), Signature: d.Buffer(),
		}
	}
	if f&16 != 0 {
		m.Manifest = merkle.DecodeManifest(d)
	}
	return m
}

func appendNodes(b []byte, nodes []merkle.Node) []byte {
	b = enc.AppendUint(b, uint64(len(nodes)))
	for _, n := range nodes {
		b = appendUints(b, n.Index, n.Size)
		b = append(b, n.Hash[:]...)
	}
	return b
}

// maxNodes is more than any proof takes: two for each level of the tallest tree.
const maxNodes = 2 * 64

func decodeNodes(d *enc.Decoder) []merkle.Node {
	n := d.Count(merkle.NodeMinSize)
	if n > maxNodes {
		d.Fail(fmt.Errorf("%d nodes in a proof, at most %d can be needed", n, maxNodes))
		return nil
	}
	nodes := make([]merkle.Node, 0, n)
	for range n {
		node := merkle.DecodeNode(d)
		if node.Index >= 2*merkle.MaxLength {
			d.Fail(fmt.Errorf("node %d is past the longest log", node.Index))
		}
		nodes = append(nodes, node)
	}
	return nodes
}

// AppendTo appends the encoded message.
func (m NoData) AppendTo(b []byte) []byte {
	b = appendUints(b, m.Request, flags(m.Reason != 0))
	if m.Reason != 0 {
		b = enc.AppendUint(b, m.Reason)
	}
	return b
}

// AppendTo appends the encoded message.
func (m Want) AppendTo(b []byte) []byte { return appendWanted(b, m.Start, m.Length, m.Any) }

// AppendTo appends the encoded message.
func (m Unwant) AppendTo(b []byte) []byte { return appendWanted(b, m.Start, m.Length, m.Any) }

func appendWanted(b []byte, start, length uint64, all bool) []byte {
	b = appendUints(b, start, length)
	if all {
		b = enc.AppendUint(b, 1)
	}
	return b
}

// AppendTo appends the encoded message.
func (m Bitfield) AppendTo(b []byte) []byte {
	b = appendUints(b, m.Start, uint64(len(m.Words)))
	for _, w := range m.Words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// AppendTo appends the encoded message.
func (m Range) AppendTo(b []byte) []byte {
	b = appendUints(b, flags(m.Drop, m.Length == 1), m.Start)
	if m.Length != 1 {
		b = enc.AppendUint(b, m.Length)
	}
	return b
}

// AppendTo appends the encoded message.
func (m Extension) AppendTo(b []byte) []byte {
	return append(enc.AppendBuffer(b, []byte(m.Name)), m.Message...)
}

// AppendTo appends the message's body.
func (u Unknown) AppendTo(b []byte) []byte { return append(b, u.Body...) }
