package respond

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/respond/playbook"
)

// FixedError says why an action cannot be undone, in words for whoever wants it.
type FixedError struct{ Why string }

// Error implements error.
func (e *FixedError) Error() string { return "it cannot be undone: " + e.Why }

// errUndone: somebody else was faster.
var errUndone = errors.New("the action is undone")

// Undo takes back what an action did: an address comes off the block list, a secret or message may
// pass gateways again unless something else withholds it, the kill switch goes off if
// it is on because of this action alone. admin says that who may do the last. An action
// that is undone stays as it is. ErrNoAction, ErrNotAdmin, *FixedError.
func (p *Playbooks) Undo(ctx context.Context, actionID, who string, admin bool, by audit.Entry) (Action, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*storeTimeout)
	defer cancel()
	a, err := p.d.Store.Action(ctx, actionID)
	if err != nil || a.State == ActionUndone {
		return a, err
	}
	if err := a.mayUndo(admin); err != nil {
		return a, err
	}
	result, err := p.reverse(ctx, a, who, by)
	if err != nil {
		return a, fmt.Errorf("undoing action %q: %w", actionID, err)
	}
	now := p.d.Clock.Now().UTC()
	a, err = p.d.Store.ChangeAction(ctx, actionID, by, func(a *Action) (event.Event, error) {
		if err := a.undo(who, by.Reason, result, now); err != nil {
			return event.Event{}, err
		}
		return a.Event(p.d.Node, now)
	})
	if err != nil && !errors.Is(err, errUndone) {
		return a, fmt.Errorf("undoing action %q: %w", actionID, err)
	}
	return a, nil
}

// mayUndo says why an action is not to be undone; nil when it may be tried.
func (a Action) mayUndo(admin bool) error {
	switch {
	case a.State == ActionPending:
		return &FixedError{"it waits for approval; reject it instead"}
	case a.State == ActionDue:
		return &FixedError{"it is about to be done; try again in a moment"}
	case a.State != ActionDone:
		return &FixedError{"nothing was done; it is " + string(a.State)}
	case a.Kind == playbook.Notify:
		return &FixedError{"what was said cannot be unsaid"}
	case a.Kind == playbook.KillSwitch && !admin:
		return ErrNotAdmin
	}
	return nil
}

// undo notes that it was taken back.
func (a *Action) undo(who, reason, result string, now time.Time) error {
	if a.State != ActionDone {
		return errUndone
	}
	a.State, a.DecidedAt, a.DecidedBy, a.Reason = ActionUndone, &now, who, reason
	if result != "" {
		a.Result = result
	}
	return nil
}

// reverse takes back what the action did; done twice, it changes nothing. result is
// what there is to say about it.
func (p *Playbooks) reverse(ctx context.Context, a Action, who string, by audit.Entry) (result string, err error) {
	by.ID = id.New()
	switch a.Kind {
	case playbook.BlockAddress:
		return "", p.unblock(ctx, a, who, by)
	case playbook.Quarantine, playbook.QuarantineMessage:
		by.Action = "gossip.release"
		still, err := p.d.Secrets.Release(ctx, a, by)
		if still != "" {
			still = "still withheld: " + still
		}
		return still, err
	}
	by.Action = "egress.killswitch.off"
	return "", p.resume(ctx, a, by)
}

// unblock ends the entry that the action made. One that is over, or of which nothing is
// kept, blocks nobody.
func (p *Playbooks) unblock(ctx context.Context, a Action, who string, by audit.Entry) error {
	if a.Result == "" {
		return &FixedError{"it is not known which entry of the block list it made; cordon decision list has all"}
	}
	by.Action, by.Target = "block.end", a.Result
	_, err := p.d.Blocks.End(ctx, a.Result, who, by)
	if errors.Is(err, ErrEnded) || errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// resume turns the kill switch off, which is of one node.
func (p *Playbooks) resume(ctx context.Context, a Action, by audit.Entry) error {
	if node := strings.TrimSuffix(a.Result, "/respond"); a.Result != p.d.Node {
		return &FixedError{fmt.Sprintf("the kill switch was turned on by node %q; turn it off there", node)}
	}
	other, err := p.d.Switch.ResumeEgress(ctx, a.because(), by)
	if err == nil && other != "" {
		return &FixedError{"the kill switch is on for another reason now (" + other + "); turn it off on its page"}
	}
	return err
}
