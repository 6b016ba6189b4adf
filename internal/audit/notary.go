package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// A checkpoint is made after so many records, or after so long when there are
// any.
const (
	SignEvery = 1000
	SignAfter = time.Minute
)

// The notary's rhythm and deadlines.
const (
	notaryLook     = 10 * time.Second
	notaryDeadline = time.Minute
	notaryLast     = 2 * time.Second // for the checkpoint of a clean stop
)

// ErrBroken says that the log is not what was signed before; nothing more is
// signed then.
var ErrBroken = errors.New("the audit log was tampered with; run: cordon audit verify")

// NotaryDeps is what a Notary needs.
type NotaryDeps struct {
	Log    Log          // Mandatory.
	Signer *Signer      // Mandatory.
	Clock  clock.Clock  // If nil, the machine's.
	Out    *slog.Logger // Where checkpoints leave the machine. If nil, nowhere.
}

// Notary signs the log as it grows. Before it signs, it checks what was added
// since it signed last, so that a break shows within a minute.
type Notary struct {
	d  NotaryDeps
	mu sync.Mutex // one signs at a time

	state  sync.Mutex
	broken error
}

// NewNotary returns a Notary; Run makes it work by itself.
func NewNotary(d NotaryDeps) *Notary {
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Out == nil {
		d.Out = slog.New(slog.DiscardHandler)
	}
	return &Notary{d: d}
}

// Verify reads the whole log; see the function Verify.
func (n *Notary) Verify(ctx context.Context, against ...Checkpoint) (Report, error) {
	return Verify(ctx, n.d.Log, n.d.Signer, against...)
}

// Last returns the newest checkpoint; ErrNoCheckpoint when there is none.
func (n *Notary) Last(ctx context.Context) (Checkpoint, error) { return n.d.Log.LastCheckpoint(ctx) }

// Broken returns why the log cannot be signed any more; nil while it can.
func (n *Notary) Broken() error {
	n.state.Lock()
	defer n.state.Unlock()
	return n.broken
}

// Run signs until ctx ends, and once more then.
func (n *Notary) Run(ctx context.Context) error {
	for {
		n.round(ctx, false)
		select {
		case <-n.d.Clock.After(notaryLook):
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), notaryLast)
			defer cancel()
			n.round(last, true)
			return nil
		}
	}
}

// round signs when it is time. A failure is logged and tried again.
func (n *Notary) round(ctx context.Context, now bool) {
	ctx, cancel := context.WithTimeout(ctx, notaryDeadline)
	defer cancel()
	due, err := n.due(ctx)
	if err == nil && (due || now) {
		_, err = n.Sign(ctx)
	}
	switch {
	case err == nil || errors.Is(err, ErrNoCheckpoint), ctx.Err() != nil && !now:
	case errors.Is(err, ErrBroken):
		n.d.Out.ErrorContext(ctx, "audit log not signed", "event", "audit_broken", "error", err)
	default:
		n.d.Out.WarnContext(ctx, "audit log not signed", "error", err)
	}
}

// due reports whether enough was added since the last checkpoint.
func (n *Notary) due(ctx context.Context) (bool, error) {
	seq, _, err := n.d.Log.AuditHead(ctx)
	if err != nil {
		return false, err
	}
	last, err := n.d.Log.LastCheckpoint(ctx)
	if errors.Is(err, ErrNoCheckpoint) {
		return seq > 0, nil
	}
	if err != nil {
		return false, err
	}
	since := seq - last.Seq
	return since < 0 || since >= SignEvery || since > 0 && n.d.Clock.Now().Sub(last.Time) >= SignAfter, nil
}

// Sign checks what was added since the last checkpoint and signs the log's
// head; when nothing was added, it returns the last checkpoint. ErrBroken says
// that the log does not continue what was signed, ErrNoCheckpoint that it is
// empty.
func (n *Notary) Sign(ctx context.Context) (Checkpoint, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c, err := n.sign(ctx)
	n.state.Lock()
	defer n.state.Unlock()
	switch {
	case errors.Is(err, ErrBroken):
		n.broken = err
	case err == nil:
		n.broken = nil
	}
	return c, err
}

func (n *Notary) sign(ctx context.Context) (Checkpoint, error) {
	last, err := n.d.Log.LastCheckpoint(ctx)
	if err != nil && !errors.Is(err, ErrNoCheckpoint) {
		return Checkpoint{}, err
	}
	seq, hash := int64(0), Genesis
	if err == nil && n.d.Signer.Check(last) == nil {
		seq, hash = last.Seq, last.Hash
	}
	end, endHash, err := n.d.Log.AuditHead(ctx)
	if err != nil {
		return Checkpoint{}, err
	}
	if err := n.follow(ctx, seq, hash, end, endHash); err != nil {
		return Checkpoint{}, err
	}
	if end == 0 {
		return Checkpoint{}, ErrNoCheckpoint
	}
	if end == last.Seq {
		return last, nil
	}
	return n.save(ctx, end, endHash)
}

// follow checks that the records behind (seq, hash) lead to the head.
func (n *Notary) follow(ctx context.Context, seq int64, hash string, end int64, endHash string) error {
	for seq < end {
		page, err := n.d.Log.AuditRecords(ctx, seq, int(min(verifyPage, end-seq)))
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			if err := r.Check(seq, hash); err != nil {
				return fmt.Errorf("%w: %w", ErrBroken, err)
			}
			seq, hash = r.Seq, r.Hash
		}
	}
	if seq != end || hash != endHash {
		return fmt.Errorf("%w: it was signed or written up to record %d, and its head is record %d", ErrBroken, seq, end)
	}
	return nil
}

// save stores a checkpoint and writes it to the log, from where it reaches
// other machines.
func (n *Notary) save(ctx context.Context, seq int64, hash string) (Checkpoint, error) {
	c := n.d.Signer.Sign(seq, hash, n.d.Clock.Now())
	if err := n.d.Log.SaveCheckpoint(ctx, c); err != nil {
		return Checkpoint{}, err
	}
	n.d.Out.InfoContext(ctx, "audit checkpoint", "event", "audit_checkpoint", "seq", c.Seq, "hash", c.Hash,
		"time", c.Time, "key_id", c.KeyID, "public_key", c.PublicKey, "signature", c.Signature)
	return c, nil
}
