package respond

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond/playbook"
)

// ActionState is how far an action is.
type ActionState string

// The states of an action.
const (
	ActionDryRun   ActionState = "dry_run"  // it would have been done
	ActionPending  ActionState = "pending"  // it waits for somebody to approve it
	ActionDue      ActionState = "due"      // it is to be done
	ActionDone     ActionState = "done"     //
	ActionFailed   ActionState = "failed"   // it could not be done
	ActionRejected ActionState = "rejected" // somebody said no
	ActionExpired  ActionState = "expired"  // nobody said anything in time
	ActionUndone   ActionState = "undone"   // it was done, and somebody took it back
)

// Errors of actions, matched with errors.Is.
var (
	// ErrNoAction: there is no such action.
	ErrNoAction = errors.New("there is no such action")
	// ErrNotPending: the action does not wait for approval (any more).
	ErrNotPending = errors.New("the action does not wait for approval")
	// ErrNotAdmin: only an admin lets programs send again.
	ErrNotAdmin = errors.New("only an admin may turn the kill switch off")
)

// Action is what a playbook wants done about one event.
type Action struct {
	ID            string // UUIDv7
	Playbook      string
	Kind          playbook.Kind
	Target        string        // block: the address; quarantine: the fingerprint; quarantine_message: the message's id
	For           time.Duration // block
	Text          string        // notify
	EventID       string        // the event that is answered; its playbook does this once for it
	Topic         string        // of that event
	CorrelationID string        // likewise
	Severity      event.Severity
	State         ActionState
	CreatedAt     time.Time
	Expires       time.Time  // when a pending one is given up
	DecidedAt     *time.Time // when it was approved, rejected, given up or undone, the last of them
	DecidedBy     string     // who did; empty: nobody
	Reason        string     // why, in their words
	Result        string     // block, quarantine: the id of the entry that was made; kill_switch: the node; failed: why
}

// ActionFilter narrows a list of actions; zero fields do not.
type ActionFilter struct {
	State    ActionState
	Playbook string
}

// decide approves or rejects a pending action.
func (a *Action) decide(approve bool, who, reason string, now time.Time) error {
	if a.State != ActionPending || !now.Before(a.Expires) {
		return ErrNotPending
	}
	a.State = ActionRejected
	if approve {
		a.State = ActionDue
	}
	a.DecidedAt, a.DecidedBy, a.Reason = &now, who, reason
	return nil
}

// expire gives a pending action up.
func (a *Action) expire(now time.Time) error {
	if a.State != ActionPending || now.Before(a.Expires) {
		return ErrNotPending
	}
	a.State, a.DecidedAt = ActionExpired, &now
	return nil
}

// Event is what is said of an action as it is now.
func (a Action) Event(source string, now time.Time) (event.Event, error) {
	p := event.ActionChanged{
		ActionID: a.ID, Playbook: a.Playbook, Kind: string(a.Kind), Target: a.Target, State: string(a.State), Message: a.Text,
		EventID: a.EventID, EventTopic: a.Topic, DecidedBy: a.DecidedBy, Reason: a.Reason, Result: a.Result,
	}
	if a.State == ActionPending {
		p.Expires = &a.Expires
	}
	switch a.Kind {
	case playbook.BlockAddress:
		p.SourceIP = a.Target
	case playbook.Quarantine:
		p.Fingerprint = a.Target
	}
	h := event.Header{Time: now, Source: source, Severity: a.severity(), Subject: a.Playbook + ": " + a.says(), CorrelationID: a.CorrelationID}
	e, err := event.New(h, p)
	if err != nil {
		return e, fmt.Errorf("telling of action %s: %w", a.ID, err)
	}
	return e, nil
}

// severity: whoever has to decide or to mend something is told as of something bad.
func (a Action) severity() event.Severity {
	switch a.State {
	case ActionPending, ActionFailed:
		return max(a.Severity, event.High)
	case ActionDone:
		return max(a.Severity, event.Medium)
	}
	return event.Info
}

// says is the action in a few words.
func (a Action) says() string {
	switch a.Kind {
	case playbook.BlockAddress:
		return fmt.Sprintf("block %s for %s", a.Target, a.For)
	case playbook.Quarantine:
		return "withhold secret " + a.Target
	case playbook.QuarantineMessage:
		return "withhold message " + a.Target
	case playbook.KillSwitch:
		return "turn the kill switch on"
	}
	return "notify"
}

// because is why the action is done, for the audit log. While it is done it stays the
// same.
func (a Action) because() string {
	reason := fmt.Sprintf("playbook %s answers %s %s", a.Playbook, a.Topic, a.EventID)
	if a.DecidedBy != "" {
		reason += ", approved by " + a.DecidedBy
	}
	return reason
}

// Story is what the audit log says of the action.
func (a Action) Story() (json.RawMessage, error) {
	said, err := json.Marshal(map[string]any{
		"id": a.ID, "playbook": a.Playbook, "does": a.says(), "state": a.State, "event_id": a.EventID, "decided_by": a.DecidedBy, "reason": a.Reason, "result": a.Result,
	})
	if err != nil {
		return nil, fmt.Errorf("telling of action %s: %w", a.ID, err)
	}
	return said, nil
}
