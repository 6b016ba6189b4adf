package disk

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"

	"go.cordon.dev/cordon/hypercore/merkle"
)

// State is what one image of the oplog says: the header with its entries applied.
type State struct {
	HeaderVersion uint64
	Key           merkle.Hash
	Manifest      *merkle.Manifest // nil in a compat core that stored none
	HasSecretKey  bool             // the directory holds its writer's secret key, which is not read
	UserData      []UserData
	Fork          uint64
	Length        uint64
	Signature     []byte
	Contiguous    uint64 // hint: blocks stored from the beginning, as of the header
	Reorgs        []Reorg
	Entries       int
	Tail          Tail

	nodes     map[uint64]merkle.Node // newer than the tree file
	blank     map[uint64]bool        // gone from the tree, maybe still in the file
	truncated bool
	keep      uint64 // with truncated: blocks whose nodes in the file still count
	bits      []bitUpdate
}

// Tail is what follows the last whole entry of the oplog.
type Tail struct {
	Kind   TailKind
	Offset int // in the oplog file
	Size   int // bytes
}

// TailKind tells a harmless rest from a damaged one.
type TailKind int

const (
	// TailNone: nothing follows, or entries of an earlier header that were not cut yet.
	TailNone TailKind = iota
	// TailTorn: a half-written entry or batch; its writer has stopped or is still writing.
	TailTorn
	// TailDamaged: an entry fails its checksum although whole entries follow it. The npm
	// package would silently drop those.
	TailDamaged
)

// loadExternal reads a header that is kept outside the oplog.
type loadExternal func(start, length uint64) ([]byte, error)

// parseImage decodes an image of the oplog file.
func parseImage(image []byte, external loadExternal) (*State, error) {
	payload, bit, ok := slots(image)
	if !ok {
		return nil, noHeader(image)
	}
	h, err := decodeHeader(payload)
	if err != nil {
		return nil, err
	}
	if h.external != nil {
		if h, err = decodeExternal(h.external, external); err != nil {
			return nil, err
		}
	}
	s := newState(h)
	if len(image) > entryStart {
		return s, s.replay(image[entryStart:], bit)
	}
	return s, nil
}

func noHeader(image []byte) error {
	if len(image) < entryStart || len(bytes.TrimLeft(image, "\x00")) == 0 {
		return ErrEmpty
	}
	return fmt.Errorf("both header slots fail their checksum: %w", ErrCorrupt)
}

func decodeExternal(at *externalHeader, load loadExternal) (*header, error) {
	b, err := load(at.start, at.length)
	if err != nil {
		return nil, fmt.Errorf("reading external header: %w", err)
	}
	defer clear(b)
	h, err := decodeHeader(b)
	if err == nil && h.external != nil {
		err = fmt.Errorf("external header points on: %w", ErrCorrupt)
	}
	return h, err
}

func newState(h *header) *State {
	return &State{
		HeaderVersion: h.version, Key: h.key, Manifest: h.manifest, HasSecretKey: h.hasSecretKey,
		UserData: h.userData, Fork: h.fork, Length: h.length, Signature: h.signature,
		Contiguous: h.contiguous, Reorgs: h.reorgs,
		nodes: map[uint64]merkle.Node{}, blank: map[uint64]bool{},
	}
}

// replay applies the entries that belong to the header, batch by batch.
func (s *State) replay(b []byte, bit bool) error {
	at, good := 0, 0
	var batch [][]byte
	for {
		f, ok := readFrame(b[at:])
		if !ok || f.bit != bit {
			s.Tail = findTail(b, good, at, ok, bit)
			return nil
		}
		at += f.size
		batch = append(batch, f.payload)
		if f.partial {
			continue
		}
		if err := s.applyAll(batch); err != nil {
			return fmt.Errorf("at byte %d of the oplog: %w", entryStart+good, err)
		}
		batch, good = batch[:0], at
	}
}

// findTail judges what follows the last whole batch, which ends at good; the frame at is
// the first that was not applied.
func findTail(b []byte, good, at int, whole, bit bool) Tail {
	rest := b[good:]
	t := Tail{Offset: entryStart + good, Size: len(rest)}
	switch {
	case at > good && len(rest) > 0: // a batch that misses its end
		t.Kind = TailTorn
	case whole || len(bytes.TrimLeft(rest, "\x00")) == 0: // of an earlier header, or nothing
		return Tail{Offset: t.Offset}
	default:
		t.Kind = TailTorn
		if followed(b[at:], bit) {
			t.Kind = TailDamaged
		}
	}
	return t
}

// followed reports whether a whole entry stands where the broken one says it ends.
func followed(b []byte, bit bool) bool {
	if len(b) < frameHead {
		return false
	}
	n := int64(b[4])>>2 | int64(b[5])<<6 | int64(b[6])<<14 | int64(b[7])<<22
	if n+frameHead > int64(len(b)) {
		return false
	}
	f, ok := readFrame(b[frameHead+n:])
	return ok && f.bit == bit
}

func (s *State) applyAll(batch [][]byte) error {
	for _, payload := range batch {
		e, err := decodeEntry(payload)
		if err != nil {
			return errors.Join(ErrCorrupt, err)
		}
		s.apply(e)
	}
	return nil
}

func (s *State) apply(e *entry) {
	s.Entries++
	if e.userData != nil {
		s.UserData = setUserData(s.UserData, e.userData)
	}
	if u := e.upgrade; u != nil && u.ancestors < s.Length {
		s.truncate(u.ancestors)
	}
	for _, n := range e.nodes {
		s.nodes[n.Index] = n
	}
	if u := e.upgrade; u != nil {
		if u.fork != s.Fork && s.Length > 0 {
			s.Reorgs = append(s.Reorgs, Reorg{From: s.Fork, To: u.fork, Ancestors: u.ancestors})
		}
		s.Fork, s.Length, s.Signature = u.fork, u.length, u.signature
	}
	if e.bits != nil {
		s.bits = append(s.bits, *e.bits)
	}
}

// truncate forgets the nodes after the first length blocks, and those that span the cut.
func (s *State) truncate(length uint64) {
	if !s.truncated || length < s.keep {
		s.truncated, s.keep = true, length
	}
	for i := range s.nodes {
		if i >= 2*length {
			delete(s.nodes, i)
		}
	}
	for d := 1; length > 0 && d <= bits.Len64(length); d++ {
		if i := merkle.Index(d, (length-1)>>d); i < 2*length && merkle.EndBlock(i) > length {
			delete(s.nodes, i)
			s.blank[i] = true
		}
	}
}

// overlay answers for the nodes that the tree file is not the authority on.
func (s *State) overlay(index uint64) (n merkle.Node, decided bool) {
	if n, ok := s.nodes[index]; ok {
		return n, true
	}
	return merkle.Node{}, s.blank[index] || (s.truncated && index >= 2*s.keep)
}
