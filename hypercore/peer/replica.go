package peer

import (
	"context"
	"fmt"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// replica is what is known of a core from one connection to the next.
type replica struct {
	key      hypercore.Key
	opts     Options
	handle   hypercore.Handler
	fork     uint64
	trail    *merkle.Trail // what was read
	gaps     hypercore.Gaps
	verifier *merkle.Verifier
	cipher   *disk.Cipher
	hasher   *merkle.Hasher

	events []hypercore.Event // read and not handed over yet
	bytes  int               // of their blocks
	state  State
}

func newReplica(key hypercore.Key, o Options, from *hypercore.Checkpoint, handle hypercore.Handler) (*replica, error) {
	r := &replica{key: key, opts: o, handle: handle, trail: merkle.NewTrail(merkle.Peaks{}, nil), hasher: merkle.NewHasher()}
	if from == nil {
		return r, nil
	}
	if from.Key != key {
		return nil, fmt.Errorf("the checkpoint is of core %s, not of %s", from.Key, key)
	}
	trail, err := from.Trail()
	if err != nil {
		return nil, err
	}
	r.trail, r.fork = trail, from.Fork
	r.gaps.Ranges = append(r.gaps.Ranges, from.Gaps...)
	return r, nil
}

// signers are who signs the core: those of its manifest, or, if there is none, its key.
func (r *replica) signers(m *merkle.Manifest) (*merkle.Verifier, error) {
	if r.verifier != nil {
		return r.verifier, nil
	}
	v, err := merkle.NewVerifier(r.key, m)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return v, nil
}

// identify keeps the signers, once something was found that they signed.
func (r *replica) identify(v *merkle.Verifier) {
	r.verifier = v
	if k := r.opts.EncryptionKey; k != nil {
		key := *k
		if !r.opts.BlockKey {
			key = merkle.BlockKey(key, r.key, v.Compat())
		}
		r.cipher = disk.NewCipher(key)
	}
}

func (r *replica) position() uint64 { return r.trail.Peaks().Length }

// push counts a proven block as read.
func (r *replica) push(leaf merkle.Node, data []byte) {
	r.trail.Push(leaf)
	r.add(r.event(leaf.Index/2, data), len(data))
}

// event is a proven block, decrypted.
func (r *replica) event(index uint64, data []byte) hypercore.Event {
	e := hypercore.Event{Kind: hypercore.Block, Key: r.key, Fork: r.fork, Index: index, To: index + 1, Data: data}
	if r.cipher != nil {
		plain, err := r.cipher.Open(index, r.fork, data)
		if e.Data = plain; err != nil {
			e.Kind, e.Data, e.Err = hypercore.Corrupt, nil, err
		}
	}
	return e
}

func (r *replica) add(e hypercore.Event, size int) {
	r.events = append(r.events, e)
	r.bytes += size
}

// skip counts a block as passed whose place in the tree is proven, and which is not there.
func (r *replica) skip(leaf merkle.Node) {
	r.trail.Push(leaf)
	index := leaf.Index / 2
	r.gaps.Add(hypercore.Range{From: index, To: index + 1})
	r.add(hypercore.Event{Kind: hypercore.Gap, Key: r.key, Fork: r.fork, Index: index, To: index + 1}, 0)
}

// late counts a block of a gap as read.
func (r *replica) late(index uint64, data []byte) {
	e := r.event(index, data)
	e.Late = e.Kind == hypercore.Block
	r.gaps.Remove(index)
	r.add(e, len(data))
}

// full reports whether the events make a batch.
func (r *replica) full() bool {
	return len(r.events) >= r.opts.BatchBlocks || r.bytes >= r.opts.BatchBytes
}

// goBack returns to a proven prefix, in a fork.
func (r *replica) goBack(kind hypercore.Kind, common, now merkle.Peaks, fork uint64) {
	was := hypercore.Mark{Key: r.key, Fork: r.fork, Length: r.position()}
	r.trail = merkle.NewTrail(common, r.trail.Recent())
	r.fork = fork
	r.gaps.Cut(common.Length)
	r.events = append(r.events, hypercore.Event{
		Kind: kind, Key: r.key, Fork: fork, Ancestors: common.Length, Length: now.Length, Previous: was,
	})
}

// emit hands over what was read.
func (r *replica) emit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(r.events) == 0 {
		return nil
	}
	b := hypercore.Batch{Events: r.events, Next: hypercore.NewCheckpoint(r.key, r.fork, r.trail, r.gaps.Ranges)}
	r.events, r.bytes = nil, 0
	if err := r.handle(ctx, b); err != nil {
		return &handlerError{err}
	}
	return nil
}

// handlerError is the handler's, which ends Run.
type handlerError struct{ error }

func (e *handlerError) Unwrap() error { return e.error }

// tell reports a state that differs from the last.
func (r *replica) tell(s State) {
	s.Fork, s.Position = r.fork, r.position()
	if r.state.equal(s) {
		return
	}
	r.state = s
	if r.opts.OnState != nil {
		r.opts.OnState(s)
	}
}
