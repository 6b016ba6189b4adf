package store11

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// The first and third numbers of keys (npm hypercore-storage lib/keys.js).
const (
	spaceHead  = 0 // of the store
	spaceCores = 1 // by discovery key
	spaceCore  = 3
	spaceData  = 4

	coreAuth = 0

	dataHead       = 0
	dataDependency = 1
	dataBlock      = 3
	dataTree       = 4
	dataBitfield   = 5
)

// storeVersion is the form of records that is known.
const storeVersion = 2

// Core is one core of a store. It is for one goroutine at a time.
type Core struct {
	db  *DB
	ptr struct{ core, data uint64 }
	key merkle.Hash // zero: the default core, or the only one
	id  Identity
}

// Identity is what does not change about a core.
type Identity struct {
	Key      merkle.Hash
	Manifest *merkle.Manifest // nil when the key is that of the only signer
	Secret   bool             // the writer's secret key is there, which is not read
}

// Head is what a core's writer says about it. Nothing of it is proven.
type Head struct {
	Fork, Length uint64
	Signature    []byte
}

// OpenCore opens a core of the store in a directory. With a zero key it is the store's
// default core, or, if there is none, its only one; ErrSeveral says when there are several.
func OpenCore(dir string, key merkle.Hash) (*Core, error) {
	c := &Core{key: key}
	look, err := Open(dir, func(k []byte) bool { return !isData(k) })
	if err != nil {
		return nil, err
	}
	err = c.identify(look)
	if err = errors.Join(err, look.Close()); err != nil {
		return nil, err
	}
	own, auth := number(number(nil, spaceData), c.ptr.data), c.authKey()
	c.db, err = Open(dir, func(k []byte) bool { return bytes.HasPrefix(k, own) || bytes.Equal(k, auth) })
	return c, err
}

func (c *Core) authKey() []byte {
	return number(number(number(nil, spaceCore), c.ptr.core), coreAuth)
}

func isData(key []byte) bool { return len(key) > 0 && key[0] == spaceData }

// Close closes the store.
func (c *Core) Close() error { return c.db.Close() }

// Refresh moves to the state the core is in now, and reports whether anything of it was
// written.
func (c *Core) Refresh() (bool, error) {
	changed, err := c.db.Refresh()
	if changed && err == nil && c.id.Manifest == nil { // that of a replica comes later than its key
		err = c.loadAuth(c.db)
	}
	return changed, err
}

// Stale reports whether the store was written to since Refresh.
func (c *Core) Stale() bool { return c.db.Stale() }

// Identity is the core's.
func (c *Core) Identity() Identity { return c.id }

// Keys are the keys of the cores in the store of a directory.
func Keys(dir string) (keys []merkle.Hash, err error) {
	db, err := Open(dir, func(k []byte) bool { return !isData(k) })
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.Each(number(nil, spaceCores), func(k []byte) error {
		c := &Core{}
		if err := c.load(db, k); err != nil {
			return err
		}
		keys = append(keys, c.id.Key)
		return nil
	})
	return keys, err
}

// identify finds the core's pointers and what is said about who signs it.
func (c *Core) identify(db *DB) error {
	if !c.key.IsZero() {
		discovery := merkle.DiscoveryKey(c.key)
		return c.load(db, append(number(nil, spaceCores), discovery[:]...))
	}
	discovery, err := defaultCore(db)
	if err != nil {
		return err
	}
	if discovery != nil {
		return c.load(db, append(number(nil, spaceCores), discovery...))
	}
	var all [][]byte
	err = db.Each(number(nil, spaceCores), func(k []byte) error { all = append(all, k); return nil })
	if err != nil {
		return err
	}
	switch len(all) {
	case 0:
		return ErrNoCore
	case 1:
		return c.load(db, all[0])
	}
	return fmt.Errorf("%w: name one of %d by its key, STORE/KEY", ErrSeveral, len(all))
}

// defaultCore is the discovery key of the core that hypercore, without a corestore, opens.
func defaultCore(db *DB) ([]byte, error) {
	v, ok, err := db.Get(number(nil, spaceHead))
	if err != nil || !ok {
		return nil, err
	}
	d := enc.NewDecoder(v)
	if version := d.Uint(); version != storeVersion {
		return nil, fmt.Errorf("%w: records of version %d", ErrVersion, version)
	}
	d.Uint() // cores, data, groups
	d.Uint()
	d.Uint()
	flags := d.Uint()
	if flags&1 != 0 {
		d.Fixed(32) // the seed of all keys
	}
	if flags&2 == 0 {
		return nil, d.Err()
	}
	return bytes.Clone(d.Fixed(32)), d.Err()
}

// load reads a core's records by its key in the list of cores.
func (c *Core) load(db *DB, listed []byte) error {
	v, ok, err := db.Get(listed)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNoCore
	}
	d := enc.NewDecoder(v)
	version := d.Uint()
	c.ptr.core, c.ptr.data = d.Uint(), d.Uint()
	if d.Err() != nil || version != storeVersion {
		return errors.Join(d.Err(), fmt.Errorf("%w: a core's record of version %d", ErrVersion, version))
	}
	return c.loadAuth(db)
}

func (c *Core) loadAuth(db *DB) error {
	auth, ok, err := db.Get(c.authKey())
	if err != nil || !ok {
		return errors.Join(err, fmt.Errorf("%w: it is listed, and nothing is said about it", ErrDamaged))
	}
	err = c.readAuth(enc.NewDecoder(auth))
	clear(auth) // the writer's secret key is in it
	db.Forget()
	return err
}

// readAuth reads encoding/spec core/auth.
func (c *Core) readAuth(d *enc.Decoder) error {
	const hasManifest, hasKeys = 1, 2
	c.id = Identity{Key: d.Fixed32()}
	d.Fixed(32) // discovery key
	flags := d.Uint()
	if flags&hasManifest != 0 {
		if err := c.readManifest(d.Buffer()); err != nil {
			return fmt.Errorf("reading the manifest: %w", err)
		}
	}
	if flags&hasKeys != 0 {
		d.Skip()
		c.id.Secret = d.Skip() > 0
	}
	if d.Err() != nil {
		return fmt.Errorf("%w: who signs the core: %w", ErrDamaged, d.Err())
	}
	return nil
}

// readManifest reads a manifest. From version 1 on it is stored as it is sent; one of version
// 0 is not, and only that of a core whose key signs is known to be the core's.
func (c *Core) readManifest(b []byte) error {
	if len(b) > 0 && b[0] > 0 {
		d := enc.NewDecoder(b)
		c.id.Manifest = merkle.DecodeManifest(d)
		return d.Err()
	}
	d := enc.NewDecoder(b)
	for range 4 { // version, flags, hash, quorum
		d.Uint()
	}
	signers, _, _ := d.Uint(), d.Uint(), d.Fixed32()
	if key := merkle.Hash(d.Fixed32()); d.Err() != nil || signers != 1 || key != c.id.Key {
		return errors.Join(d.Err(), fmt.Errorf("%w: a manifest of version 0", ErrVersion))
	}
	return nil
}

// Head reads the core's head; false when nothing was appended yet.
func (c *Core) Head() (h Head, ok bool, err error) {
	if _, depends, err := c.get(dataDependency); depends || err != nil {
		return h, false, errors.Join(err, fmt.Errorf("%w: it depends on another core's blocks", ErrVersion))
	}
	v, ok, err := c.get(dataHead)
	if err != nil || !ok {
		return h, false, err
	}
	h, err = readHead(v)
	return h, err == nil, err
}

// readHead reads encoding/spec core/head.
func readHead(b []byte) (h Head, err error) {
	d := enc.NewDecoder(b)
	h.Fork, h.Length = d.Uint(), d.Uint()
	d.Fixed(32) // the tree's hash, which is computed
	h.Signature = bytes.Clone(d.Buffer())
	if d.Err() != nil {
		return Head{}, fmt.Errorf("%w: the head: %w", ErrDamaged, d.Err())
	}
	if h.Length > merkle.MaxLength {
		return Head{}, fmt.Errorf("%w: a head of %d blocks", ErrDamaged, h.Length)
	}
	return h, nil
}

// Node reads a node of the tree; merkle.ErrMissing when it is not stored.
func (c *Core) Node(index uint64) (merkle.Node, error) {
	v, ok, err := c.get(dataTree, index)
	if err != nil || !ok {
		return merkle.Node{}, errors.Join(err, fmt.Errorf("node %d: %w", index, merkle.ErrMissing))
	}
	d := enc.NewDecoder(v)
	n := merkle.DecodeNode(d)
	if d.Err() != nil || n.Index != index {
		return merkle.Node{}, fmt.Errorf("%w: node %d of the tree", ErrDamaged, index)
	}
	return n, nil
}

// Block reads a block as it is stored; false when it is not. It is valid until the next
// call.
func (c *Core) Block(index uint64) ([]byte, bool, error) { return c.get(dataBlock, index) }

// BitfieldPage reads which of 32,768 blocks are stored, least significant bit first; nil
// when none is.
func (c *Core) BitfieldPage(number uint64) ([]byte, error) {
	v, _, err := c.get(dataBitfield, number, 0)
	return v, err
}

func (c *Core) get(rest ...uint64) ([]byte, bool, error) {
	key := number(number(make([]byte, 0, 32), spaceData), c.ptr.data)
	for _, n := range rest {
		key = number(key, n)
	}
	return c.db.Get(key)
}

// number appends a number such that keys sort by it (npm index-encoder UINT).
func number(b []byte, n uint64) []byte {
	switch {
	case n <= 0xfb:
		return append(b, byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(b, 0xfc), uint16(n))
	case n <= 0xffffffff:
		return binary.BigEndian.AppendUint32(append(b, 0xfd), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xfe), n)
}
