package disk

import (
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// Errors of a directory. They are wrapped with what was read and where.
var (
	// ErrEmpty: there is no whole header yet; a writer may be creating the core.
	ErrEmpty = errors.New("hypercore: no core is stored here yet")
	// ErrCorrupt: the files contradict themselves.
	ErrCorrupt = errors.New("hypercore: core is damaged")
	// ErrTooLarge: a size is over the limit this reader was given.
	ErrTooLarge = errors.New("hypercore: over the size limit")
	// ErrBusy: the writer kept writing while the oplog was read; try again.
	ErrBusy = errors.New("hypercore: oplog changes faster than it can be read")
)

// Reorg is a writer's note that fork From became fork To after Ancestors blocks. It is a
// hint: nobody signs it.
type Reorg struct{ From, To, Ancestors uint64 }

// header is the decoded header slot. It has no field for the secret key on purpose.
type header struct {
	version      uint64
	external     *externalHeader
	key          merkle.Hash
	manifest     *merkle.Manifest
	hasSecretKey bool
	userData     []UserData
	fork, length uint64
	rootHash     []byte
	signature    []byte
	reorgs       []Reorg
	contiguous   uint64
}

type externalHeader struct{ start, length uint64 }

// UserData names an application value stored with the core. The value itself is not kept,
// since applications store keys there; Name is set for the values that corestore writes
// under its own name, which are the core's name.
type UserData struct {
	Key  string `json:"key"`
	Size int    `json:"size"` // bytes
	Name string `json:"name,omitempty"`
}

// decodeHeader reads a header payload of version 0 or 1. Nothing returned refers to b.
func decodeHeader(b []byte) (*header, error) {
	d := enc.NewDecoder(b)
	h := &header{version: d.Uint()}
	switch h.version {
	case 0:
		h.decodeV0(d)
	case 1:
		h.decodeV1(d)
	default:
		d.Fail(fmt.Errorf("%w: header version %d is not known", ErrCorrupt, h.version))
	}
	if err := d.Err(); err != nil {
		return nil, fmt.Errorf("reading header: %w", err)
	}
	if h.length > merkle.MaxLength {
		return nil, fmt.Errorf("reading header: length %d: %w", h.length, ErrTooLarge)
	}
	return h, nil
}

// decodeV0 reads the first layout of hypercore 10: the tree's key is the signer's.
func (h *header) decodeV0(d *enc.Decoder) {
	for range 3 { // names of the tree, bitfield and signer types
		d.Skip()
	}
	h.decodeUserData(d)
	h.decodeTree(d)
	if key := d.Buffer(); len(key) == len(h.key) {
		copy(h.key[:], key)
	} else {
		d.Fail(fmt.Errorf("%w: public key of %d bytes", ErrCorrupt, len(key)))
	}
	h.hasSecretKey = d.Skip() > 0
	h.decodeHints(d)
}

func (h *header) decodeV1(d *enc.Decoder) {
	const external, manifest, keyPair = 1, 2, 4
	flags := d.Uint()
	if flags&external != 0 {
		h.external = &externalHeader{start: d.Uint(), length: d.Uint()}
		return
	}
	h.key = d.Fixed32()
	if flags&manifest != 0 {
		h.manifest = merkle.DecodeManifest(d)
	}
	if flags&keyPair != 0 {
		d.Skip()
		h.hasSecretKey = d.Skip() > 0
	}
	h.decodeUserData(d)
	h.decodeTree(d)
	h.decodeHints(d)
}

func (h *header) decodeUserData(d *enc.Decoder) {
	for n := d.Count(2); n > 0 && d.Err() == nil; n-- {
		h.userData = setUserData(h.userData, d)
	}
}

const corestoreName = "corestore/name"

// setUserData reads a key and a value and replaces, adds or (empty value) removes it.
func setUserData(list []UserData, d *enc.Decoder) []UserData {
	u := UserData{Key: string(d.Buffer())}
	value := d.Buffer()
	u.Size = len(value)
	if u.Key == corestoreName {
		u.Name = string(value)
	}
	for i := range list {
		if list[i].Key != u.Key {
			continue
		}
		if u.Size == 0 {
			return append(list[:i:i], list[i+1:]...)
		}
		list[i] = u
		return list
	}
	if u.Size == 0 {
		return list
	}
	return append(list, u)
}

func (h *header) decodeTree(d *enc.Decoder) {
	h.fork, h.length = d.Uint(), d.Uint()
	h.rootHash = clone(d.Buffer())
	h.signature = clone(d.Buffer())
}

func (h *header) decodeHints(d *enc.Decoder) {
	for n := d.Count(3); n > 0 && d.Err() == nil; n-- {
		h.reorgs = append(h.reorgs, Reorg{From: d.Uint(), To: d.Uint(), Ancestors: d.Uint()})
	}
	if d.Len() > 0 { // early versions end before it
		h.contiguous = d.Uint()
	}
}

// entry is one change recorded in the oplog.
type entry struct {
	userData *enc.Decoder // at key and value, or nil
	nodes    []merkle.Node
	upgrade  *upgrade
	bits     *bitUpdate
}

type upgrade struct {
	fork, ancestors, length uint64
	signature               []byte
}

type bitUpdate struct {
	drop        bool
	start, size uint64
}

// decodeEntry reads an entry payload. Nodes and signature do not refer to b, user data does.
func decodeEntry(b []byte) (*entry, error) {
	const userData, treeNodes, treeUpgrade, bitfield = 1, 2, 4, 8
	d := enc.NewDecoder(b)
	e := &entry{}
	flags := d.Uint()
	if flags&userData != 0 {
		e.userData = enc.NewDecoder(b[d.Offset():])
		d.Skip()
		d.Skip()
	}
	if flags&treeNodes != 0 {
		e.decodeNodes(d)
	}
	if flags&treeUpgrade != 0 {
		e.upgrade = &upgrade{fork: d.Uint(), ancestors: d.Uint(), length: d.Uint(), signature: clone(d.Buffer())}
	}
	if flags&bitfield != 0 {
		e.bits = &bitUpdate{drop: d.Uint()&1 != 0, start: d.Uint(), size: d.Uint()}
	}
	if err := d.Err(); err != nil {
		return nil, fmt.Errorf("reading oplog entry: %w", err)
	}
	return e, e.check()
}

func (e *entry) decodeNodes(d *enc.Decoder) {
	n := d.Count(merkle.NodeMinSize)
	e.nodes = make([]merkle.Node, 0, n)
	for ; n > 0 && d.Err() == nil; n-- {
		e.nodes = append(e.nodes, merkle.DecodeNode(d))
	}
}

// check refuses numbers that later arithmetic could not hold.
func (e *entry) check() error {
	if u := e.upgrade; u != nil && (u.length > merkle.MaxLength || u.ancestors > u.length) {
		return fmt.Errorf("oplog entry: length %d after %d: %w", u.length, u.ancestors, ErrTooLarge)
	}
	if b := e.bits; b != nil && (b.start > merkle.MaxLength || b.size > merkle.MaxLength) {
		return fmt.Errorf("oplog entry: blocks %d+%d: %w", b.start, b.size, ErrTooLarge)
	}
	return nil
}

func clone(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte(nil), b...)
}
