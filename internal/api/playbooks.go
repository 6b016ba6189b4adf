package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/respond"
)

// actionList is the kind of list in its cursors.
const actionList = "p1"

// Playbook is an answer to some events, as its file says it.
type Playbook struct {
	ID          string   `json:"id" example:"guessers"`
	Description string   `json:"description"`
	Topics      []string `json:"topics" nullable:"false" doc:"Patterns of the events that it answers."`
	When        string   `json:"when" doc:"The condition, in CEL; empty: always."`
	Mode        string   `json:"mode" enum:"dry_run,approve,act" doc:"dry_run: it says what it would do. approve: it asks first. act: it does it."`
	PerHour     int      `json:"per_hour" doc:"The most actions within an hour."`
	Does        []string `json:"does" nullable:"false" doc:"block, quarantine, quarantine_message, kill_switch, notify."`
	Dropped     int64    `json:"dropped" doc:"Actions that were too many within an hour, and were not taken."`
}

// PlaybookList is all playbooks.
type PlaybookList struct {
	Items []Playbook `json:"items" nullable:"false" doc:"In the order of their files."`
}

// Action is what a playbook wants done about one event.
type Action struct {
	ID         string     `json:"id" format:"uuid"`
	Playbook   string     `json:"playbook"`
	Kind       string     `json:"kind" enum:"block,quarantine,quarantine_message,kill_switch,notify"`
	Target     string     `json:"target" doc:"block: the address; quarantine: the secret's keyed fingerprint; quarantine_message: the gossip message's id; empty otherwise."`
	Minutes    int        `json:"minutes" doc:"block: how long; else 0."`
	Message    string     `json:"message" doc:"notify: what the playbook says."`
	EventID    string     `json:"event_id" doc:"The event that is answered."`
	EventTopic string     `json:"event_topic"`
	Severity   string     `json:"severity" enum:"info,low,medium,high,critical" doc:"Of that event."`
	State      string     `json:"state" enum:"dry_run,pending,due,done,failed,rejected,expired,undone"`
	CreatedAt  time.Time  `json:"created_at"`
	Expires    time.Time  `json:"expires" doc:"When a pending one is given up."`
	DecidedAt  *time.Time `json:"decided_at" doc:"When it was last approved, rejected, given up or undone; null: it was not."`
	DecidedBy  string     `json:"decided_by" doc:"Who did; empty: nobody."`
	Reason     string     `json:"reason" doc:"Why, in their words."`
	Result     string     `json:"result" doc:"block, quarantine: the id of the entry that was made; kill_switch: the node; failed: why."`
}

// ActionPage is a page of actions.
type ActionPage struct {
	Items      []Action `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string  `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// ActionDecision says why an action is approved, rejected or undone.
type ActionDecision struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" example:"seen in our own log" doc:"Why; it is told, and kept in the audit log."`
}

// playbookRoutes lists the operations on playbooks and what they want done.
func (s *server) playbookRoutes() {
	handle(s, route{call: "GET /playbooks", gate: viewer, id: "listPlaybooks", tag: "response", summary: "List the playbooks", more: "They come from the files of respond.playbooks."}, s.listPlaybooks)
	handle(s, route{call: "GET /playbooks/actions", gate: viewer, id: "listActions", tag: "response", summary: "List what playbooks wanted done"}, s.listActions)
	handle(s, route{call: "POST /playbooks/actions/{id}/approve", gate: responder, id: "approveAction", tag: "response", summary: "Let a playbook do what it asks for",
		more: "It is done by the node that runs the playbooks, within seconds.", errors: []int{404, 409}}, s.approveAction)
	handle(s, route{call: "POST /playbooks/actions/{id}/reject", gate: responder, id: "rejectAction", tag: "response", summary: "Refuse what a playbook asks for", errors: []int{404, 409}}, s.rejectAction)
	handle(s, route{call: "POST /playbooks/actions/{id}/undo", gate: responder, id: "undoAction", tag: "response", summary: "Take back what a playbook did",
		more: "An address comes off the block list; a secret may pass gossip gateways again, unless a quarantine entry or another action withholds it; the kill switch goes off if it is on because of this action alone, which only an admin may do. What was said cannot be unsaid. Of what is undone already nothing changes.", errors: []int{404, 409}}, s.undoAction)
}

type playbookListOutput struct{ Body PlaybookList }

func (s *server) listPlaybooks(ctx context.Context, _ *struct{}) (*playbookListOutput, error) {
	all, err := s.Playbooks.All(ctx)
	if err != nil {
		return nil, err
	}
	return &playbookListOutput{PlaybookList{convert(all, playbookOut)}}, nil
}

func playbookOut(p respond.Listed) Playbook {
	return Playbook{
		ID: p.ID, Description: p.Description, Topics: texts(p.Topics), When: p.When, Mode: string(p.Mode), PerHour: p.PerHour, Does: texts(p.Does()), Dropped: p.Dropped,
	}
}

type listActionsInput struct {
	PageQuery
	State    string `query:"state" enum:"dry_run,pending,due,done,failed,rejected,expired,undone" doc:"Only in this state."`
	Playbook string `query:"playbook" maxLength:"64" doc:"Only of this playbook."`
}

type actionPageOutput struct{ Body ActionPage }

func (s *server) listActions(ctx context.Context, in *listActionsInput) (*actionPageOutput, error) {
	page, err := in.page(actionList)
	if err != nil {
		return nil, err
	}
	rows, err := s.Playbooks.Actions(ctx, respond.ActionFilter{State: respond.ActionState(in.State), Playbook: in.Playbook}, page.After, page.Limit)
	if err != nil {
		return nil, err
	}
	rows, next := nextPage(actionList, in.Limit, rows, func(a respond.Action) string { return a.ID })
	return &actionPageOutput{ActionPage{Items: convert(rows, actionOut), NextCursor: next}}, nil
}

type decideActionInput struct {
	ID   string `path:"id" format:"uuid" doc:"The action's id."`
	Body ActionDecision
}

type actionOutput struct{ Body Action }

func (s *server) approveAction(ctx context.Context, in *decideActionInput) (*actionOutput, error) {
	return s.decideAction(ctx, in, true, "action.approve")
}

func (s *server) rejectAction(ctx context.Context, in *decideActionInput) (*actionOutput, error) {
	return s.decideAction(ctx, in, false, "action.reject")
}

func (s *server) decideAction(ctx context.Context, in *decideActionInput, approve bool, action string) (*actionOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	actionID := strings.ToLower(in.ID)
	by := s.act(ctx, action, actionID, in.Body.Reason)
	if by.Reason == "" {
		return nil, invalid("body.reason", "say why; people will ask")
	}
	a, err := s.Playbooks.Decide(ctx, actionID, approve, who.Label(), by)
	switch {
	case errors.Is(err, respond.ErrNoAction):
		return nil, problem(http.StatusNotFound, "there is no action %s; GET /api/v1/playbooks/actions lists all", actionID)
	case errors.Is(err, respond.ErrNotPending):
		return nil, problem(http.StatusConflict, "action %s does not wait for approval; it is %s", actionID, a.State)
	case err != nil:
		return nil, err
	}
	return &actionOutput{actionOut(a)}, nil
}

func (s *server) undoAction(ctx context.Context, in *decideActionInput) (*actionOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	actionID := strings.ToLower(in.ID)
	by := s.act(ctx, "action.undo", actionID, in.Body.Reason)
	if by.Reason == "" {
		return nil, invalid("body.reason", "say why; people will ask")
	}
	a, err := s.Playbooks.Undo(ctx, actionID, who.Label(), who.Role.Includes(auth.Admin), by)
	var fixed *respond.FixedError
	switch {
	case errors.Is(err, respond.ErrNoAction):
		return nil, problem(http.StatusNotFound, "there is no action %s; GET /api/v1/playbooks/actions lists all", actionID)
	case errors.Is(err, respond.ErrNotAdmin):
		return nil, problem(http.StatusForbidden, "only an admin may turn the kill switch off, and %s has the role %s", who.Label(), who.Role)
	case errors.As(err, &fixed):
		return nil, problem(http.StatusConflict, "action %s: %s", actionID, fixed)
	case errors.Is(err, respond.ErrNoEgress):
		return nil, problem(http.StatusConflict, "action %s: %s", actionID, respond.ErrNoEgress)
	case err != nil:
		return nil, err
	}
	return &actionOutput{actionOut(a)}, nil
}

func actionOut(a respond.Action) Action {
	return Action{
		ID: a.ID, Playbook: a.Playbook, Kind: string(a.Kind), Target: a.Target, Minutes: int(a.For / time.Minute), Message: a.Text,
		EventID: a.EventID, EventTopic: a.Topic, Severity: a.Severity.String(), State: string(a.State), CreatedAt: utc(a.CreatedAt), Expires: utc(a.Expires),
		DecidedAt: utcOrNull(a.DecidedAt), DecidedBy: a.DecidedBy, Reason: a.Reason, Result: a.Result,
	}
}
