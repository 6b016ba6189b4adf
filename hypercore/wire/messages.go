package wire

import (
	"encoding/binary"
	"fmt"

	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// Protocol is the protomux name of a channel that replicates a core. Its id is the core's
// discovery key.
const Protocol = "hypercore/alpha"

// The types of a replication channel's messages, by their number (npm hypercore
// lib/replicator.js).
const (
	typeSync = iota
	typeRequest
	typeCancel
	typeData
	typeNoData
	typeWant
	typeUnwant
	typeBitfield
	typeRange
	typeExtension
)

// Replication is one of the messages of a replication channel: Sync, Request, Cancel,
// Data, NoData, Want, Unwant, Bitfield, Range, Extension.
type Replication interface {
	// Type is the message's number.
	Type() uint64
	// AppendTo appends the encoded message.
	AppendTo(b []byte) []byte
}

// Greeting is a replication channel's handshake.
type Greeting struct {
	Seeks      bool        // seeks by byte are understood
	Capability merkle.Hash // see merkle.Capability
}

// AppendTo appends the encoded greeting.
func (g Greeting) AppendTo(b []byte) []byte {
	b = enc.AppendUint(b, flags(g.Seeks))
	return append(b, g.Capability[:]...)
}

// DecodeGreeting reads a greeting.
func DecodeGreeting(body []byte) (Greeting, error) {
	d := enc.NewDecoder(body)
	g := Greeting{Seeks: d.Uint()&1 != 0, Capability: d.Fixed32()}
	return g, failed(d, "a greeting")
}

// Sync says what a peer has. It is sent when the channel opens and when that changes.
type Sync struct {
	Fork, Length uint64
	RemoteLength uint64 // what the other end has said to have, in the same fork
	CanUpgrade   bool   // it can prove its length to the other end
	Uploading    bool   // it answers requests
	Downloading  bool   // it makes requests; without it, an idle channel is closed
	HasManifest  bool
	AllowPush    bool // hypercore 11: it takes blocks that it has not asked for
}

// Request asks for any of a block, a hash, a position by byte, and a longer tree, with
// proofs; or for the core's manifest.
type Request struct {
	ID       uint64 // which the answer names; not 0
	Fork     uint64
	Block    *Position
	Hash     *Position
	Seek     *Seek
	Upgrade  *Upgrade
	Manifest bool
	Priority uint64
}

// Position is what a proof is wanted of, a block by its number or a tree node by its index,
// and how many levels up from there the nearest known node is.
type Position struct{ Index, Nodes uint64 }

// Seek is a position by byte; every block has Padding bytes that do not count.
type Seek struct{ Bytes, Padding uint64 }

// Upgrade is the part of the tree that is new: Length blocks from Start on.
type Upgrade struct{ Start, Length uint64 }

// Cancel takes a request back.
type Cancel struct{ Request uint64 }

// Data answers a request.
type Data struct {
	Request  uint64
	Fork     uint64
	Block    *BlockProof
	Hash     *HashProof
	Seek     *SeekProof
	Upgrade  *UpgradeProof
	Manifest *merkle.Manifest
}

// BlockProof is a block and the siblings on the way up.
type BlockProof struct {
	Index uint64
	Value []byte // a part of the frame
	Nodes []merkle.Node
}

// HashProof is a node, first, and the siblings on the way up.
type HashProof struct {
	Index uint64
	Nodes []merkle.Node
}

// SeekProof leads to a byte.
type SeekProof struct {
	Bytes uint64
	Nodes []merkle.Node
}

// UpgradeProof are the subtrees that make the tree longer, first those asked for, then
// those up to the length that Signature signs.
type UpgradeProof struct {
	Start, Length uint64
	Nodes         []merkle.Node
	Additional    []merkle.Node
	Signature     []byte // a part of the frame
}

// NoData says that a request can't be answered.
type NoData struct {
	Request uint64
	Reason  uint64 // hypercore 11; 0 is none
}

// Want asks for the bitfield of a range, and for news of it.
type Want struct {
	Start, Length uint64
	Any           bool // hypercore 11
}

// Unwant takes a Want back.
type Unwant struct {
	Start, Length uint64
	Any           bool // hypercore 11
}

// Bitfield says which blocks from Start on a peer has: the lowest bit of the first word is
// the block Start.
type Bitfield struct {
	Start uint64
	Words []uint32
}

// Range says that a peer has a run of blocks, or, with Drop, no longer has it.
type Range struct {
	Drop          bool
	Start, Length uint64
}

// Extension carries what applications agree upon. An empty name means the last one.
type Extension struct {
	Name    string
	Message []byte // a part of the frame
}

// Unknown is a message of a type that this package does not know.
type Unknown struct {
	Kind uint64
	Body []byte // a part of the frame
}

// Type is the message's number.
func (Sync) Type() uint64 { return typeSync }

// Type is the message's number.
func (Request) Type() uint64 { return typeRequest }

// Type is the message's number.
func (Cancel) Type() uint64 { return typeCancel }

// Type is the message's number.
func (Data) Type() uint64 { return typeData }

// Type is the message's number.
func (NoData) Type() uint64 { return typeNoData }

// Type is the message's number.
func (Want) Type() uint64 { return typeWant }

// Type is the message's number.
func (Unwant) Type() uint64 { return typeUnwant }

// Type is the message's number.
func (Bitfield) Type() uint64 { return typeBitfield }

// Type is the message's number.
func (Range) Type() uint64 { return typeRange }

// Type is the message's number.
func (Extension) Type() uint64 { return typeExtension }

// Type is the message's number.
func (u Unknown) Type() uint64 { return u.Kind }

// Decode reads a message of a replication channel. Byte strings in it are parts of body.
func Decode(kind uint64, body []byte) (Replication, error) {
	d := enc.NewDecoder(body)
	m := decode(kind, d)
	if err := failed(d, fmt.Sprintf("a message of type %d", kind)); err != nil {
		return nil, err
	}
	return m, nil
}

func decode(kind uint64, d *enc.Decoder) Replication {
	switch kind {
	case typeSync:
		return decodeSync(d)
	case typeRequest:
		return decodeRequest(d)
	case typeCancel:
		return Cancel{Request: d.Uint()}
	case typeData:
		return decodeData(d)
	case typeNoData:
		return decodeNoData(d)
	case typeWant:
		return Want{Start: d.Uint(), Length: d.Uint(), Any: optionalFlag(d)}
	case typeUnwant:
		return Unwant{Start: d.Uint(), Length: d.Uint(), Any: optionalFlag(d)}
	case typeBitfield:
		return decodeBitfield(d)
	case typeRange:
		return decodeRange(d)
	case typeExtension:
		return Extension{Name: string(d.Buffer()), Message: d.Fixed(d.Len())}
	}
	return Unknown{Kind: kind, Body: d.Fixed(d.Len())}
}

// flags packs booleans, the first in the lowest bit.
func flags(set ...bool) (out uint64) {
	for i, s := range set {
		if s {
			out |= 1 << i
		}
	}
	return out
}

// optionalFlag reads flags that older peers leave out.
func optionalFlag(d *enc.Decoder) bool { return d.Len() > 0 && d.Uint()&1 != 0 }

func appendUints(b []byte, numbers ...uint64) []byte {
	for _, n := range numbers {
		b = enc.AppendUint(b, n)
	}
	return b
}

func decodeBitfield(d *enc.Decoder) Bitfield {
	m := Bitfield{Start: d.Uint()}
	n := d.Count(4)
	m.Words = make([]uint32, 0, n)
	for range n {
		m.Words = append(m.Words, binary.LittleEndian.Uint32(d.Fixed(4)))
	}
	return m
}

func decodeRange(d *enc.Decoder) Range {
	f := d.Uint()
	m := Range{Drop: f&1 != 0, Start: d.Uint(), Length: 1}
	if f&2 == 0 {
		m.Length = d.Uint()
	}
	return m
}

func decodeNoData(d *enc.Decoder) NoData {
	m := NoData{Request: d.Uint()}
	if optionalFlag(d) {
		m.Reason = d.Uint()
	}
	return m
}
