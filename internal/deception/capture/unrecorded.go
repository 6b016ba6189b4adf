package capture

import (
	"context"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Room is what the disk has room for.
type Room int

// What there is room for, the most first.
const (
	Plenty    Room = iota // for everything
	WordsOnly             // for what attackers do in our words, and not for what they send
	None                  // for nothing of theirs
)

func (r *Recorder) room() Room {
	if r.deps.Room == nil {
		return Plenty
	}
	return r.deps.Room()
}

// keeps reports whether an observation that is no frame is kept, and counts it. The end
// of a session is when the session is.
func (r *Recorder) keeps(s *live, o service.Observation) bool {
	if o.Type == service.Disconnected {
		return s.kept
	}
	a := r.shares.of(o)
	if r.shares.row(a, o.Type) && r.room() < None {
		return true
	}
	r.shares.leave(a, o.Type, leftOut{observations: 1})
	r.unkept.Add(1)
	return false
}

// fits counts what an attacker sent for his share, and reports whether it is kept. A
// frame counts as what it takes, however short: each may become a row of its own.
func (r *Recorder) fits(o service.Observation) bool {
	bytes := sizeOf(o)
	if o.Frame == nil {
		bytes -= overhead
	}
	if o.Artifact != nil {
		bytes -= len(o.Artifact.Data)
	}
	a := r.shares.of(o)
	before := a.left.bytes
	if r.shares.evidence(a, bytes) && r.room() == Plenty {
		return true
	}
	r.shares.leave(a, o.Type, leftOut{bytes: uint64(bytes)})
	r.unkeptBytes.Add(uint64(bytes))
	if before == 0 && bytes > 0 {
		r.deps.Log.Warn("what an attacker sends is not kept: he has used up his share for today, or the disk is nearly full", "attacker", a.network, "bytes", r.deps.Share)
	}
	return false
}

// tell says of whom not everything is kept. What cannot be told now is told later.
func (r *Recorder) tell(ctx context.Context, all bool) {
	now := r.deps.Clock.Now()
	if r.deps.Tell == nil || !all && now.Before(r.tellAt) {
		return
	}
	r.tellAt = now.Add(tellEvery)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	for _, a := range r.shares.untold(now, all) {
		e, err := a.event(r.deps.Node, now)
		if err == nil {
			err = r.deps.Tell(ctx, e)
		}
		if err != nil {
			r.deps.Log.Warn("telling of what was not kept of an attacker", "attacker", a.network, "error", err)
			return
		}
		r.shares.tell(a, now)
	}
}
