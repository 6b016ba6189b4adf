// Package hypercore is the source kinds `hypercore`, a Hypercore 10 directory,
// a file in it, or a link that is switched to new cores, and `hypercore-peer`,
// a core that another peer has, both followed live. Only blocks that lead to a
// signed root are delivered. README.md describes them.
//
// Level 2: it may import the contract in leak/source and the public libraries.
package hypercore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/internal/leak/source"
)

// Config is what a source of this kind needs.
type Config struct {
	Path          string         // Mandatory. The core's directory, a file in it, or a link to either.
	EncryptionKey *hypercore.Key // If nil, blocks are taken as they are stored.
	// Follow tunes the follower; its EncryptionKey and OnState are set by the
	// source. The zero value is what a server runs with.
	Follow hypercore.FollowOptions
}

// New returns a source; nothing is opened before Run.
func New(c Config) source.Source { return &follower{c} }

type follower struct{ Config }

// Run implements source.Source. Its position is the follower's checkpoint.
func (f *follower) Run(ctx context.Context, from json.RawMessage, sink source.Sink) error {
	start, err := checkpoint(from)
	if err != nil {
		return err
	}
	r := &run{sink: sink}
	opts := f.Follow
	opts.EncryptionKey, opts.OnState = f.EncryptionKey, r.state
	sink.Report(source.Status{State: source.CatchingUp})
	err = hypercore.NewFollower(f.Path, opts).Run(ctx, start, r.deliver)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return fmt.Errorf("following core %s: %w", f.Path, err)
}

func checkpoint(from json.RawMessage) (*hypercore.Checkpoint, error) {
	if len(from) == 0 {
		return nil, nil
	}
	var c hypercore.Checkpoint
	if err := json.Unmarshal(from, &c); err != nil {
		return nil, fmt.Errorf("reading stored position: %w", err)
	}
	return &c, nil
}

// farBehind is the lag, in blocks, from which on a source that was live is
// catching up again. Less comes and goes with every append.
const farBehind = 4096

// run is one Run.
type run struct {
	sink source.Sink
	live bool            // the end was reached, and is near still
	note string          // what happened to the log last, for people
	torn bool            // note says that the log ends in a half-written entry
	last hypercore.State // as it was reported

	damaged uint64 // blocks so far that could not be read or did not verify
}

func (r *run) deliver(ctx context.Context, b hypercore.Batch) error {
	position, err := json.Marshal(b.Next)
	if err != nil {
		return fmt.Errorf("encoding position: %w", err)
	}
	out, said := source.Batch{Position: position}, r.note
	for _, e := range b.Events {
		r.event(&out, e)
	}
	if err := r.sink.Deliver(ctx, out); err != nil {
		return err
	}
	if r.note != said && r.last.Status != "" { // what is noted need not change the follower's state
		r.state(r.last)
	}
	return nil
}

// event adds one event to a batch: a block as an entry, everything that could
// not be read as a loss; what became of the log is noted.
func (r *run) event(b *source.Batch, e hypercore.Event) {
	switch e.Kind {
	case hypercore.Block:
		b.Entries = append(b.Entries, source.Entry{
			Index: e.Index, Indexed: true, Fork: e.Fork, CoreKey: e.Key.String(), Data: e.Data,
		})
		if r.torn { // the writer came back and wrote it whole
			r.note, r.torn = "", false
		}
	case hypercore.Gap:
		lose(b, e.Index, e.To, "not stored in this copy of the log; read when it arrives")
	case hypercore.Corrupt:
		lose(b, e.Index, e.To, because(e.Err))
		r.damaged += max(1, e.To-min(e.Index, e.To))
		r.note = fmt.Sprintf("damaged blocks: %d, the last of them %d; they cannot be read, or are not what the writer signed", r.damaged, max(e.To, 1)-1)
	case hypercore.Fork:
		r.note = fmt.Sprintf("the writer truncated the log to %d blocks and went on in fork %d", e.Ancestors, e.Fork)
	case hypercore.Rollback:
		r.note = fmt.Sprintf("the log was rolled back: of %d blocks that were read %d are the same", e.Previous.Length, e.Ancestors)
	case hypercore.Torn:
		r.note, r.torn = "the log ends in a half-written entry: "+because(e.Err), true
	case hypercore.Rotated:
		r.rotated(b, e)
	}
}

func (r *run) rotated(b *source.Batch, e hypercore.Event) {
	r.note = "the path leads to another core now"
	if !e.Drained {
		lose(b, e.Previous.Length, e.Previous.Length, "the core before could not be read to its end when the path left it")
	}
}

func lose(b *source.Batch, from, to uint64, reason string) {
	b.Losses = append(b.Losses, source.Loss{From: from, To: to, Reason: reason})
}

func because(err error) string {
	if err == nil {
		return "for no known reason"
	}
	return err.Error()
}

// state translates how the follower fares.
func (r *run) state(s hypercore.State) {
	r.last = s
	lag := s.Lag()
	out := source.Status{State: source.Failing, Detail: because(s.Err), Lag: &lag, Damaged: r.damaged > 0}
	if s.Position > 0 {
		last := s.Position - 1
		out.Index = &last
	}
	switch s.Status {
	case hypercore.Waiting:
		out.State, r.live = source.Waiting, false
	case hypercore.Live:
		out.State, out.Detail = r.progress(lag), r.note
	}
	r.sink.Report(out)
}

func (r *run) progress(lag uint64) source.State {
	r.live = lag == 0 || r.live && lag < farBehind
	if r.live {
		return source.Live
	}
	return source.CatchingUp
}
