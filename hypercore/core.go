package hypercore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// Options say how a core is read. The zero value reads a core that is not encrypted.
type Options struct {
	// EncryptionKey is the key the core's readers share. If nil, blocks are returned as stored.
	EncryptionKey *Key
	// BlockKey says that EncryptionKey is the derived key of this one core's blocks
	// ("isBlockKey" in the npm package).
	BlockKey bool
	// MaxBlock is the largest block read, in bytes; a larger one is reported as Corrupt
	// with ErrTooLarge. If 0, 16 MiB; the npm package writes at most 15 MiB.
	MaxBlock uint64
	// Limits bound the other files. Zero fields have defaults.
	Limits disk.Limits
}

const defaultMaxBlock = 16 << 20

func (o Options) maxBlock() uint64 {
	if o.MaxBlock == 0 {
		return defaultMaxBlock
	}
	return o.MaxBlock
}

func (o Options) cipher(core Key, compat bool) *disk.Cipher {
	switch {
	case o.EncryptionKey == nil:
		return nil
	case o.BlockKey:
		return disk.NewCipher(*o.EncryptionKey)
	}
	return disk.NewCipher(merkle.BlockKey(*o.EncryptionKey, core, compat))
}

// Core is an open core. It stays at the state it was opened in until Refresh, as far as
// its writer leaves that state readable. It may be used by several goroutines, one at a time
// being served.
type Core struct {
	mu    sync.Mutex
	dir   *disk.Dir
	opts  Options
	state *disk.State
	view  *view
}

// Open opens the core at path: its directory, a file in it, or a link to either. It reads
// the header and checks nothing yet, so that damaged cores can be looked at; Verify does.
func Open(path string, opts Options) (*Core, error) {
	real, err := disk.Resolve(path)
	if err != nil {
		return nil, err
	}
	dir, err := disk.Open(real, opts.Limits)
	if err != nil {
		return nil, err
	}
	c := &Core{dir: dir, opts: opts}
	if err := c.Refresh(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), dir.Close())
	}
	return c, nil
}

// Close closes the core's files.
func (c *Core) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dir.Close()
}

// Refresh moves to the state the directory is in now.
func (c *Core) Refresh() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refresh()
}

func (c *Core) refresh() error {
	state, changed, err := c.dir.Load()
	if err != nil {
		return err
	}
	if changed {
		c.state, c.view = state, nil
	}
	return nil
}

// Info is what a core's header says about it.
type Info struct {
	Path          string          `json:"path"`
	Key           Key             `json:"key"`
	DiscoveryKey  Key             `json:"discovery_key"`
	Name          string          `json:"name,omitempty"` // given by corestore
	Length        uint64          `json:"length"`         // blocks
	Fork          uint64          `json:"fork"`
	HeaderVersion uint64          `json:"header_version"`
	Compat        bool            `json:"compat"` // the key is the signer's public key
	Signers       int             `json:"signers"`
	Quorum        uint64          `json:"quorum"`
	Writable      bool            `json:"writable"` // its writer's secret key lies in the directory
	Pending       int             `json:"pending"`  // oplog entries not yet in the other files
	TornBytes     int             `json:"torn_bytes"`
	UserData      []disk.UserData `json:"user_data,omitempty"` // names and sizes only
}

// Info describes the core without verifying it.
func (c *Core) Info() Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.state
	m := s.Manifest
	if m == nil {
		m = merkle.CompatManifest(s.Key)
	}
	info := Info{
		Path: c.dir.Path(), Key: s.Key, DiscoveryKey: merkle.DiscoveryKey(s.Key), Length: s.Length, Fork: s.Fork,
		HeaderVersion: s.HeaderVersion, Compat: m.Compat(s.Key), Signers: len(m.Signers), Quorum: m.Quorum,
		Writable: s.HasSecretKey, Pending: s.Entries, UserData: s.UserData,
	}
	if s.Tail.Kind != disk.TailNone {
		info.TornBytes = s.Tail.Size
	}
	for _, u := range s.UserData {
		if u.Name != "" {
			info.Name = u.Name
		}
	}
	return info
}

const viewTries = 16

// verified is the view of the current state; a state that moved away while it was being
// checked is replaced by the newer one.
func (c *Core) verified() (*view, error) {
	for range viewTries {
		if c.view != nil {
			return c.view, nil
		}
		v, err := newView(c.dir, c.state, c.opts)
		if err == nil {
			c.view = v
			return v, nil
		}
		if !c.dir.Changed() {
			return nil, err
		}
		if err := c.refresh(); err != nil {
			return nil, err
		}
	}
	return nil, disk.ErrBusy
}

// Verify checks that the tree's roots are what the core's key signed, and returns them
// hashed. Blocks are not read; see VerifyBlocks.
func (c *Core) Verify(ctx context.Context) (Key, error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v, err := c.verified()
	if err != nil {
		return Key{}, fmt.Errorf("verifying core: %w", err)
	}
	return v.trusted.Hash(), nil
}

// Block reads one block and proves it. ErrRange, ErrNotStored, ErrTooLarge, ErrWrongKey and
// ErrNotProven tell why there is none.
func (c *Core) Block(index uint64) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range viewTries {
		v, err := c.verified()
		if err != nil {
			return nil, fmt.Errorf("reading block %d: %w", index, err)
		}
		data, err := v.single(index, c.opts.maxBlock())
		if err == nil || !c.dir.Changed() {
			return data, err
		}
		if err := c.refresh(); err != nil {
			return nil, err
		}
	}
	return nil, disk.ErrBusy
}

// single reads one block with the peaks that the tree file has before it.
func (v *view) single(index, maxBlock uint64) ([]byte, error) {
	if index >= v.trusted.Length {
		return nil, fmt.Errorf("block %d of %d: %w", index, v.trusted.Length, ErrRange)
	}
	if stored, err := v.bits.Has(index); err != nil || !stored {
		return nil, errors.Join(err, fmt.Errorf("block %d: %w", index, ErrNotStored))
	}
	at, err := merkle.LoadPeaks(index, v.node)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", index, err)
	}
	s, err := v.next(at, budget{blocks: 1, bytes: maxBlock, maxBlock: maxBlock})
	if err != nil {
		return nil, err
	}
	if e := s.events[0]; e.Kind != Block {
		return nil, e.Err
	}
	return s.events[0].Data, nil
}

const scanBytes = 1 << 20

func (c *Core) scanBudget() budget {
	return budget{blocks: 4096, bytes: scanBytes, maxBlock: c.opts.maxBlock()}
}

// Scan reads the log from block from on to its length at the call, in order: fn gets a
// Block, Gap or Corrupt event for every block, each proven before it is handed out. Memory
// is bounded by about 1 MiB or the largest block. An error of fn ends the scan with it.
func (c *Core) Scan(ctx context.Context, from uint64, fn func(Event) error) error {
	for e, err := range c.Blocks(ctx, from) {
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

// Blocks is Scan as an iterator. An error is the last thing it yields.
func (c *Core) Blocks(ctx context.Context, from uint64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s := scan{core: c, budget: c.scanBudget()}
		if err := s.each(ctx, from, func(e Event) bool { return yield(e, nil) }); err != nil {
			yield(Event{}, err)
		}
	}
}
