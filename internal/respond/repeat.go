package respond

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/respond/playbook"
)

// repeat is a block that a playbook wants.
type repeat struct{ playbook, target string }

// repeats are the blocks that playbooks proposed of late, and until when none of them
// is proposed again: one attacker makes many events, and must not use up what a
// playbook may do within an hour. They are not stored: after a start one may be proposed
// once more.
type repeats map[repeat]time.Time

// mostRepeats bounds how many are remembered.
const mostRepeats = 20_000

// fresh leaves out the blocks that were proposed already, in what is proposed together,
// too. What is proposed is to be noted once it is stored.
func (all repeats) fresh(proposed []Proposed, now time.Time) (out []Proposed) {
	here := map[repeat]bool{}
	for _, p := range proposed {
		r := repeat{p.Action.Playbook, p.Action.Target}
		if p.Action.Kind == playbook.BlockAddress {
			if here[r] || now.Before(all[r]) {
				continue
			}
			here[r] = true
		}
		out = append(out, p)
	}
	return out
}

// note remembers what was proposed: as long as the block would last, or as long as
// somebody is asked for it.
func (all repeats) note(proposed []Proposed, now time.Time) {
	for _, p := range proposed {
		if p.Action.Kind != playbook.BlockAddress {
			continue
		}
		if len(all) >= mostRepeats {
			all.forget(now)
		}
		until := now.Add(p.Action.For)
		if p.Action.State == ActionPending && p.Action.Expires.Before(until) {
			until = p.Action.Expires
		}
		all[repeat{p.Action.Playbook, p.Action.Target}] = until
	}
}

// forget makes room: without what is over, or without all.
func (all repeats) forget(now time.Time) {
	for r, until := range all {
		if !now.Before(until) {
			delete(all, r)
		}
	}
	if len(all) >= mostRepeats {
		clear(all)
	}
}

// failed lets a block that could not be done be proposed again.
func (all repeats) failed(a Action) { delete(all, repeat{a.Playbook, a.Target}) }

// grow makes the blocks of those who come back longer, where their playbook says so.
func (r *Reactor) grow(ctx context.Context, all []Proposed) error {
	for k := range all {
		a := &all[k].Action
		if a.Kind != playbook.BlockAddress || all[k].UpTo == 0 {
			continue
		}
		longer, err := r.d.Blocks.longer(ctx, *a, all[k].UpTo)
		if err != nil {
			return fmt.Errorf("asking for earlier blocks of %s: %w", a.Target, err)
		}
		if longer == a.For {
			continue
		}
		a.For = longer
		if all[k].Event, err = a.Event(r.d.Node, a.CreatedAt); err != nil {
			return err
		}
	}
	return nil
}

// longer is how long a block of who comes back lasts: twice as long as the last that the
// same playbook made, if that ran out no longer ago than upTo. One that somebody ended
// was a mistake, or is forgiven, and one in force is no coming back.
func (l *List) longer(ctx context.Context, a Action, upTo time.Duration) (time.Duration, error) {
	network, err := ParseNetwork(a.Target)
	if err != nil {
		return a.For, nil // whoever carries it out says what is wrong
	}
	last, ok, err := l.d.Store.LastBlock(ctx, a.Playbook, household(network))
	if err != nil || !ok || last.EndedAt != nil {
		return a.For, err
	}
	if now := l.d.Clock.Now(); last.ActiveAt(now) || now.After(last.Until.Add(upTo)) {
		return a.For, nil
	}
	return min(max(a.For, 2*last.Until.Sub(last.CreatedAt)), upTo), nil
}
